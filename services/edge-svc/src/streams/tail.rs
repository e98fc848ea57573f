//! Looks at the log's tail: a message that was stored but never came live shows here, even in a silent log.

use std::{sync::Arc, time::Duration};

use sealcast_contracts::{EventId, stream::ENVELOPES};
use sealcast_runtime::{Latch, Readiness};
use tokio::{sync::mpsc, time::Instant};

use super::Engine;

const INTERVAL: Duration = Duration::from_secs(1);
/// A node that has not reached the log for this long gets no new clients: another node may reach it.
const UNREACHED_MAX: Duration = Duration::from_secs(4);

/// What JetStream said, and the head that the node had when it was asked.
#[derive(Clone, Copy, Debug)]
pub struct TailReport {
    pub asked_at_head: EventId,
    pub last_seq: u64,
}

/// Asks once a second, after each reconnect, and when nudged. JetStream's API may be away while live messages come: only this
/// task waits for it. While it does not answer, the node is not ready; the streams that it has stay, since a log that is away
/// for every node would otherwise end them all.
pub async fn run(engine: Arc<Engine>, reports: mpsc::Sender<TailReport>, readiness: Readiness) {
    let mut reconnections = engine.bus.reconnections();
    let mut reach = Reach { readiness, answered: Instant::now(), unreached: None };
    loop {
        reach.look(Instant::now());
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = engine.nudge.notified() => {}
            Ok(()) = reconnections.changed() => {}
        }
        let asked_at_head = engine.hub.head();
        match engine.bus.stream_state(ENVELOPES).await {
            Ok(state) => {
                reach.answered(Instant::now());
                if reports.send(TailReport { asked_at_head, last_seq: state.last_seq }).await.is_err() {
                    return;
                }
            }
            Err(error) => tracing::debug!(error = format!("{error:#}"), "the log's state is not known"),
        }
    }
}

/// Whether the log answers this node.
struct Reach {
    readiness: Readiness,
    answered: Instant,
    unreached: Option<Latch>,
}

impl Reach {
    fn answered(&mut self, now: Instant) {
        self.answered = now;
        if self.unreached.take().is_some() {
            tracing::info!("the log answers again");
        }
    }

    fn look(&mut self, now: Instant) {
        if self.unreached.is_none() && now.duration_since(self.answered) > UNREACHED_MAX {
            tracing::warn!("the log does not answer: the node is not ready");
            self.unreached = Some(self.readiness.hold());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_without_a_log_is_not_ready_until_it_answers() {
        let (readiness, begun) = (Readiness::default(), Instant::now());
        readiness.start();
        let mut reach = Reach { readiness: readiness.clone(), answered: begun, unreached: None };
        reach.look(begun + UNREACHED_MAX);
        assert!(readiness.is_ready());
        reach.look(begun + UNREACHED_MAX + INTERVAL);
        assert!(!readiness.is_ready());
        reach.answered(begun + UNREACHED_MAX + INTERVAL);
        assert!(readiness.is_ready());
    }
}
