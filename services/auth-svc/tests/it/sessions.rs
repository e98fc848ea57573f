use sealcast_bus::Subscription;
use sealcast_contracts::{
    SessionId,
    auth::{AuthRefusal, CheckSessions, ListSessions, RefreshSession, RevokeScope, RevokeSessions, VerifySession, VerifySessions},
    control::{SessionsRevoked, Signal},
    limits::BATCH_MAX,
};
use time::Duration;

use crate::stack::{HOME, Stack, caller};

async fn received(signals: &mut Subscription) -> SessionsRevoked {
    let message = tokio::time::timeout(std::time::Duration::from_secs(10), signals.next()).await;
    let message = message.expect("a signal in time").expect("an open connection");
    serde_json::from_slice(&message.payload).expect("a signal")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_replaces_the_token() {
    let stack = Stack::start().await;
    let (_, login) = stack.register("alice").await;
    stack.clock.advance(Duration::hours(2));
    let refreshed = stack.ok(&RefreshSession { token: login.token.clone() }).await;
    assert_eq!(refreshed.session.session_id, login.session.session_id);
    assert!(refreshed.session.expires_at > login.session.expires_at);
    assert_eq!(stack.refusal(&VerifySession { token: login.token.clone() }).await, AuthRefusal::SessionInvalid);
    assert_eq!(stack.refusal(&RefreshSession { token: login.token }).await, AuthRefusal::SessionInvalid);
    assert_eq!(stack.ok(&VerifySession { token: refreshed.token }).await, refreshed.session);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_unused_and_in_the_end_in_any_case() {
    let stack = Stack::start().await;
    let (alice, idle) = stack.register("alice").await;
    let used = stack.ok(&alice.login(HOME)).await;
    let verify = |token: &str| VerifySession { token: token.to_owned() };
    for _ in 0..29 {
        stack.clock.advance(Duration::hours(23));
        stack.ok(&verify(&used.token)).await;
    }
    assert_eq!(stack.refusal(&verify(&idle.token)).await, AuthRefusal::SessionInvalid);
    let both = vec![idle.session.session_id, used.session.session_id];
    assert_eq!(stack.ok(&CheckSessions { session_ids: both }).await, [used.session.session_id]);
    // 29 times 23 hours are 27.8 days: the next day reaches the 30th.
    for _ in 0..2 {
        stack.clock.advance(Duration::hours(23));
        stack.ok(&verify(&used.token)).await;
    }
    stack.clock.advance(Duration::hours(23));
    assert_eq!(stack.refusal(&verify(&used.token)).await, AuthRefusal::SessionInvalid);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_verified_at_once_in_their_order_and_used_by_it() {
    let stack = Stack::start().await;
    let ((alice, one), (_, two)) = (stack.register("alice").await, stack.register("bob").await);
    stack.clock.advance(Duration::hours(2));
    let tokens = vec![two.token.clone(), "x".to_owned(), one.token.clone(), "A".repeat(43), two.token.clone()];
    let verified = stack.ok(&VerifySessions { tokens: tokens.clone() }).await;
    let ids: Vec<_> = verified.iter().map(|session| session.as_ref().map(|session| session.session_id)).collect();
    let (first, second) = (Some(one.session.session_id), Some(two.session.session_id));
    assert_eq!(ids, [second, None, first, None, second]);
    let used = verified[0].clone().expect("bob's session");
    assert!(used.expires_at > two.session.expires_at);
    assert_eq!(stack.ok(&VerifySession { token: two.token }).await, used, "the use is written down");

    let ended = stack.ok(&alice.login(HOME)).await;
    stack.ok(&RevokeSessions { caller: caller(&ended), scope: RevokeScope::Others, logout: false }).await;
    assert_eq!(stack.ok(&VerifySessions { tokens }).await, [Some(used.clone()), None, None, None, Some(used)]);
    let too_many = VerifySessions { tokens: vec![String::new(); BATCH_MAX + 1] };
    assert!(matches!(stack.refusal(&too_many).await, AuthRefusal::Malformed { field, .. } if field == "tokens"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_another_form_are_no_sessions() {
    let stack = Stack::start().await;
    for token in ["", "x", &"A".repeat(43), &"A".repeat(10_000)] {
        assert_eq!(stack.refusal(&VerifySession { token: token.to_owned() }).await, AuthRefusal::SessionInvalid);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_revoked_and_the_edges_hear_of_it() {
    let stack = Stack::start().await;
    let mut signals = stack.bus.subscribe(SessionsRevoked::SUBJECT).await.expect("a subscription");
    let (alice, first) = stack.register("alice").await;
    let (_, stranger) = stack.register("bob").await;
    let second = stack.ok(&alice.login("203.0.113.5")).await;
    let third = stack.ok(&alice.login(HOME)).await;
    let user_id = first.account.user_id;

    let listed = stack.ok(&ListSessions { caller: caller(&third) }).await;
    assert_eq!(listed.len(), 3);
    let current: Vec<_> = listed.iter().filter(|info| info.current).map(|info| info.session_id).collect();
    assert_eq!(current, [third.session.session_id]);
    assert!(listed.iter().any(|info| info.session_id == second.session.session_id && info.address == "203.0.113.5"));
    assert!(listed.iter().all(|info| info.device == "a test"));

    let revoke = |scope, logout| RevokeSessions { caller: caller(&third), scope, logout };
    // Another's session is as good as none.
    for foreign in [stranger.session.session_id, SessionId::generate()] {
        assert_eq!(stack.refusal(&revoke(RevokeScope::One(foreign), false)).await, AuthRefusal::NotFound);
    }
    assert_eq!(stack.ok(&revoke(RevokeScope::One(first.session.session_id), false)).await.revoked, 1);
    assert_eq!(received(&mut signals).await, SessionsRevoked { user_id, session_ids: vec![first.session.session_id] });
    assert_eq!(stack.refusal(&VerifySession { token: first.token }).await, AuthRefusal::SessionInvalid);

    assert_eq!(stack.ok(&revoke(RevokeScope::Others, false)).await.revoked, 1);
    assert_eq!(received(&mut signals).await, SessionsRevoked { user_id, session_ids: vec![second.session.session_id] });
    stack.ok(&VerifySession { token: third.token.clone() }).await;

    let logout = revoke(RevokeScope::One(third.session.session_id), true);
    assert_eq!(stack.ok(&logout).await.revoked, 1);
    assert_eq!(received(&mut signals).await, SessionsRevoked { user_id, session_ids: vec![third.session.session_id] });
    assert_eq!(stack.refusal(&VerifySession { token: third.token.clone() }).await, AuthRefusal::SessionInvalid);
    assert_eq!(stack.ok(&logout).await.revoked, 0, "a repeated logout is no failure");

    stack.ok(&alice.login(HOME)).await;
    stack.ok(&alice.login(HOME)).await;
    assert_eq!(stack.ok(&revoke(RevokeScope::All, false)).await.revoked, 2);
    assert_eq!(received(&mut signals).await.session_ids.len(), 2);
    stack.ok(&VerifySession { token: stranger.token }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_login_too_many_ends_the_oldest_session() {
    let stack = Stack::start_with(|config| config.sessions.per_account_max = 2).await;
    let mut signals = stack.bus.subscribe(SessionsRevoked::SUBJECT).await.expect("a subscription");
    let (alice, first) = stack.register("alice").await;
    stack.clock.advance(Duration::seconds(1));
    let second = stack.ok(&alice.login(HOME)).await;
    stack.clock.advance(Duration::seconds(1));
    let third = stack.ok(&alice.login(HOME)).await;
    assert_eq!(received(&mut signals).await.session_ids, [first.session.session_id]);
    assert_eq!(stack.refusal(&VerifySession { token: first.token }).await, AuthRefusal::SessionInvalid);
    stack.ok(&VerifySession { token: second.token }).await;
    stack.ok(&VerifySession { token: third.token }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edges_ask_for_a_thousand_sessions_at_most() {
    let stack = Stack::start().await;
    let (_, login) = stack.register("alice").await;
    let mut session_ids: Vec<_> = (0..999).map(|_| SessionId::generate()).collect();
    session_ids.push(login.session.session_id);
    assert_eq!(stack.ok(&CheckSessions { session_ids: session_ids.clone() }).await, [login.session.session_id]);
    session_ids.push(SessionId::generate());
    assert!(matches!(stack.refusal(&CheckSessions { session_ids }).await, AuthRefusal::Malformed { .. }));
}
