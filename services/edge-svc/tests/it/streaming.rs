//! Broadcasting: two edges, many clients, every message once and in order.

use std::time::Duration;

use sealcast_contracts::{
    Base64, EventId, RoomId, UserId,
    audit::Checkpoint,
    chat::ReadMarker,
    control::{CheckpointPublished, MembershipChanged, ReadMarked, RoomChange, RoomChanged, TailAdvanced},
    presence::{Presence, PresenceChanged, TypingStarted},
    sse,
};

use crate::world::{Path, World, message};

on_every_path! {
    two_edges_give_every_client_every_message_of_its_rooms_in_order,
    what_never_came_live_is_fetched,
    what_comes_twice_is_given_once,
    a_sequence_given_out_twice_and_a_new_stream_epoch_reset_the_streams,
    a_log_without_messages_streams_its_first,
    streams_go_on_after_nats_was_killed,
    membership_follows_the_signals,
    how_far_somebody_read_is_told_to_its_own_streams,
    checkpoints_presence_and_typing_reach_the_other_edge,
    who_does_not_want_to_be_seen_is_not,
    without_redis_nobody_gets_an_error,
    a_silent_stream_carries_a_comment,
}

const CLIENTS_PER_EDGE: usize = 8;
const MESSAGES: usize = 60;

async fn two_edges_give_every_client_every_message_of_its_rooms_in_order(path: Path) {
    let world = World::on(path).await;
    let edges = [world.edge("one").await, world.edge("two").await];
    let (shared, own) = (RoomId::generate(), RoomId::generate());
    let mut readers = Vec::new();
    for (index, edge) in edges.iter().cycle().take(2 * CLIENTS_PER_EDGE).enumerate() {
        let rooms = if index < 2 { vec![shared, own] } else { vec![shared] };
        let (_, token) = world.backend.member(&rooms);
        let events = edge.open(&token, None).await;
        assert_eq!(events.hello.resume, sse::Resume::Fresh);
        assert_eq!(events.hello.rooms.len(), rooms.len());
        readers.push((events, rooms));
    }
    let mut sent = Vec::new();
    for index in 0..MESSAGES {
        let room_id = if index % 3 == 0 { own } else { shared };
        sent.push((room_id, world.publish(room_id, &format!("message {index}")).await));
    }
    for (mut events, rooms) in readers {
        let expected: Vec<_> = sent.iter().filter(|(room_id, _)| rooms.contains(room_id)).map(|(_, id)| *id).collect();
        assert_eq!(events.ids(expected.len()).await, expected);
    }
    for edge in &edges {
        edge.stop().await;
    }
}

async fn what_never_came_live_is_fetched(path: Path) {
    let world = World::on(path).await;
    let edge = world.edge("one").await;
    let room_id = RoomId::generate();
    let (_, token) = world.backend.member(&[room_id]);
    let mut events = edge.open(&token, None).await;
    let first = world.publish(room_id, "live").await;
    // A hole in the middle: shown by the next live message.
    world.set_republish(false).await;
    let lost = [world.publish(room_id, "lost").await, world.publish(room_id, "lost too").await];
    world.set_republish(true).await;
    let next = world.publish(room_id, "live again").await;
    assert_eq!(events.ids(4).await, vec![first, lost[0], lost[1], next]);
    // A hole at the tail of a silent log: shown by its state.
    world.set_republish(false).await;
    let silent = world.publish(room_id, "nobody says so").await;
    assert_eq!(events.ids(1).await, vec![silent]);
    // And sooner when chat-svc knows.
    let told = world.publish(room_id, "chat-svc says so").await;
    world.bus.signal(&TailAdvanced { seq: told.seq }).await.unwrap();
    assert_eq!(events.ids(1).await, vec![told]);
    edge.stop().await;
}

async fn what_comes_twice_is_given_once(path: Path) {
    let world = World::on(path).await;
    let edge = world.edge("one").await;
    let room_id = RoomId::generate();
    let (_, token) = world.backend.member(&[room_id]);
    let mut events = edge.open(&token, None).await;
    let twice = message(room_id, b"twice".to_vec());
    let id = world.publish_message(&twice).await;
    world.republish(&twice, id.seq).await;
    let next = world.publish(room_id, "next").await;
    world.republish(&twice, id.seq).await;
    let last = world.publish(room_id, "last").await;
    assert_eq!(events.ids(3).await, vec![id, next, last]);
    edge.stop().await;
}

