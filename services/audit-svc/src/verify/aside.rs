//! What stands beside the log and no leaf covers: checkpoints, cosignatures, what was kept apart, what never arrived.

use std::collections::{BTreeMap, BTreeSet};

use sealcast_contracts::{EventId, Fingerprint, events::AuditEventKind, stream::ENVELOPES};
use sqlx::PgPool;

use super::{FINDINGS_MAX, Finding, Report, leaves::Leaf};
use crate::{
    journal,
    store::{self, StoreError},
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
}

impl AsideCheck {
    pub fn note(&mut self, rows: &BTreeMap<u64, Vec<Leaf>>) {
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
        self.quarantine(pool, report).await?;
        if let Some(covers) = covers {
            for (from, to) in store::missing_messages(pool, covers, FINDINGS_MAX).await? {
                report.push(Finding::NeverArrived { from, to });
            }
        }
        Ok(())
    }

    async fn quarantine(mut self, pool: &PgPool, report: &mut Report) -> Result<(), StoreError> {
        let mut without_event = BTreeSet::new();
        let mut kept = BTreeSet::new();
        for (stream, seq, sha256) in store::read_quarantine(pool).await? {
            if stream == ENVELOPES {
                kept.insert(seq);
            }
            let place = (stream, seq);
            let known = self.malformed.get_mut(&place).and_then(|known| {
                let at = known.iter().position(|known| known.0 == sha256)?;
                Some(known.swap_remove(at))
            });
            let in_conflict = place.0 == ENVELOPES && self.conflicts.contains(&seq);
            if known.is_none() && !in_conflict {
                without_event.insert(place);
            }
        }
        let gone = self.malformed.into_iter().filter(|(_, left)| !left.is_empty()).map(|(place, _)| place);
        let in_conflict = self.conflicts.difference(&kept).map(|seq| (ENVELOPES.to_owned(), *seq));
        let changed: BTreeSet<_> = without_event.into_iter().chain(gone).chain(in_conflict).collect();
        for (stream, seq) in changed {
            report.push(Finding::QuarantineChanged { stream, seq });
        }
        Ok(())
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
