use std::collections::HashMap;

use sealcast_contracts::{
    auth::{Proof, RevokeScope, RevokeSessions},
    events::{AuditEvent, AuditEventKind},
    stream,
};
use sealcast_testkit::eventually;

use crate::stack::{HOME, Stack, caller, log_in};

#[tokio::test(flavor = "multi_thread")]
async fn significant_events_reach_the_stream_once() {
    let stack = Stack::start().await;
    let (alice, login) = stack.register("alice").await;
    stack.refusal(&alice.wrong_login("203.0.113.5")).await;
    stack.refusal(&log_in("Nobody \u{7}Here", Proof::Password(vec![1; 32].into()), HOME)).await;
    let session_id = login.session.session_id;
    stack.ok(&RevokeSessions { caller: caller(&login), scope: RevokeScope::One(session_id), logout: true }).await;

    let messages = eventually("six events", async || {
        let messages = stack.bus.read(stream::EVENTS, stream::EVENT_SUBJECTS, 1, 100).await.ok()?;
        (messages.len() >= 6).then_some(messages)
    })
    .await;
    let mut events = HashMap::new();
    for message in &messages {
        let event: AuditEvent = serde_json::from_slice(&message.payload).expect("an event");
        assert_eq!(message.header("Nats-Msg-Id"), Some(event.event_id.to_string().as_str()));
        assert_eq!(message.header("Nats-Subject"), Some(event.subject().as_str()));
        events.entry(event.kind()).or_insert_with(Vec::new).push(event);
    }
    assert_eq!(messages.len(), 6);
    let one = |kind: &str| -> &AuditEvent { events[kind].first().expect("an event") };
    let user_id = login.account.user_id;
    assert_eq!(one("account_registered").actor, Some(user_id));
    assert!(
        matches!(&one("certificate_published").what, AuditEventKind::CertificatePublished { fingerprint, .. } if *fingerprint == login.account.fingerprint)
    );
    assert!(
        matches!(&one("session_opened").what, AuditEventKind::SessionOpened { address, by_recovery_key: false, .. } if address == HOME)
    );
    assert_eq!(one("logged_out").what, AuditEventKind::LoggedOut { session_id });
    let failed: Vec<_> = events["login_failed"].iter().map(|event| (&event.actor, &event.what)).collect();
    let of =
        |username: &str, address: &str| AuditEventKind::LoginFailed { username: username.to_owned(), address: address.to_owned() };
    assert_eq!(failed, [(&None, &of("alice", "203.0.113.5")), (&None, &of("Nobody Here", HOME))]);

    let pool = stack.database.pool("auth_owner");
    eventually("an empty outbox", async || {
        let left: i64 = sqlx::query_scalar("select count(*) from auth.outbox").fetch_one(&pool).await.ok()?;
        (left == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_throttled_attempts_is_one_event() {
    let stack = Stack::start().await;
    let (alice, _) = stack.register("alice").await;
    for _ in 0..30 {
        stack.refusal(&alice.wrong_login(HOME)).await;
    }
    let pool = stack.database.pool("auth_owner");
    eventually("an empty outbox", async || {
        let left: i64 = sqlx::query_scalar("select count(*) from auth.outbox").fetch_one(&pool).await.ok()?;
        (left == 0).then_some(())
    })
    .await;
    let throttled = stack.bus.read(stream::EVENTS, "event.login_throttled", 1, 100).await.expect("the stream");
    assert_eq!(throttled.len(), 1);
    let failed = stack.bus.read(stream::EVENTS, "event.login_failed", 1, 100).await.expect("the stream");
    let throttle = &stack.config.throttle;
    let allowed = throttle.login_network.burst + throttle.login_first.burst + throttle.login_account.burst;
    assert_eq!(failed.len(), allowed as usize);
}
