//! What an envelope holds (docs/protocol.md section 3, "Plaintext").

use sealcast_contracts::{Fingerprint, context::MessageContext, limits::ATTACHMENTS_PER_MESSAGE_MAX};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Error, FileRef};

const STEP_OCTETS: usize = 256;
const VERSION: u8 = 1;
const TEXT: &str = "text";

/// What a message says: a text, files, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub text: String,
    pub files: Vec<FileRef>,
}

#[derive(Serialize, Deserialize)]
struct Body {
    v: u8,
    from: Fingerprint,
    ctx: String,
    t: String,
    b: String,
    /// What is not of the form of a [`FileRef`] is left out: it could not be opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    files: Vec<serde_json::Value>,
    pad: String,
}

/// A message as it is encrypted: with its sender and context, padded so that its length says little.
pub(crate) fn write(from: Fingerprint, context: &MessageContext, content: &Content) -> Result<Zeroizing<Vec<u8>>, Error> {
    let files = content.files.iter().map(serde_json::to_value).collect::<Result<_, _>>();
    let files = files.map_err(|error| Error::Key(error.to_string()))?;
    let (ctx, b) = (context.inner(), content.text.clone());
    let mut body = Body { v: VERSION, from, ctx, t: TEXT.to_owned(), b, files, pad: String::new() };
    let json = |body: &Body| serde_json::to_vec(body).map(Zeroizing::new).map_err(|error| Error::Key(error.to_string()));
    let bare = json(&body)?.len();
    // Spaces are one octet each in JSON.
    body.pad = " ".repeat(bare.next_multiple_of(STEP_OCTETS) - bare);
    json(&body)
}

/// Reads a message and compares what it says of sender and context with what the signature says.
pub(crate) fn read(plaintext: &[u8], from: Fingerprint, context: &MessageContext) -> Result<Content, &'static str> {
    let body: Body = serde_json::from_slice(plaintext).map_err(|_| "its content is not of this protocol")?;
    if body.v != VERSION || body.t != TEXT {
        return Err("its content is of a kind that this client does not know");
    }
    if body.from != from {
        return Err("its content names another sender than the signature");
    }
    if body.ctx != context.inner() {
        return Err("its content has another context than the signature");
    }
    let files = body.files.into_iter().take(ATTACHMENTS_PER_MESSAGE_MAX).filter_map(|file| serde_json::from_value(file).ok());
    Ok(Content { text: body.b, files: files.collect() })
}

#[cfg(test)]
mod tests {
    use sealcast_contracts::{AttachmentId, Base64, ClientMessageId, RoomId, context::SeenCheckpoint};

    use super::*;

    fn context() -> MessageContext {
        MessageContext {
            room_id: RoomId::generate(),
            epoch: 1,
            cid: ClientMessageId::generate(),
            prev: [0; 16],
            skc: [1; 32],
            cp: SeenCheckpoint { size: 0, root: [2; 16] },
        }
    }

    #[test]
    fn every_length_is_padded_to_a_step() {
        let (from, context) = (Fingerprint([3; 32]), context());
        for len in 0..600 {
            let text = "é".repeat(len);
            let content = Content { text, files: Vec::new() };
            let plaintext = write(from, &context, &content).unwrap();
            assert_eq!(plaintext.len() % STEP_OCTETS, 0);
            assert_eq!(read(&plaintext, from, &context), Ok(content));
        }
    }

    #[test]
    fn files_are_named_and_what_is_no_file_is_left_out() {
        let (from, context) = (Fingerprint([3; 32]), context());
        let file = FileRef {
            id: AttachmentId::generate(),
            name: "Offer.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            size: 9,
            key: Base64(vec![1; 32]),
            sum: Base64(vec![2; 32]),
        };
        let content = Content { text: String::new(), files: vec![file] };
        let plaintext = write(from, &context, &content).unwrap();
        assert_eq!(read(&plaintext, from, &context).unwrap(), content);
        let mut other: serde_json::Value = serde_json::from_slice(&plaintext).unwrap();
        other["files"].as_array_mut().unwrap().extend([serde_json::json!({"id": 7}), serde_json::json!("file")]);
        assert_eq!(read(other.to_string().as_bytes(), from, &context).unwrap(), content);
    }

    #[test]
    fn another_sender_context_or_kind_is_refused() {
        let (from, signed) = (Fingerprint([3; 32]), context());
        let plaintext = write(from, &signed, &Content { text: "hi".to_owned(), files: Vec::new() }).unwrap();
        // The inside cannot know the session key's commitment, so that one is not compared here.
        assert!(read(&plaintext, from, &MessageContext { skc: [9; 32], ..signed.clone() }).is_ok());
        assert!(read(&plaintext, Fingerprint([4; 32]), &signed).is_err());
        assert!(read(&plaintext, from, &MessageContext { prev: [9; 16], ..signed.clone() }).is_err());
        assert!(read(&plaintext, from, &MessageContext { epoch: 2, ..signed.clone() }).is_err());
        let other = String::from_utf8(plaintext.to_vec()).unwrap().replace("\"t\":\"text\"", "\"t\":\"file\"");
        assert!(read(other.as_bytes(), from, &signed).is_err());
        assert!(read(b"hi", from, &signed).is_err());
    }
}
