//! Engines that go away and come back.

use sealcast_bus::CallError;
use sealcast_chat_svc::RateConfig;
use sealcast_contracts::{
    chat::{Admission, ListRooms, RoomKind},
    stream::ENVELOPES,
};
use sealcast_testkit::{Postgres, eventually};
use time::OffsetDateTime;

use crate::world::{PATIENCE, World};

#[tokio::test]
async fn a_publish_without_acknowledgement_is_unknown_and_heals() {
    let mut world = World::start().await;
    let scene = world.room(RoomKind::Lobby, Admission::Invite).await;
    let alice = world.person("alice");
    let before = world.ok(&scene.message(&alice, "before")).await;
    let call = scene.message(&alice, "during");

    let bus = world.bus.clone();
    let pending = {
        let call = call.clone();
        tokio::spawn(async move { bus.call_within(&call, PATIENCE).await })
    };
    world.nats.kill();
    let outcome = pending.await.expect("a task");
    // Killed this early, the call was answered, or its outcome is unknown; it is never called rejected.
    assert!(matches!(outcome, Ok(_) | Err(CallError::Unknown { .. })), "{outcome:?}");
    world.nats.restart();
    let healed = eventually("the message is accepted", async || world.call(&call).await.ok()).await;
    assert_eq!(healed.id.seq, before.id.seq + 1);
    assert_eq!(world.ok(&call).await, healed);
    assert_eq!(world.bus.stream_state(ENVELOPES).await.expect("the stream").messages, 2, "stored once");
    if let Ok(answered) = outcome {
        assert_eq!(answered, healed);
    }
}

#[tokio::test]
async fn a_frozen_stream_makes_the_outcome_unknown_not_rejected() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Lobby, Admission::Invite).await;
    let alice = world.person("alice");
    world.ok(&scene.message(&alice, "before")).await;
    let call = scene.message(&alice, "during");
    let bus = world.bus.clone();
    let pending = {
        let call = call.clone();
        tokio::spawn(async move { bus.call_within(&call, std::time::Duration::from_secs(3)).await })
    };
    world.nats.freeze(true);
    let outcome = pending.await.expect("a task");
    world.nats.freeze(false);
    assert!(matches!(outcome, Ok(_) | Err(CallError::Unknown { .. })), "{outcome:?}");
    let healed = eventually("the message is accepted", async || world.call(&call).await.ok()).await;
    assert_eq!(healed.id.seq, 2);
}

#[tokio::test]
async fn without_a_stream_the_message_is_certainly_not_stored() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Lobby, Admission::Invite).await;
    let alice = world.person("alice");
    world.bus.jetstream_api(&format!("STREAM.DELETE.{ENVELOPES}"), &serde_json::json!({})).await.expect("an operator's mistake");
    let outcome = world.call(&scene.message(&alice, "nowhere")).await;
    assert!(matches!(outcome, Err(CallError::Unavailable { .. })), "{outcome:?}");
}

#[tokio::test]
async fn without_postgres_calls_are_unavailable_and_come_back() {
    let mut postgres = tokio::task::spawn_blocking(Postgres::start).await.expect("a cluster of its own");
    let rate = RateConfig { messages: 1_000, window_s: 60 };
    let world = World::start_on(postgres.database().await, OffsetDateTime::now_utc, rate).await;
    let scene = world.room(RoomKind::Lobby, Admission::Invite).await;
    let alice = world.person("alice");
    world.ok(&scene.message(&alice, "before")).await;
    postgres.kill();
    let listing = ListRooms { caller: alice.caller.clone() };
    let outcome = world.call(&listing).await;
    assert!(matches!(outcome, Err(CallError::Unavailable { .. })), "{outcome:?}");
    let outcome = world.call(&scene.message(&alice, "during")).await;
    assert!(matches!(outcome, Err(CallError::Unavailable { .. })), "{outcome:?}");
    postgres.restart();
    eventually("Postgres is back", async || world.call(&listing).await.ok()).await;
    world.ok(&scene.message(&alice, "after")).await;
}
