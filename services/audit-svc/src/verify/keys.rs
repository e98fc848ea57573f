use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgPool;
use time::UtcOffset;
use uuid::Uuid;

use super::{FINDINGS_MAX, Finding, Report, leaves::Leaf};
use crate::{
    sealing::KeyScope,
    store::{self, KeyTrace, SealedRecord, StoreError},
};

/// Compares each message's data key with its room and day: the leaf does not say which key seals the row.
#[derive(Debug, Default)]
pub struct KeyCheck {
    known: BTreeMap<Uuid, KeyTrace>,
}

impl KeyCheck {
    pub async fn check(&mut self, pool: &PgPool, rows: &BTreeMap<u64, Vec<Leaf>>, report: &mut Report) -> Result<(), StoreError> {
        let records = || rows.values().flatten().filter_map(|leaf| Some((leaf.name.as_str(), leaf.record.as_ref()?)));
        let used: BTreeSet<Uuid> = records().map(|(_, record)| record.dek_id).collect();
        self.known.retain(|dek_id, _| used.contains(dek_id));
        let unknown: Vec<Uuid> = used.into_iter().filter(|dek_id| !self.known.contains_key(dek_id)).collect();
        if !unknown.is_empty() {
            self.known.extend(store::key_traces(pool, &unknown).await?);
        }
        for (name, record) in records() {
            let trace = self.known.get(&record.dek_id).copied().unwrap_or_default();
            match trace.kept.or(trace.destroyed) {
                None => report.push(Finding::ShreddedSilently { row: name.to_owned() }),
                Some(scope) if scope != of(record) => report.push(Finding::KeyOfAnother { row: name.to_owned() }),
                Some(_) if trace.kept.is_none() => report.shredded += 1,
                Some(_) => {}
            }
        }
        Ok(())
    }
}

/// Keys that came back after their destruction.
pub async fn returned(pool: &PgPool, report: &mut Report) -> Result<(), StoreError> {
    for KeyScope { room_id, day } in store::returned_keys(pool, FINDINGS_MAX).await? {
        report.push(Finding::KeyReturned { room_id, day: day.to_string() });
    }
    Ok(())
}

fn of(record: &SealedRecord) -> KeyScope {
    KeyScope { room_id: record.digests.room_id, day: record.digests.accepted_at.to_offset(UtcOffset::UTC).date() }
}
