//! What the rest of the node tells a shard.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::HeaderMap;
use bytes::Bytes;
use mio::Waker;
use sealcast_contracts::{EventId, RoomId, UserId};
use sealcast_records::Endpoint;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{listener::Place, streams::Frame};

/// Where a stream lives. A place is given again only after its shard has reported the end of the stream that had it, and
/// commands arrive in order: one that is meant for the old stream never meets the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub shard: u16,
    pub index: u32,
}

/// A connection that is not a stream yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionRef {
    pub shard: u16,
    pub index: u32,
    pub serial: u32,
}

/// Why a stream ended; the label of `edge_sse_closed_total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The client went away.
    Client,
    /// The client does not read fast enough.
    Slow,
    /// The session ended.
    Revoked,
    /// The node goes away.
    Drained,
    /// The stream reached its greatest age.
    Aged,
}

impl Ending {
    pub const ALL: [Self; 5] = [Self::Client, Self::Slow, Self::Revoked, Self::Drained, Self::Aged];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Slow => "slow",
            Self::Revoked => "revoked",
            Self::Drained => "drained",
            Self::Aged => "aged",
        }
    }
}

/// From where a stream begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    Live,
    After(u64),
}

/// A request for a stream, as its shard read it.
#[derive(Debug)]
pub struct Applicant {
    pub connection: ConnectionRef,
    pub headers: HeaderMap,
}

/// A connection with another purpose: TLS stands, and these octets of its first request have been read.
#[derive(Debug)]
pub struct Handover {
    pub tcp: std::net::TcpStream,
    pub tls: Endpoint,
    pub data: Vec<u8>,
    /// Records that the kernel did not take yet.
    pub unsent: Vec<u8>,
    pub address: IpAddr,
    pub place: Place,
}

/// What carries a stream.
#[derive(Debug)]
pub enum Carrier {
    /// A connection that this shard accepted.
    Connection(ConnectionRef),
    /// A response body of hyper's. Cancelling `kill` ends its connection.
    Channel { sender: mpsc::Sender<Bytes>, kill: CancellationToken },
}

/// A stream that was let in.
#[derive(Debug)]
pub struct Admission {
    pub index: u32,
    pub carrier: Carrier,
    pub user_id: UserId,
    pub rooms: Vec<RoomId>,
    /// The response head, for a connection, and the first events.
    pub first: Bytes,
    pub begin: Begin,
    pub age_max: Duration,
}

/// A stretch of the log.
#[derive(Debug)]
pub struct Page {
    /// It has every message in `(after, up_to]`.
    pub after: u64,
    pub up_to: u64,
    pub frames: Vec<Arc<Frame>>,
}

/// Whom an event is for.
#[derive(Clone, Debug)]
pub enum Whom {
    /// All streams, within this time: it goes along with whatever is written before.
    Everybody { within: Duration },
    /// The streams that carry a room, except those of one account.
    Room { room_id: RoomId, except: Option<UserId>, droppable: bool },
    /// These.
    Streams(Vec<u32>),
}

#[derive(Debug)]
pub enum Command {
    /// The next message of the log.
    Message(Arc<Frame>),
    /// Messages up to this sequence cannot be had.
    Skip {
        up_to: u64,
    },
    /// The log is another one behind `head`.
    Reset {
        head: EventId,
    },
    Admit(Box<Admission>),
    /// The applicant gets its answer from the router.
    Decline(ConnectionRef),
    /// The next request on a connection of hyper's may be for a stream.
    Adopt(Box<Handover>),
    /// The reader of a channel took something, or went away.
    Channel {
        index: u32,
    },
    /// What a stream that catches up asked for; nothing if it cannot be had.
    Page {
        index: u32,
        page: Option<Arc<Page>>,
    },
    /// Streams carry a room from now on, or no longer.
    Change {
        streams: Vec<u32>,
        room_id: RoomId,
        member: bool,
    },
    Tell {
        whom: Whom,
        event: Bytes,
    },
    End {
        streams: Vec<u32>,
        ending: Ending,
        last: Bytes,
    },
    /// Accept nothing more, and let go of what is not a stream yet.
    Close,
    /// Says so to all streams and ends them at random times over the spread.
    Drain {
        event: Bytes,
        spread: Duration,
    },
    Stop,
}

/// The way into a shard.
#[derive(Debug)]
pub struct Inbox {
    commands: Mutex<Vec<Command>>,
    waker: Waker,
}

impl Inbox {
    pub fn new(waker: Waker) -> Self {
        Self { commands: Mutex::default(), waker }
    }

    pub fn post(&self, command: Command) {
        let mut commands = self.lock();
        let idle = commands.is_empty();
        commands.push(command);
        drop(commands);
        // A shard takes all there is when it wakes: only the first one needs to wake it.
        if idle && let Err(error) = self.waker.wake() {
            tracing::error!(%error, "waking a shard");
        }
    }

    pub fn take(&self) -> Vec<Command> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Command>> {
        // Pushing and taking cannot leave anything half done.
        self.commands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
