use std::time::Instant;

use sealcast_auth_svc::passwords::Costs;
use sealcast_bus::CallError;
use sealcast_contracts::auth::{AuthRefusal, Prelogin, Proof, VerifySession};

use crate::stack::{CHEAP, HOME, Person, Stack, log_in};

#[tokio::test(flavor = "multi_thread")]
async fn the_right_password_opens_a_session() {
    let stack = Stack::start().await;
    let (alice, registered) = stack.register("alice").await;
    let login = stack.ok(&alice.login(HOME)).await;
    assert_ne!(login.session.session_id, registered.session.session_id);
    assert_eq!(login.account, registered.account);
    assert_eq!(login.locked_key, registered.locked_key);
    assert_eq!(stack.ok(&VerifySession { token: login.token }).await, login.session);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let stack = Stack::start().await;
    let (alice, _) = stack.register("alice").await;
    let wrong = stack.refusal(&alice.wrong_login(HOME)).await;
    let nobody = Person::new("nobody");
    let unknown = stack.refusal(&nobody.login(HOME)).await;
    let impossible = stack.refusal(&log_in("no such\u{0} name", Proof::Password(nobody.password.clone()), HOME)).await;
    assert_eq!([&wrong, &unknown, &impossible], [&AuthRefusal::InvalidCredentials; 3]);
    // The recovery key is no password, and the other way round.
    let crossed = log_in("alice", Proof::Recovery(alice.password.clone()), HOME);
    assert_eq!(stack.refusal(&crossed).await, AuthRefusal::InvalidCredentials);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_name_costs_the_work_of_a_wrong_password() {
    // Dear enough that the hash outweighs everything else.
    let stack = Stack::start_with(|config| config.passwords.costs = Costs { m_kib: 65_536, t: 3, p: 1 }).await;
    let (alice, _) = stack.register("alice").await;
    let took = async |call| {
        let start = Instant::now();
        stack.refusal(&call).await;
        start.elapsed()
    };
    let wrong = took(alice.wrong_login(HOME)).await;
    let unknown = took(Person::new("nobody").login(HOME)).await;
    assert!(unknown * 4 > wrong, "unknown {unknown:?}, wrong {wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn prelogin_does_not_say_who_exists() {
    let stack = Stack::start().await;
    let (alice, _) = stack.register("alice").await;
    let ask = async |name: &str| stack.ok(&Prelogin { username: name.to_owned() }).await;
    assert_eq!(ask("Alice").await, alice.registration(HOME).kdf);
    let (bob, carol) = (ask("bob").await, ask("carol").await);
    assert_eq!((bob.m_kib, bob.t, bob.p, bob.salt.0.len()), (65_536, 3, 1, 16));
    assert_eq!(ask("BOB").await, bob, "an unknown name keeps its salt, in every spelling");
    assert_ne!(bob.salt, carol.salt);
    assert_eq!(ask("no\u{0} name").await.salt.0.len(), 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recovery_key_opens_a_session_with_its_own_copy_of_the_key() {
    let stack = Stack::start().await;
    let (alice, _) = stack.register("alice").await;
    let login = stack.ok(&log_in("alice", Proof::Recovery(alice.recovery.clone()), HOME)).await;
    assert_eq!(login.locked_key, alice.registration(HOME).recovery.locked_key);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_rehashes_when_the_costs_have_risen() {
    let mut stack = Stack::start().await;
    let (alice, _) = stack.register("alice").await;
    let stored = async |stack: &Stack| -> (String, String) {
        sqlx::query_as("select password_hash, recovery_hash from auth.credentials")
            .fetch_one(&stack.database.pool("auth_owner"))
            .await
            .expect("a row")
    };
    let (before, recovery) = stored(&stack).await;
    stack.ok(&alice.login(HOME)).await;
    assert_eq!(stored(&stack).await.0, before, "the same costs, the same hash");
    stack.restart_with(|config| config.passwords.costs = Costs { m_kib: 256, t: 2, ..CHEAP }).await;
    assert_eq!(stack.refusal(&alice.wrong_login(HOME)).await, AuthRefusal::InvalidCredentials);
    assert_eq!(stored(&stack).await.0, before, "a wrong password rehashes nothing");
    stack.ok(&alice.login(HOME)).await;
    let (after, other) = stored(&stack).await;
    assert!(after.starts_with("$argon2id$v=19$m=256,t=2,p=1$"), "{after}");
    assert_eq!(other, recovery);
    stack.ok(&alice.login(HOME)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_hashing_queue_refuses_at_once() {
    let stack = Stack::start_with(|config| {
        config.passwords.workers = 1;
        config.passwords.costs = Costs { m_kib: 19_456, t: 2, p: 1 };
    })
    .await;
    let guesses: Vec<_> =
        (0..120).map(|n| log_in(&format!("nobody-{n}"), Proof::Password(vec![1; 32].into()), &format!("198.51.100.{n}"))).collect();
    let outcomes =
        futures::future::join_all(guesses.iter().map(|call| stack.bus.call_within(call, std::time::Duration::from_secs(30)))).await;
    let busy = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Err(CallError::Refused(AuthRefusal::Busy { retry_after_s: 1.. }))))
        .count();
    let done =
        outcomes.iter().filter(|outcome| matches!(outcome, Err(CallError::Refused(AuthRefusal::InvalidCredentials)))).count();
    assert_eq!(busy + done, 120, "{outcomes:?}");
    // How many find a place goes by how long a hash takes here; never more than the queue has for strangers, and the one in hand.
    assert!(busy > 0 && (3..=64).contains(&done), "{busy} busy, {done} done");
}
