use std::collections::BTreeMap;

use sealcast_bus::{CallError, ServeError};
use sealcast_contracts::{
    Caller, CaseId, RoomId, UserId,
    audit::{AccessAction, AccessReceipt, AuditRefusal, Case},
    chat::ListMemberships,
    events::{AuditEventKind, CaseAccess},
};
use time::OffsetDateTime;

use super::{Archive, CallFailure, case_failure, require_auditor, store_failure};
use crate::{
    cases,
    identities::sha256_of_lines,
    journal,
    store::{self, Append, SealedRecord},
};

/// Whose messages a caller may see.
#[derive(Debug)]
pub enum Reach {
    /// Everybody: the rooms that they are in.
    Rooms(Vec<RoomId>),
    /// An auditor who names a case: what the case is about.
    Case(Box<Case>),
}

/// Whose messages an access shows, and how many of each; the officer's own do not concern anybody else.
#[derive(Clone, Debug, Default)]
pub struct Concerned {
    pub messages: u64,
    pub people: BTreeMap<UserId, u64>,
}

impl Concerned {
    /// Of these records.
    pub fn of(records: &[SealedRecord], officer: &Caller) -> Self {
        let mut people = BTreeMap::new();
        for record in records.iter().filter(|record| record.digests.sender != officer.user_id) {
            *people.entry(record.digests.sender).or_default() += 1;
        }
        Self { messages: records.len() as u64, people }
    }
}

/// What a caller may see. Of a caller without a case chat-svc is asked; whoever cannot be asked opens nothing.
pub async fn reach(archive: &Archive, caller: &Caller, case_id: Option<CaseId>) -> Result<Reach, CallFailure> {
    let Some(case_id) = case_id else { return Ok(Reach::Rooms(memberships(archive, caller.user_id).await?)) };
    require_auditor(caller)?;
    let mut conn = archive.pool.acquire().await.map_err(|error| store_failure(error.into()))?;
    let case = cases::find(&mut conn, case_id).await.map_err(case_failure)?.ok_or(AuditRefusal::NotFound)?;
    cases::require_open(&case, OffsetDateTime::now_utc())?;
    Ok(Reach::Case(Box::new(case)))
}

/// Writes an auditor's look at the log itself into the log. Only after that may the answer be read.
pub async fn record(archive: &Archive, caller: &Caller, what: AuditEventKind) -> Result<(), CallFailure> {
    let event = journal::event(Some(caller.user_id), what).map_err(ServeError::Bug)?;
    let kind = event.kind.clone();
    let leaf_index = journal::write(&archive.pool, &archive.append_key, event).await.map_err(store_failure)?;
    tracing::info!(actor = %caller.user_id, kind, leaf_index, "an auditor's query is in the log");
    Ok(())
}

/// Writes an access to other people's messages into the log, and whom it concerns. Only after that may anything be opened.
///
/// The case is read again under the log's lock: what closes it, or ends a consent, comes wholly before or wholly after.
pub async fn record_in_case(
    archive: &Archive,
    officer: &Caller,
    case_id: CaseId,
    action: AccessAction,
    concerned: Concerned,
    what: impl FnOnce(CaseAccess) -> AuditEventKind,
) -> Result<AccessReceipt, CallFailure> {
    let tx = archive.pool.begin().await.map_err(|error| store_failure(error.into()))?;
    let mut append = Append::begin(tx, &archive.append_key).await.map_err(store_failure)?;
    let case = cases::find(append.conn(), case_id).await.map_err(case_failure)?.ok_or(AuditRefusal::NotFound)?;
    let now = OffsetDateTime::now_utc();
    cases::require_open(&case, now)?;
    let consent = cases::consent(&case, action, officer.user_id, &archive.policy, now)?;
    let access = CaseAccess {
        case_id,
        approval_id: consent.map(|approval| approval.approval_id),
        approver: consent.and_then(|approval| Some(approval.decision.as_ref()?.by)),
        count: concerned.messages,
        people_sha256: sha256_of_lines(concerned.people.keys()),
    };
    let event = journal::event(Some(officer.user_id), what(access)).map_err(ServeError::Bug)?;
    let (event_id, at, kind) = (event.event_id, event.at, event.kind.clone());
    let leaf_index = append.push(&event.leaf());
    store::insert_events(append.conn(), &[(event, leaf_index)]).await.map_err(store_failure)?;
    let visible_from = case.sealed_until.map_or(at, |sealed_until| sealed_until.max(at));
    store::insert_concerned(append.conn(), leaf_index, &concerned.people, visible_from).await.map_err(store_failure)?;
    append.commit().await.map_err(store_failure)?;
    metrics::counter!("audit_accesses_total", "action" => action.as_str()).increment(1);
    tracing::info!(actor = %officer.user_id, %case_id, kind, leaf_index, "an access is in the log");
    Ok(AccessReceipt { event_id, leaf_index })
}

/// The rooms that an account is in; chat-svc says it.
pub async fn memberships(archive: &Archive, user_id: UserId) -> Result<Vec<RoomId>, CallFailure> {
    archive.bus.call(&ListMemberships { user_id }).await.map_err(|error| match error {
        CallError::Refused(_) => AuditRefusal::NotFound.into(),
        error @ (CallError::Unavailable { .. } | CallError::Unknown { .. }) => ServeError::Unavailable(error.into()),
        error @ CallError::Bug { .. } => ServeError::Bug(error.into()),
    })
}
