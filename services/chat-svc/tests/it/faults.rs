//! Engines that go away and come back.

use sealcast_bus::CallError;
use sealcast_chat_svc::RateConfig;
use sealcast_contracts::{
    chat::{Admission, ListRooms, RemoveMember, RoomKind},
    stream::ENVELOPES,
};
use sealcast_testkit::{Postgres, eventually};
use time::OffsetDateTime;

use crate::{
    admission::{invite, redemption},
    world::{PATIENCE, World},
};

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
async fn while_the_stream_is_silent_messages_are_turned_away_unsent_and_then_pass_again() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Lobby, Admission::Invite).await;
    let alice = world.person("alice");
    world.ok(&scene.message(&alice, "before")).await;
    acknowledges(&world, false).await;
    let first = world.bus.call_within(&scene.message(&alice, "first"), PATIENCE).await;
    assert!(matches!(first, Err(CallError::Unknown { .. })), "{first:?}");
    eventually("a message is turned away", async || {
        matches!(world.call(&scene.message(&alice, "second")).await, Err(CallError::Unavailable { .. })).then_some(())
    })
    .await;
    acknowledges(&world, true).await;
    eventually("messages pass again", async || world.call(&scene.message(&alice, "third")).await.ok()).await;
}

#[tokio::test]
async fn who_was_removed_before_postgres_went_away_sends_nothing() {
    let mut postgres = tokio::task::spawn_blocking(Postgres::start).await.expect("a cluster of its own");
    let rate = RateConfig { messages: 1_000, read_markers: 1_000, window_s: 60 };
    let world = World::start_on(postgres.database().await, OffsetDateTime::now_utc, rate).await;
    let scene = world.room(RoomKind::Private, Admission::Invite).await;
    let (alice, mallory, room_id) = (world.person("alice"), world.person("mallory"), scene.room_id());
    let link = invite(&scene, &scene.admin, 10);
    world.ok(&link).await;
    for person in [&alice, &mallory] {
        world.ok(&redemption(person, &link)).await;
        world.ok(&scene.message(person, "before")).await;
    }
    world.ok(&RemoveMember { caller: scene.admin.caller.clone(), room_id, user_id: mallory.id() }).await;
    postgres.kill();
    let outcome = world.call(&scene.message(&mallory, "still here")).await;
    assert!(matches!(outcome, Err(CallError::Unavailable { .. })), "{outcome:?}");
}

/// Whether the stream acknowledges. One that does not is as silent as one whose disk is full.
async fn acknowledges(world: &World, does: bool) {
    let info = world.bus.jetstream_api(&format!("STREAM.INFO.{ENVELOPES}"), &serde_json::json!({})).await.expect("the stream");
    let mut config = info["config"].clone();
    config["no_ack"] = (!does).into();
    world.bus.jetstream_api(&format!("STREAM.UPDATE.{ENVELOPES}"), &config).await.expect("an update");
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
    let rate = RateConfig { messages: 1_000, read_markers: 1_000, window_s: 60 };
    let world = World::start_on(postgres.database().await, OffsetDateTime::now_utc, rate).await;
    let scene = world.room(RoomKind::Lobby, Admission::Invite).await;
    let (alice, bob) = (world.person("alice"), world.person("bob"));
    // Twice: alice's arrival in the lobby comes back as a signal, after which nothing holds that was read before.
    world.ok(&scene.message(&alice, "before")).await;
    world.ok(&scene.message(&alice, "and again")).await;
    postgres.kill();
    let listing = ListRooms { caller: alice.caller.clone() };
    let outcome = world.call(&listing).await;
    assert!(matches!(outcome, Err(CallError::Unavailable { .. })), "{outcome:?}");
    // What Postgres said of alice a moment ago still holds; of bob it never said anything.
    world.ok(&scene.message(&alice, "during")).await;
    let outcome = world.call(&scene.message(&bob, "during")).await;
    assert!(matches!(outcome, Err(CallError::Unavailable { .. })), "{outcome:?}");
    postgres.restart();
    eventually("Postgres is back", async || world.call(&listing).await.ok()).await;
    world.ok(&scene.message(&alice, "after")).await;
}
