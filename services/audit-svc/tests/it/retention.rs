use sealcast_audit_svc::{
    retention::{STREAM_DAYS, shred_due},
    verify::Finding,
};
use sealcast_bus::CallError;
use sealcast_contracts::{
    Caller, CaseId, RoomId,
    audit::{
        AccessAction, AuditRefusal, CloseCase, Hold, ListHolds, ListRetention, MessageFilter, OpenCase, PlaceHold, QueryEvents,
        ReleaseHold, Scope, SetRetention,
    },
    auth::Role,
    events::{AuditEvent, AuditEventKind},
};
use time::{Date, Duration, OffsetDateTime};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::harness::{Stack, caller, message, new_case};

/// A room with a message of a week ago and one of today; and who may read it.
async fn aged_room(stack: &Stack) -> (RoomId, Caller) {
    let room = RoomId::generate();
    let mut old = message(room);
    old.accepted_at -= Duration::days(7);
    stack.publish(&old).await;
    let new = stack.publish(&message(room)).await;
    stack.covered(new).await;
    (room, stack.member(&[room]))
}

async fn readable(stack: &Stack, member: &Caller) -> usize {
    stack.query(member, MessageFilter::default()).await.unwrap().items.len()
}

async fn set(stack: &Stack, room_id: Option<RoomId>, days: Option<u32>) {
    stack.bus.call(&SetRetention { caller: caller(Role::Admin), room_id, days }).await.unwrap();
}

async fn shred(stack: &Stack) -> u64 {
    shred_as_of(stack, OffsetDateTime::now_utc().date(), 0).await
}

async fn shred_as_of(stack: &Stack, today: Date, days_min: u32) -> u64 {
    shred_due(&stack.database.pool("audit_svc"), &stack.append_key(), today, days_min, &CancellationToken::new()).await.unwrap()
}

async fn place(stack: &Stack, officer: &Caller, case_id: CaseId, scope: Scope) -> Hold {
    let call = PlaceHold { caller: officer.clone(), case_id, scope, reason: "litigation".to_owned() };
    stack.bus.call(&call).await.unwrap()
}

/// What is over is destroyed, with a record in the log; the rest stays, and the log verifies.
#[tokio::test]
async fn a_day_that_is_over_is_destroyed_and_recorded() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let _chat = stack.serve_memberships().await;
    let (room, member) = aged_room(&stack).await;
    let (_, other) = aged_room(&stack).await;
    assert_eq!(shred(&stack).await, 0, "without a rule everything stays");
    set(&stack, Some(room), Some(6)).await;
    assert_eq!(shred(&stack).await, 1);
    assert_eq!(shred(&stack).await, 0);
    assert_eq!((readable(&stack, &member).await, readable(&stack, &other).await), (1, 2));
    let call = QueryEvents {
        caller: caller(Role::Auditor),
        kind: Some("day_shredded".to_owned()),
        actor: None,
        from: None,
        to: None,
        order: Default::default(),
        cursor: None,
        limit: 10,
        case_id: None,
    };
    let records = stack.bus.call(&call).await.unwrap().items;
    assert_eq!(records.len(), 1);
    let body = &records[0].body;
    assert_eq!((&body["room_id"], &body["messages"], &body["retention_days"]), (&room.to_string().into(), &1.into(), &6.into()));
    assert_eq!(stack.verify().await.findings, []);

    // Whoever had kept the key and puts it back has not destroyed it.
    let day = OffsetDateTime::now_utc().date() - Duration::days(7);
    sqlx::query("insert into audit.data_keys (dek_id, room_id, day, wrapped, kek_version) values ($1::uuid, $2, $3, $4, 1)")
        .bind(body["dek_id"].as_str().unwrap())
        .bind(room.0)
        .bind(day)
        .bind(vec![0_u8; 60])
        .execute(&stack.superuser())
        .await
        .unwrap();
    let found = stack.verify().await.findings;
    assert!(found.contains(&Finding::KeyReturned { room_id: room, day: day.to_string() }), "{found:?}");
    service.stop().await;
}

