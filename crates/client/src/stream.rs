//! The event stream (docs/protocol.md section 7): it reconnects by itself and never hands out a message twice.

use std::{collections::VecDeque, time::Duration};

use reqwest::Response;
use sealcast_contracts::{EventId, presence, sse};
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::{
    Error, Session,
    answers::{chain, unavailable},
    backoff::{Backoff, random_below},
    sse::{Frame, Parser},
};

/// A stream that is silent for this long is dead: the server writes a comment every 15 s.
const IDLE_MAX: Duration = Duration::from_secs(3 * sse::HEARTBEAT_S);

/// What a stream says.
#[derive(Clone, Debug)]
pub enum Event {
    Hello(sse::Hello),
    Message(sse::Message),
    /// Messages in between are missing; [`crate::Feed`] reads them from the archive.
    Gap(sse::Gap),
    /// Ids known so far mean nothing any more.
    Reset(sse::Reset),
    Presence(presence::PresenceChanged),
    Typing(presence::TypingStarted),
    Room(sse::RoomNotice),
    Checkpoint(sse::CheckpointNotice),
    /// The connection ended; the next attempt comes after `wait`.
    Lost {
        reason: String,
        wait: Duration,
    },
}

/// One account's live stream.
pub struct EventStream {
    session: Session,
    last: Option<EventId>,
    connection: Option<Connection>,
    frames: VecDeque<Frame>,
    wait: Option<Duration>,
    /// The node drains: when to leave it. Until then it is read on.
    leave_at: Option<Instant>,
    backoff: Backoff,
    repeats: u64,
}

struct Connection {
    body: Response,
    parser: Parser,
}

impl EventStream {
    pub(crate) fn new(session: Session, last: Option<EventId>) -> Self {
        let (connection, frames, wait, leave_at) = (None, VecDeque::new(), None, None);
        Self { session, last, connection, frames, wait, leave_at, backoff: Backoff::default(), repeats: 0 }
    }

    /// The newest message that was handed out, or where the stream began.
    pub fn last(&self) -> Option<EventId> {
        self.last
    }

    /// Messages that the server sent although they were known, and that were not handed out again.
    pub fn repeats(&self) -> u64 {
        self.repeats
    }

    /// Everything up to `id` was read elsewhere.
    pub(crate) fn advance(&mut self, id: EventId) {
        self.last = self.last.max(Some(id));
    }

    /// The next event. Safe to cancel: nothing is lost.
    ///
    /// # Errors
    /// [`Error::Refused`] and [`Error::Revoked`] when the session has ended: there is no use in asking again.
    /// Everything else is retried for ever and shows as [`Event::Lost`].
    pub async fn next(&mut self) -> Result<Event, Error> {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                match self.take(&frame) {
                    Ok(Some(event)) => return Ok(event),
                    Ok(None) => {}
                    Err(error @ Error::Revoked(_)) => return Err(error),
                    Err(error) => return Ok(self.lose(error.to_string(), None)),
                }
            } else {
                match self.fill().await {
                    Ok(()) => {}
                    // The node let go early, or its time is over: it has spread its streams over time already.
                    Err(Error::Unavailable { .. }) if self.leave_at.is_some() => {
                        return Ok(self.leave("the node is draining".to_owned(), Duration::ZERO));
                    }
                    Err(Error::Unavailable { reason, retry_after }) => return Ok(self.lose(reason, retry_after)),
                    Err(Error::Protocol(reason)) => return Ok(self.lose(reason, None)),
                    Err(refused) => return Err(refused),
                }
            }
        }
    }

    /// Waits, connects or reads, whatever is due.
    async fn fill(&mut self) -> Result<(), Error> {
        if let Some(wait) = self.wait {
            tokio::time::sleep(wait).await;
            self.wait = None;
        }
        let Some(connection) = &mut self.connection else {
            let last = self.last.map(|id| id.to_string());
            let body = self.session.server.open_stream(&self.session.token, last).await?;
            self.connection = Some(Connection { body, parser: Parser::default() });
            return Ok(());
        };
        let silent_at = Instant::now() + IDLE_MAX;
        let until = self.leave_at.map_or(silent_at, |leave_at| leave_at.min(silent_at));
        let chunk = tokio::time::timeout_at(until, connection.body.chunk()).await;
        let chunk = chunk.map_err(|_| unavailable("the stream fell silent".to_owned()))?;
        match chunk.map_err(|error| unavailable(chain(&error)))? {
            Some(chunk) => self.frames.extend(connection.parser.feed(&chunk)?),
            None => return Err(unavailable("the stream ended".to_owned())),
        }
        Ok(())
    }

    fn take(&mut self, frame: &Frame) -> Result<Option<Event>, Error> {
        let event = match frame.event.as_str() {
            sse::name::HELLO => Event::Hello(self.greeted(read(frame)?)),
            sse::name::MESSAGE => {
                let message: sse::Message = read(frame)?;
                if Some(message.id) <= self.last {
                    self.repeats += 1;
                    return Ok(None);
                }
                self.last = Some(message.id);
                Event::Message(message)
            }
            sse::name::GAP => Event::Gap(read(frame)?),
            sse::name::RESET => {
                let reset: sse::Reset = read(frame)?;
                self.last = Some(reset.head);
                Event::Reset(reset)
            }
            sse::name::PRESENCE => Event::Presence(read(frame)?),
            sse::name::TYPING => Event::Typing(read(frame)?),
            sse::name::ROOM => Event::Room(read(frame)?),
            sse::name::CHECKPOINT => Event::Checkpoint(read(frame)?),
            sse::name::REVOKE => return Err(Error::Revoked(read::<sse::Revoke>(frame)?.reason)),
            sse::name::DRAIN => {
                let spread = Duration::from_millis(read::<sse::Drain>(frame)?.spread_ms.into());
                self.leave_at = Some(Instant::now() + random_below(spread));
                return Ok(None);
            }
            // A later server may say more.
            _ => return Ok(None),
        };
        Ok(Some(event))
    }

    fn greeted(&mut self, hello: sse::Hello) -> sse::Hello {
        // Not at the connection: a node that accepts and dies must not be asked every second.
        self.backoff.reset();
        // From here on a reconnect resumes, even if no message came in between.
        if hello.resume == sse::Resume::Fresh {
            self.last = Some(hello.head);
        }
        hello
    }

    fn lose(&mut self, reason: String, retry_after: Option<Duration>) -> Event {
        let wait = self.backoff.next(retry_after);
        self.leave(reason, wait)
    }

    fn leave(&mut self, reason: String, wait: Duration) -> Event {
        (self.connection, self.leave_at) = (None, None);
        self.frames.clear();
        self.wait = Some(wait);
        Event::Lost { reason, wait }
    }
}

