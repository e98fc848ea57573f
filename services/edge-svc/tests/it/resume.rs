//! Going on where a client left off, on any edge; and saying so where that cannot be.

use std::time::Duration;

use sealcast_contracts::{EventId, RoomId, sse};
use sealcast_edge_svc::config::Config;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{
    transport::tls,
    world::{Path, World, message},
};

on_every_path! {
    a_resume_on_another_edge_misses_and_repeats_nothing,
    what_the_ring_has_lost_is_read_from_the_log,
    too_much_missed_is_a_gap_that_says_its_ends,
    long_messages_that_the_ring_has_lost_are_read_from_the_log,
    an_id_of_another_log_is_a_reset,
    an_edge_that_lags_behind_its_client_catches_up_first,
    a_slow_reader_is_cut_and_resumes_while_the_others_go_on,
    a_malformed_id_is_refused,
}

fn small(config: &mut Config) {
    config.streams.ring_frames_max = 3;
    config.streams.replay_messages_max = 10;
}

async fn a_resume_on_another_edge_misses_and_repeats_nothing(path: Path) {
    let world = World::on(path).await;
    let (one, two) = (world.edge("one").await, world.edge("two").await);
    let (room_id, other) = (RoomId::generate(), RoomId::generate());
    let (_, token) = world.backend.member(&[room_id]);
    let mut events = one.open(&token, None).await;
    let first = world.publish(room_id, "first").await;
    assert_eq!(events.ids(1).await, vec![first]);
    drop(events);
    let mut missed = Vec::new();
    for index in 0..20 {
        world.publish(other, "not for this client").await;
        missed.push(world.publish(room_id, &format!("missed {index}")).await);
    }
    let mut events = two.open(&token, Some(first)).await;
    assert_eq!(events.hello.resume, sse::Resume::Exact);
    assert_eq!(events.hello.node, "two");
    missed.push(world.publish(room_id, "live again").await);
    assert_eq!(events.ids(21).await, missed);
    one.stop().await;
    two.stop().await;
}

async fn what_the_ring_has_lost_is_read_from_the_log(path: Path) {
    let world = World::on(path).await;
    let edge = world.edge_with("one", small).await;
    let room_id = RoomId::generate();
    let (_, token) = world.backend.member(&[room_id]);
    let mut ids = Vec::new();
    for index in 0..10 {
        ids.push(world.publish(room_id, &format!("message {index}")).await);
    }
    let mut events = edge.open(&token, Some(ids[0])).await;
    assert_eq!(events.hello.resume, sse::Resume::Exact);
    ids.push(world.publish(room_id, "live").await);
    assert_eq!(events.ids(10).await, ids[1..]);
    // An edge that started after all of it has an empty ring.
    let late = world.edge_with("late", small).await;
    let mut events = late.open(&token, Some(ids[3])).await;
    assert_eq!((events.hello.resume, events.ids(7).await), (sse::Resume::Exact, ids[4..].to_vec()));
    edge.stop().await;
    late.stop().await;
}

async fn too_much_missed_is_a_gap_that_says_its_ends(path: Path) {
    let world = World::on(path).await;
    let edge = world.edge_with("one", small).await;
    let room_id = RoomId::generate();
    let (_, token) = world.backend.member(&[room_id]);
    let mut ids = Vec::new();
    for index in 0..20 {
        ids.push(world.publish(room_id, &format!("message {index}")).await);
    }
    let mut fresh = edge.open(&token, Some(ids[19])).await;
    assert_eq!(fresh.hello.resume, sse::Resume::Exact);
    let mut events = edge.open(&token, Some(ids[0])).await;
    assert_eq!(events.hello.resume, sse::Resume::Gap);
    let gap: sse::Gap = events.next_of(&["gap"]).await.read();
    assert_eq!(gap, sse::Gap { after: ids[0], up_to: ids[19] });
    let live = world.publish(room_id, "live").await;
    assert_eq!(events.ids(1).await, vec![live]);
    assert_eq!(fresh.ids(1).await, vec![live]);
    edge.stop().await;
}

