use std::time::Duration;

use sealcast_bus::CallError;
use sealcast_contracts::auth::{AuthRefusal, VerifySession};
use sealcast_testkit::{Postgres, eventually};

use crate::stack::{HOME, Stack, is_throttled};

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_people_log_in_and_guessing_is_still_limited() {
    let mut stack = Stack::start().await;
    let (alice, _) = stack.register("alice").await;
    stack.redis.kill();
    stack.ok(&alice.login(HOME)).await;
    // Half of what the budget is with Redis.
    let throttle = &stack.config.throttle;
    let halved = [throttle.login_network, throttle.login_first, throttle.login_account].map(|budget| budget.burst / 2);
    for _ in 0..halved.iter().sum() {
        assert_eq!(stack.refusal(&alice.wrong_login(HOME)).await, AuthRefusal::InvalidCredentials);
    }
    assert!(is_throttled(&stack.refusal(&alice.wrong_login(HOME)).await));
    stack.redis.restart();
    eventually("limits in Redis again", async || stack.call(&alice.login(HOME)).await.ok()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_postgres_the_answer_is_unavailable_and_it_comes_back() {
    let mut postgres = Postgres::start();
    let stack = Stack::start_on(postgres.database().await, |config| config.postgres.acquire_timeout_ms = 300).await;
    let (_, login) = stack.register("alice").await;
    let verify = VerifySession { token: login.token };
    postgres.kill();
    let outcome = stack.call(&verify).await;
    assert!(matches!(outcome, Err(CallError::Unavailable { .. })), "{outcome:?}");
    postgres.restart();
    eventually("an answer", async || stack.call(&verify).await.ok()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_can_change_only_what_it_must() {
    let stack = Stack::start().await;
    stack.register("alice").await;
    let pool = stack.database.pool("auth_svc");
    for forbidden in [
        "delete from auth.accounts",
        "update auth.accounts set username = 'mallory'",
        "update auth.certificates set certificate = ''",
        "delete from auth.certificates",
        "update auth.outbox set body = ''",
        "truncate auth.sessions",
        "create table auth.mine ()",
        "select * from chat.rooms",
    ] {
        let refused = sqlx::query(forbidden).execute(&pool).await.expect_err(forbidden);
        let code = refused.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned));
        assert!(matches!(code.as_deref(), Some("42501" | "42P01")), "{forbidden}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_waits_for_its_schema() {
    let stack = Stack::start().await;
    let owner = stack.database.pool("auth_owner");
    let runtime = sealcast_runtime::Runtime::detached(stack.config.clone());
    for (gone, back) in [
        // No migration has run; the last one has not.
        ("alter table auth._sqlx_migrations rename to hidden", "alter table auth.hidden rename to _sqlx_migrations"),
        (
            "update auth._sqlx_migrations set success = false where version > 1",
            "update auth._sqlx_migrations set success = true where version > 1",
        ),
    ] {
        sqlx::query(gone).execute(&owner).await.expect(gone);
        let start = sealcast_auth_svc::start(&runtime);
        tokio::pin!(start);
        assert!(tokio::time::timeout(Duration::from_millis(300), &mut start).await.is_err(), "it waits: {gone}");
        sqlx::query(back).execute(&owner).await.expect(back);
        start.await.expect("the schema is there");
    }
    runtime.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_release_before_runs_on_a_newer_schema() {
    let stack = Stack::start().await;
    let newer = "insert into auth._sqlx_migrations (version, description, success, checksum, execution_time)
        select max(version) + 1, 'of the next release', true, '', 0 from auth._sqlx_migrations";
    sqlx::query(newer).execute(&stack.database.pool("auth_owner")).await.expect("a newer schema");
    let mut owner = stack.config.clone();
    owner.postgres = stack.database.config("auth_owner");
    sealcast_auth_svc::migrate(owner, Vec::new()).await.expect("there is nothing for it to do");
    let runtime = sealcast_runtime::Runtime::detached(stack.config.clone());
    sealcast_auth_svc::start(&runtime).await.expect("it serves");
    runtime.stop().await;
}
