//! What is printed: lines for people or one JSON object a line on stdout, everything else on stderr.

use std::{
    error::Error as _,
    io::{self, Write as _},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};
use sealcast_client::{Error, Reading};
use serde::Serialize;
use serde_json::json;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::failure::Failure;

const TICK: Duration = Duration::from_millis(100);

/// The way that was asked for.
pub struct Output {
    json: bool,
}

impl Output {
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// One thing: `text` for people, `object` for programs.
    ///
    /// # Errors
    /// When stdout is gone.
    pub fn line(&self, text: impl FnOnce() -> String, object: &impl Serialize) -> Result<(), Failure> {
        let line = if self.json {
            serde_json::to_string(object).map_err(|error| Failure::Io { doing: "printing".to_owned(), source: error.into() })?
        } else {
            text()
        };
        writeln!(io::stdout().lock(), "{line}").map_err(Failure::io("printing"))
    }

    /// A message with its text, or why there is none.
    ///
    /// # Errors
    /// When stdout is gone.
    pub fn reading(&self, room: &str, reading: &Reading) -> Result<(), Failure> {
        let message = &reading.message;
        let name = reading.sender.clone().unwrap_or_else(|| message.sender.to_string());
        let at = time_text(message.accepted_at);
        let error = reading.text.as_ref().err().map(ToString::to_string);
        let object = json!({
            "event": "message", "id": message.id, "room_id": message.room_id, "room": room, "cid": message.cid,
            "sender_id": message.sender, "sender": reading.sender, "epoch": message.epoch, "accepted_at": at,
            "verified": reading.text.is_ok(), "text": reading.text.as_ref().ok(), "error": error,
            "files": reading.files.iter().map(|file| json!({"name": file.name, "type": file.media_type, "size": file.size})).collect::<Vec<_>>(),
        });
        self.line(
            || match &reading.text {
                Ok(text) => {
                    let files: String =
                        reading.files.iter().map(|file| format!(" <file {}, {} octets>", plain(&file.name), file.size)).collect();
                    format!("{at}  {room}  {}: {}{files}  [{}]", plain(&name), plain(text), message.id)
                }
                Err(error) => format!("{at}  {room}  {}: <{error}>  [{}]", plain(&name), message.id),
            },
            &object,
        )
    }

    /// Something that a person may want to know; not data.
    pub fn note(&self, text: &str) {
        // Nobody may be listening; that is no reason to fail.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Why the command failed.
    pub fn failure(&self, failure: &Failure) {
        if failure.is_silent() {
            return;
        }
        if let (true, Failure::Client(Error::Refused(problem))) = (self.json, failure) {
            return self.note(&serde_json::to_string(problem).unwrap_or_default());
        }
        let mut text = format!("sealcast: {failure}");
        let mut source = failure.source();
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        self.note(&text);
    }

    /// How much of `total` is done, on a terminal; nothing elsewhere.
    pub fn progress(&self, text: &'static str, total: u64) -> ProgressBar {
        let bar = ProgressBar::new(total).with_message(text);
        if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        bar
    }

    /// A spinner on a terminal, nothing elsewhere.
    pub fn spinner(&self, text: &'static str) -> ProgressBar {
        // The draw target of indicatif is stderr, and hidden when that is no terminal.
        let spinner = ProgressBar::new_spinner().with_message(text);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            spinner.set_style(style);
        }
        spinner.enable_steady_tick(TICK);
        spinner
    }
}

/// RFC 3339, in UTC.
pub fn time_text(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_default()
}

/// Somebody else's text must not move the cursor or colour the terminal.
pub fn plain(text: &str) -> String {
    text.chars().map(|character| if character.is_control() && character != '\n' { '\u{fffd}' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_cannot_steer_the_terminal() {
        assert_eq!(plain("a\u{1b}[31mb\nc\r\u{9b}"), "a\u{fffd}[31mb\nc\u{fffd}\u{fffd}");
    }
}
