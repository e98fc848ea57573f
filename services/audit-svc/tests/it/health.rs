use sealcast_bus::CallError;
use sealcast_contracts::{
    RoomId,
    audit::{AuditRefusal, GetLogHealth, LogHealth},
    auth::Role,
    stream::EVENTS,
};

use crate::harness::{Stack, caller, message};

/// What an officer is shown of the ingest is what lies in the archive.
#[tokio::test]
async fn an_officer_sees_what_waits_what_is_missing_and_what_was_kept_apart() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let health = async || stack.bus.call(&GetLogHealth { caller: caller(Role::Auditor) }).await.unwrap();
    assert_eq!(LogHealth { signed_at: None, ..health().await }, LogHealth::default());

    let room = RoomId::generate();
    stack.publish(&message(room)).await;
    stack.publish_raw("room.nonsense", &[], b"plain nonsense".to_vec()).await;
    let id = stack.publish(&message(room)).await;
    stack.covered(id).await;
    stack.idle(EVENTS).await;
    let whole = health().await;
    assert!(whole.signed_at.is_some());
    assert_eq!(LogHealth { signed_at: None, ..whole }, LogHealth { looked_at: 3, kept_apart: 1, ..LogHealth::default() });

    // Somebody with all rights makes a message vanish.
    let mut conn = stack.superuser().acquire().await.unwrap();
    for sql in ["alter table audit.quarantine disable trigger all", "delete from audit.quarantine"] {
        sqlx::query(sql).execute(&mut *conn).await.unwrap();
    }
    let gap = health().await;
    assert_eq!((gap.looked_at, gap.missing, gap.kept_apart), (3, 1, 0));
    service.stop().await;
}

#[tokio::test]
async fn nobody_else_is_told() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    for role in [Role::Member, Role::Admin] {
        let refused = stack.bus.call(&GetLogHealth { caller: caller(role) }).await;
        assert!(matches!(refused, Err(CallError::Refused(AuditRefusal::Forbidden))), "{role:?}: {refused:?}");
    }
    service.stop().await;
}
