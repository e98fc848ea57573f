//! Reading leaves back: only texts that we could have written are understood.

use std::{iter::Peekable, str::Split};

use sealcast_contracts::{Fingerprint, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::MessageDigests;

/// What a leaf says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeafText {
    Message(MessageDigests),
    Event(EventDigest),
}

/// An event's leaf: its body only by its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDigest {
    pub event_id: Uuid,
    pub kind: String,
    pub actor: Option<UserId>,
    pub at: OffsetDateTime,
    pub body_sha256: Fingerprint,
}

impl LeafText {
    /// When it happened.
    pub fn at(&self) -> OffsetDateTime {
        match self {
            Self::Message(message) => message.accepted_at,
            Self::Event(event) => event.at,
        }
    }
}

/// Reads a leaf's text; `None` for everything that is not octet for octet a leaf of this version.
pub fn read(text: &str) -> Option<LeafText> {
    let mut lines = text.strip_suffix('\n')?.split('\n').peekable();
    let leaf = match lines.next()? {
        "sealcast/v1/message" => LeafText::Message(message(&mut lines)?),
        "sealcast/v1/event" => LeafText::Event(event(&mut lines)?),
        _ => return None,
    };
    let same = match &leaf {
        LeafText::Message(message) => message.to_string() == text,
        LeafText::Event(event) => event_text(event) == text,
    };
    (lines.peek().is_none() && same).then_some(leaf)
}

type Lines<'a> = Peekable<Split<'a, char>>;

fn message(lines: &mut Lines<'_>) -> Option<MessageDigests> {
    Some(MessageDigests {
        id: field(lines, "id")?.parse().ok()?,
        room_id: field(lines, "room")?.parse().ok()?,
        epoch: field(lines, "epoch")?.parse().ok()?,
        cid: field(lines, "cid")?.parse().ok()?,
        sender: field(lines, "sender")?.parse().ok()?,
        sender_fp: field(lines, "sender_fp")?.parse().ok()?,
        accepted_at: instant(field(lines, "at")?)?,
        env_sha256: field(lines, "env")?.parse::<Fingerprint>().ok()?.0,
        sig_sha256: field(lines, "sig")?.parse::<Fingerprint>().ok()?.0,
    })
}

fn event(lines: &mut Lines<'_>) -> Option<EventDigest> {
    Some(EventDigest {
        event_id: field(lines, "id")?.parse().ok()?,
        kind: field(lines, "kind")?.to_owned(),
        actor: match field(lines, "actor")? {
            "-" => None,
            actor => Some(actor.parse().ok()?),
        },
        at: instant(field(lines, "at")?)?,
        body_sha256: field(lines, "body")?.parse().ok()?,
    })
}

fn event_text(event: &EventDigest) -> String {
    let EventDigest { event_id, kind, actor, at, body_sha256 } = event;
    let actor = actor.map_or_else(|| "-".to_owned(), |actor| actor.to_string());
    format!("sealcast/v1/event\nid={event_id}\nkind={kind}\nactor={actor}\nat={}\nbody={body_sha256}\n", super::unix_ms(*at))
}

fn field<'a>(lines: &mut Lines<'a>, name: &str) -> Option<&'a str> {
    lines.next()?.strip_prefix(name)?.strip_prefix('=')
}

fn instant(text: &str) -> Option<OffsetDateTime> {
    let ms: i128 = text.parse().ok()?;
    OffsetDateTime::from_unix_timestamp_nanos(ms.checked_mul(1_000_000)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaf::EventLeaf;

    #[test]
    fn only_what_is_written_is_read() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let leaf = EventLeaf { event_id: id, kind: "member_left", actor: None, at: OffsetDateTime::UNIX_EPOCH, body: b"{}" };
        let text = leaf.to_string();
        let Some(LeafText::Event(event)) = read(&text) else { panic!("{text}") };
        assert_eq!((event.event_id, event.kind.as_str(), event.actor), (id, "member_left", None));
        for bad in [
            text.replace("at=0", "at=00"),
            text.replace("v1", "v2"),
            text.replace("actor=-", "actor="),
            text.trim_end().to_owned(),
            format!("{text}more=1\n"),
            String::new(),
        ] {
            assert_eq!(read(&bad), None, "{bad}");
        }
    }
}