/// A key that is gone is no destruction while the stream still holds the envelopes, whatever the rule says.
#[tokio::test]
async fn what_the_stream_still_holds_is_not_destroyed() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let today = OffsetDateTime::now_utc().date();
    aged_room(&stack).await;
    set(&stack, None, Some(1)).await;
    // The older message is a week old, so its day is the thirtieth 23 days from now.
    let last = today + Duration::days(i64::from(STREAM_DAYS) - 7);
    assert_eq!(shred_as_of(&stack, last, STREAM_DAYS).await, 0);
    assert_eq!(shred_as_of(&stack, last + Duration::DAY, STREAM_DAYS).await, 1);
    let stopped = CancellationToken::new();
    stopped.cancel();
    let later = today + Duration::days(100);
    assert_eq!(
        shred_due(&stack.database.pool("audit_svc"), &stack.append_key(), later, STREAM_DAYS, &stopped).await.unwrap(),
        0,
        "not while stopping"
    );
    assert_eq!(shred_as_of(&stack, later, STREAM_DAYS).await, 1);
    service.stop().await;
}

/// A room's own rule comes before the organisation's, whichever is longer; `null` gives it up.
#[tokio::test]
async fn a_room_may_keep_longer_or_shorter_than_the_organisation() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let _chat = stack.serve_memberships().await;
    let (long, keeps) = aged_room(&stack).await;
    let (_, follows) = aged_room(&stack).await;
    set(&stack, Some(long), Some(30)).await;
    set(&stack, None, Some(7)).await;
    assert_eq!(shred(&stack).await, 0, "the seventh day is not over");
    set(&stack, None, Some(6)).await;
    let rules = stack.bus.call(&ListRetention { caller: keeps.clone() }).await.unwrap();
    assert_eq!(rules.iter().map(|rule| (rule.room_id, rule.days)).collect::<Vec<_>>(), [(None, Some(6)), (Some(long), Some(30))]);
    let of = async |caller: &Caller| {
        let rules = stack.bus.call(&ListRetention { caller: caller.clone() }).await.unwrap();
        rules.iter().map(|rule| rule.room_id).collect::<Vec<_>>()
    };
    assert_eq!(of(&follows).await, [None], "other people's rooms are not told of");
    assert_eq!(of(&caller(Role::Auditor)).await, [None, Some(long)]);
    assert_eq!(shred(&stack).await, 1);
    assert_eq!((readable(&stack, &keeps).await, readable(&stack, &follows).await), (2, 1));
    set(&stack, Some(long), None).await;
    assert_eq!(of(&keeps).await, [None], "a rule that is given up is none");
    assert_eq!(shred(&stack).await, 1);
    for (role, days) in [(Role::Member, 1), (Role::Auditor, 1), (Role::Admin, 0), (Role::Admin, 36_501)] {
        let refused = stack.bus.call(&SetRetention { caller: caller(role), room_id: None, days: Some(days) }).await;
        assert!(matches!(refused, Err(CallError::Refused(_))), "{role:?} {days}");
    }
    service.stop().await;
}