fn read<T: DeserializeOwned>(frame: &Frame) -> Result<T, Error> {
    serde_json::from_str(&frame.data).map_err(|error| Error::Protocol(format!("event `{}`: {error}", frame.event)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Server;

    fn stream(last: Option<EventId>) -> EventStream {
        let server = Server::new(&"https://localhost/".parse().unwrap(), None).unwrap();
        let info = serde_json::json!({"session_id": uuid::Uuid::nil(), "user_id": uuid::Uuid::nil(), "username": "a", "role": "member",
            "fingerprint": "0".repeat(64), "expires_at": "2026-01-01T00:00:00Z"});
        EventStream::new(Session::new(server, "t".to_owned().into(), serde_json::from_value(info).unwrap()), last)
    }

    fn frame(event: &str, data: serde_json::Value) -> Frame {
        Frame { event: event.to_owned(), data: data.to_string(), id: None }
    }

    fn message(id: &str) -> Frame {
        let nil = uuid::Uuid::nil();
        frame(
            "message",
            serde_json::json!({"id": id, "room_id": nil, "cid": nil, "sender": nil, "sender_fp": "0".repeat(64), "epoch": 1,
            "env": "", "sig": "", "accepted_at": "2026-01-01T00:00:00Z"}),
        )
    }

    fn id(seq: u64) -> EventId {
        EventId { stream_epoch: 1, seq }
    }

    #[tokio::test]
    async fn a_message_comes_out_once() {
        let mut stream = stream(Some(id(4)));
        stream.frames.extend(["1-4", "1-5", "1-5", "1-3", "1-9"].map(message));
        for expected in [5, 9] {
            assert!(matches!(stream.next().await, Ok(Event::Message(message)) if message.id == id(expected)));
        }
        assert_eq!((stream.last(), stream.frames.len(), stream.repeats()), (Some(id(9)), 0, 3));
    }

    #[tokio::test]
    async fn a_fresh_stream_resumes_from_its_head_and_a_reset_starts_over() {
        let mut stream = stream(None);
        let hello = |resume: &str| {
            frame(
                "hello",
                serde_json::json!({"node": "a", "head": "1-7", "resume": resume, "rooms": [], "server_time": "2026-01-01T00:00:00Z"}),
            )
        };
        stream.frames.extend([
            hello("fresh"),
            frame("unheard-of", serde_json::json!({})),
            frame("reset", serde_json::json!({"head": "2-1"})),
        ]);
        assert!(matches!(stream.next().await, Ok(Event::Hello(_))));
        assert_eq!(stream.last(), Some(id(7)));
        assert!(matches!(stream.next().await, Ok(Event::Reset(_))));
        assert_eq!(stream.last(), Some(EventId { stream_epoch: 2, seq: 1 }));
    }

    #[tokio::test]
    async fn a_draining_node_is_read_on_revoke_ends_and_nonsense_reconnects() {
        let mut stream = stream(None);
        stream.frames.extend([frame("drain", serde_json::json!({"spread_ms": 100})), message("1-4")]);
        assert!(matches!(stream.next().await, Ok(Event::Message(message)) if message.id == id(4)));
        assert!(matches!(stream.next().await, Ok(Event::Lost { wait, .. }) if wait.is_zero()));
        stream.frames.push_back(frame("hello", serde_json::json!({"node": 7})));
        assert!(matches!(stream.next().await, Ok(Event::Lost { .. })));
        stream.frames.push_back(frame("revoke", serde_json::json!({"reason": "revoked"})));
        assert!(matches!(stream.next().await, Err(Error::Revoked(reason)) if reason == "revoked"));
    }
}
