//! Files that go with messages.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use sealcast_client::{Client, Content, Error, FileRef, NewFile};
use sealcast_contracts::{
    ClientMessageId, EventId, RoomId,
    audit::{MessageFilter, Order},
    limits::ATTACHMENTS_PER_MESSAGE_MAX,
    sse,
};
use serde_json::json;

use crate::{args::Save, failure::Failure, output::Output, workplace::Workplace};

/// What browsers show as a picture, and a few that they know; everything else is octets.
const MEDIA_TYPES: [(&str, &str); 8] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
];
const NAME_CHARS_MAX: usize = 200;

/// Uploads the files, then sends the message that names them.
pub async fn send(client: &Client, room_id: RoomId, text: String, paths: &[PathBuf]) -> Result<sse::Message, Failure> {
    if paths.len() > ATTACHMENTS_PER_MESSAGE_MAX {
        return Err(Failure::Usage(format!("a message can have {ATTACHMENTS_PER_MESSAGE_MAX} files")));
    }
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let octets = fs::read(path).map_err(Failure::io(format!("reading {}", path.display())))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        files.push(client.upload(room_id, NewFile { name: &name, media_type: media_type(path), octets: &octets }).await?);
    }
    Ok(client.send_content(room_id, ClientMessageId::generate(), &Content { text, files }).await?)
}

/// Fetches the files of a message into a directory; none that is there already is touched.
pub async fn save(args: &Save, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let client = workplace.client(output).await?;
    let room = client.find_room(&args.room).await?;
    let dir = args.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let files = files_of(&client, room.room_id, args.message).await;
    workplace.keep(&client)?;
    for file in files? {
        let octets = client.session().fetch_file(room.room_id, &file).await?;
        let path = write_new(&dir, &file.name, &octets)?;
        output.line(|| path.display().to_string(), &json!({"path": path, "size": file.size, "type": file.media_type}))?;
    }
    Ok(())
}

async fn files_of(client: &Client, room_id: RoomId, id: EventId) -> Result<Vec<FileRef>, Failure> {
    let before = EventId { seq: id.seq.saturating_add(1), ..id };
    let filter = MessageFilter { before: Some(before), ..MessageFilter::default() };
    let (messages, _) = client.history(room_id, &filter, Order::NewestFirst, 1).await?;
    let message = messages.into_iter().find(|message| message.id == id);
    let message = message.ok_or(Failure::Client(Error::NoSuchMessage(id)))?;
    let reading = client.read(message).await?;
    reading.text.map_err(|why| Failure::Client(Error::Verification(why.to_string())))?;
    Ok(reading.files)
}

/// Somebody else chose the name: it is a name and not a path, and what exists under it stays.
fn write_new(dir: &Path, name: &str, octets: &[u8]) -> Result<PathBuf, Failure> {
    let path = dir.join(safe_name(name));
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(&path).map_err(Failure::io(format!("making {}", path.display())))?;
    file.write_all(octets).map_err(Failure::io(format!("writing {}", path.display())))?;
    Ok(path)
}

fn safe_name(name: &str) -> String {
    let hidden = |character: char| matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let name: String = name
        .chars()
        .filter(|character| !character.is_control() && !matches!(character, '/' | '\\') && !hidden(*character))
        .take(NAME_CHARS_MAX)
        .collect();
    let name = name.trim().trim_start_matches('.');
    if name.is_empty() { "file".to_owned() } else { name.to_owned() }
}

fn media_type(path: &Path) -> &'static str {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    let known = MEDIA_TYPES.iter().find(|(known, _)| Some(*known) == extension.as_deref());
    known.map_or("application/octet-stream", |(_, media_type)| media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_elsewhere_is_only_a_name() {
        for (name, safe) in [
            ("Offer.pdf", "Offer.pdf"),
            ("../../etc/passwd", "etcpasswd"),
            ("..", "file"),
            (".bashrc", "bashrc"),
            ("a\u{202e}gnp.exe\n", "agnp.exe"),
            ("", "file"),
        ] {
            assert_eq!(safe_name(name), safe, "{name:?}");
        }
        assert_eq!(media_type(Path::new("a.JPG")), "image/jpeg");
        assert_eq!(media_type(Path::new("Makefile")), "application/octet-stream");
    }
}
