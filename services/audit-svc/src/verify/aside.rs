//! What stands beside the log and no leaf covers: checkpoints, cosignatures, what was kept apart, what never arrived.

use std::collections::{BTreeMap, BTreeSet};

use sealcast_contracts::{EventId, Fingerprint, events::AuditEventKind, stream::ENVELOPES};
use sqlx::PgPool;

use super::{FINDINGS_MAX, Finding, Report, leaves::Leaf};
use crate::{
    journal,
    store::{self, KeptApart, StoreError},
    witnesses::is_cosigned,
};

/// Sizes whose cosignatures are read at a time.
const CHUNK_COSIGNATURES: i64 = 500;

/// Remembers what the log says of things that lie beside it.
#[derive(Debug, Default)]
pub struct AsideCheck {
    /// The sizes that exports began at.
    exported: BTreeSet<u64>,
    /// What was kept apart, as its events say.
    malformed: BTreeMap<(String, u64), Vec<Fingerprint>>,
    /// Sequences of the stream of messages that were in conflict.
    conflicts: BTreeSet<u64>,
    /// The messages that came, by stream epoch.
    arrived: BTreeMap<u32, Stretches>,
    /// What is in quarantine beyond this came while the check ran.
    quarantined_up_to: i64,
}

/// Sequences without the holes between them: the first of each stretch, and its last.
#[derive(Debug, Default)]
struct Stretches(BTreeMap<u64, u64>);

impl AsideCheck {
    /// Before the log's size is known: what is kept apart by now has its event in it.
    pub async fn begin(pool: &PgPool) -> Result<Self, StoreError> {
        Ok(Self { quarantined_up_to: store::last_quarantined(pool).await?, ..Self::default() })
    }

    pub fn note(&mut self, rows: &BTreeMap<u64, Vec<Leaf>>) {
        for record in rows.values().flatten().filter_map(|leaf| leaf.record.as_ref()) {
            let EventId { stream_epoch, seq } = record.digests.id;
            self.arrived.entry(stream_epoch).or_default().add(seq);
        }
        for event in rows.values().flatten().filter_map(|leaf| leaf.event.as_ref()) {
            if !matches!(event.kind.as_str(), "export_started" | "message_quarantined" | "log_conflict") {
                continue;
            }
            match journal::what(event) {
                Ok(AuditEventKind::ExportStarted { size, .. }) => drop(self.exported.insert(size)),
                Ok(AuditEventKind::LogConflict { id, .. }) => drop(self.conflicts.insert(id.seq)),
                Ok(AuditEventKind::MessageQuarantined { stream, seq, payload_sha256, .. }) => {
                    let Ok(sha256) = payload_sha256.parse() else { continue };
                    self.malformed.entry((stream, seq)).or_default().push(sha256);
                }
                _ => {}
            }
        }
    }

    /// `covers` is what the newest checkpoint claims to be complete up to.
    pub async fn finish(mut self, pool: &PgPool, covers: Option<EventId>, report: &mut Report) -> Result<(), StoreError> {
        for size in store::checkpoints_out_of_order(pool, FINDINGS_MAX).await? {
            report.push(Finding::CheckpointOutOfOrder { size });
        }
        for size in std::mem::take(&mut self.exported) {
            if store::checkpoint_of_size(pool, size).await?.is_none() {
                report.push(Finding::CheckpointRemoved { size });
            }
        }
        cosignatures(pool, report).await?;
        let kept = self.quarantine(pool, report).await?;
        if let Some(covers) = covers {
            self.missing(covers, &kept, report);
        }
        Ok(())
    }

