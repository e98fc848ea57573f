//! One-time codes: asked for, taken once, and what a role is worth without them.

use sealcast_contracts::{
    admin::{ListManagedAccounts, ResetLoginLimits},
    auth::{
        AuthRefusal, BeginSecondFactor, ConfirmSecondFactor, GetSecondFactor, LogIn, Login, Proof, RemoveSecondFactor, Role,
        SecondFactor, SetRole, VerifySession,
    },
};
use time::Duration;
use totp_rs::{Builder, Secret, Totp};

use crate::stack::{BOOTSTRAP_TOKEN, HOME, Person, Stack, caller, is_throttled, log_in, origin};

const STEP: Duration = Duration::seconds(30);

/// An authenticator app that shares the service's clock.
struct App(Totp);

impl App {
    /// Scans what the service drew.
    async fn begin(stack: &Stack, person: &Person, login: &Login) -> Self {
        let proof = Proof::Password(person.password.clone());
        let new = stack.ok(&BeginSecondFactor { caller: caller(login), proof, origin: origin(HOME) }).await;
        assert!(new.uri.contains(&new.secret), "{}", new.uri);
        let secret = Secret::try_from_base32(&new.secret).expect("base32");
        Self(Builder::new().with_secret(secret).build().expect("codes"))
    }

    fn code(&self, stack: &Stack) -> String {
        self.0.generate(u64::try_from(stack.clock.now().unix_timestamp()).expect("a time")).to_string()
    }

    async fn confirm(&self, stack: &Stack, login: &Login) -> SecondFactor {
        stack.ok(&ConfirmSecondFactor { caller: caller(login), code: self.code(stack) }).await
    }
}

