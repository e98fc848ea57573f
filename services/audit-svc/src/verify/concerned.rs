use std::collections::BTreeMap;

use sealcast_contracts::events::{AuditEventKind, CaseAccess};
use sqlx::PgPool;

use super::{Finding, Report, leaves::Leaf};
use crate::{
    identities::sha256_of_lines,
    journal,
    store::{self, NewEvent, StoreError},
};

/// Compares who is told of each access with what its leaf says: nobody can be left out later.
pub async fn check(pool: &PgPool, rows: &BTreeMap<u64, Vec<Leaf>>, report: &mut Report) -> Result<(), StoreError> {
    let accesses: BTreeMap<u64, (&str, CaseAccess)> = rows
        .iter()
        .flat_map(|(leaf_index, leaves)| leaves.iter().map(move |leaf| (*leaf_index, leaf)))
        .filter_map(|(leaf_index, leaf)| Some((leaf_index, (leaf.name.as_str(), access(leaf.event.as_ref()?)?))))
        .collect();
    if accesses.is_empty() {
        return Ok(());
    }
    let leaves: Vec<u64> = accesses.keys().copied().collect();
    let mut concerned = store::read_concerned(pool, &leaves).await?;
    for (leaf_index, (name, access)) in accesses {
        let people = concerned.remove(&leaf_index).unwrap_or_default();
        if sha256_of_lines(&people) != access.people_sha256 {
            report.push(Finding::ConcernedChanged { row: name.to_owned(), leaf_index });
        }
    }
    Ok(())
}

fn access(event: &NewEvent) -> Option<CaseAccess> {
    if !matches!(event.kind.as_str(), "messages_queried" | "decryption_granted" | "export_started") {
        return None;
    }
    match journal::what(event).ok()? {
        AuditEventKind::MessagesQueried { access, .. } => access,
        AuditEventKind::DecryptionGranted { access, .. } | AuditEventKind::ExportStarted { access, .. } => Some(access),
        _ => None,
    }
}
