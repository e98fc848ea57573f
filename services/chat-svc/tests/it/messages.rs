use sealcast_bus::CallError;
use sealcast_chat_svc::RateConfig;
use sealcast_contracts::{
    Base64, ClientMessageId, Fingerprint, RoomId,
    auth::Role,
    chat::{AcceptMessage, Admission, ChatRefusal, OpenEpoch, RoomKind},
    context::MESSAGE_NOTATION,
    control::{Signal as _, TailAdvanced},
    stream::{ENVELOPES, LIVE_SUBJECTS, StreamMessage},
};
use sealcast_pgp::{keyring::SecretKey, message::seal};
use time::{Duration, OffsetDateTime};

use crate::world::{Draft, Person, RoomKeys, World, an_hour_ago, listed};

async fn lobby(world: &World) -> crate::world::Scene {
    world.room(RoomKind::Lobby, Admission::Invite).await
}

fn rule(refusal: ChatRefusal) -> String {
    match refusal {
        ChatRefusal::SignatureInvalid { rule } => rule,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_accepted_message_lies_in_the_stream_and_is_live() {
    let world = World::start().await;
    let scene = lobby(&world).await;
    let alice = world.person("alice");
    let mut live = world.bus.subscribe(LIVE_SUBJECTS).await.expect("a subscription");
    let call = scene.message(&alice, "hello");
    let accepted = world.ok(&call).await;
    assert_eq!((accepted.id.stream_epoch, accepted.id.seq, accepted.cid), (1, 1, call.cid));

    let received = live.next().await.expect("a live message");
    assert_eq!(received.sequence(), Some(accepted.id.seq));
    let message = StreamMessage::decode(&received.subject, |name| received.header(name), &received.payload).expect("our format");
    let expected = StreamMessage {
        room_id: scene.room_id(),
        stream_epoch: 1,
        sender: alice.id(),
        sender_fp: alice.key.fingerprint(),
        cid: call.cid,
        epoch: 1,
        accepted_at: accepted.accepted_at,
        env: call.env.0,
        sig: call.sig.0,
    };
    assert_eq!(message, expected);
    assert!(received.header("Nats-Msg-Id").is_some_and(|id| id.len() == 43 && id != call.cid.to_string()));
}

#[tokio::test]
async fn every_broken_rule_has_its_refusal() {
    let world = World::start().await;
    let scene = lobby(&world).await;
    let (alice, mallory) = (world.person("alice"), world.person("mallory"));
    let draft = || Draft::new(&scene, &alice, "hello");
    let (room, compliance) = (&scene.keys.key.certificate().encryption, &scene.compliance.certificate().encryption);
    let stranger = SecretKey::generate_room(an_hour_ago()).expect("a key");
    let sealed_to = |a, b| seal(a, b, b"hello").expect("an envelope").env;
    let with_env = |env| Draft::with_env(scene.room_id(), 1, &alice, env).sign();

    let too_large = with_env(vec![0; 65_537]);
    assert_eq!(world.refused(&too_large).await, ChatRefusal::EnvelopeTooLarge { limit: 65_536 });
    let malformed = with_env(b"-----BEGIN PGP MESSAGE-----".to_vec());
    assert!(matches!(world.refused(&malformed).await, ChatRefusal::EnvelopeMalformed { rule } if rule == "not-binary"));
    assert!(matches!(world.refused(&with_env(Vec::new())).await, ChatRefusal::EnvelopeMalformed { rule } if rule == "empty"));
    let mut trailing = draft();
    trailing.env.push(0xD2);
    assert!(matches!(world.refused(&trailing.sign()).await, ChatRefusal::EnvelopeMalformed { .. }));
    let key_of_stranger = &stranger.certificate().encryption;
    let without_compliance = sealed_to(room, room);
    let duplicated = world.refused(&with_env(without_compliance.clone())).await;
    assert!(matches!(duplicated, ChatRefusal::EnvelopeMalformed { rule } if rule == "recipient-duplicate"));
    // One recipient packet of 111 octets in front, cut off.
    assert_eq!(world.refused(&with_env(without_compliance[111..].to_vec())).await, ChatRefusal::ComplianceRecipientMissing);
    let without_room = sealed_to(compliance, compliance)[111..].to_vec();
    assert_eq!(world.refused(&with_env(without_room)).await, ChatRefusal::RoomRecipientMissing);
    assert_eq!(world.refused(&with_env(sealed_to(key_of_stranger, compliance))).await, ChatRefusal::RecipientUnexpected);

    let forged = Draft { signer: &mallory.key, ..draft() };
    assert_eq!(rule(world.refused(&forged.sign()).await), "issuer");
    let mut altered = draft().sign();
    altered.env = draft().sign().env;
    assert_eq!(rule(world.refused(&altered).await), "bad");
    let now = OffsetDateTime::now_utc();
    let replayed = Draft { at: now - Duration::seconds(301), ..draft() };
    assert_eq!(rule(world.refused(&replayed.sign()).await), "time-skew");
    let future = Draft { at: now + Duration::seconds(330), ..draft() };
    assert_eq!(rule(world.refused(&future.sign()).await), "time-skew");
    let unsigned = AcceptMessage { sig: Base64(Vec::new()), ..draft().sign() };
    world.refused(&unsigned).await;
    assert_eq!(rule(world.refused(&draft().sign_with("other@sealcast.example", "x")).await), "notation-form");
    assert_eq!(rule(world.refused(&draft().sign_with(MESSAGE_NOTATION, "v1;room=x")).await), "context-form");

    for field in ["room", "epoch", "cid"] {
        let mut wrong = draft();
        match field {
            "room" => wrong.context.room_id = RoomId::generate(),
            "epoch" => wrong.context.epoch = 2,
            _ => wrong.context.cid = ClientMessageId::generate(),
        }
        assert_eq!(world.refused(&wrong.sign()).await, ChatRefusal::ContextMismatch { field: field.into() });
    }
    let mut ahead = draft();
    (ahead.epoch, ahead.context.epoch) = (2, 2);
    assert_eq!(world.refused(&ahead.sign()).await, ChatRefusal::EpochStale { current: 1 });
    assert_eq!(world.bus.stream_state(ENVELOPES).await.expect("the stream").messages, 0, "what is refused is not stored");
}

#[tokio::test]
async fn the_order_of_the_checks_is_the_protocols() {
    let world = World::start().await;
    let scene = lobby(&world).await;
    let (alice, mallory) = (world.person("alice"), world.person("mallory"));
    // Everything is wrong: each repair shows the next fault.
    let mut draft = Draft { signer: &mallory.key, ..Draft::new(&scene, &alice, "hello") };
    (draft.epoch, draft.context.epoch, draft.context.cid) = (1, 2, ClientMessageId::generate());
    let good_env = std::mem::replace(&mut draft.env, vec![0; 65_537]);
    assert!(matches!(world.refused(&draft.sign()).await, ChatRefusal::EnvelopeTooLarge { .. }));
    draft.env = vec![0; 100];
    assert!(matches!(world.refused(&draft.sign()).await, ChatRefusal::EnvelopeMalformed { .. }));
    draft.env = good_env;
    assert!(matches!(world.refused(&draft.sign()).await, ChatRefusal::SignatureInvalid { .. }));
    draft.signer = &alice.key;
    assert!(matches!(world.refused(&draft.sign()).await, ChatRefusal::ContextMismatch { .. }));
    (draft.epoch, draft.context.cid) = (2, draft.cid);
    assert_eq!(world.refused(&draft.sign()).await, ChatRefusal::EpochStale { current: 1 });
}

#[tokio::test]
async fn the_message_of_an_old_epoch_is_stale() {
    let world = World::start().await;
    let scene = lobby(&world).await;
    let next: RoomKeys = scene.keys.next();
    let grants = vec![next.grant(&scene.admin, &scene.admin)];
    let caller = scene.admin.caller.clone();
    world.ok(&OpenEpoch { caller, room_id: scene.room_id(), epoch: next.opening(&scene.admin), grants }).await;
    assert_eq!(world.refused(&scene.message(&scene.admin, "old key")).await, ChatRefusal::EpochStale { current: 2 });
    let mut mixed = Draft::new(&scene, &scene.admin, "old key, new number");
    (mixed.epoch, mixed.context.epoch) = (2, 2);
    assert_eq!(world.refused(&mixed.sign()).await, ChatRefusal::RecipientUnexpected);
}

#[tokio::test]
async fn a_public_room_is_for_its_members() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Public, Admission::Approval).await;
    let mallory = world.person("mallory");
    assert_eq!(world.refused(&scene.message(&mallory, "hello")).await, ChatRefusal::Forbidden);
}