async fn a_sequence_given_out_twice_and_a_new_stream_epoch_reset_the_streams(path: Path) {
    let world = World::on(path).await;
    let edge = world.edge("one").await;
    let room_id = RoomId::generate();
    let (_, token) = world.backend.member(&[room_id]);
    let mut events = edge.open(&token, None).await;
    let id = world.publish(room_id, "before").await;
    assert_eq!(events.ids(1).await, vec![id]);
    world.republish(&message(room_id, b"another".to_vec()), id.seq).await;
    let reset: sse::Reset = events.next_of(&["reset"]).await.read();
    assert_eq!(reset.head.seq, id.seq - 1);
    assert_eq!(events.message().await.env, Base64(b"another".to_vec()));
    let mut risen = message(room_id, b"risen".to_vec());
    risen.stream_epoch = 2;
    let id = world.publish_message(&risen).await;
    assert_eq!(events.next_of(&["reset"]).await.read::<sse::Reset>().head, EventId { stream_epoch: 2, seq: id.seq - 1 });
    assert_eq!(events.message().await.id, id);
    edge.stop().await;
}

async fn a_log_without_messages_streams_its_first(path: Path) {
    let world = World::on(path).await;
    let edge = world.edge("one").await;
    let room_id = RoomId::generate();
    let (_, token) = world.backend.member(&[room_id]);
    let mut events = edge.open(&token, None).await;
    assert_eq!(events.hello.head.seq, 0);
    let head = events.hello.head;
    let id = world.publish(room_id, "first").await;
    assert_eq!(events.ids(1).await, vec![id]);
    let mut again = edge.open(&token, Some(head)).await;
    assert_eq!((again.hello.resume, again.ids(1).await), (sse::Resume::Exact, vec![id]));
    edge.stop().await;
}

async fn streams_go_on_after_nats_was_killed(path: Path) {
    let mut world = World::on(path).await;
    let edge = world.edge("one").await;
    let room_id = RoomId::generate();
    let (_, token) = world.backend.member(&[room_id]);
    let mut events = edge.open(&token, None).await;
    let before = world.publish(room_id, "before").await;
    world.nats.restart();
    let bus = world.nats.bus("chat-svc").await;
    let late = message(room_id, b"after".to_vec());
    let after = sealcast_testkit::eventually("an acknowledgement", async || {
        let payload = late.payload().into();
        let subject = sealcast_contracts::stream::room_subject(room_id);
        bus.publish(subject, "after", &late.headers(), payload, Duration::from_secs(1)).await.ok()
    })
    .await;
    assert_eq!(events.ids(2).await, vec![before, EventId { seq: after.seq, ..before }]);
    edge.stop().await;
}

async fn how_far_somebody_read_is_told_to_its_own_streams(path: Path) {
    let world = World::on(path).await;
    let edge = world.edge("one").await;
    let room_id = RoomId::generate();
    let (session, token) = world.backend.member(&[room_id]);
    let (_, others) = world.backend.member(&[room_id]);
    let (mut events, mut witness) = (edge.open(&token, None).await, edge.open(&others, None).await);
    let marker = ReadMarker { room_id, sealed: sealcast_contracts::Base64(vec![7; 60]) };
    world.bus.signal(&ReadMarked { user_id: session.user_id, marker: marker.clone() }).await.unwrap();
    assert_eq!(events.next_of(&["read"]).await.read::<ReadMarker>(), marker);
    // Whatever was signalled before has arrived with this; another member has heard of nothing else.
    world.bus.signal(&RoomChanged { room_id, change: RoomChange::Settings, user_id: None }).await.unwrap();
    assert_eq!(witness.next_of(&["room"]).await.read::<sse::RoomNotice>().change, RoomChange::Settings);
    edge.stop().await;
}

async fn membership_follows_the_signals(path: Path) {
    let world = World::on(path).await;
    let edge = world.edge("one").await;
    let (kept, other) = (RoomId::generate(), RoomId::generate());
    let (session, token) = world.backend.member(&[kept]);
    let (_, others) = world.backend.member(&[other]);
    let (mut events, mut witness) = (edge.open(&token, None).await, edge.open(&others, None).await);
    let change = |member| MembershipChanged { user_id: session.user_id, room_id: other, member };
    let told = |change| RoomChanged { room_id: kept, change, user_id: None };
    // Messages and signals come by different ways: only who has seen the one knows that the other comes behind it.
    let before = world.publish(other, "before joining").await;
    assert_eq!(witness.ids(1).await, [before]);
    // The notice that follows the signal on the same connection says that the signal has arrived.
    world.bus.signal(&change(true)).await.unwrap();
    world.bus.signal(&told(RoomChange::Members)).await.unwrap();
    assert_eq!(events.next_of(&["room"]).await.read::<sse::RoomNotice>().change, RoomChange::Members);
    let joined = world.publish(other, "after joining").await;
    assert_eq!(events.ids(1).await, vec![joined]);
    world.bus.signal(&change(false)).await.unwrap();
    world.bus.signal(&told(RoomChange::Epoch)).await.unwrap();
    assert_eq!(events.next_of(&["room"]).await.read::<sse::RoomNotice>().change, RoomChange::Epoch);
    world.publish(other, "after leaving").await;
    let last = world.publish(kept, "still here").await;
    assert_eq!(events.ids(1).await, vec![last]);
    edge.stop().await;
}

