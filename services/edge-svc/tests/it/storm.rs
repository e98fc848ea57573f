//! Many streams in many rooms, bursts, readers that stall and come back: each gets exactly what its rooms had, in order.

use std::time::Duration;

use sealcast_contracts::{EventId, RoomId, sse};

use crate::{
    sse::Events,
    world::{Edge, Path, World, message},
};

const ROOMS: usize = 12;
const READERS: usize = 30;
const MESSAGES: usize = 600;

on_every_path! {
    every_reader_gets_exactly_its_rooms_through_bursts_stalls_and_reconnects,
    many_resumes_share_what_is_read_from_the_log,
}

struct Reader {
    token: String,
    rooms: Vec<usize>,
    /// Reads this many messages, then comes back over another connection; 0: stays.
    leaves_after: usize,
    pause: Duration,
}

async fn every_reader_gets_exactly_its_rooms_through_bursts_stalls_and_reconnects(path: Path) {
    let world = World::on(path).await;
    let edges = [world.edge("one").await, world.edge("two").await];
    let rooms: Vec<_> = (0..ROOMS).map(|_| RoomId::generate()).collect();
    let readers: Vec<_> = (0..READERS).map(|index| reader(&world, &rooms, index)).collect();
    let mut streams = Vec::new();
    for (index, reader) in readers.iter().enumerate() {
        streams.push(edges[index % 2].open(&reader.token, None).await);
    }
    let publish = async {
        let mut sent = Vec::new();
        for index in 0..MESSAGES {
            // Bursts in one room, then another: as a busy room beside quiet ones.
            let room = room_of(index);
            sent.push((room, world.publish_message(&message(rooms[room], vec![index as u8; 700])).await));
        }
        sent
    };
    let read = futures::future::join_all(readers.iter().zip(streams).enumerate().map(async |(index, (reader, events))| {
        let expected = (0..MESSAGES).filter(|index| reader.rooms.contains(&room_of(*index))).count();
        follow(reader, events, &edges, index, expected).await
    }));
    let (sent, read) = tokio::join!(publish, read);
    for (reader, got) in readers.iter().zip(read) {
        let expected: Vec<_> = sent.iter().filter(|(room, _)| reader.rooms.contains(room)).map(|(_, id)| *id).collect();
        assert_eq!(got, expected);
    }
    for edge in &edges {
        edge.stop().await;
    }
}

fn room_of(index: usize) -> usize {
    if index.is_multiple_of(7) { index % ROOMS } else { (index / 50) % ROOMS }
}

fn reader(world: &World, rooms: &[RoomId], index: usize) -> Reader {
    let own: Vec<_> = (0..ROOMS).filter(|room| (index + room).is_multiple_of(1 + index % 4)).collect();
    let carried: Vec<_> = own.iter().map(|room| rooms[*room]).collect();
    let (_, token) = world.backend.member(&carried);
    let leaves_after = if index.is_multiple_of(3) { 17 + index } else { 0 };
    let pause = Duration::from_millis(if index.is_multiple_of(5) { 20 } else { 0 });
    Reader { token, rooms: own, leaves_after, pause }
}

/// Reads `expected` messages, with its habits.
async fn follow(reader: &Reader, mut events: Events, edges: &[Edge; 2], index: usize, expected: usize) -> Vec<EventId> {
    let mut got: Vec<EventId> = Vec::new();
    while got.len() < expected {
        got.push(events.message().await.id);
        if got.len().is_multiple_of(16) {
            tokio::time::sleep(reader.pause).await;
        }
        if reader.leaves_after > 0 && got.len().is_multiple_of(reader.leaves_after) && got.len() < expected {
            drop(events);
            events = edges[(index + got.len()) % 2].open(&reader.token, got.last().copied()).await;
            assert_eq!(events.hello.resume, sse::Resume::Exact);
        }
    }
    got
}

async fn many_resumes_share_what_is_read_from_the_log(path: Path) {
    let world = World::on(path).await;
    let room_id = RoomId::generate();
    let (_, token) = world.backend.member(&[room_id]);
    let mut ids = Vec::new();
    for index in 0..40 {
        ids.push(world.publish(room_id, &format!("message {index}")).await);
    }
    // Its ring is empty: all that these clients miss is in the log alone.
    let edge = world.edge("late").await;
    let opened = (0..30).map(|index| {
        let (edge, token, last) = (&edge, &token, ids[index % 10]);
        async move { edge.open(token, Some(last)).await }
    });
    let mut streams = futures::future::join_all(opened).await;
    for (index, events) in streams.iter_mut().enumerate() {
        assert_eq!(events.hello.resume, sse::Resume::Exact);
        let missed = &ids[index % 10 + 1..];
        assert_eq!(events.ids(missed.len()).await, missed);
    }
    let live = world.publish(room_id, "live").await;
    for events in &mut streams {
        assert_eq!(events.ids(1).await, [live]);
    }
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_crowd_that_is_turned_away_each_session_is_asked_for_once() {
    const CROWD: usize = 100;
    let world = World::start().await;
    let edge = world.edge("one").await;
    let client = edge.stream_client();
    let requests = (0..CROWD).map(|_| {
        let (_, token) = world.backend.member(&[]);
        client.get(edge.url("/api/v1/events")).bearer_auth(token).header("last-event-id", "nobody's").send()
    });
    for response in futures::future::join_all(requests).await {
        assert_eq!(response.unwrap().status(), 400);
    }
    assert_eq!(world.backend.with(|facts| facts.verifications), CROWD as u32);
    edge.stop().await;
}
