use std::collections::BTreeMap;

use sealcast_contracts::{
    CaseId, UserId,
    events::{AuditEventKind, CaseAccess},
};
use sqlx::PgPool;
use time::{Duration, OffsetDateTime};

use super::{FINDINGS_MAX, Finding, Report, leaves::Leaf};
use crate::{
    identities::sha256_of_lines,
    journal,
    store::{self, NewEvent, StoreError, Told},
};

/// Postgres keeps microseconds.
const PRECISION: Duration = Duration::milliseconds(1);

/// Compares who is told of each access, and when, with what the log says: nobody can be left out or put off later.
#[derive(Debug, Default)]
pub struct ConcernedCheck {
    sealed_until: BTreeMap<CaseId, OffsetDateTime>,
}

struct Expected<'a> {
    row: &'a str,
    access: CaseAccess,
    visible_from: OffsetDateTime,
}

impl ConcernedCheck {
    pub async fn check(&mut self, pool: &PgPool, rows: &BTreeMap<u64, Vec<Leaf>>, report: &mut Report) -> Result<(), StoreError> {
        let mut expected = BTreeMap::new();
        for (leaf_index, leaf) in rows.iter().flat_map(|(leaf_index, leaves)| leaves.iter().map(move |leaf| (*leaf_index, leaf))) {
            let Some(event) = &leaf.event else { continue };
            // A body that is not of its kind has another leaf, which is a finding already.
            let Some(access) = self.access(event) else { continue };
            let visible_from = self.sealed_until.get(&access.case_id).copied().map_or(event.at, |until| until.max(event.at));
            expected.insert(leaf_index, Expected { row: &leaf.name, access, visible_from });
        }
        if expected.is_empty() {
            return Ok(());
        }
        let leaves: Vec<u64> = expected.keys().copied().collect();
        let mut told = store::read_told(pool, &leaves).await?;
        for (leaf_index, expected) in expected {
            if !expected.is_met_by(&told.remove(&leaf_index).unwrap_or_default()) {
                report.push(Finding::ConcernedChanged { row: expected.row.to_owned(), leaf_index });
            }
        }
        Ok(())
    }

    /// The access that an event is; of a case it remembers for how long its accesses are sealed.
    fn access(&mut self, event: &NewEvent) -> Option<CaseAccess> {
        if !matches!(event.kind.as_str(), "case_opened" | "messages_queried" | "decryption_granted" | "export_started") {
            return None;
        }
        match journal::what(event).ok()? {
            AuditEventKind::CaseOpened { case_id, sealed_until: Some(until), .. } => {
                self.sealed_until.entry(case_id).or_insert(until);
                None
            }
            AuditEventKind::MessagesQueried { access, .. } => access,
            AuditEventKind::DecryptionGranted { access, .. } | AuditEventKind::ExportStarted { access, .. } => Some(access),
            _ => None,
        }
    }
}

impl Expected<'_> {
    fn is_met_by(&self, told: &[Told]) -> bool {
        let people: Vec<UserId> = told.iter().map(|told| told.user_id).collect();
        let in_time = |told: &Told| (told.visible_from - self.visible_from).abs() <= PRECISION;
        sha256_of_lines(&people) == self.access.people_sha256
            && told.iter().all(in_time)
            && told.iter().map(|told| told.messages).sum::<u64>() <= self.access.count
    }
}

/// People who are told of an access that there was not.
pub async fn surplus(pool: &PgPool, size: u64, report: &mut Report) -> Result<(), StoreError> {
    for leaf_index in store::told_of_nothing(pool, size, FINDINGS_MAX).await? {
        report.push(Finding::ToldOfNothing { leaf_index });
    }
    Ok(())
}
