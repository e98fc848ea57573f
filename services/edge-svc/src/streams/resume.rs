//! From where a stream can go on.

use std::time::Duration;

use sealcast_bus::log::StreamState;
use sealcast_contracts::{EventId, sse::Resume, stream::ENVELOPES};
use tokio::time::Instant;

use super::{Engine, log_state::RECENT};
use crate::{
    problems::{self, Problem},
    shard::Begin,
};

/// How long a client that is ahead of this node waits for it to catch up with the log.
const CATCH_UP_WAIT: Duration = Duration::from_secs(3);
const CATCH_UP_POLL: Duration = Duration::from_millis(20);

/// What a stream begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    Fresh,
    Exact { after: u64 },
    Gap { after: EventId },
    Reset,
}

impl Plan {
    pub fn resume(self) -> Resume {
        match self {
            Self::Fresh => Resume::Fresh,
            Self::Exact { .. } => Resume::Exact,
            Self::Gap { .. } => Resume::Gap,
            Self::Reset => Resume::Reset,
        }
    }

    pub fn begin(self) -> Begin {
        match self {
            Self::Exact { after } => Begin::After(after),
            Self::Fresh | Self::Gap { .. } | Self::Reset => Begin::Live,
        }
    }
}

/// Decides by the id of the last message that the client has.
pub async fn plan(engine: &Engine, last_event_id: Option<EventId>) -> Result<Plan, Problem> {
    let Some(last) = last_event_id else { return Ok(Plan::Fresh) };
    if last > engine.hub.head() && !catch_up(engine, last).await? {
        return Ok(Plan::Reset);
    }
    let head = engine.hub.head();
    if last.stream_epoch != head.stream_epoch {
        return Ok(Plan::Reset);
    }
    if last.seq >= engine.hub.ring_after() {
        return Ok(Plan::Exact { after: last.seq });
    }
    if head.seq - last.seq > engine.config.replay_messages_max {
        return Ok(Plan::Gap { after: last });
    }
    // Older than the ring: the log still has it, or says from where on.
    let recently = Instant::now().checked_sub(RECENT).unwrap_or_else(Instant::now);
    match log_state(engine, recently).await {
        Some(state) if state.first_seq <= last.seq + 1 => Ok(Plan::Exact { after: last.seq }),
        Some(_) | None => Ok(Plan::Gap { after: last }),
    }
}

async fn log_state(engine: &Engine, since: Instant) -> Option<StreamState> {
    engine.log_state.get(since, engine.bus.stream_state(ENVELOPES)).await
}

/// A client that saw more than this node has: either the node is behind, or the id is of a log that is no more.
async fn catch_up(engine: &Engine, last: EventId) -> Result<bool, Problem> {
    // An older answer may not have the message yet that the client has seen elsewhere.
    let state = log_state(engine, Instant::now()).await.ok_or_else(problems::unavailable)?;
    if state.last_seq < last.seq {
        return Ok(false);
    }
    engine.nudge.notify_one();
    let deadline = Instant::now() + CATCH_UP_WAIT;
    while engine.hub.head().seq < last.seq {
        if Instant::now() > deadline {
            return Err(problems::unavailable());
        }
        tokio::time::sleep(CATCH_UP_POLL).await;
    }
    Ok(engine.hub.head() >= last)
}