#[tokio::test]
async fn expired_and_revoked_certificates_sign_nothing() {
    let world = World::start().await;
    let scene = lobby(&world).await;
    for (name, expected) in [("expired", "key-expired"), ("revoked", "key-revoked")] {
        let sender = vector_person(&world, name);
        let refusal = rule(world.refused(&scene.message(&sender, "hello")).await);
        assert_eq!(refusal, expected, "{name}");
    }
}

/// A person with a stored certificate of `crates/pgp/tests/vectors`.
fn vector_person(world: &World, name: &str) -> Person {
    let read = |half: &str| std::fs::read(crate::vectors::path(&format!("certs/{name}.v6.{half}.pgp"))).expect("a vector");
    let key = SecretKey::from_octets(&read("sec")).expect("a key");
    let username = key.certificate().user_id.clone().expect("a user id");
    world.person_with_certificate(&username, Role::Member, key, read("pub"))
}

#[tokio::test]
async fn the_same_id_gets_the_same_answer_or_a_conflict() {
    let world = World::start().await;
    let scene = lobby(&world).await;
    let alice = world.person("alice");
    let mut hints = world.bus.subscribe(TailAdvanced::SUBJECT).await.expect("a subscription");
    let call = scene.message(&alice, "hello");
    let first = world.ok(&call).await;
    assert_eq!(world.ok(&call).await, first);
    let hint: TailAdvanced = serde_json::from_slice(&hints.next().await.expect("a hint").payload).expect("a signal");
    assert_eq!(hint.seq, first.id.seq);

    let mut other = Draft::new(&scene, &alice, "other");
    (other.cid, other.context.cid) = (call.cid, call.cid);
    assert_eq!(world.refused(&other.sign()).await, ChatRefusal::IdempotencyConflict);
    assert_eq!(world.ok(&call).await, first);
    assert_eq!(world.bus.stream_state(ENVELOPES).await.expect("the stream").messages, 1);
}

