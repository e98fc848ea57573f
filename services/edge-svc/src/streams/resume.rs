//! From where a stream can go on.

use std::time::Duration;

use sealcast_contracts::{EventId, sse::Resume, stream::ENVELOPES};

use super::Engine;
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
    match engine.bus.stream_state(ENVELOPES).await {
        Ok(state) if state.first_seq <= last.seq + 1 => Ok(Plan::Exact { after: last.seq }),
        Ok(_) => Ok(Plan::Gap { after: last }),
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "a resume could not ask the log");
            Ok(Plan::Gap { after: last })
        }
    }
}

/// A client that saw more than this node has: either the node is behind, or the id is of a log that is no more.
async fn catch_up(engine: &Engine, last: EventId) -> Result<bool, Problem> {
    let state = engine.bus.stream_state(ENVELOPES).await.map_err(|error| {
        tracing::warn!(error = format!("{error:#}"), "a resume could not ask the log");
        problems::unavailable()
    })?;
    if state.last_seq < last.seq {
        return Ok(false);
    }
    engine.nudge.notify_one();
    let deadline = tokio::time::Instant::now() + CATCH_UP_WAIT;
    while engine.hub.head().seq < last.seq {
        if tokio::time::Instant::now() > deadline {
            return Err(problems::unavailable());
        }
        tokio::time::sleep(CATCH_UP_POLL).await;
    }
    Ok(engine.hub.head() >= last)
}
