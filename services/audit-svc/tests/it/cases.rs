use sealcast_bus::CallError;
use sealcast_contracts::{
    Caller, CaseId, RoomId, UserId,
    audit::{
        AccessAction, AuditRefusal, Case, CloseCase, DecideApproval, GetCase, GrantDecryption, ListCases, MessageFilter, NewCase,
        OpenCase, RequestApproval, Scope,
    },
    auth::Role,
    events::{AuditEvent, AuditEventKind},
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::harness::{Stack, caller, message, new_case};

type Answer<T> = Result<T, CallError<AuditRefusal>>;

fn refused<T: std::fmt::Debug>(answer: Answer<T>) -> AuditRefusal {
    match answer {
        Err(CallError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

async fn open(stack: &Stack, officer: &Caller, case: NewCase) -> Answer<Case> {
    stack.bus.call(&OpenCase { caller: officer.clone(), case }).await
}

async fn ask(stack: &Stack, officer: &Caller, case_id: CaseId) -> sealcast_contracts::ApprovalId {
    let call = RequestApproval { caller: officer.clone(), case_id, action: AccessAction::Query, reason: "why".to_owned() };
    stack.bus.call(&call).await.unwrap().approval_id
}

#[tokio::test]
async fn a_query_takes_a_case_and_a_second_officer() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let room = RoomId::generate();
    let id = stack.publish(&message(room)).await;
    stack.covered(id).await;
    let (first, second) = (caller(Role::Auditor), caller(Role::Auditor));
    let scope = Scope { rooms: vec![room], ..Scope::default() };
    let case_id = open(&stack, &first, new_case(scope)).await.unwrap().case_id;
    let query = async |officer: &Caller| stack.query_in(officer, case_id, MessageFilter::default()).await;
    let needed = AuditRefusal::ApprovalRequired { action: AccessAction::Query };
    assert_eq!(refused(query(&first).await), needed);

    let approval_id = ask(&stack, &first, case_id).await;
    assert_eq!(refused(query(&first).await), needed, "asked is not granted");
    let decide = |officer: &Caller, granted, valid_until| DecideApproval {
        caller: officer.clone(),
        case_id,
        approval_id,
        granted,
        reason: "seen".to_owned(),
        valid_until,
    };
    assert_eq!(refused(stack.bus.call(&decide(&first, true, None)).await), AuditRefusal::SameOfficer);
    let far = Some(OffsetDateTime::now_utc() + Duration::weeks(60));
    let refusal = refused(stack.bus.call(&decide(&second, true, far)).await);
    assert!(matches!(refusal, AuditRefusal::Malformed { field, .. } if field == "valid_until"));
    let approval = stack.bus.call(&decide(&second, true, None)).await.unwrap();
    assert_eq!(approval.decision.unwrap().by, second.user_id);
    assert_eq!(refused(stack.bus.call(&decide(&second, false, None)).await), AuditRefusal::AlreadyDecided);

    assert_eq!(query(&first).await.unwrap().items[0].id, id);
    assert_eq!(refused(query(&second).await), needed, "whoever granted cannot use it");
    assert!(query(&caller(Role::Auditor)).await.is_ok(), "a third officer of the case");
    for outsider in [Role::Member, Role::Admin] {
        assert_eq!(refused(query(&caller(outsider)).await), AuditRefusal::Forbidden);
    }
    let elsewhere = MessageFilter { room_id: Some(RoomId::generate()), ..MessageFilter::default() };
    let refusal = refused(stack.query_in(&first, case_id, elsewhere).await);
    assert_eq!(refusal, AuditRefusal::OutOfScope { field: "room_id".to_owned() });

    let close = CloseCase { caller: second.clone(), case_id, note: "done".to_owned() };
    let closed = stack.bus.call(&close).await.unwrap();
    assert_eq!(closed.closed_by, Some(second.user_id));
    assert_eq!(refused(query(&first).await), AuditRefusal::CaseClosed);
    assert_eq!(refused(stack.bus.call(&close).await), AuditRefusal::CaseClosed);
    service.stop().await;
}

/// A refusal, and consent for something else, give nothing.
#[tokio::test]
async fn consent_is_for_one_action() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let id = stack.publish(&message(RoomId::generate())).await;
    stack.covered(id).await;
    let (first, second) = (caller(Role::Auditor), caller(Role::Auditor));
    let case_id = open(&stack, &first, new_case(Scope::default())).await.unwrap().case_id;
    let query = async || refused(stack.query_in(&first, case_id, MessageFilter::default()).await);
    stack.approve(&first, &second, case_id, AccessAction::Export).await;
    let needed = AuditRefusal::ApprovalRequired { action: AccessAction::Query };
    assert_eq!(query().await, needed);
    let approval_id = ask(&stack, &first, case_id).await;
    let refusal =
        DecideApproval { caller: second, case_id, approval_id, granted: false, reason: "no".to_owned(), valid_until: None };
    assert!(!stack.bus.call(&refusal).await.unwrap().decision.unwrap().granted);
    assert_eq!(query().await, needed);
    service.stop().await;
}

#[tokio::test]
async fn cases_are_checked_listed_and_numbered_once() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let officer = caller(Role::Auditor);
    let now = OffsetDateTime::now_utc();
    let fine = || new_case(Scope::default());
    let many = Scope { people: vec![UserId::generate(); 101], ..Scope::default() };
    let backwards = Scope { from: Some(now), to: Some(now), ..Scope::default() };
    for (case, field) in [
        (NewCase { number: " ".to_owned(), ..fine() }, "number"),
        (NewCase { number: "a\u{0}b".to_owned(), ..fine() }, "number"),
        (NewCase { number: "n".repeat(65), ..fine() }, "number"),
        (NewCase { reason: "r".repeat(501), ..fine() }, "reason"),
        (NewCase { legal_basis: String::new(), ..fine() }, "legal_basis"),
        (NewCase { expires_at: now, ..fine() }, "expires_at"),
        (NewCase { expires_at: now + Duration::weeks(60), ..fine() }, "expires_at"),
        (NewCase { sealed_until: Some(now + Duration::weeks(30)), ..fine() }, "sealed_until"),
        (NewCase { scope: many, ..fine() }, "scope/people"),
        (NewCase { scope: backwards, ..fine() }, "scope/to"),
    ] {
        let refusal = refused(open(&stack, &officer, case).await);
        assert!(matches!(&refusal, AuditRefusal::Malformed { field: named, .. } if named == field), "{field}: {refusal:?}");
    }
    for role in [Role::Member, Role::Admin] {
        assert_eq!(refused(open(&stack, &caller(role), fine()).await), AuditRefusal::Forbidden);
    }
    assert_eq!(stack.count("events").await, 0);
    let mut opened = Vec::new();
    for number in ["2026-1", "2026-2", "2026-3"] {
        let case = NewCase { number: number.to_owned(), ..fine() };
        opened.push(open(&stack, &officer, case.clone()).await.unwrap());
        assert_eq!(refused(open(&stack, &officer, case).await), AuditRefusal::NumberTaken);
    }
    let list = async |cursor| stack.bus.call(&ListCases { caller: officer.clone(), cursor, limit: 2 }).await.unwrap();
    let page = list(None).await;
    assert_eq!(page.items, [opened[2].clone(), opened[1].clone()]);
    let last = list(page.next_cursor).await;
    assert_eq!((last.items, last.next_cursor), (vec![opened[0].clone()], None));
    let unknown = GetCase { caller: officer.clone(), case_id: CaseId::generate() };
    assert_eq!(refused(stack.bus.call(&unknown).await), AuditRefusal::NotFound);
    service.stop().await;
}

/// Whoever takes another service over cannot open a case, nor consent to one: such events go to quarantine.
#[tokio::test]
async fn no_other_service_writes_the_events_of_a_case() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let officer = caller(Role::Auditor);
    let case_id = open(&stack, &officer, new_case(Scope::default())).await.unwrap().case_id;
    let approval_id = ask(&stack, &officer, case_id).await;
    let what = AuditEventKind::ApprovalDecided {
        case_id,
        approval_id,
        granted: true,
        reason: "forged".to_owned(),
        valid_until: OffsetDateTime::now_utc() + Duration::HOUR,
    };
    stack.publish_event(&AuditEvent::now(Uuid::now_v7(), OffsetDateTime::now_utc(), Some(UserId::generate()), what)).await;
    stack.idle("EVENTS").await;
    let case = stack.bus.call(&GetCase { caller: officer, case_id }).await.unwrap();
    assert_eq!(case.approvals[0].decision, None);
    let reason: String = sqlx::query_scalar("select reason from audit.quarantine").fetch_one(&stack.superuser()).await.unwrap();
    assert_eq!(reason, "no other service writes events of this kind");
    service.stop().await;
}

#[tokio::test]
async fn a_decryption_is_granted_within_the_case_only() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let room = RoomId::generate();
    let inside = stack.publish(&message(room)).await;
    let outside = stack.publish(&message(RoomId::generate())).await;
    stack.covered(outside).await;
    let officer = caller(Role::Auditor);
    let case = stack.approved_case(&officer, Scope { rooms: vec![room], ..Scope::default() }).await;
    let grant = |ids| GrantDecryption { caller: officer.clone(), case_id: case.case_id, ids };
    let before = stack.count("events").await;
    for ids in [vec![inside, outside], vec![sealcast_contracts::EventId { seq: u64::MAX, ..inside }]] {
        let refusal = refused(stack.bus.call(&grant(ids)).await);
        assert_eq!(refusal, AuditRefusal::OutOfScope { field: "ids".to_owned() });
    }
    assert!(matches!(refused(stack.bus.call(&grant(vec![])).await), AuditRefusal::Malformed { .. }));
    assert_eq!(stack.count("events").await, before);
    stack.bus.call(&grant(vec![inside, inside])).await.unwrap();
    assert_eq!(stack.count("events").await, before + 1);
    assert_eq!(stack.count("concerned").await, 1);
    service.stop().await;
}