fn with_code(login: LogIn, code: &str) -> LogIn {
    LogIn { code: Some(code.to_owned()), ..login }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_asked_for_and_taken_once() {
    let stack = Stack::start().await;
    let (alice, login) = stack.register("alice").await;
    let app = App::begin(&stack, &alice, &login).await;
    // Drawn is not confirmed: no login asks yet.
    stack.ok(&alice.login(HOME)).await;
    let wrong = ConfirmSecondFactor { caller: caller(&login), code: "000000".to_owned() };
    assert_eq!(stack.refusal(&wrong).await, AuthRefusal::SecondFactorWrong);
    assert_eq!(app.confirm(&stack, &login).await, SecondFactor { active: true, required: false, used: true });

    assert_eq!(stack.refusal(&alice.login(HOME)).await, AuthRefusal::SecondFactorRequired);
    assert_eq!(stack.refusal(&with_code(alice.wrong_login(HOME), &app.code(&stack))).await, AuthRefusal::InvalidCredentials);
    let confirming = with_code(alice.login(HOME), &app.code(&stack));
    assert_eq!(stack.refusal(&confirming).await, AuthRefusal::SecondFactorWrong, "it has confirmed the factor");
    stack.clock.advance(STEP);
    let next = with_code(alice.login(HOME), &app.code(&stack));
    let second = stack.ok(&next).await;
    assert!(stack.ok(&GetSecondFactor { caller: caller(&second) }).await.used);
    assert_eq!(stack.refusal(&next).await, AuthRefusal::SecondFactorWrong, "nobody who looks over a shoulder gets in");
    stack.clock.advance(STEP * 10);
    assert_eq!(stack.refusal(&next).await, AuthRefusal::SecondFactorWrong, "it is old");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_not_in_the_database() {
    let stack = Stack::start().await;
    let (alice, login) = stack.register("alice").await;
    let app = App::begin(&stack, &alice, &login).await;
    let stored: Vec<u8> = sqlx::query_scalar("select secret from auth.second_factors")
        .fetch_one(&stack.database.pool("auth_owner"))
        .await
        .expect("a row");
    let secret = app.0.secret().as_bytes();
    assert!(!stored.windows(secret.len()).any(|window| window == secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_knows_the_password_guesses_ten_codes_an_hour() {
    let stack = Stack::start().await;
    let (alice, login) = stack.register("alice").await;
    let app = App::begin(&stack, &alice, &login).await;
    app.confirm(&stack, &login).await;
    let mut tried = 0;
    let refusal = loop {
        // From another network each time: the limit is the account's.
        let from = format!("198.51.{}.7", 100 + tried);
        match stack.refusal(&with_code(alice.login(&from), "000000")).await {
            AuthRefusal::SecondFactorWrong if tried < 20 => tried += 1,
            refusal => break refusal,
        }
    };
    assert!(is_throttled(&refusal), "{refusal:?} after {tried}");
    assert_eq!(tried, 10);
    // The owner's own browser has codes of its own, and as few.
    stack.clock.advance(STEP);
    let in_browser = |attempt: LogIn| LogIn { device: login.device.clone(), ..attempt };
    stack.ok(&in_browser(with_code(alice.login(HOME), &app.code(&stack)))).await;
    let wrong = in_browser(with_code(alice.login("203.0.113.5"), "000000"));
    for _ in 0..10 {
        assert_eq!(stack.refusal(&wrong).await, AuthRefusal::SecondFactorWrong);
    }
    assert!(is_throttled(&stack.refusal(&wrong).await));
    // An admin fills the budget again.
    let mut first = Person::new("ada").registration(HOME);
    first.bootstrap_token = Some(BOOTSTRAP_TOKEN.to_owned());
    let ada = stack.ok(&first).await;
    stack.ok(&ResetLoginLimits { caller: caller(&ada), user_id: login.account.user_id }).await;
    stack.clock.advance(STEP);
    stack.ok(&with_code(alice.login(HOME), &app.code(&stack))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_many_devices_guesses_no_more_codes_for_that() {
    let stack = Stack::start().await;
    let (alice, login) = stack.register("alice").await;
    // Each login makes another one.
    let mut devices = Vec::new();
    for _ in 0..5 {
        devices.push(stack.ok(&alice.login(HOME)).await.device);
    }
    let app = App::begin(&stack, &alice, &login).await;
    app.confirm(&stack, &login).await;
    let mut evaluated = 0;
    for device in devices {
        for _ in 0..10 {
            let wrong = LogIn { device: device.clone(), ..with_code(alice.login(HOME), "000000") };
            match stack.refusal(&wrong).await {
                AuthRefusal::SecondFactorWrong => evaluated += 1,
                refusal => assert!(is_throttled(&refusal), "{refusal:?}"),
            }
        }
    }
    let allowed = stack.config.throttle.second_factor_known.burst;
    // It refills a little while they guess.
    assert!((allowed..allowed + 3).contains(&evaluated), "{evaluated} codes were evaluated");
    // Who comes without a device has codes all the same.
    stack.clock.advance(STEP);
    stack.ok(&with_code(alice.login(HOME), &app.code(&stack))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_by_a_code_or_by_the_recovery_key() {
    let stack = Stack::start().await;
    let (alice, login) = stack.register("alice").await;
    let remove =
        |proof: Proof, code: Option<String>| RemoveSecondFactor { caller: caller(&login), proof, code, origin: origin(HOME) };
    let password = || Proof::Password(alice.password.clone());
    assert_eq!(stack.refusal(&remove(password(), None)).await, AuthRefusal::NotFound);
    let app = App::begin(&stack, &alice, &login).await;
    app.confirm(&stack, &login).await;
    let again = BeginSecondFactor { caller: caller(&login), proof: password(), origin: origin(HOME) };
    assert_eq!(stack.refusal(&again).await, AuthRefusal::SecondFactorActive);
    // Whoever has a session and no password spends nobody's codes.
    let confirmed = ConfirmSecondFactor { caller: caller(&login), code: "000000".to_owned() };
    for _ in 0..12 {
        assert_eq!(stack.refusal(&confirmed).await, AuthRefusal::SecondFactorActive);
    }
    assert_eq!(stack.refusal(&remove(password(), None)).await, AuthRefusal::SecondFactorRequired);
    assert_eq!(stack.refusal(&remove(password(), Some("000000".to_owned()))).await, AuthRefusal::SecondFactorWrong);
    stack.clock.advance(STEP);
    let none = SecondFactor { active: false, required: false, used: false };
    assert_eq!(stack.ok(&remove(password(), Some(app.code(&stack)))).await, none);
    stack.ok(&alice.login(HOME)).await;

    // Whoever has lost the app logs in with the recovery key, and takes the factor away with it.
    let app = App::begin(&stack, &alice, &login).await;
    app.confirm(&stack, &login).await;
    let recovery = Proof::Recovery(alice.recovery.clone());
    let recovered = stack.ok(&log_in("alice", recovery.clone(), HOME)).await;
    let by_recovery = RemoveSecondFactor { caller: caller(&recovered), proof: recovery, code: None, origin: origin(HOME) };
    assert_eq!(stack.ok(&by_recovery).await, none);
    stack.ok(&alice.login(HOME)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_needs_a_code_counts_only_with_one() {
    let stack = Stack::start_with(|config| config.accounts.second_factor_for = vec![Role::Admin, Role::Auditor]).await;
    let first = Person::new("ada");
    let mut registration = first.registration(HOME);
    registration.bootstrap_token = Some(BOOTSTRAP_TOKEN.to_owned());
    let setting_up = stack.ok(&registration).await;
    assert_eq!(setting_up.session.role, Role::Admin, "who sets up has had no chance yet");
    let list = |login: &Login| ListManagedAccounts { caller: caller(login), cursor: None, limit: 10, locked: false };
    stack.ok(&list(&setting_up)).await;

    let bare = stack.ok(&first.login(HOME)).await;
    assert_eq!((bare.session.role, bare.account.role), (Role::Member, Role::Admin));
    assert_eq!(stack.ok(&VerifySession { token: bare.token.clone() }).await.role, Role::Member);
    assert_eq!(stack.refusal(&list(&bare)).await, AuthRefusal::Forbidden);
    let (bob, bobs) = stack.register("bob").await;
    let promote = |by: &Login| SetRole { caller: caller(by), user_id: bobs.account.user_id, role: Role::Auditor };
    assert_eq!(stack.refusal(&promote(&bare)).await, AuthRefusal::Forbidden);
    stack.ok(&promote(&setting_up)).await;
    assert_eq!(stack.ok(&VerifySession { token: bobs.token.clone() }).await.role, Role::Member, "he has no factor yet");

    // Confirming makes the session count at once; so does a login with a code.
    let app = App::begin(&stack, &first, &bare).await;
    assert_eq!(app.confirm(&stack, &bare).await, SecondFactor { active: true, required: true, used: true });
    assert_eq!(stack.ok(&VerifySession { token: bare.token.clone() }).await.role, Role::Admin);
    stack.ok(&list(&bare)).await;
    let app = App::begin(&stack, &bob, &bobs).await;
    app.confirm(&stack, &bobs).await;
    stack.clock.advance(STEP);
    let auditor = stack.ok(&with_code(bob.login(HOME), &app.code(&stack))).await;
    assert_eq!(auditor.session.role, Role::Auditor);

    // Without the factor the role does not count any more, in sessions that had it too.
    stack.clock.advance(STEP);
    let code = Some(app.code(&stack));
    let proof = Proof::Password(bob.password.clone());
    stack.ok(&RemoveSecondFactor { caller: caller(&auditor), proof, code, origin: origin(HOME) }).await;
    assert_eq!(stack.ok(&VerifySession { token: auditor.token }).await.role, Role::Member);
}
