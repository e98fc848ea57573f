use sealcast_contracts::{
    auth::{AuthRefusal, ChangePassword, Login, Prelogin, Proof, VerifySession},
    control::{SessionsRevoked, Signal as _},
};

use crate::stack::{HOME, Stack, caller, is_throttled, kdf, log_in, origin};

fn change(login: &Login, proof: Proof) -> ChangePassword {
    let mut kdf = kdf();
    kdf.salt = vec![6; 16].into();
    ChangePassword {
        caller: caller(login),
        proof,
        auth: vec![7; 32].into(),
        kdf,
        locked_key: b"locked by the new password".to_vec().into(),
        origin: origin(HOME),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_old_one_and_every_other_session() {
    let stack = Stack::start().await;
    let mut signals = stack.bus.subscribe(SessionsRevoked::SUBJECT).await.expect("a subscription");
    let (alice, other) = stack.register("alice").await;
    let login = stack.ok(&alice.login(HOME)).await;
    let call = change(&login, Proof::Password(alice.password.clone()));
    assert_eq!(stack.ok(&call).await.revoked, 1);
    let message = signals.next().await.expect("a signal");
    let signal: SessionsRevoked = serde_json::from_slice(&message.payload).expect("a signal");
    assert_eq!(signal.session_ids, [other.session.session_id]);

    stack.ok(&VerifySession { token: login.token }).await;
    assert_eq!(stack.refusal(&VerifySession { token: other.token }).await, AuthRefusal::SessionInvalid);
    assert_eq!(stack.refusal(&alice.login(HOME)).await, AuthRefusal::InvalidCredentials);
    let again = stack.ok(&log_in("alice", Proof::Password(call.auth), HOME)).await;
    assert_eq!(again.locked_key, call.locked_key);
    assert_eq!(stack.ok(&Prelogin { username: "alice".to_owned() }).await, call.kdf);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recovery_key_sets_a_new_password_and_stays() {
    let stack = Stack::start().await;
    let (alice, _) = stack.register("alice").await;
    let recovery = || Proof::Recovery(alice.recovery.clone());
    let login = stack.ok(&log_in("alice", recovery(), HOME)).await;
    stack.ok(&change(&login, recovery())).await;
    stack.ok(&log_in("alice", Proof::Password(vec![7; 32].into()), HOME)).await;
    stack.ok(&log_in("alice", recovery(), HOME)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_alone_changes_no_password() {
    let stack = Stack::start().await;
    let (alice, login) = stack.register("alice").await;
    let wrong = change(&login, Proof::Password(vec![9; 32].into()));
    assert_eq!(stack.refusal(&wrong).await, AuthRefusal::InvalidCredentials);
    let mut weak = change(&login, Proof::Password(alice.password.clone()));
    weak.kdf.m_kib = 1_024;
    assert_eq!(stack.refusal(&weak).await, AuthRefusal::KdfOutOfRange);
    // Whoever stole the session cannot guess on.
    let mut throttled = false;
    for _ in 0..stack.config.throttle.login_known.burst {
        throttled |= is_throttled(&stack.refusal(&wrong).await);
    }
    assert!(throttled);
    stack.ok(&alice.login("203.0.113.5")).await;
}
