//! Looks at the log's tail: a message that was stored but never came live shows here, even in a silent log.

use std::{sync::Arc, time::Duration};

use sealcast_contracts::{EventId, stream::ENVELOPES};
use tokio::sync::mpsc;

use super::Engine;

const INTERVAL: Duration = Duration::from_secs(1);

/// What JetStream said, and the head that the node had when it was asked.
#[derive(Clone, Copy, Debug)]
pub struct TailReport {
    pub asked_at_head: EventId,
    pub last_seq: u64,
}

/// Asks once a second, after each reconnect, and when nudged. JetStream's API may be away while live messages come: only this
/// task waits for it.
pub async fn run(engine: Arc<Engine>, reports: mpsc::Sender<TailReport>) {
    let mut reconnections = engine.bus.reconnections();
    loop {
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = engine.nudge.notified() => {}
            Ok(()) = reconnections.changed() => {}
        }
        let asked_at_head = engine.hub.head();
        match engine.bus.stream_state(ENVELOPES).await {
            Ok(state) => {
                if reports.send(TailReport { asked_at_head, last_seq: state.last_seq }).await.is_err() {
                    return;
                }
            }
            Err(error) => tracing::debug!(error = format!("{error:#}"), "the log's state is not known"),
        }
    }
}