#[tokio::test]
async fn a_refusal_never_hides_an_earlier_acceptance() {
    let world = World::start_at(OffsetDateTime::now_utc, RateConfig { messages: 5, read_markers: 5, window_s: 3_600 }).await;
    let scene = lobby(&world).await;
    let alice = world.person("alice");
    // A few seconds before it is too old; then the clock goes on.
    let old = Draft { at: OffsetDateTime::now_utc() - Duration::seconds(297), ..Draft::new(&scene, &alice, "slow") };
    let (deadline, old) = (old.at + Duration::seconds(301), old.sign());
    let first = world.ok(&old).await;
    sealcast_testkit::eventually("the signature is too old", async || (OffsetDateTime::now_utc() > deadline).then_some(())).await;
    assert_eq!(world.ok(&old).await, first);

    let call = scene.message(&alice, "hello");
    let accepted = world.ok(&call).await;
    let next = scene.keys.next();
    let grants = vec![next.grant(&scene.admin, &scene.admin)];
    let caller = scene.admin.caller.clone();
    world.ok(&OpenEpoch { caller, room_id: scene.room_id(), epoch: next.opening(&scene.admin), grants }).await;
    assert_eq!(world.ok(&call).await, accepted, "the epoch is stale by now");
    assert_eq!(world.refused(&scene.message(&alice, "new")).await, ChatRefusal::EpochStale { current: 2 });
    // The budget is used up: only what was accepted is still answered.
    assert_eq!(world.ok(&call).await, accepted);
    assert!(matches!(world.refused(&scene.message(&alice, "more")).await, ChatRefusal::RateLimited { .. }));
    assert_eq!(world.bus.stream_state(ENVELOPES).await.expect("the stream").messages, 2, "questions are not stored");
}

