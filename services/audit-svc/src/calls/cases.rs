use std::collections::BTreeMap;

use sealcast_bus::ServeError;
use sealcast_contracts::{
    ApprovalId, Caller, CaseId, Page,
    audit::{
        AccessAction, Approval, AuditRefusal, Case, CloseCase, DecideApproval, GetCase, GetPolicy, ListCases, NewCase, OpenCase,
        Policy, RequestApproval,
    },
    events::AuditEventKind,
    limits::{APPROVALS_PER_CASE_MAX, CASE_NUMBER_CHARS_MAX, REASON_CHARS_MAX},
};
use time::{Duration, OffsetDateTime};

use super::{Archive, CallFailure, PAGE_OCTETS_MAX, case_failure, check_limit, malformed, require_auditor, store_failure, words};
use crate::{
    cases,
    cursor::Cursors,
    journal,
    store::{self, Append},
};

/// What a cursor of this listing belongs to.
const LISTING: &str = "cases";
/// How long consent to the release of a hold may last when its case is over.
const RELEASE_CONSENT_MAX: Duration = Duration::days(7);

/// An event that is in the log.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    pub at: OffsetDateTime,
    pub leaf_index: u64,
}

/// What is asked of officers.
pub async fn policy(archive: &Archive, _: GetPolicy) -> Result<Policy, CallFailure> {
    Ok(Policy::clone(&archive.policy))
}

/// Opens a case.
pub async fn open(archive: &Archive, call: OpenCase) -> Result<Case, CallFailure> {
    require_auditor(&call.caller)?;
    let NewCase { number, reason, legal_basis, expires_at, scope, sealed_until } = call.case;
    let number = words::line("number", &number, CASE_NUMBER_CHARS_MAX)?;
    let reason = words::text("reason", &reason, REASON_CHARS_MAX)?;
    let legal_basis = words::line("legal_basis", &legal_basis, REASON_CHARS_MAX)?;
    words::check_scope(&scope)?;
    let (now, policy) = (OffsetDateTime::now_utc(), &archive.policy);
    if expires_at <= now || expires_at > now + Duration::days(policy.case_days_max.into()) {
        return Err(malformed("expires_at", &format!("it must be within {} days from now", policy.case_days_max)));
    }
    if sealed_until.is_some_and(|until| until <= now || until > now + Duration::days(policy.sealed_days_max.into())) {
        return Err(malformed("sealed_until", &format!("it must be within {} days from now", policy.sealed_days_max)));
    }
    let case_id = CaseId::generate();
    let mut append = begin(archive).await?;
    if store::has_case_number(append.conn(), &number).await.map_err(store_failure)? {
        return Err(AuditRefusal::NumberTaken.into());
    }
    let what = AuditEventKind::CaseOpened { case_id, number, reason, legal_basis, scope, expires_at, sealed_until };
    write(append, &call.caller, what).await?;
    find(archive, case_id).await
}

/// One case.
pub async fn get(archive: &Archive, call: GetCase) -> Result<Case, CallFailure> {
    require_auditor(&call.caller)?;
    find(archive, call.case_id).await
}

/// A page of cases.
pub async fn list(archive: &Archive, call: ListCases) -> Result<Page<Case>, CallFailure> {
    require_auditor(&call.caller)?;
    let limit = check_limit(call.limit)?;
    let cursors = Cursors::of(&LISTING).map_err(ServeError::Bug)?;
    let before = call.cursor.as_deref().map(|cursor| cursors.read_leaf(cursor)).transpose()?;
    let mut conn = archive.pool.acquire().await.map_err(|error| store_failure(error.into()))?;
    let mut opened = store::list_cases(&mut *conn, before, limit as i64 + 1).await.map_err(store_failure)?;
    let mut more = opened.len() > limit;
    opened.truncate(limit);
    let mut case_ids = Vec::new();
    for (event, _) in &opened {
        let AuditEventKind::CaseOpened { case_id, .. } = journal::what(event).map_err(ServeError::Bug)? else { continue };
        case_ids.push(case_id);
    }
    let mut found: BTreeMap<CaseId, Case> = cases::find_all(&mut conn, &case_ids).await.map_err(case_failure)?;
    let (mut items, mut octets) = (Vec::new(), 0);
    for case in case_ids.iter().filter_map(|case_id| found.remove(case_id)) {
        octets += serde_json::to_vec(&case).map_err(|error| ServeError::Bug(error.into()))?.len();
        if octets > PAGE_OCTETS_MAX && !items.is_empty() {
            more = true;
            break;
        }
        items.push(case);
    }
    let next_cursor = items.last().filter(|_| more).map(|last| cursors.after_leaf(last.leaf_index));
    Ok(Page { items, next_cursor })
}

/// Ends a case.
pub async fn close(archive: &Archive, call: CloseCase) -> Result<Case, CallFailure> {
    require_auditor(&call.caller)?;
    let note = words::text("note", &call.note, REASON_CHARS_MAX)?;
    let mut append = begin(archive).await?;
    open_case(&mut append, call.case_id).await?;
    write(append, &call.caller, AuditEventKind::CaseClosed { case_id: call.case_id, note }).await?;
    find(archive, call.case_id).await
}