/// A hold beats retention until it is released, and a release takes a second officer.
#[tokio::test]
async fn what_is_held_stays() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let _chat = stack.serve_memberships().await;
    let (room, member) = aged_room(&stack).await;
    let (officer, second) = (caller(Role::Auditor), caller(Role::Auditor));
    let case_id = stack.bus.call(&OpenCase { caller: officer.clone(), case: new_case(Scope::default()) }).await.unwrap().case_id;
    let hold = place(&stack, &officer, case_id, Scope { rooms: vec![room], ..Scope::default() }).await;
    set(&stack, None, Some(1)).await;
    assert_eq!(shred(&stack).await, 0);

    // Not even a destruction record lets the database give a held key away.
    let owner = stack.database.pool("audit_owner");
    let refused = sqlx::query("delete from audit.data_keys").execute(&owner).await.unwrap_err();
    assert!(refused.to_string().contains("a hold covers"), "{refused}");

    let release = ReleaseHold { caller: officer.clone(), hold_id: hold.hold_id, reason: "settled".to_owned() };
    let refused = stack.bus.call(&release).await;
    let needed = AuditRefusal::ApprovalRequired { action: AccessAction::ReleaseHold };
    assert!(matches!(&refused, Err(CallError::Refused(refusal)) if *refusal == needed), "{refused:?}");
    // The hold has outlived its case, and can be released all the same.
    stack.bus.call(&CloseCase { caller: officer.clone(), case_id, note: "done".to_owned() }).await.unwrap();
    stack.approve(&officer, &second, case_id, AccessAction::ReleaseHold).await;
    let released = stack.bus.call(&release).await.unwrap();
    assert_eq!(released.release.as_ref().map(|release| release.by), Some(officer.user_id));
    let again = stack.bus.call(&release).await;
    assert!(matches!(again, Err(CallError::Refused(AuditRefusal::AlreadyDecided))), "{again:?}");
    let listed = stack.bus.call(&ListHolds { caller: officer.clone(), cursor: None, limit: 10 }).await.unwrap();
    assert_eq!(listed.items, [released]);
    assert_eq!(shred(&stack).await, 1);
    assert_eq!(readable(&stack, &member).await, 1);

    // They act on the word of auth-svc, and only the log can say that it made them officers.
    let actors = stack.verify().await.findings.into_iter().map(|finding| match finding {
        Finding::NoOfficer { actor, .. } => actor,
        other => panic!("{other}"),
    });
    assert_eq!(actors.collect::<Vec<_>>(), [officer.user_id, second.user_id]);
    for user_id in [officer.user_id, second.user_id] {
        let what = AuditEventKind::RoleChanged { user_id, from: Role::Member, to: Role::Auditor };
        stack.publish_event(&AuditEvent::now(Uuid::now_v7(), OffsetDateTime::now_utc(), None, what)).await;
    }
    stack.idle("EVENTS").await;
    assert_eq!(stack.verify().await.findings, []);
    service.stop().await;
}

/// A hold of a person keeps the days on which that person wrote; a hold of a time keeps the days that it touches.
#[tokio::test]
async fn a_hold_covers_people_and_days() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let room = RoomId::generate();
    let mut sent = Vec::new();
    for days in [9, 8, 7] {
        let mut old = message(room);
        old.accepted_at -= Duration::days(days);
        let id = stack.publish(&old).await;
        stack.covered(id).await;
        sent.push(old);
    }
    let officer = caller(Role::Auditor);
    let case_id = stack.bus.call(&OpenCase { caller: officer.clone(), case: new_case(Scope::default()) }).await.unwrap().case_id;
    place(&stack, &officer, case_id, Scope { people: vec![sent[0].sender], ..Scope::default() }).await;
    let noon = sent[2].accepted_at;
    let touches = Scope { from: Some(noon), to: Some(noon + Duration::SECOND), ..Scope::default() };
    place(&stack, &officer, case_id, touches).await;
    set(&stack, None, Some(1)).await;
    assert_eq!(shred(&stack).await, 1, "only the day that no hold covers");
    let left: Vec<time::Date> =
        sqlx::query_scalar("select day from audit.data_keys order by day").fetch_all(&stack.superuser()).await.unwrap();
    assert_eq!(left, [sent[0].accepted_at.date(), sent[2].accepted_at.date()]);
    service.stop().await;
}

/// Who destroys a held day with the triggers off is found by replaying the log.
#[tokio::test]
async fn a_held_day_that_was_destroyed_is_named() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let (room, _) = aged_room(&stack).await;
    let officer = caller(Role::Auditor);
    let case_id = stack.bus.call(&OpenCase { caller: officer.clone(), case: new_case(Scope::default()) }).await.unwrap().case_id;
    let hold = place(&stack, &officer, case_id, Scope { rooms: vec![room], ..Scope::default() }).await;
    set(&stack, None, Some(1)).await;
    let superuser = stack.superuser();
    for statement in [
        "alter table audit.holds disable trigger all",
        "alter table audit.data_keys disable trigger all",
        "create table public.kept as table audit.holds",
        "delete from audit.holds",
    ] {
        sqlx::query(statement).execute(&superuser).await.unwrap();
    }
    assert_eq!(shred(&stack).await, 1);
    sqlx::query("insert into audit.holds select * from public.kept").execute(&superuser).await.unwrap();
    let found = stack.verify().await.findings;
    assert!(
        found.iter().any(|finding| matches!(finding, Finding::HeldDayShredded { hold_id, .. } if *hold_id == hold.hold_id)),
        "{found:?}"
    );
    assert!(found.iter().any(|finding| matches!(finding, Finding::HoldsMisstated { .. })), "{found:?}");
    service.stop().await;
}