#[tokio::test]
async fn nobody_swallows_anothers_message_by_its_id() {
    let world = World::start().await;
    let scene = lobby(&world).await;
    let (alice, bob) = (world.person("alice"), world.person("bob"));
    let own = RoomKeys::generate(RoomId::generate(), 1, None);
    world.ok(&own.creation(&alice, "Own", RoomKind::Private, Admission::Invite)).await;
    let cid = ClientMessageId::generate();
    let message = |room: &RoomKeys, sender: &Person| {
        let env =
            seal(&room.key.certificate().encryption, &scene.compliance.certificate().encryption, b"hi").expect("an envelope").env;
        let mut draft = Draft::with_env(room.room_id, 1, sender, env);
        (draft.cid, draft.context.cid) = (cid, cid);
        draft.sign()
    };
    let ids = [
        world.ok(&message(&scene.keys, &alice)).await.id.seq,
        world.ok(&message(&scene.keys, &bob)).await.id.seq,
        world.ok(&message(&own, &alice)).await.id.seq,
    ];
    assert_eq!(ids, [1, 2, 3]);
}

#[tokio::test]
async fn the_rate_is_limited_with_and_without_redis() {
    let mut world = World::start_at(OffsetDateTime::now_utc, RateConfig { messages: 2, read_markers: 2, window_s: 3_600 }).await;
    let scene = lobby(&world).await;
    let (alice, bob) = (world.person("alice"), world.person("bob"));
    for text in ["one", "two"] {
        world.ok(&scene.message(&alice, text)).await;
    }
    let limited = world.refused(&scene.message(&alice, "three")).await;
    assert!(matches!(limited, ChatRefusal::RateLimited { retry_after_s } if retry_after_s > 1_000), "{limited:?}");
    world.redis.kill();
    for text in ["one", "two"] {
        world.ok(&scene.message(&bob, text)).await;
    }
    assert!(matches!(world.refused(&scene.message(&bob, "three")).await, ChatRefusal::RateLimited { .. }));
}

#[tokio::test]
async fn without_the_directory_nothing_unverified_is_accepted() {
    let world = World::start().await;
    let scene = lobby(&world).await;
    let alice = world.person("alice");
    listed(&world, &alice, scene.room_id()).await.expect("the lobby");
    world.stop_directory().await;
    let outcome = world.call(&scene.message(&alice, "hello")).await;
    assert!(!matches!(outcome, Ok(_) | Err(CallError::Refused(_) | CallError::Unknown { .. })), "{outcome:?}");
    assert_eq!(world.bus.stream_state(ENVELOPES).await.expect("the stream").messages, 0);
}

#[tokio::test]
async fn a_session_of_another_certificate_does_not_sign() {
    let world = World::start().await;
    let scene = lobby(&world).await;
    let alice = world.person("alice");
    let mut call = scene.message(&alice, "hello");
    call.caller.fingerprint = Fingerprint([0; 32]);
    // The directory decides, not the session: its certificate is still the one that signed.
    world.ok(&call).await;
}