/// Asks for a second officer's consent.
pub async fn request_approval(archive: &Archive, call: RequestApproval) -> Result<Approval, CallFailure> {
    require_auditor(&call.caller)?;
    let reason = words::text("reason", &call.reason, REASON_CHARS_MAX)?;
    let RequestApproval { caller, case_id, action, .. } = call;
    let approval_id = ApprovalId::generate();
    let mut append = begin(archive).await?;
    let case = case_for(&mut append, case_id, |_| Ok(action)).await?;
    if case.approvals.len() >= APPROVALS_PER_CASE_MAX {
        let limit = APPROVALS_PER_CASE_MAX as u32;
        return Err(AuditRefusal::LimitReached { what: "requests for approval of one case".to_owned(), limit }.into());
    }
    write(append, &caller, AuditEventKind::ApprovalRequested { case_id, approval_id, action, reason }).await?;
    approval(find(archive, case_id).await?, approval_id)
}

/// The second officer's answer.
pub async fn decide_approval(archive: &Archive, call: DecideApproval) -> Result<Approval, CallFailure> {
    require_auditor(&call.caller)?;
    let reason = words::text("reason", &call.reason, REASON_CHARS_MAX)?;
    let DecideApproval { caller, case_id, approval_id, granted, valid_until, .. } = call;
    let mut append = begin(archive).await?;
    let asked_in = |case: &Case| case.approvals.iter().find(|approval| approval.approval_id == approval_id).cloned();
    let action_in = |case: &Case| asked_in(case).map(|approval| approval.action).ok_or(AuditRefusal::NotFound);
    let case = case_for(&mut append, case_id, action_in).await?;
    let asked = asked_in(&case).ok_or(AuditRefusal::NotFound)?;
    if asked.requested_by == caller.user_id {
        return Err(AuditRefusal::SameOfficer.into());
    }
    if asked.decision.is_some() {
        return Err(AuditRefusal::AlreadyDecided.into());
    }
    let now = OffsetDateTime::now_utc();
    // Only the release of a hold is decided in a case that is over.
    let latest = cases::require_open(&case, now).map_or(now + RELEASE_CONSENT_MAX, |()| case.expires_at);
    let valid_until = valid_until.unwrap_or(latest);
    if valid_until <= now || valid_until > latest {
        return Err(malformed(
            "valid_until",
            "it must be in the future, and not after the case's end, or a week from now when the case is over",
        ));
    }
    let what = AuditEventKind::ApprovalDecided { case_id, approval_id, granted, reason, valid_until };
    write(append, &caller, what).await?;
    approval(find(archive, case_id).await?, approval_id)
}

/// Begins an append: until it ends no case changes.
pub async fn begin(archive: &Archive) -> Result<Append<'static>, CallFailure> {
    let tx = archive.pool.begin().await.map_err(|error| store_failure(error.into()))?;
    Append::begin(tx, &archive.append_key).await.map_err(store_failure)
}

/// The case, when something may still be done within it.
pub async fn open_case(append: &mut Append<'_>, case_id: CaseId) -> Result<Case, CallFailure> {
    let case = cases::find(append.conn(), case_id).await.map_err(case_failure)?.ok_or(AuditRefusal::NotFound)?;
    cases::require_open(&case, OffsetDateTime::now_utc())?;
    Ok(case)
}

/// The case, when consent to an action may be asked for and given in it. A hold outlives its case, and so does its release.
async fn case_for(
    append: &mut Append<'_>,
    case_id: CaseId,
    action: impl FnOnce(&Case) -> Result<AccessAction, AuditRefusal>,
) -> Result<Case, CallFailure> {
    let case = cases::find(append.conn(), case_id).await.map_err(case_failure)?.ok_or(AuditRefusal::NotFound)?;
    if action(&case)? != AccessAction::ReleaseHold {
        cases::require_open(&case, OffsetDateTime::now_utc())?;
    }
    Ok(case)
}

/// Ends the append with an event of the caller's.
pub async fn write(mut append: Append<'_>, caller: &Caller, what: AuditEventKind) -> Result<Written, CallFailure> {
    let event = journal::event(Some(caller.user_id), what).map_err(ServeError::Bug)?;
    let (at, kind) = (event.at, event.kind.clone());
    let leaf_index = append.push(&event.leaf());
    store::insert_events(append.conn(), &[(event, leaf_index)]).await.map_err(store_failure)?;
    append.commit().await.map_err(store_failure)?;
    tracing::info!(actor = %caller.user_id, kind, leaf_index, "an officer's act is in the log");
    Ok(Written { at, leaf_index })
}

async fn find(archive: &Archive, case_id: CaseId) -> Result<Case, CallFailure> {
    let mut conn = archive.pool.acquire().await.map_err(|error| store_failure(error.into()))?;
    let case = cases::find(&mut conn, case_id).await.map_err(case_failure)?.ok_or(AuditRefusal::NotFound)?;
    Ok(case)
}

fn approval(case: Case, approval_id: ApprovalId) -> Result<Approval, CallFailure> {
    let found = case.approvals.into_iter().find(|approval| approval.approval_id == approval_id);
    found.ok_or_else(|| ServeError::Bug(anyhow::anyhow!("the approval {approval_id} was written and is not there")))
}
