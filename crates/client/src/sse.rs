//! The parser of `text/event-stream` (HTML standard, section 9.2.6), fed with chunks of any size.

use crate::Error;

/// Octets of one line. The longest is a message of 65,536 octets in base64 with its metadata.
const LINE_OCTETS_MAX: usize = 262_144;
/// Octets of one event's data.
const DATA_OCTETS_MAX: usize = 524_288;

/// One dispatched event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The `event:` field; `message` when there was none.
    pub event: String,
    pub data: String,
    /// The `id:` field of this very event.
    pub id: Option<String>,
}

/// Collects octets into lines and lines into events.
#[derive(Debug, Default)]
pub struct Parser {
    line: Vec<u8>,
    /// The octet before was CR: a LF that follows belongs to it.
    after_cr: bool,
    started: bool,
    event: String,
    data: String,
    has_data: bool,
    id: Option<String>,
}

impl Parser {
    /// Takes a chunk and returns the events that it completes. Comments complete none.
    ///
    /// # Errors
    /// [`Error::Protocol`] when a line or an event is longer than allowed, or not UTF-8.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<Vec<Frame>, Error> {
        let mut frames = Vec::new();
        for &octet in chunk {
            let ends_line = octet == b'\r' || (octet == b'\n' && !self.after_cr);
            let swallowed = octet == b'\n' && self.after_cr;
            self.after_cr = octet == b'\r';
            if ends_line {
                // A line is decoded whole, so a character split between two chunks is whole again.
                let line = std::mem::take(&mut self.line);
                frames.extend(self.line(&line)?);
            } else if !swallowed {
                if self.line.len() == LINE_OCTETS_MAX {
                    return Err(Error::Protocol("a line of the event stream is too long".to_owned()));
                }
                self.line.push(octet);
            }
        }
        Ok(frames)
    }

    fn line(&mut self, line: &[u8]) -> Result<Option<Frame>, Error> {
        let line = std::str::from_utf8(line).map_err(|_| Error::Protocol("the event stream is not UTF-8".to_owned()))?;
        let line = if self.started { line } else { line.strip_prefix('\u{feff}').unwrap_or(line) };
        self.started = true;
        if line.is_empty() {
            return Ok(self.dispatch());
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event),
            "data" => self.data(value)?,
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            // Comments have an empty name; `retry` is ours to choose; unknown fields are ignored.
            _ => {}
        }
        Ok(None)
    }

    fn data(&mut self, value: &str) -> Result<(), Error> {
        if self.data.len() + value.len() > DATA_OCTETS_MAX {
            return Err(Error::Protocol("an event of the stream is too long".to_owned()));
        }
        if self.has_data {
            self.data.push('\n');
        }
        self.data.push_str(value);
        self.has_data = true;
        Ok(())
    }

    fn dispatch(&mut self) -> Option<Frame> {
        let (event, data, id) = (std::mem::take(&mut self.event), std::mem::take(&mut self.data), self.id.take());
        if !std::mem::take(&mut self.has_data) {
            return None;
        }
        let event = if event.is_empty() { "message".to_owned() } else { event };
        Some(Frame { event, data, id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(event: &str, data: &str, id: Option<&str>) -> Frame {
        Frame { event: event.to_owned(), data: data.to_owned(), id: id.map(str::to_owned) }
    }

    #[test]
    fn every_way_to_cut_the_octets_gives_the_same_events() {
        let text =
            "\u{feff}: hi\r\nevent: hello\r\ndata: {\"a\":\"häß€😀\"}\r\n\r\nid: 1-7\ndata: x\ndata:y\n\n:\r\rdata\r\r".as_bytes();
        let expected =
            vec![frame("hello", "{\"a\":\"häß€😀\"}", None), frame("message", "x\ny", Some("1-7")), frame("message", "", None)];
        for size in 1..=text.len() {
            let mut parser = Parser::default();
            let frames: Vec<_> = text.chunks(size).flat_map(|chunk| parser.feed(chunk).unwrap()).collect();
            assert_eq!(frames, expected, "chunks of {size}");
        }
    }

    #[test]
    fn comments_and_unfinished_events_give_nothing() {
        let mut parser = Parser::default();
        assert_eq!(parser.feed(b": keep-alive\n\n: again\n\nevent: typing\n\nid: 1-1\nretry: 5\n\n").unwrap(), []);
        assert_eq!(parser.feed(b"data: half").unwrap(), []);
        assert_eq!(parser.feed(b" more\n\n").unwrap(), [frame("message", "half more", None)]);
    }

    #[test]
    fn an_id_belongs_to_its_own_event_only() {
        let mut parser = Parser::default();
        let frames = parser.feed(b"id: 1-1\ndata: a\n\ndata: b\n\n").unwrap();
        assert_eq!(frames, [frame("message", "a", Some("1-1")), frame("message", "b", None)]);
    }

    #[test]
    fn lines_and_events_have_limits() {
        let mut parser = Parser::default();
        assert!(parser.feed(&vec![b'x'; LINE_OCTETS_MAX + 1]).is_err());
        let mut parser = Parser::default();
        let line = [b"data: ".as_slice(), &vec![b'x'; LINE_OCTETS_MAX - 16], b"\n"].concat();
        let outcome = (0..4).try_for_each(|_| parser.feed(&line).map(drop));
        assert!(outcome.is_err());
        assert!(Parser::default().feed(b"data: \xff\n\n").is_err());
    }
}
