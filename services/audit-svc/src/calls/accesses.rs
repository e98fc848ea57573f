use anyhow::Context as _;
use sealcast_bus::ServeError;
use sealcast_contracts::{
    CaseId, Page,
    audit::{Access, AccessAction, AuditRefusal, Case, GetAccessProof, InclusionProof, ListAccesses},
    events::{AuditEventKind, CaseAccess},
};
use time::OffsetDateTime;

use super::{Archive, CallFailure, case_failure, check_limit, proofs, store_failure};
use crate::{
    cases,
    cursor::Cursors,
    journal,
    store::{self, SeenAccess},
};

/// Whose accesses a cursor belongs to.
const LISTING: &str = "accesses";

/// When the caller's own messages were looked at.
pub async fn list(archive: &Archive, call: ListAccesses) -> Result<Page<Access>, CallFailure> {
    let limit = check_limit(call.limit)?;
    let cursors = Cursors::of(&(LISTING, call.caller.user_id)).map_err(ServeError::Bug)?;
    let before = call.cursor.as_deref().map(|cursor| cursors.read_leaf(cursor)).transpose()?;
    let mut conn = archive.pool.acquire().await.map_err(|error| store_failure(error.into()))?;
    let now = OffsetDateTime::now_utc();
    let seen = store::list_accesses(&mut *conn, call.caller.user_id, now, before, limit as i64 + 1).await;
    let mut seen = seen.map_err(store_failure)?;
    let more = seen.len() > limit;
    seen.truncate(limit);
    let next_cursor = seen.last().filter(|_| more).map(|last| cursors.after_leaf(last.leaf_index));
    // A row that somebody put there hides none of the others; `audit-svc verify` names it.
    let told: Vec<_> = seen
        .into_iter()
        .filter_map(|seen| read(seen).inspect_err(|error| tracing::error!(error = format!("{error:#}"), "no access")).ok())
        .collect();
    let mut case_ids: Vec<CaseId> = told.iter().map(|(_, _, access)| access.case_id).collect();
    case_ids.sort_unstable();
    case_ids.dedup();
    let cases = cases::find_all(&mut conn, &case_ids).await.map_err(case_failure)?;
    let items = told.into_iter().map(|(seen, action, access)| {
        let case = cases.get(&access.case_id).context("the case of an access")?;
        to_contract(&seen, action, &access, case)
    });
    Ok(Page { items: items.collect::<anyhow::Result<_>>().map_err(ServeError::Bug)?, next_cursor })
}

/// The proof of one of them.
pub async fn prove(archive: &Archive, call: GetAccessProof) -> Result<InclusionProof, CallFailure> {
    let found = store::find_access(&archive.pool, call.caller.user_id, OffsetDateTime::now_utc(), call.leaf_index).await;
    let event = found.map_err(store_failure)?.ok_or(AuditRefusal::NotFound)?;
    proofs::of_leaf(archive, call.leaf_index, event.leaf(), false).await
}

fn read(seen: SeenAccess) -> anyhow::Result<(SeenAccess, AccessAction, CaseAccess)> {
    let (action, access) = match journal::what(&seen.event)? {
        AuditEventKind::MessagesQueried { access, .. } => (AccessAction::Query, access),
        AuditEventKind::DecryptionGranted { access, .. } => (AccessAction::Decrypt, Some(access)),
        AuditEventKind::ExportStarted { access, .. } => (AccessAction::Export, Some(access)),
        _ => anyhow::bail!("the event {} is no access", seen.event.event_id),
    };
    let access = access.with_context(|| format!("the access {} names no case", seen.event.event_id))?;
    Ok((seen, action, access))
}

fn to_contract(seen: &SeenAccess, action: AccessAction, access: &CaseAccess, case: &Case) -> anyhow::Result<Access> {
    Ok(Access {
        leaf_index: seen.leaf_index,
        event_id: seen.event.event_id,
        at: seen.event.at,
        action,
        messages: seen.messages,
        officer: seen.event.actor.context("the access names no officer")?,
        approver: access.approver,
        case_number: case.number.clone(),
        legal_basis: case.legal_basis.clone(),
    })
}