    /// Up to what a checkpoint covers there are no holes: what is no record is in quarantine.
    fn missing(&mut self, covers: EventId, kept: &BTreeSet<u64>, report: &mut Report) {
        for (stream_epoch, arrived) in self.arrived.range_mut(..=covers.stream_epoch) {
            let ends = arrived.ends();
            for seq in kept.iter().filter(|seq| ends.is_some_and(|(first, last)| (first..last).contains(*seq))) {
                arrived.add(*seq);
            }
            let up_to = if *stream_epoch == covers.stream_epoch { covers.seq } else { u64::MAX };
            for (from, to) in arrived.holes().filter(|(_, to)| *to < up_to).take(FINDINGS_MAX as usize) {
                report.push(Finding::NeverArrived { from: EventId { stream_epoch: *stream_epoch, seq: from }, to });
            }
        }
    }

    /// Compares what was kept apart with its events. Gives the sequences of the stream of messages among it.
    async fn quarantine(&mut self, pool: &PgPool, report: &mut Report) -> Result<BTreeSet<u64>, StoreError> {
        let mut without_event = BTreeSet::new();
        let mut kept = BTreeSet::new();
        for KeptApart { quarantine_id, stream, seq, payload_sha256 } in store::read_quarantine(pool).await? {
            if stream == ENVELOPES {
                kept.insert(seq);
            }
            let place = (stream, seq);
            let known = self.malformed.get_mut(&place).and_then(|known| {
                let at = known.iter().position(|known| known.0 == payload_sha256)?;
                Some(known.swap_remove(at))
            });
            let in_conflict = place.0 == ENVELOPES && self.conflicts.contains(&seq);
            if known.is_none() && !in_conflict && quarantine_id <= self.quarantined_up_to {
                without_event.insert(place);
            }
        }
        let malformed = std::mem::take(&mut self.malformed);
        let gone = malformed.into_iter().filter(|(_, left)| !left.is_empty()).map(|(place, _)| place);
        let in_conflict = self.conflicts.difference(&kept).map(|seq| (ENVELOPES.to_owned(), *seq));
        let changed: BTreeSet<_> = without_event.into_iter().chain(gone).chain(in_conflict).collect();
        for (stream, seq) in changed {
            report.push(Finding::QuarantineChanged { stream, seq });
        }
        Ok(kept)
    }
}

impl Stretches {
    fn add(&mut self, seq: u64) {
        let before = self.0.range(..=seq).next_back().map(|(first, last)| (*first, *last));
        if before.is_some_and(|(_, last)| last >= seq) {
            return;
        }
        let first = before.filter(|(_, last)| last + 1 == seq).map_or(seq, |(first, _)| first);
        let last = self.0.remove(&(seq + 1)).unwrap_or(seq);
        self.0.insert(first, last);
    }

    fn ends(&self) -> Option<(u64, u64)> {
        Some((*self.0.first_key_value()?.0, *self.0.last_key_value()?.1))
    }

    /// What lies between them.
    fn holes(&self) -> impl Iterator<Item = (u64, u64)> {
        let next = self.0.keys().skip(1);
        self.0.values().zip(next).map(|(last, first)| (last + 1, first - 1))
    }
}

async fn cosignatures(pool: &PgPool, report: &mut Report) -> Result<(), StoreError> {
    let mut after = -1;
    loop {
        let read = store::read_cosignatures_after(pool, after, CHUNK_COSIGNATURES).await?;
        let Some(last) = read.last() else { return Ok(()) };
        after = i64::try_from(last.size).map_err(|_| StoreError::Value("size"))?;
        for stored in read {
            let finding = match &stored.note {
                None => Finding::CheckpointRemoved { size: stored.size },
                Some(note) if is_cosigned(note, &stored.cosignature) => continue,
                Some(_) => Finding::CosignatureForged { size: stored.size, witness: stored.cosignature.vkey },
            };
            report.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_join_in_any_order_and_leave_the_holes() {
        let mut stretches = Stretches::default();
        for seq in [7, 3, 4, 9, 8, 4, 1, 12] {
            stretches.add(seq);
        }
        assert_eq!(stretches.ends(), Some((1, 12)));
        assert_eq!(stretches.holes().collect::<Vec<_>>(), [(2, 2), (5, 6), (10, 11)]);
        (1..=12).for_each(|seq| stretches.add(seq));
        assert_eq!(stretches.holes().count(), 0);
    }
}
