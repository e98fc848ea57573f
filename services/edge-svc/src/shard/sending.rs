//! Writes that are collected and sent together. Between two turns nothing is collected.

use bytes::Bytes;

use super::{Shard, stream_token};

impl Shard {
    /// Writes to a stream whose reader is ready, at the latest when the turn ends.
    pub(super) fn give(&mut self, index: u32, octets: &Bytes) {
        if self.wire.batch.as_ref().is_some_and(super::batch::Batch::is_full) {
            self.send_staged();
        }
        let Some(Some(stream)) = self.streams.get_mut(index as usize) else { return };
        stream.keep_up(self.ring.head().seq);
        let written = match stream.stage(index, octets, &mut self.wire) {
            Ok(true) => return,
            Ok(false) => stream.write(octets, stream_token(index), &mut self.wire),
            Err(gone) => Err(gone),
        };
        self.note(index, written);
    }

    /// Sends what is collected.
    pub(super) fn send_staged(&mut self) {
        let Some(batch) = self.wire.batch.as_mut().filter(|batch| !batch.is_empty()) else { return };
        let (sent, done) = batch.send();
        for (index, records, outcome) in sent.outcomes() {
            let Some(Some(stream)) = self.streams.get_mut(index as usize) else { continue };
            let settled = stream.settle(records, outcome, stream_token(index), &mut self.wire);
            self.note(index, settled);
        }
        match (done, &mut self.wire.batch) {
            (Ok(()), Some(batch)) => batch.reuse(sent),
            (Ok(()), None) => {}
            (Err(error), _) => {
                tracing::error!(%error, "io_uring failed: from now on each write is a call of its own");
                self.wire.batch = None;
            }
        }
    }

    /// Sends what is collected if this stream is among it.
    pub(super) fn send_staged_of(&mut self, index: u32) {
        if self.stream(index).is_some_and(|stream| stream.is_staged) {
            self.send_staged();
        }
    }
}
