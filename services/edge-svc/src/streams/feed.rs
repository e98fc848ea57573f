//! From the log to the hub: live messages in order, each once, holes filled.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use metrics::counter;
use sealcast_bus::{Bus, Received, Subscription};
use sealcast_contracts::{
    EventId,
    stream::{ENVELOPE_SUBJECTS, ENVELOPES, LIVE_SUBJECTS},
};
use tokio::{sync::mpsc, time::Instant};

use super::{Engine, frame::Frame, tail::TailReport};

/// The stream epoch of a log that has no message to say another.
const FIRST_STREAM_EPOCH: u32 = 1;
const START_PAUSE: Duration = Duration::from_millis(500);
/// How long a message that the log has may still be on its way before it is fetched.
const LIVE_SLACK: Duration = Duration::from_millis(100);
/// A hole that cannot be filled within this time becomes a `gap`: later messages do not wait any longer.
const FILL_DEADLINE: Duration = Duration::from_secs(10);
const FILL_PAUSE: Duration = Duration::from_millis(100);
const FILL_PAGE_MAX: usize = 256;

/// Subscribes to the live messages of all rooms.
pub async fn subscribe(bus: &Bus) -> anyhow::Result<Subscription> {
    bus.subscribe(LIVE_SUBJECTS).await.context("following the log")
}

/// The log's newest message; waits until there is a log.
pub async fn find_head(bus: &Bus) -> EventId {
    loop {
        match head(bus).await {
            Ok(head) => return head,
            Err(error) => tracing::info!(error = format!("{error:#}"), "waiting for the log"),
        }
        tokio::time::sleep(START_PAUSE).await;
    }
}

/// Follows the log for as long as the connection lasts.
pub async fn run(engine: Arc<Engine>, mut live: Subscription, mut tail: mpsc::Receiver<TailReport>) {
    let mut feed = Feed { engine, expected: None };
    loop {
        let slack = feed.expected.map(|(_, at)| at);
        tokio::select! {
            biased;
            received = live.next() => match received {
                Some(received) => feed.take(&received).await,
                None => return,
            },
            Some(report) = tail.recv() => feed.compare(report),
            () = tokio::time::sleep_until(slack.unwrap_or_else(Instant::now)), if slack.is_some() => feed.fetch_expected().await,
        }
    }
}

struct Feed {
    engine: Arc<Engine>,
    /// The log has messages up to this sequence, and from this time on they are fetched rather than waited for.
    expected: Option<(u64, Instant)>,
}

impl Feed {
    async fn take(&mut self, received: &Received) {
        let frame = match Frame::decode(received) {
            Ok(frame) => frame,
            Err(error) => {
                // Only chat-svc may write these: the hole that it leaves is looked at like any other.
                tracing::error!(%error, subject = received.subject, "a live message is malformed");
                return;
            }
        };
        let head = self.engine.hub.head();
        if frame.id.stream_epoch < head.stream_epoch {
            tracing::error!(id = %frame.id, %head, "a message of an earlier stream epoch");
            return;
        }
        if frame.id.stream_epoch > head.stream_epoch {
            self.restart(&frame, "a new stream epoch");
        } else if frame.id.seq <= head.seq {
            if self.is_known(&frame) {
                counter!("edge_duplicates_dropped_total").increment(1);
                return;
            }
            self.restart(&frame, "a sequence was given out twice");
        } else {
            self.fill(frame.id.seq - 1).await;
        }
        if frame.id.seq == self.engine.hub.head().seq + 1 {
            self.engine.hub.publish(frame);
        }
    }

    /// Compares what JetStream says of the log with what has come.
    fn compare(&mut self, report: TailReport) {
        let TailReport { asked_at_head, last_seq } = report;
        let head = self.engine.hub.head();
        if last_seq < asked_at_head.seq && asked_at_head.stream_epoch == head.stream_epoch {
            tracing::error!(%head, last_seq, "the log has lost its tail");
            self.engine.hub.reset(EventId { seq: last_seq, ..head });
        } else if last_seq > head.seq && self.expected.is_none() {
            self.expected = Some((last_seq, Instant::now() + LIVE_SLACK));
        }
    }

    async fn fetch_expected(&mut self) {
        if let Some((last_seq, _)) = self.expected.take() {
            self.fill(last_seq).await;
        }
    }

    /// Reads what is missing up to and including `seq`.
    async fn fill(&self, seq: u64) {
        let hub = &self.engine.hub;
        let deadline = Instant::now() + FILL_DEADLINE;
        while hub.head().seq < seq {
            match self.engine.bus.read(ENVELOPES, ENVELOPE_SUBJECTS, hub.head().seq + 1, FILL_PAGE_MAX).await {
                Ok(page) if !page.is_empty() => page.iter().for_each(|received| self.add(received)),
                Ok(_) => tokio::time::sleep(FILL_PAUSE).await,
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "reading missed messages");
                    tokio::time::sleep(FILL_PAUSE).await;
                }
            }
            if Instant::now() > deadline && hub.head().seq < seq {
                tracing::error!(head = %hub.head(), up_to = seq, "missed messages could not be read");
                counter!("edge_gaps_total").increment(1);
                hub.skip_to(seq);
            }
        }
    }

    /// Adds a message that was read from the log.
    fn add(&self, received: &Received) {
        let hub = &self.engine.hub;
        let Some(seq) = received.sequence().filter(|seq| *seq > hub.head().seq) else { return };
        if seq > hub.head().seq + 1 {
            // The log no longer has what is between: it aged out while this node was away.
            hub.skip_to(seq - 1);
        }
        match Frame::decode(received) {
            Ok(frame) => {
                if frame.id.stream_epoch != hub.head().stream_epoch {
                    self.restart(&frame, "a new stream epoch");
                }
                counter!("edge_filled_total").increment(1);
                hub.publish(frame);
            }
            Err(error) => {
                tracing::error!(%error, seq, "a stored message is malformed");
                hub.skip_to(seq);
            }
        }
    }

    /// The log before this message is not the one that was followed.
    fn restart(&self, frame: &Frame, why: &str) {
        tracing::error!(id = %frame.id, head = %self.engine.hub.head(), why, "starting anew");
        counter!("edge_resets_total").increment(1);
        self.engine.hub.reset(EventId { seq: frame.id.seq - 1, ..frame.id });
    }

    /// Whether a message with a known sequence is the one that came before.
    fn is_known(&self, frame: &Frame) -> bool {
        // One that has left the ring cannot be compared; old sequences come again only as repetitions.
        self.engine.hub.recent(frame.id.seq).is_none_or(|known| (known.room_id, known.cid) == (frame.room_id, frame.cid))
    }
}

async fn head(bus: &Bus) -> anyhow::Result<EventId> {
    match bus.read_last(ENVELOPES).await? {
        Some(received) => Ok(Frame::decode(&received)?.id),
        None => {
            let seq = bus.stream_state(ENVELOPES).await?.last_seq;
            Ok(EventId { stream_epoch: FIRST_STREAM_EPOCH, seq })
        }
    }
}
