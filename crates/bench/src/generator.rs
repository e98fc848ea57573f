//! The load generator: one process, one thread, one epoll loop for up to 15,000 streams.
//!
//! It takes [`Orders`] and then [`Command`]s as lines of JSON on stdin and answers with [`Report`]s on stdout; it ends with
//! stdin. The one that gives orders is [`crate::crew`].

mod body;
mod machine;
pub mod sse;
mod stream;
pub mod tally;
mod tls;

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};

pub use machine::run;

use self::tally::{Counted, Load};

/// What a generator is made for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Orders {
    /// Streams are dealt out to these in turn.
    pub targets: Vec<SocketAddr>,
    /// Where a stream goes whose connection ended; without any it stays closed.
    pub refuges: Vec<SocketAddr>,
    /// How long streams wait before they come back, milliseconds: a random part of it.
    pub spread_ms: u64,
    pub dialect: Dialect,
    pub ca: PathBuf,
    /// Second and third octet of the source addresses `127.a.b.n`.
    pub source: [u8; 2],
    /// The numbers of this process's streams begin here.
    pub first: usize,
    pub streams: usize,
    /// So many of the streams, the last ones, stop reading at [`Command::Stall`].
    pub stalled: usize,
    pub rooms: u64,
    /// Handshakes under way at the same time.
    pub window: usize,
    pub resumption: bool,
    /// When each message was posted.
    pub times: PathBuf,
}

/// What a stream asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Dialect {
    /// Sealcast's event stream, with sessions whose tokens follow from this seed.
    Sealcast { seed: String },
    /// `GET <path><room>`.
    Peer { path: String },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Command {
    /// Open all streams. Answered by [`Report::Opened`].
    Open,
    /// Close all streams. Answered by [`Report::Closed`].
    Close,
    /// The streams that are meant to stall read no more.
    Stall,
    /// Count a load. Answered by [`Report::Counting`].
    Count(Load),
    /// Stop counting; these numbers were never accepted. Answered by [`Report::Counted`].
    Sum { lost: Vec<u64> },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Report {
    /// How things are, twice a second.
    Status(Status),
    Opened(Opened),
    Closed,
    Counting,
    Counted(Counted),
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Status {
    pub open: usize,
    /// Streams that did not open, and for what reason.
    pub failed: BTreeMap<String, usize>,
    pub deliveries: u64,
    /// Connections that ended after they were open.
    pub ended: usize,
    /// Streams that were open again, and when the last of them was.
    pub back: usize,
    pub last_back_ns: u64,
    /// How streams came back, as `hello` said.
    pub gaps: usize,
    pub resets: usize,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Opened {
    pub open: usize,
    pub failed: BTreeMap<String, usize>,
    /// From the first connect to the last opened stream.
    pub begun_ns: u64,
    pub done_ns: u64,
    /// Handshakes that were resumed.
    pub resumed: usize,
    /// The key exchange of the last full handshake.
    pub group: String,
    /// Tickets that wait for the next opening.
    pub tickets: usize,
    /// From connect to the open stream, milliseconds.
    pub connect_p50_ms: f64,
    pub connect_p99_ms: f64,
}

impl Orders {
    /// The room of a stream.
    fn room(&self, stream: usize) -> u64 {
        (self.first + stream) as u64 % self.rooms
    }

    /// The request of a stream.
    fn request(&self, stream: usize, last: Option<sealcast_contracts::EventId>) -> String {
        let number = self.first + stream;
        match &self.dialect {
            Dialect::Sealcast { seed } => {
                let last = last.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
                let token = crate::tokens::token(seed, number);
                let path = "/api/v1/events";
                format!(
                    "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\n{last}\r\n"
                )
            }
            Dialect::Peer { path } => {
                let room = self.room(stream);
                format!("GET {path}{room} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
            }
        }
    }

    /// Whether a stream is open only when the server has said hello.
    fn is_greeted(&self) -> bool {
        matches!(self.dialect, Dialect::Sealcast { .. })
    }
}