async fn checkpoints_presence_and_typing_reach_the_other_edge(path: Path) {
    let world = World::on(path).await;
    let (one, two) = (world.edge("one").await, world.edge("two").await);
    let room_id = RoomId::generate();
    let (_, watching) = world.backend.member(&[room_id]);
    let (session, writing) = world.backend.member(&[room_id]);
    let mut events = one.open(&watching, None).await;
    let covers = EventId { stream_epoch: 1, seq: 4 };
    let checkpoint = Checkpoint {
        size: 7,
        root: Base64(vec![1; 32]),
        note: "note".into(),
        vkey: "vkey".into(),
        covers: Some(covers),
        cosignatures: vec![],
    };
    world.bus.signal(&CheckpointPublished { checkpoint, covers }).await.unwrap();
    let notice: sse::CheckpointNotice = events.next_of(&["checkpoint"]).await.read();
    assert_eq!((notice.size, notice.covers), (7, covers));
    let _writer = two.open(&writing, None).await;
    loop {
        let change: PresenceChanged = events.next_of(&["presence"]).await.read();
        if change.user_id == session.user_id {
            assert_eq!(change.state, Presence::Online);
            break;
        }
    }
    let url = two.url(&format!("/api/v1/rooms/{room_id}/typing"));
    let typed = two.client().post(&url).bearer_auth(&writing).send().await.unwrap();
    assert_eq!(typed.status(), 204);
    let typing: TypingStarted = events.next_of(&["typing"]).await.read();
    assert_eq!(typing, TypingStarted { user_id: session.user_id, room_id });
    let list: serde_json::Value =
        one.client().get(one.url("/api/v1/presence")).bearer_auth(&watching).send().await.unwrap().json().await.unwrap();
    assert_eq!(list.as_array().unwrap().iter().filter(|seen| seen["state"] == "online").count(), 2, "{list}");
    one.stop().await;
    two.stop().await;
}

async fn who_does_not_want_to_be_seen_is_not(path: Path) {
    let world = World::on(path).await;
    let (one, two) = (world.edge("one").await, world.edge("two").await);
    let (_, watching) = world.backend.member(&[]);
    let (shy, token) = world.backend.member(&[]);
    let (plain, other) = world.backend.member(&[]);
    let mut events = one.open(&watching, None).await;
    let _shy = two.open(&token, None).await;
    let show = async |shown: bool| {
        let request = one.client().put(one.url("/api/v1/presence")).bearer_auth(&token);
        request.json(&serde_json::json!({ "shown": shown })).send().await.unwrap().status()
    };
    let mut next = async |of: UserId| loop {
        let change: PresenceChanged = events.next_of(&["presence"]).await.read();
        if change.user_id == of {
            return change.state;
        }
    };
    assert_eq!(next(shy.user_id).await, Presence::Online);
    assert_eq!(show(false).await, 204);
    assert_eq!(next(shy.user_id).await, Presence::Offline);
    // Another stream of theirs tells nobody: the next that is heard of is somebody else.
    let _again = two.open(&token, None).await;
    let _plain = two.open(&other, None).await;
    assert_eq!(next(plain.user_id).await, Presence::Online);
    let list: serde_json::Value =
        two.client().get(two.url("/api/v1/presence")).bearer_auth(&watching).send().await.unwrap().json().await.unwrap();
    let online =
        |user: UserId| list.as_array().unwrap().iter().any(|seen| seen["user_id"] == user.to_string() && seen["state"] == "online");
    assert!(!online(shy.user_id) && online(plain.user_id), "{list}");
    one.stop().await;
    two.stop().await;
}

async fn without_redis_nobody_gets_an_error(path: Path) {
    let mut world = World::on(path).await;
    world.redis.kill();
    let edge = world.edge("one").await;
    let room_id = RoomId::generate();
    let (_, token) = world.backend.member(&[room_id]);
    let mut events = edge.open(&token, None).await;
    let client = edge.client();
    let typed = client.post(edge.url(&format!("/api/v1/rooms/{room_id}/typing"))).bearer_auth(&token).send().await.unwrap();
    assert_eq!(typed.status(), 204);
    let seen = client.get(edge.url("/api/v1/presence")).bearer_auth(&token).send().await.unwrap();
    assert_eq!(seen.status(), 200);
    let id = world.publish(room_id, "messages do not need Redis").await;
    assert_eq!(events.ids(1).await, vec![id]);
    edge.stop().await;
}

async fn a_silent_stream_carries_a_comment(path: Path) {
    let world = World::on(path).await;
    let edge = world.edge("one").await;
    let (_, token) = world.backend.member(&[]);
    let mut response = crate::sse::request(&edge, &token, None).await;
    let commented = async {
        while let Some(chunk) = response.chunk().await.unwrap() {
            if chunk.ends_with(b":\n\n") {
                return;
            }
        }
        panic!("the stream ended");
    };
    tokio::time::timeout(Duration::from_secs(sse::HEARTBEAT_S + 10), commented).await.expect("a comment");
    edge.stop().await;
}
