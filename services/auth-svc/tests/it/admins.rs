use sealcast_contracts::{
    SessionId, UserId,
    admin::{
        GetManagedAccount, ListAccountSessions, ListAuthLimits, ListManagedAccounts, LockAccount, ResetLoginLimits,
        RevokeAccountSessions, UnlockAccount,
    },
    auth::{AuthRefusal, LogIn, Login, Role, SetRole, VerifySession},
    control::{SessionsRevoked, Signal},
    events::{AuditEvent, AuditEventKind},
    stream,
};
use sealcast_testkit::eventually;

use crate::stack::{BOOTSTRAP_TOKEN, HOME, Person, Stack, caller, is_throttled};

async fn admin(stack: &Stack) -> Login {
    let mut first = Person::new("ada").registration(HOME);
    first.bootstrap_token = Some(BOOTSTRAP_TOKEN.to_owned());
    stack.ok(&first).await
}

fn lock(by: &Login, of: &Login, reason: &str) -> LockAccount {
    LockAccount { caller: caller(by), user_id: of.account.user_id, reason: reason.to_owned() }
}

fn unlock(by: &Login, of: &Login) -> UnlockAccount {
    UnlockAccount { caller: caller(by), user_id: of.account.user_id }
}

/// The events of an actor that are not logins of their own, in their order.
async fn acts(stack: &Stack, actor: UserId, count: usize) -> Vec<AuditEventKind> {
    eventually("the events", async || {
        let messages = stack.bus.read(stream::EVENTS, stream::EVENT_SUBJECTS, 1, 100).await.ok()?;
        let events = messages.iter().map(|message| serde_json::from_slice::<AuditEvent>(&message.payload).expect("an event"));
        let own = ["account_registered", "certificate_published", "session_opened"];
        let acts = events.filter(|event| event.actor == Some(actor) && !own.contains(&event.kind().as_str()));
        let acts: Vec<_> = acts.map(|event| event.what).collect();
        (acts.len() >= count).then_some(acts)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_admin_locks_nobody() {
    let stack = Stack::start().await;
    let ada = admin(&stack).await;
    let (_, bob) = stack.register("bob").await;
    stack.ok(&SetRole { caller: caller(&ada), user_id: bob.account.user_id, role: Role::Admin }).await;
    stack.ok(&lock(&ada, &bob, "for now")).await;
    // As an edge lets bob through that has not heard of it yet.
    assert_eq!(stack.refusal(&lock(&bob, &ada, "in return")).await, AuthRefusal::Forbidden);
    let demotion = SetRole { caller: caller(&bob), user_id: ada.account.user_id, role: Role::Member };
    assert_eq!(stack.refusal(&demotion).await, AuthRefusal::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_account_is_shut_out_until_it_is_unlocked() {
    let stack = Stack::start().await;
    let mut signals = stack.bus.subscribe(SessionsRevoked::SUBJECT).await.expect("a subscription");
    let ada = admin(&stack).await;
    let (bob, login) = stack.register("bob").await;
    let (user_id, session_id) = (login.account.user_id, login.session.session_id);

    let locked = stack.ok(&lock(&ada, &login, "  laptop stolen ")).await;
    let found = locked.lock.clone().expect("a lock");
    assert_eq!((found.by, found.reason.as_str(), locked.sessions), (ada.account.user_id, "laptop stolen", 0));
    assert_eq!(stack.ok(&lock(&ada, &login, "again")).await, locked, "the first reason stays");
    let signal = tokio::time::timeout(std::time::Duration::from_secs(10), signals.next()).await.expect("in time").expect("open");
    let revoked = SessionsRevoked { user_id, session_ids: vec![session_id] };
    assert_eq!(serde_json::from_slice::<SessionsRevoked>(&signal.payload).expect("a signal"), revoked);
    assert_eq!(stack.refusal(&VerifySession { token: login.token.clone() }).await, AuthRefusal::SessionInvalid);
    assert_eq!(stack.refusal(&bob.login(HOME)).await, AuthRefusal::AccountLocked);
    // Who does not know the password does not learn of the lock.
    assert_eq!(stack.refusal(&bob.wrong_login(HOME)).await, AuthRefusal::InvalidCredentials);

    let list = |locked| ListManagedAccounts { caller: caller(&ada), locked, cursor: None, limit: 50 };
    assert_eq!(stack.ok(&list(true)).await.items, [locked]);
    assert_eq!(stack.ok(&list(false)).await.items.len(), 2);

    assert_eq!(stack.ok(&unlock(&ada, &login)).await.lock, None);
    stack.ok(&unlock(&ada, &login)).await;
    let back = stack.ok(&bob.login(HOME)).await;
    let shown = stack.ok(&GetManagedAccount { caller: caller(&ada), user_id }).await;
    assert_eq!((shown.sessions, shown.fingerprint, shown.role), (1, back.account.fingerprint, Role::Member));
    assert_eq!(
        acts(&stack, ada.account.user_id, 3).await,
        [
            AuditEventKind::AccountLocked { user_id, reason: "laptop stolen".to_owned() },
            AuditEventKind::SessionsRevoked { user_id, session_ids: vec![session_id] },
            AuditEventKind::AccountUnlocked { user_id },
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_who_can_log_in_always_stays() {
    let stack = Stack::start().await;
    let ada = admin(&stack).await;
    let (_, bob) = stack.register("bob").await;
    assert!(matches!(stack.refusal(&lock(&ada, &ada, "x")).await, AuthRefusal::Malformed { field, .. } if field == "user_id"));
    let give = |by: &Login, to: &Login, role| SetRole { caller: caller(by), user_id: to.account.user_id, role };
    stack.ok(&give(&ada, &bob, Role::Admin)).await;
    stack.ok(&lock(&ada, &bob, "on leave")).await;
    // Bob is an admin, but nobody could let him in.
    assert!(matches!(stack.refusal(&give(&ada, &ada, Role::Member)).await, AuthRefusal::Malformed { .. }));
    stack.ok(&unlock(&ada, &bob)).await;
    assert_eq!(stack.ok(&give(&ada, &ada, Role::Member)).await.role, Role::Member);
    // Ada's session still says admin; what it may do is looked up.
    assert_eq!(stack.refusal(&lock(&ada, &bob, "revenge")).await, AuthRefusal::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_others_are_listed_and_ended_with_a_trace() {
    let stack = Stack::start().await;
    let ada = admin(&stack).await;
    let (bob, first) = stack.register("bob").await;
    let second = stack.ok(&bob.login("203.0.113.5")).await;
    let user_id = first.account.user_id;
    let listed = stack.ok(&ListAccountSessions { caller: caller(&ada), user_id }).await;
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().any(|info| info.session_id == second.session.session_id && info.address == "203.0.113.5"));
    let revoke = |session_id| RevokeAccountSessions { caller: caller(&ada), user_id, session_id };
    // A session of somebody else is not one of this account.
    for foreign in [ada.session.session_id, SessionId::generate()] {
        assert_eq!(stack.refusal(&revoke(Some(foreign))).await, AuthRefusal::NotFound);
    }
    assert_eq!(stack.ok(&revoke(Some(first.session.session_id))).await.revoked, 1);
    assert_eq!(stack.refusal(&VerifySession { token: first.token.clone() }).await, AuthRefusal::SessionInvalid);
    stack.ok(&VerifySession { token: second.token.clone() }).await;
    assert_eq!(stack.ok(&revoke(None)).await.revoked, 1);
    assert_eq!(stack.ok(&revoke(None)).await.revoked, 0);
    stack.ok(&VerifySession { token: ada.token.clone() }).await;
    let ended = |login: &Login| AuditEventKind::SessionsRevoked { user_id, session_ids: vec![login.session.session_id] };
    let expected = [AuditEventKind::SessionsListed { user_id }, ended(&first), ended(&second)];
    assert_eq!(acts(&stack, ada.account.user_id, 3).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_mistyped_need_not_wait() {
    let stack = Stack::start_with(|config| config.throttle.login_known.burst = 2).await;
    let ada = admin(&stack).await;
    let (bob, login) = stack.register("bob").await;
    while !is_throttled(&stack.refusal(&bob.wrong_login(HOME)).await) {}
    assert!(is_throttled(&stack.refusal(&bob.login(HOME)).await));
    // The browser that the account knows has spent its own.
    let in_browser = |attempt: LogIn| LogIn { device: login.device.clone(), ..attempt };
    while !is_throttled(&stack.refusal(&in_browser(bob.wrong_login(HOME))).await) {}
    let user_id = login.account.user_id;
    stack.ok(&ResetLoginLimits { caller: caller(&ada), user_id }).await;
    stack.ok(&bob.login(HOME)).await;
    stack.ok(&in_browser(bob.login(HOME))).await;
    assert_eq!(acts(&stack, ada.account.user_id, 1).await, [AuditEventKind::LoginLimitsReset { user_id }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_admins_and_only_what_exists() {
    let stack = Stack::start().await;
    let ada = admin(&stack).await;
    let (_, bob) = stack.register("bob").await;
    let (mut forged, user_id) = (caller(&bob), ada.account.user_id);
    // What the caller claims to be counts for nothing.
    forged.role = Role::Admin;
    let mut refusals = Vec::new();
    for (caller, user_id) in [(forged, user_id), (caller(&ada), UserId::generate())] {
        let call = caller.clone();
        refusals.push(stack.refusal(&LockAccount { caller: call.clone(), user_id, reason: "x".to_owned() }).await);
        refusals.push(stack.refusal(&UnlockAccount { caller: call.clone(), user_id }).await);
        refusals.push(stack.refusal(&GetManagedAccount { caller: call.clone(), user_id }).await);
        refusals.push(stack.refusal(&ListAccountSessions { caller: call.clone(), user_id }).await);
        refusals.push(stack.refusal(&RevokeAccountSessions { caller: call.clone(), user_id, session_id: None }).await);
        refusals.push(stack.refusal(&ResetLoginLimits { caller: call, user_id }).await);
    }
    assert_eq!(refusals, [vec![AuthRefusal::Forbidden; 6], vec![AuthRefusal::NotFound; 6]].concat());
    let limits = stack.ok(&ListAuthLimits { caller: caller(&ada) }).await;
    let known = limits.iter().find(|limit| limit.name == "auth.throttle.login_known").expect("the budget");
    assert_eq!((known.limit, known.window_s), (10, Some(100)));
    assert_eq!(stack.refusal(&ListAuthLimits { caller: caller(&bob) }).await, AuthRefusal::Forbidden);
    let list = |login: &Login, limit| ListManagedAccounts { caller: caller(login), locked: false, cursor: None, limit };
    assert_eq!(stack.refusal(&list(&bob, 1)).await, AuthRefusal::Forbidden);
    let page = stack.ok(&list(&ada, 1)).await;
    let rest = ListManagedAccounts { cursor: page.next_cursor, ..list(&ada, 1) };
    assert_eq!(stack.ok(&rest).await.items[0].username, "bob");
    for reason in ["", "  ", "two\nlines", &"x".repeat(201)] {
        assert!(
            matches!(stack.refusal(&lock(&ada, &bob, reason)).await, AuthRefusal::Malformed { field, .. } if field == "reason")
        );
    }
}
