use sealcast_contracts::{
    UserId,
    auth::{AccountKey, AuthRefusal, GetAccount, ListAccounts, Role, SetRole, VerifySession},
};
use sealcast_pgp::keyring::SecretKey;
use time::{Duration, OffsetDateTime};

use crate::stack::{BOOTSTRAP_TOKEN, HOME, Person, Stack, caller, is_throttled};

#[tokio::test(flavor = "multi_thread")]
async fn registering_opens_a_session_and_publishes_the_certificate() {
    let stack = Stack::start().await;
    let person = Person::new("alice");
    let mut registration = person.registration(HOME);
    registration.username = "Alice".to_owned();
    let login = stack.ok(&registration).await;
    assert_eq!((login.account.username.as_str(), login.account.role), ("alice", Role::Member));
    assert_eq!(login.account.fingerprint, person.key.fingerprint());
    assert_eq!(login.locked_key, registration.locked_key);
    assert_eq!(stack.ok(&VerifySession { token: login.token.clone() }).await, login.session);
    let user_id = login.account.user_id;
    for key in
        [AccountKey::UserId(user_id), AccountKey::Fingerprint(person.key.fingerprint()), AccountKey::Username("ALICE".to_owned())]
    {
        assert_eq!(stack.ok(&GetAccount { key }).await, login.account);
    }
    let absent = GetAccount { key: AccountKey::UserId(UserId::generate()) };
    assert_eq!(stack.refusal(&absent).await, AuthRefusal::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_given_once_and_so_is_what_looks_like_it() {
    let stack = Stack::start().await;
    stack.register("paypal").await;
    for taken in ["paypal", "paypa1"] {
        assert_eq!(stack.refusal(&Person::new(taken).registration(HOME)).await, AuthRefusal::UsernameTaken);
    }
    let mut shouted = Person::new("paypal").registration(HOME);
    shouted.username = "PayPal".to_owned();
    assert_eq!(stack.refusal(&shouted).await, AuthRefusal::UsernameTaken);
    for bad in ["ab", "with space", "p\u{430}ypal", "-dash"] {
        let refusal = stack.refusal(&Person::new(bad).registration(HOME)).await;
        assert!(matches!(refusal, AuthRefusal::UsernameInvalid { .. }), "{bad}: {refusal:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_simultaneous_registrations_one_wins() {
    let stack = Stack::start().await;
    let calls: Vec<_> = (0..5).map(|_| Person::new("highlander").registration(HOME)).collect();
    let outcomes = futures::future::join_all(calls.iter().map(|call| stack.call(call))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_outside_the_profile_are_refused() {
    let stack = Stack::start().await;
    let now = OffsetDateTime::now_utc();
    let good = Person::new("alice").registration(HOME).certificate.0;
    let octets = |key: SecretKey| key.certificate_octets().expect("a certificate");
    let generate = SecretKey::generate_user;
    let cases = [
        ("another name", octets(generate("bob", now).expect("a key"))),
        ("no User ID", octets(SecretKey::generate_room(now).expect("a key"))),
        ("from the future", octets(generate("alice", now + Duration::hours(1)).expect("a key"))),
        ("version 4", include_bytes!("../../../../crates/pgp/tests/vectors/certs/legacy.v4.pub.pgp").to_vec()),
        ("expired", include_bytes!("../../../../crates/pgp/tests/vectors/certs/expired.v6.pub.pgp").to_vec()),
        ("revoked", include_bytes!("../../../../crates/pgp/tests/vectors/certs/revoked.v6.pub.pgp").to_vec()),
        ("a secret key", Person::new("alice").key.to_octets().expect("a key").to_vec()),
        ("cut short", good[..good.len() - 1].to_vec()),
        ("too long", [&good[..], &[0; 4_096]].concat()),
        ("nothing", Vec::new()),
    ];
    for (what, certificate) in cases {
        let mut registration = Person::new("alice").registration(HOME);
        registration.certificate = certificate.into();
        let refusal = stack.refusal(&registration).await;
        assert!(matches!(refusal, AuthRefusal::CertificateRefused { .. }), "{what}: {refusal:?}");
    }
    let (alice, _) = stack.register("alice").await;
    let mut stolen = Person::new("alice2").registration(HOME);
    stolen.certificate = alice.registration(HOME).certificate;
    assert!(matches!(stack.refusal(&stolen).await, AuthRefusal::CertificateRefused { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_secrets_and_weak_parameters_are_refused() {
    let stack = Stack::start().await;
    let refused = async |change: fn(&mut sealcast_contracts::auth::RegisterAccount)| {
        let mut registration = Person::new("alice").registration(HOME);
        change(&mut registration);
        stack.refusal(&registration).await
    };
    for change in [
        (|call| call.kdf.m_kib = 8) as fn(&mut sealcast_contracts::auth::RegisterAccount),
        |call| call.kdf.t = 1,
        |call| call.kdf.m_kib = 1 << 30,
        |call| call.kdf.p = 4,
    ] {
        assert_eq!(refused(change).await, AuthRefusal::KdfOutOfRange);
    }
    for change in [
        (|call| call.auth = vec![1; 31].into()) as fn(&mut sealcast_contracts::auth::RegisterAccount),
        |call| call.recovery.auth = vec![].into(),
        |call| call.kdf.salt = vec![1; 8].into(),
        |call| call.locked_key = vec![].into(),
        |call| call.recovery.locked_key = vec![0; 4_097].into(),
    ] {
        assert!(matches!(refused(change).await, AuthRefusal::Malformed { .. }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bootstrap_token_makes_one_admin_who_gives_roles() {
    let stack = Stack::start().await;
    let mut wrong = Person::new("mallory").registration(HOME);
    wrong.bootstrap_token = Some("a guess".to_owned());
    assert_eq!(stack.refusal(&wrong).await, AuthRefusal::BootstrapRefused);
    let mut first = Person::new("ada").registration(HOME);
    first.bootstrap_token = Some(BOOTSTRAP_TOKEN.to_owned());
    let admin = stack.ok(&first).await;
    assert_eq!(admin.account.role, Role::Admin);
    // Who may more is asked for the password more often.
    let longest = Duration::hours(stack.config.sessions.privileged_absolute_h.into());
    assert!(admin.session.expires_at <= OffsetDateTime::now_utc() + longest);
    let mut second = Person::new("eve").registration(HOME);
    second.bootstrap_token = Some(BOOTSTRAP_TOKEN.to_owned());
    assert_eq!(stack.refusal(&second).await, AuthRefusal::BootstrapRefused);

    let (_, member) = stack.register("bob").await;
    let give = |by: &sealcast_contracts::auth::Login, user_id, role| SetRole { caller: caller(by), user_id, role };
    let bob = member.account.user_id;
    // What the caller claims to be counts for nothing.
    let mut forged = give(&member, bob, Role::Admin);
    forged.caller.role = Role::Admin;
    assert_eq!(stack.refusal(&forged).await, AuthRefusal::Forbidden);
    assert_eq!(stack.ok(&give(&admin, bob, Role::Auditor)).await.role, Role::Auditor);
    let older = stack.ok(&VerifySession { token: member.token.clone() }).await;
    assert_eq!(older.role, Role::Auditor);
    assert!(older.expires_at <= OffsetDateTime::now_utc() + longest, "it was opened as a member's");
    assert_eq!(stack.refusal(&give(&admin, UserId::generate(), Role::Auditor)).await, AuthRefusal::NotFound);
    // Without an admin the token would work again.
    let last = give(&admin, admin.account.user_id, Role::Member);
    assert!(matches!(stack.refusal(&last).await, AuthRefusal::Malformed { .. }));
    stack.ok(&give(&admin, bob, Role::Admin)).await;
    assert_eq!(stack.ok(&last).await.role, Role::Member);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_register_without_end() {
    let stack = Stack::start_with(|config| config.throttle.registration_address.burst = 2).await;
    stack.register("one").await;
    stack.register("two").await;
    let third = Person::new("three");
    assert!(is_throttled(&stack.refusal(&third.registration(HOME)).await));
    stack.ok(&third.registration("198.51.100.1")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_directory_comes_in_pages() {
    let stack = Stack::start().await;
    for name in ["ann", "ben", "cat", "dan", "eli"] {
        stack.register(name).await;
    }
    let (mut names, mut cursor, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = stack.ok(&ListAccounts { cursor, limit: 2, name: None }).await;
        names.extend(page.items.into_iter().map(|account| account.username));
        pages += 1;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((names, pages), (["ann", "ben", "cat", "dan", "eli"].map(str::to_owned).to_vec(), 3));
    let holding = async |name: &str| {
        let page = stack.ok(&ListAccounts { cursor: None, limit: 2, name: Some(name.to_owned()) }).await;
        page.items.into_iter().map(|account| account.username).collect::<Vec<_>>()
    };
    assert_eq!(holding("AN").await, ["ann", "dan"]);
    assert_eq!(holding("%").await, [""; 0], "not a pattern");
    for (cursor, limit) in [(None, 0), (None, 201), (Some("x".to_owned()), 10)] {
        assert!(matches!(stack.refusal(&ListAccounts { cursor, limit, name: None }).await, AuthRefusal::Malformed { .. }));
    }
}
