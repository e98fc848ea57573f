//! Ends of streams: revoked sessions, a draining node, age, limits.

use std::time::{Duration, Instant};

use sealcast_contracts::{RoomId, control::SessionsRevoked, sse};

use crate::{
    sse::request,
    world::{Path, World},
};

on_every_path! {
    a_revoked_session_ends_its_streams_on_every_edge_within_a_second,
    a_lost_signal_is_found_after_a_reconnect,
    a_drain_tells_every_client_and_ends_the_streams,
    an_aged_stream_sends_its_client_elsewhere,
    streams_are_limited_in_all_and_by_account,
    without_auth_svc_open_streams_go_on_and_new_ones_wait,
}

async fn a_revoked_session_ends_its_streams_on_every_edge_within_a_second(path: Path) {
    let world = World::on(path).await;
    let (one, two) = (world.edge("one").await, world.edge("two").await);
    let room_id = RoomId::generate();
    let (session, token) = world.backend.member(&[room_id]);
    let (_, other_token) = world.backend.member(&[room_id]);
    let mut streams = [one.open(&token, None).await, two.open(&token, None).await];
    let mut other = one.open(&other_token, None).await;
    world.backend.with(|facts| facts.sessions.remove(&token));
    let revoked = SessionsRevoked { user_id: session.user_id, session_ids: vec![session.session_id] };
    let started = Instant::now();
    world.bus.signal(&revoked).await.unwrap();
    for events in &mut streams {
        assert_eq!(events.rest().await, ["revoke"]);
    }
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    // Cached verdicts went as well.
    assert_eq!(request(&one, &token, None).await.status(), 401);
    let id = world.publish(room_id, "the others stay").await;
    assert_eq!(other.ids(1).await, vec![id]);
    one.stop().await;
    two.stop().await;
}

async fn a_lost_signal_is_found_after_a_reconnect(path: Path) {
    let mut world = World::on(path).await;
    let edge = world.edge("one").await;
    let (_, token) = world.backend.member(&[]);
    let mut events = edge.open(&token, None).await;
    world.backend.with(|facts| facts.sessions.remove(&token));
    world.nats.restart();
    assert_eq!(events.rest().await, ["revoke"]);
    edge.stop().await;
}

async fn a_drain_tells_every_client_and_ends_the_streams(path: Path) {
    let world = World::on(path).await;
    let edge = world.edge("one").await;
    let room_id = RoomId::generate();
    let (_, token) = world.backend.member(&[room_id]);
    let mut streams = Vec::new();
    for _ in 0..5 {
        streams.push(edge.open(&token, None).await);
    }
    let stopping = edge.runtime.clone();
    let stopped = tokio::spawn(async move { stopping.stop().await });
    for events in &mut streams {
        assert_eq!(events.next_of(&["drain"]).await.read::<sse::Drain>(), sse::Drain { spread_ms: 50 });
        assert_eq!(events.rest().await, Vec::<String>::new());
    }
    tokio::time::timeout(Duration::from_secs(10), stopped).await.expect("the node ends").unwrap();
    assert!(edge.client().get(edge.url("/api/v1/server")).send().await.is_err(), "nobody listens any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_leaves_keeps_no_connection_that_is_used() {
    let world = World::start().await;
    let edge = world.edge_with("one", |config| config.streams.drain_settle_ms = 1_000).await;
    let client = edge.client_with(reqwest::ClientBuilder::http1_only);
    let asks_to_leave = async || {
        let answer = client.get(edge.url("/api/v1/server")).send().await.unwrap();
        answer.headers().get("connection").is_some_and(|value| value == "close")
    };
    assert!(!asks_to_leave().await);
    let stopping = edge.runtime.clone();
    let stopped = tokio::spawn(async move { stopping.stop().await });
    // The ingress has not noticed yet: requests still come, and none finds its connection closed.
    sealcast_testkit::eventually("the node leaves", async || asks_to_leave().await.then_some(())).await;
    assert!(asks_to_leave().await);
    stopped.await.unwrap();
}

async fn an_aged_stream_sends_its_client_elsewhere(path: Path) {
    let world = World::on(path).await;
    let edge = world.edge_with("one", |config| config.streams.age_max_s = 1).await;
    let (_, token) = world.backend.member(&[]);
    let mut events = edge.open(&token, None).await;
    assert_eq!(events.rest().await, ["drain"]);
    edge.stop().await;
}

async fn streams_are_limited_in_all_and_by_account(path: Path) {
    let world = World::on(path).await;
    let limit = |config: &mut sealcast_edge_svc::config::Config| {
        config.streams.streams_max = 3;
        config.streams.streams_per_account_max = 2;
    };
    let edge = world.edge_with("one", limit).await;
    let ((_, one), (_, two)) = (world.backend.member(&[]), world.backend.member(&[]));
    let _streams = [edge.open(&one, None).await, edge.open(&one, None).await];
    let refused = request(&edge, &one, None).await;
    assert_eq!((refused.status().as_u16(), refused.headers().contains_key("retry-after")), (429, true));
    let _third = edge.open(&two, None).await;
    let full = request(&edge, &two, None).await;
    assert_eq!((full.status().as_u16(), full.headers().contains_key("retry-after")), (503, true));
    edge.stop().await;
}

async fn without_auth_svc_open_streams_go_on_and_new_ones_wait(path: Path) {
    let world = World::on(path).await;
    let edge = world.edge("one").await;
    let room_id = RoomId::generate();
    let (_, token) = world.backend.member(&[room_id]);
    let mut events = edge.open(&token, None).await;
    world.stop_services().await;
    let response = request(&edge, "never seen", None).await;
    assert_eq!((response.status().as_u16(), response.headers().contains_key("retry-after")), (503, true));
    let id = world.publish(room_id, "still here").await;
    assert_eq!(events.ids(1).await, vec![id]);
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_auth_svc_keeps_one_waiting_and_nobody_else_who_is_known() {
    let world = World::start().await;
    let edge = world.edge_with("one", |config| config.edge.session_believed_s = 0).await;
    let client = edge.client();
    let ask = async |token: &str| client.get(edge.url("/api/v1/auth/session")).bearer_auth(token).send().await.unwrap().status();
    let tokens: Vec<_> = (0..3).map(|_| world.backend.member(&[]).1).collect();
    for token in &tokens {
        assert_eq!(ask(token).await, 200);
    }
    world.backend.with(|facts| facts.auth_is_silent = true);
    assert_eq!(ask(&tokens[0]).await, 200, "it waits for an answer, and then does without");
    let second = is_slow(async { assert_eq!(ask(&tokens[1]).await, 200) });
    let stream = is_slow(async { drop(edge.open(&tokens[2], None).await) });
    let (second, stream) = tokio::join!(second, stream);
    assert!(!(second && stream), "one may ask whether it is back, a second after the last one");
    world.backend.with(|facts| facts.auth_is_silent = false);
    edge.stop().await;
}

async fn is_slow(work: impl Future<Output = ()>) -> bool {
    let begun = Instant::now();
    work.await;
    begun.elapsed() >= Duration::from_secs(1)
}
