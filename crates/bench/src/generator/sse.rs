//! Events of a stream, read just as far as the bench counts them.

use memchr::memmem;
use sealcast_contracts::EventId;

/// Digits of the message number at the end of a client message id.
const NUMBER_DIGITS: usize = 12;
const CID_CHARS: usize = 36;

/// An event that the bench counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message of the bench: its number, and its SSE id if that is one of Sealcast's.
    Message {
        number: u64,
        id: Option<EventId>,
    },
    /// A message of somebody else.
    Foreign,
    Hello,
    /// The server says that something is missing.
    Gap,
    Reset,
    Revoke,
    Drain,
    Other,
}

/// Takes the events that are whole out of `octets`; gives how many octets they were. Lines end with LF, as all servers here
/// write them.
pub fn events(octets: &[u8], mut each: impl FnMut(Event)) -> usize {
    let mut begin = 0;
    for end in memmem::find_iter(octets, b"\n\n") {
        // Two empty lines overlap.
        if end >= begin {
            if let Some(event) = event(&octets[begin..end]) {
                each(event);
            }
            begin = end + 2;
        }
    }
    begin
}

/// The event of these lines; `None` for comments alone.
fn event(mut lines: &[u8]) -> Option<Event> {
    let (mut name, mut id, mut has_data) = (&b"message"[..], None, false);
    let mut number = None;
    while !lines.is_empty() {
        let end = memchr::memchr(b'\n', lines).unwrap_or(lines.len());
        let line = &lines[..end];
        lines = lines.get(end + 1..).unwrap_or_default();
        if let Some(value) = field(line, b"data") {
            has_data = true;
            number = number.or_else(|| message_number(value));
        } else if let Some(value) = field(line, b"event") {
            name = value;
        } else if let Some(value) = field(line, b"id") {
            id = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
        }
    }
    let event = match name {
        b"message" => number.map_or(Event::Foreign, |number| Event::Message { number, id }),
        b"hello" => Event::Hello,
        b"gap" => Event::Gap,
        b"reset" => Event::Reset,
        b"revoke" => Event::Revoke,
        b"drain" => Event::Drain,
        _ => Event::Other,
    };
    has_data.then_some(event)
}

fn field<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let value = line.strip_prefix(name)?.strip_prefix(b":")?;
    Some(value.strip_prefix(b" ").unwrap_or(value))
}

/// The number in the `cid` of a message.
fn message_number(data: &[u8]) -> Option<u64> {
    const KEY: &[u8] = b"\"cid\":\"";
    let begin = memmem::find(data, KEY)? + KEY.len();
    let cid = data.get(begin..begin + CID_CHARS)?;
    u64::from_str_radix(std::str::from_utf8(&cid[CID_CHARS - NUMBER_DIGITS..]).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CID: &str = "0195f3a0-0000-7000-8000-00000000002a";

    fn read(text: &str) -> (Vec<Event>, usize) {
        let mut found = Vec::new();
        let octets = events(text.as_bytes(), |event| found.push(event));
        (found, octets)
    }

    #[test]
    fn messages_of_all_servers_are_numbered() {
        let message = Event::Message { number: 42, id: Some(EventId { stream_epoch: 3, seq: 7 }) };
        assert_eq!(read(&format!("event: message\nid: 3-7\ndata: {{\"cid\":\"{CID}\"}}\n\n")).0, [message]);
        // axum and Nchan name no event; Nchan's id is a time and a counter.
        let bare = Event::Message { number: 42, id: None };
        assert_eq!(read(&format!("data: {{\"cid\":\"{CID}\"}}\n\n")).0, [bare]);
        assert_eq!(read(&format!("id: 1732:0\ndata:{{\"cid\":\"{CID}\"}}\n\n")).0, [bare]);
        assert_eq!(read("data: {}\n\n").0, [Event::Foreign]);
    }

    #[test]
    fn comments_are_nothing_and_the_rest_waits() {
        let (found, octets) = read(":\n\nevent: hello\ndata: {}\n\nevent: gap\nda");
        assert_eq!(found, [Event::Hello]);
        assert_eq!(octets, ":\n\nevent: hello\ndata: {}\n\n".len());
        assert_eq!(read(": hi\n\n\n\n").0, []);
        assert_eq!(read("event: typing\ndata: {}\n\nevent: revoke\ndata: {}\n\n").0, [Event::Other, Event::Revoke]);
    }
}
