//! What one client reads: first events, catching up, then live, with heartbeats, until the end.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::Stream;
use sealcast_contracts::{
    EventId, sse,
    stream::{ENVELOPE_SUBJECTS, ENVELOPES},
};
use tokio::time::Instant;

use super::{
    Engine,
    frame::{self, Frame, HEARTBEAT},
    hub::{Begin, CatchUp},
    outlet::{Ending, Next, Outlet},
};

/// Messages of one read of the log.
const PAGE_MESSAGES_MAX: usize = 256;
/// A log that does not answer is asked this often before the stream says `gap`.
const READ_ATTEMPTS_MAX: u32 = 3;
const READ_PAUSE: Duration = Duration::from_millis(200);
/// An aged stream's client comes back within this time; streams age at different times anyway.
const AGED_SPREAD_MS: u32 = 2_000;

/// A stream's place in the hub; dropping it, with the body that holds it, gives the place back.
pub struct Registration {
    engine: Arc<Engine>,
    outlet: Arc<Outlet>,
}

impl Registration {
    pub fn new(engine: Arc<Engine>, outlet: Arc<Outlet>) -> Self {
        Self { engine, outlet }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.engine.hub.close(&self.outlet);
    }
}

/// See the module.
pub struct Reader {
    registration: Registration,
    pending: VecDeque<Bytes>,
    phase: Phase,
    /// The stream was ended from outside, and that is noted.
    cut: bool,
    end_of_age: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Everything up to this sequence is sent.
    CatchingUp(u64),
    Live,
    Ended,
}

impl Reader {
    pub fn new(registration: Registration, first: Vec<Bytes>, begin: Begin, age_max: Duration) -> Self {
        let phase = match begin {
            Begin::Live => Phase::Live,
            Begin::After(position) => Phase::CatchingUp(position),
        };
        Self { registration, pending: first.into(), phase, cut: false, end_of_age: Instant::now() + age_max }
    }

    /// The body of the answer.
    pub fn frames(self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        futures::stream::unfold(self, |mut reader| async move { reader.next().await.map(|frame| (Ok(frame), reader)) })
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if !self.cut && is_cut(self.registration.outlet.ending()) {
                // What was prepared is dropped; the queue holds the last event.
                self.cut = true;
                self.pending.clear();
                self.phase = Phase::Live;
            }
            if let Some(frame) = self.pending.pop_front() {
                return Some(frame);
            }
            match self.phase {
                Phase::CatchingUp(position) => self.catch_up(position).await,
                Phase::Live => self.listen().await,
                Phase::Ended => return None,
            }
        }
    }

    async fn listen(&mut self) {
        let outlet = &self.registration.outlet;
        tokio::select! {
            biased;
            next = outlet.next() => match next {
                Next::Frame(frame) => {
                    // Taken from an ended queue it is the last event, which must not be dropped as prepared.
                    self.cut |= is_cut(outlet.ending());
                    self.pending.push_back(frame);
                }
                Next::End => self.phase = Phase::Ended,
            },
            () = tokio::time::sleep_until(self.end_of_age) => {
                let drain = frame::event(sse::name::DRAIN, &sse::Drain { spread_ms: AGED_SPREAD_MS });
                outlet.finish(Ending::Aged);
                self.pending.push_back(drain);
            }
            () = tokio::time::sleep(Duration::from_secs(sse::HEARTBEAT_S)) => self.pending.push_back(HEARTBEAT),
        }
    }

    async fn catch_up(&mut self, position: u64) {
        let Registration { engine, outlet } = &self.registration;
        if outlet.is_live() {
            // The log was reset meanwhile: the queue says so.
            self.phase = Phase::Live;
            return;
        }
        match engine.hub.catch_up(outlet, position) {
            CatchUp::Messages { frames, position, live } => {
                self.pending.extend(frames);
                self.phase = if live { Phase::Live } else { Phase::CatchingUp(position) };
            }
            CatchUp::Older { up_to } => self.read_older(position, up_to).await,
        }
    }

    /// Reads one page of the log behind `position`; what cannot be had is a `gap` up to where the ring begins.
    async fn read_older(&mut self, position: u64, up_to: u64) {
        let Registration { engine, outlet } = &self.registration;
        let Ok(_place) = engine.replays.acquire().await else { return };
        for attempt in 0..READ_ATTEMPTS_MAX {
            if attempt > 0 {
                tokio::time::sleep(READ_PAUSE).await;
            }
            let page = match engine.bus.read(ENVELOPES, ENVELOPE_SUBJECTS, position + 1, PAGE_MESSAGES_MAX).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "a resume could not read the log");
                    continue;
                }
            };
            // A copy of the log that lags behind gives nothing yet.
            let Some(last) = page.last().and_then(sealcast_bus::Received::sequence) else { continue };
            let rooms = engine.hub.rooms_of(outlet.user_id).unwrap_or_default();
            let frames = page.iter().filter_map(|received| Frame::decode(received).ok());
            self.pending.extend(frames.filter(|frame| rooms.contains(&frame.room_id)).map(|frame| frame.octets));
            self.phase = Phase::CatchingUp(last);
            return;
        }
        let stream_epoch = engine.hub.head().stream_epoch;
        let gap = sse::Gap { after: EventId { stream_epoch, seq: position }, up_to: EventId { stream_epoch, seq: up_to } };
        self.pending.push_back(frame::event(sse::name::GAP, &gap));
        self.phase = Phase::CatchingUp(up_to);
    }
}

/// Whether the stream was ended from outside: what waits is dropped.
fn is_cut(ending: Option<Ending>) -> bool {
    matches!(ending, Some(Ending::Slow | Ending::Revoked))
}