async fn long_messages_that_the_ring_has_lost_are_read_from_the_log(path: Path) {
    let world = World::on(path).await;
    let room_id = RoomId::generate();
    let (_, token) = world.backend.member(&[room_id]);
    let mut ids = Vec::new();
    for _ in 0..60 {
        ids.push(world.publish_message(&message(room_id, vec![9; 60_000])).await);
    }
    // An edge that started after all of it has an empty ring, and one read of the log ends long before a page would.
    let edge = world.edge("late").await;
    for behind in [20, 40, 59] {
        let mut events = edge.open(&token, Some(ids[behind - 1])).await;
        assert_eq!((events.hello.resume, events.ids(60 - behind).await), (sse::Resume::Exact, ids[behind..].to_vec()));
    }
    edge.stop().await;
}

async fn an_id_of_another_log_is_a_reset(path: Path) {
    let world = World::on(path).await;
    let edge = world.edge("one").await;
    let room_id = RoomId::generate();
    let (_, token) = world.backend.member(&[room_id]);
    let id = world.publish(room_id, "first").await;
    let future = EventId { seq: id.seq + 1_000, ..id };
    let other_epoch = EventId { stream_epoch: 7, ..id };
    let earlier_epoch = EventId { stream_epoch: 0, ..id };
    for bad in [future, other_epoch, earlier_epoch] {
        let mut events = edge.open(&token, Some(bad)).await;
        assert_eq!(events.hello.resume, sse::Resume::Reset, "{bad}");
        assert_eq!(events.next_of(&["reset"]).await.read::<sse::Reset>().head, events.hello.head);
        let live = world.publish(room_id, "live").await;
        assert_eq!(events.ids(1).await, vec![live]);
    }
    edge.stop().await;
}

async fn an_edge_that_lags_behind_its_client_catches_up_first(path: Path) {
    let world = World::on(path).await;
    let edge = world.edge("one").await;
    let room_id = RoomId::generate();
    let (_, token) = world.backend.member(&[room_id]);
    world.set_republish(false).await;
    let seen_elsewhere = world.publish(room_id, "another edge was faster").await;
    let events = edge.open(&token, Some(seen_elsewhere)).await;
    assert_eq!(events.hello.resume, sse::Resume::Exact);
    assert_eq!(events.hello.head, seen_elsewhere);
    edge.stop().await;
}

async fn a_slow_reader_is_cut_and_resumes_while_the_others_go_on(path: Path) {
    let world = World::on(path).await;
    let edge = world.edge_with("one", |config| config.streams.lag_octets_max = 300_000).await;
    let room_id = RoomId::generate();
    let (_, token) = world.backend.member(&[room_id]);
    let mut quick = edge.open(&token, None).await;
    // A client that opens a stream and does not read it.
    let mut slow = tls(&edge, None, &["http/1.1"], Some(8 * 1024)).await.unwrap();
    let request = format!("GET /api/v1/events HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {token}\r\n\r\n");
    slow.write_all(request.as_bytes()).await.unwrap();
    let mut head = [0; 1];
    slow.read_exact(&mut head).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..40 {
        ids.push(world.publish_message(&message(room_id, vec![9; 60_000])).await);
        assert_eq!(quick.ids(1).await, ids[ids.len() - 1..]);
    }
    // Cut: what it reads now ends, before everything was sent.
    let mut read = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(10), slow.read_to_end(&mut read)).await;
    assert!(ended.is_ok(), "the connection was not ended");
    let text = String::from_utf8_lossy(&read);
    let got = text.matches("\nid: ").count();
    assert!(got < ids.len(), "nothing was cut");
    // It goes on behind a message that it certainly has.
    let last = ids[got.saturating_sub(2)];
    let mut again = edge.open(&token, Some(last)).await;
    assert_eq!(again.hello.resume, sse::Resume::Exact);
    let rest = &ids[got.saturating_sub(2) + 1..];
    assert_eq!(again.ids(rest.len()).await, rest);
    edge.stop().await;
}

async fn a_malformed_id_is_refused(path: Path) {
    let world = World::on(path).await;
    let edge = world.edge("one").await;
    let (_, token) = world.backend.member(&[]);
    let request = edge.client().get(edge.url("/api/v1/events")).bearer_auth(&token).header("last-event-id", "01-2");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 400);
    let problem: serde_json::Value = response.json().await.unwrap();
    assert_eq!(problem["errors"][0]["pointer"], "Last-Event-ID");
    edge.stop().await;
}
