//! What a case is at a moment: folded from its events, in the order of the log. Nothing else says it.

use std::collections::BTreeMap;

use anyhow::Context as _;
use sealcast_contracts::{
    CaseId, UserId,
    audit::{AccessAction, Approval, AuditRefusal, Case, Decision, Policy},
    events::AuditEventKind,
};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    journal,
    store::{self, NewEvent, StoreError},
};

/// Why a case cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a stored event of a case")]
    Event(#[source] anyhow::Error),
}

/// One case. Read within an append it stays as it is until the append ends.
///
/// # Errors
/// See [`CaseError`].
pub async fn find(conn: &mut PgConnection, case_id: CaseId) -> Result<Option<Case>, CaseError> {
    let events = store::read_case_events(conn, &[case_id]).await?;
    Ok(fold(events).map_err(CaseError::Event)?.remove(&case_id))
}

/// Several cases.
///
/// # Errors
/// See [`CaseError`].
pub async fn find_all(conn: &mut PgConnection, case_ids: &[CaseId]) -> Result<BTreeMap<CaseId, Case>, CaseError> {
    let events = store::read_case_events(conn, case_ids).await?;
    fold(events).map_err(CaseError::Event)
}

/// Whether anything may still be done within a case.
///
/// # Errors
/// [`AuditRefusal::CaseClosed`].
pub fn require_open(case: &Case, now: OffsetDateTime) -> Result<(), AuditRefusal> {
    if case.closed_at.is_some() || case.expires_at <= now { Err(AuditRefusal::CaseClosed) } else { Ok(()) }
}

/// The second officer's consent to an action, where the policy asks for it. Whoever granted one cannot use it: two people
/// look, or nobody does.
///
/// # Errors
/// [`AuditRefusal::ApprovalRequired`].
pub fn consent<'a>(
    case: &'a Case,
    action: AccessAction,
    officer: UserId,
    policy: &Policy,
    now: OffsetDateTime,
) -> Result<Option<&'a Approval>, AuditRefusal> {
    if !policy.four_eyes.contains(&action) {
        return Ok(None);
    }
    let usable = |approval: &&Approval| {
        let granted = |decision: &Decision| decision.granted && decision.by != officer && decision.valid_until > now;
        approval.action == action && approval.decision.as_ref().is_some_and(granted)
    };
    case.approvals.iter().find(usable).map(Some).ok_or(AuditRefusal::ApprovalRequired { action })
}

fn fold(events: Vec<(NewEvent, u64)>) -> anyhow::Result<BTreeMap<CaseId, Case>> {
    let mut cases = BTreeMap::new();
    for (event, leaf_index) in events {
        apply(&mut cases, &event, leaf_index).with_context(|| format!("the event {} (leaf {leaf_index})", event.event_id))?;
    }
    Ok(cases)
}

fn apply(cases: &mut BTreeMap<CaseId, Case>, event: &NewEvent, leaf_index: u64) -> anyhow::Result<()> {
    let (by, at) = (event.actor.context("it names nobody")?, event.at);
    match journal::what(event)? {
        AuditEventKind::CaseOpened { case_id, number, reason, legal_basis, scope, expires_at, sealed_until } => {
            let case = Case {
                case_id,
                number,
                reason,
                legal_basis,
                scope,
                opened_by: by,
                opened_at: at,
                expires_at,
                sealed_until,
                closed_at: None,
                closed_by: None,
                approvals: Vec::new(),
                leaf_index,
            };
            cases.insert(case_id, case);
        }
        AuditEventKind::CaseClosed { case_id, .. } => {
            let case = cases.get_mut(&case_id).context("the case was not opened")?;
            (case.closed_at, case.closed_by) = (Some(at), Some(by));
        }
        AuditEventKind::ApprovalRequested { case_id, approval_id, action, reason } => {
            let case = cases.get_mut(&case_id).context("the case was not opened")?;
            let approval = Approval { approval_id, action, reason, requested_by: by, requested_at: at, decision: None };
            case.approvals.push(approval);
        }
        AuditEventKind::ApprovalDecided { case_id, approval_id, granted, reason, valid_until } => {
            let case = cases.get_mut(&case_id).context("the case was not opened")?;
            let asked = case.approvals.iter_mut().find(|approval| approval.approval_id == approval_id);
            let asked = asked.context("the approval was not asked for")?;
            asked.decision = Some(Decision { granted, reason, by, at, valid_until });
        }
        _ => anyhow::bail!("it is not about the state of a case"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sealcast_contracts::{ApprovalId, audit::Scope};
    use time::Duration;

    use super::*;

    fn policy() -> Policy {
        Policy { four_eyes: vec![AccessAction::Query], case_days_max: 1, sealed_days_max: 1, witnesses: Vec::new() }
    }

    fn opened(case_id: CaseId, expires_at: OffsetDateTime) -> AuditEventKind {
        AuditEventKind::CaseOpened {
            case_id,
            number: "1".to_owned(),
            reason: "r".to_owned(),
            legal_basis: "l".to_owned(),
            scope: Scope::default(),
            expires_at,
            sealed_until: None,
        }
    }

    #[test]
    fn consent_takes_a_second_officer_and_ends() {
        let (now, case_id, approval_id) = (OffsetDateTime::now_utc(), CaseId::generate(), ApprovalId::generate());
        let (first, second) = (UserId::generate(), UserId::generate());
        let valid_until = now + Duration::HOUR;
        let mut events = vec![
            (first, opened(case_id, now + Duration::DAY)),
            (
                first,
                AuditEventKind::ApprovalRequested { case_id, approval_id, action: AccessAction::Query, reason: "r".to_owned() },
            ),
            (second, AuditEventKind::ApprovalDecided { case_id, approval_id, granted: true, reason: "r".to_owned(), valid_until }),
            (first, AuditEventKind::CaseClosed { case_id, note: "n".to_owned() }),
        ];
        let state = |events: &[(UserId, AuditEventKind)]| {
            let events = events.iter().map(|(by, what)| journal::event(Some(*by), what.clone()).unwrap());
            fold(events.zip(0..).collect()).unwrap().remove(&case_id).unwrap()
        };
        let closed = state(&events);
        assert_eq!(require_open(&closed, now), Err(AuditRefusal::CaseClosed));
        events.pop();
        let case = state(&events);
        assert_eq!(require_open(&case, now), Ok(()));
        assert_eq!(require_open(&case, now + Duration::DAY), Err(AuditRefusal::CaseClosed));
        let asked = |officer, action, now| consent(&case, action, officer, &policy(), now).map(|found| found.is_some());
        let refused = Err(AuditRefusal::ApprovalRequired { action: AccessAction::Query });
        assert_eq!(asked(first, AccessAction::Query, now), Ok(true));
        assert_eq!(asked(second, AccessAction::Query, now), refused.clone(), "whoever granted it");
        assert_eq!(asked(first, AccessAction::Query, valid_until), refused, "it has ended");
        assert_eq!(asked(first, AccessAction::Export, now), Ok(false), "the policy does not ask");
        events.pop();
        let waiting = state(&events);
        assert!(consent(&waiting, AccessAction::Query, first, &policy(), now).is_err());
    }
}
