//! A message as mail (RFC 5322): what archives and review tools import.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sealcast_contracts::RoomId;
use time::format_description::well_known::Rfc2822;

use crate::parts::{EML, OpenedText, ViewLine};

const DOMAIN: &str = "sealcast.example";
/// Characters of a line of base64.
const LINE_CHARS: usize = 76;

/// The name of a message's file.
pub fn name(line: &ViewLine) -> String {
    format!("{EML}{}.eml", line.id)
}

/// The file; the same for everybody who renders the same line.
pub fn render(room_id: RoomId, line: &ViewLine) -> Vec<u8> {
    let ViewLine { id, leaf_index, accepted_at, sender, username, opened, unreadable } = line;
    let date = accepted_at.format(&Rfc2822).unwrap_or_default();
    let (kind, text) = match opened {
        Some(OpenedText { kind, text, .. }) => (plain(kind), text.clone()),
        None => ("unreadable".to_owned(), format!("[unreadable: {}]", unreadable.as_deref().unwrap_or_default())),
    };
    let mut mail = format!(
        "From: {} <{sender}@{DOMAIN}>\r\nTo: <{room_id}@{DOMAIN}>\r\nDate: {date}\r\nMessage-ID: <{id}.{room_id}@{DOMAIN}>\r\n\
         Subject: [{room_id}] {kind} {id}\r\nX-Sealcast-Id: {id}\r\nX-Sealcast-Leaf: {leaf_index}\r\nX-Sealcast-Kind: {kind}\r\n",
        word(username)
    );
    if let Some(re) = opened.as_ref().and_then(|opened| opened.re.as_deref()) {
        mail += &format!("X-Sealcast-Re: {}\r\n", plain(re));
    }
    mail += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    let encoded = BASE64_STANDARD.encode(text);
    for chunk in encoded.as_bytes().chunks(LINE_CHARS) {
        mail += &String::from_utf8_lossy(chunk);
        mail += "\r\n";
    }
    mail.into_bytes()
}

/// An encoded word (RFC 2047): whatever the name is, it cannot begin another header.
fn word(text: &str) -> String {
    format!("=?utf-8?B?{}?=", BASE64_STANDARD.encode(text))
}

/// Only what cannot end a header.
fn plain(text: &str) -> String {
    text.chars().filter(|character| character.is_ascii_graphic()).take(LINE_CHARS * 2).collect()
}
