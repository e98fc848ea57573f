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

/// How streams go on, as metrics name it.
pub const RESUMES: [&str; 4] = ["fresh", "exact", "gap", "reset"];

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

    pub fn as_str(self) -> &'static str {
        let [fresh, exact, gap, reset] = RESUMES;
        match self {
            Self::Fresh => fresh,
            Self::Exact { .. } => exact,
            Self::Gap { .. } => gap,
            Self::Reset => reset,
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
    // The ring before its head: it moves on in between, and never back.
    let ring_after = engine.hub.ring_after();
    if let Some(plan) = by_ring(last, engine.hub.head(), ring_after, engine.config.replay_messages_max) {
        return Ok(plan);
    }
    // Older than the ring: the log still has it, or says from where on.
    let recently = Instant::now().checked_sub(RECENT).unwrap_or_else(Instant::now);
    let state = log_state(engine, recently).await;
    Ok(state.map_or(Plan::Gap { after: last }, |state| by_log(last, state.first_seq)))
}

async fn log_state(engine: &Engine, since: Instant) -> Option<StreamState> {
    engine.log_state.get(since, engine.bus.stream_state(ENVELOPES)).await
}

/// What is known without the log; nothing when only the log can say.
fn by_ring(last: EventId, head: EventId, ring_after: u64, replay_max: u64) -> Option<Plan> {
    if last.stream_epoch != head.stream_epoch || last.seq > head.seq {
        return Some(Plan::Reset);
    }
    if last.seq >= ring_after {
        return Some(Plan::Exact { after: last.seq });
    }
    (head.seq - last.seq > replay_max).then_some(Plan::Gap { after: last })
}

fn by_log(last: EventId, first_seq: u64) -> Plan {
    if first_seq <= last.seq.saturating_add(1) { Plan::Exact { after: last.seq } } else { Plan::Gap { after: last } }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id() -> impl Strategy<Value = EventId> {
        let seq = prop_oneof![0..40_u64, any::<u64>()];
        (1..3_u32, seq).prop_map(|(stream_epoch, seq)| EventId { stream_epoch, seq })
    }

    proptest! {
        /// Exact promises every message behind the client's; whatever was lost is said.
        #[test]
        fn a_plan_promises_what_can_be_kept(
            last in id(), head in id(), held in 0..40_u64, replay_max in 0..40_u64, first in 0..40_u64,
        ) {
            let ring_after = head.seq.saturating_sub(held);
            // The log begins with its first message and ends at least with the head.
            let first = first.min(head.seq.saturating_add(1));
            let plan = by_ring(last, head, ring_after, replay_max).unwrap_or_else(|| by_log(last, first));
            let possible = last.stream_epoch == head.stream_epoch && last.seq <= head.seq;
            match plan {
                Plan::Exact { after } => {
                    prop_assert!(possible && after == last.seq);
                    let missed = head.seq - after;
                    prop_assert!(after >= ring_after || (first <= after + 1 && missed <= replay_max));
                }
                Plan::Gap { after } => {
                    prop_assert!(possible && after == last);
                    prop_assert!(last.seq < ring_after && (head.seq - last.seq > replay_max || first > last.seq + 1));
                }
                Plan::Reset => prop_assert!(!possible),
                Plan::Fresh => prop_assert!(false, "somebody who was here is not fresh"),
            }
        }
    }
}
