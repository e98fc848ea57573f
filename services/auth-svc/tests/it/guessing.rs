//! Guessing is slowed down, and cannot be used to lock somebody out.

use sealcast_auth_svc::throttle::{Account, Network, Seen, Throttle};
use sealcast_contracts::auth::{AuthRefusal, LogIn};
use sealcast_signals::Signals;

use crate::stack::{HOME, Person, Stack, is_throttled};

#[tokio::test(flavor = "multi_thread")]
async fn guesses_from_everywhere_are_stopped_and_the_owner_still_gets_in() {
    let stack = Stack::start_with(|config| config.throttle.login_first.burst = 1).await;
    let (alice, _) = stack.register("alice").await;
    // One guess of every neighbourhood, then more: they share what the account allows to strangers.
    let mut throttled = 0;
    for round in 0..2 {
        for n in 0..10 {
            let refusal = stack.refusal(&alice.wrong_login(&format!("10.{n}.0.{}", round + 1))).await;
            match refusal {
                refusal if is_throttled(&refusal) => throttled += 1,
                refusal => assert_eq!(refusal, AuthRefusal::InvalidCredentials),
            }
        }
    }
    assert!(throttled >= 5, "only {throttled} of 20 guesses were stopped");
    // At home nothing is different, however often.
    for _ in 0..15 {
        stack.ok(&alice.login(HOME)).await;
    }
    // On a network that the account has never seen, the owner gets through as well, and is known from then on.
    for _ in 0..5 {
        stack.ok(&alice.login("203.0.113.5")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_home_are_stopped_and_keep_out_nobody_who_is_known() {
    let stack = Stack::start().await;
    let (alice, login) = stack.register("alice").await;
    let throttle = &stack.config.throttle;
    // What a known network has, then what any other has.
    let allowed = throttle.login_network.burst + throttle.login_first.burst + throttle.login_account.burst;
    let mut evaluated = 0;
    for _ in 0..2 * allowed {
        let refusal = stack.refusal(&alice.wrong_login(HOME)).await;
        evaluated += u32::from(!is_throttled(&refusal));
    }
    assert!((allowed..allowed + 3).contains(&evaluated), "{evaluated} guesses were evaluated");
    // Throttled means throttled for the right password as well, or guessing would go on; but not for the owner's program.
    assert!(is_throttled(&stack.refusal(&alice.login(HOME)).await));
    for _ in 0..20 {
        stack.ok(&LogIn { device: login.device.clone(), ..alice.login(HOME) }).await;
    }
    stack.ok(&alice.login("203.0.113.5")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_network_where_somebody_has_guessed_is_a_network_like_any_other() {
    let stack = Stack::start().await;
    let (alice, _) = stack.register("alice").await;
    for _ in 0..stack.config.throttle.login_network.burst {
        assert_eq!(stack.refusal(&alice.wrong_login(HOME)).await, AuthRefusal::InvalidCredentials);
    }
    stack.ok(&alice.login(HOME)).await;
}

/// NIST SP 800-63B: a hundred. A budget gives `burst` at once, and as many again over its window.
#[tokio::test]
async fn no_more_than_a_hundred_guesses_are_evaluated_in_any_hour() {
    let throttle =
        sealcast_runtime::load::<sealcast_auth_svc::Config>(sealcast_auth_svc::config::DEFAULTS).expect("defaults").throttle;
    let shared = [throttle.login_network, throttle.login_first_all, throttle.login_account];
    let in_an_hour = shared.map(|budget| u64::from(budget.burst) + 3_600 * u64::from(budget.burst) / budget.window_s);
    assert!(in_an_hour.iter().sum::<u64>() <= 100, "{in_an_hour:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_try_many_accounts() {
    let stack = Stack::start().await;
    let burst = stack.config.throttle.login_address.burst;
    for n in 0..burst {
        let refusal = stack.refusal(&Person::new(&format!("nobody-{n}")).login("198.51.100.1")).await;
        assert_eq!(refusal, AuthRefusal::InvalidCredentials);
    }
    assert!(is_throttled(&stack.refusal(&Person::new("nobody").login("198.51.100.1")).await));
    assert_eq!(stack.refusal(&Person::new("nobody").login("198.51.100.2")).await, AuthRefusal::InvalidCredentials);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_because_all_are_busy_is_paid_by_the_address_alone() {
    let stack = Stack::start().await;
    let (alice, _) = stack.register("alice").await;
    // The service's own throttle, without its pool: every attempt finds all workers busy.
    let throttle = Throttle::new(Signals::connect(&stack.config.redis).expect("redis"), stack.config.throttle.clone());
    let (account, network) = (Account { username: "alice", resets: 0 }, Network::of([198, 51, 100, 1].into()));
    let mut refused = 0;
    while let Ok(ticket) = throttle.log_in(account, network, Seen::No).await {
        throttle.give_back(ticket.without_address()).await;
        refused += 1;
    }
    let burst = stack.config.throttle.login_address.burst;
    assert!((burst..burst + 3).contains(&refused), "{refused} attempts");
    assert!(is_throttled(&stack.refusal(&alice.login("198.51.100.1")).await));
    // A neighbour has all that the account and the neighbourhood allow.
    for _ in 0..8 {
        assert_eq!(stack.refusal(&alice.wrong_login("198.51.100.2")).await, AuthRefusal::InvalidCredentials);
    }
    assert!(is_throttled(&stack.refusal(&alice.wrong_login("198.51.100.2")).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_name_is_throttled_like_a_known_one() {
    let stack = Stack::start().await;
    let (alice, _) = stack.register("alice").await;
    let nobody = Person::new("nobody");
    for n in 0..12 {
        // Different hosts of one neighbourhood.
        let (known, unknown) = (alice.wrong_login(&format!("10.0.0.{n}")), nobody.login(&format!("10.0.1.{n}")));
        let (known, unknown) = (stack.refusal(&known).await, stack.refusal(&unknown).await);
        assert_eq!(is_throttled(&known), is_throttled(&unknown), "attempt {n}: {known:?}, {unknown:?}");
        assert_eq!(is_throttled(&known), n >= 8, "attempt {n}: three of the neighbourhood, five of the account");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_known_is_not_made_to_wait_by_its_neighbours() {
    let stack = Stack::start().await;
    let (alice, login) = stack.register("alice").await;
    let (bob, bobs) = stack.register("bob").await;
    while !is_throttled(&stack.refusal(&alice.wrong_login(HOME)).await) {}
    assert!(is_throttled(&stack.refusal(&alice.login(HOME)).await));
    let with = |login: LogIn, device: &Option<String>| LogIn { device: device.clone(), ..login };
    assert!(login.device.is_some());
    for _ in 0..3 {
        let again = stack.ok(&with(alice.login(HOME), &login.device)).await;
        stack.ok(&with(alice.login("203.0.113.5"), &again.device)).await;
    }
    // Somebody else's is worth nothing, and neither is one that nobody made.
    for device in [bobs.device, Some("A".repeat(75)), Some(String::new())] {
        assert!(is_throttled(&stack.refusal(&with(alice.login(HOME), &device)).await));
    }
    stack.ok(&bob.login(HOME)).await;
    // A thief of the browser guesses as slowly as anybody.
    while !is_throttled(&stack.refusal(&with(alice.wrong_login(HOME), &login.device)).await) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_networks_guess_they_are_bounded_together() {
    let stack = Stack::start().await;
    let (alice, _) = stack.register("alice").await;
    let mut evaluated = 0;
    for round in 1..=2 {
        for n in 0..60 {
            let refusal = stack.refusal(&alice.wrong_login(&format!("10.{n}.0.{round}"))).await;
            evaluated += u32::from(!is_throttled(&refusal));
        }
    }
    let throttle = &stack.config.throttle;
    let allowed = throttle.login_first_all.burst + throttle.login_account.burst;
    // The budgets refill a little while the guesses are hashed.
    assert!((allowed..allowed + 10).contains(&evaluated), "{evaluated} guesses were evaluated");
    stack.ok(&alice.login(HOME)).await;
}
