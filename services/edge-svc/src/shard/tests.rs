//! A shard without sockets: channels carry its streams, and its turns are taken one by one.

use std::sync::Arc;

use bytes::Bytes;
use rustls::{ServerConfig, crypto::aws_lc_rs::default_provider, server::ResolvesServerCertUsingSni, version::TLS13};
use sealcast_contracts::{ClientMessageId, EventId, RoomId, UserId, sse};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    config::{Config, DEFAULTS},
    streams::Frame,
};

const AGE_MAX: Duration = Duration::from_secs(3_600);
const EPOCH: u32 = 1;
/// Writes that a reader may leave untaken.
const CHANNEL: usize = 64;

struct Model {
    shard: Shard,
    readers: Vec<mpsc::Receiver<Bytes>>,
    seq: u64,
}

impl Model {
    fn new() -> Self {
        Self::with_ring(1 << 14)
    }

    fn with_ring(frames: usize) -> Self {
        let mut config: Config = sealcast_runtime::load(DEFAULTS).unwrap();
        config.streams.ring_frames_max = frames;
        let builder = ServerConfig::builder_with_provider(Arc::new(default_provider())).with_protocol_versions(&[&TLS13]).unwrap();
        let tls = builder.with_no_client_auth().with_cert_resolver(Arc::new(ResolvesServerCertUsingSni::new()));
        let (gate, _) = Gate::new(&config.listen, true, watch::channel(Arc::new(tls)).1).unwrap();
        let (poll, inbox) = Shard::prepare().unwrap();
        let head = EventId { stream_epoch: EPOCH, seq: 0 };
        let hub = Hub::new(head, &config.streams, vec![inbox.clone()], mpsc::channel(1).0);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let shard = Shard::new(0, Arc::new(gate), Arc::new(hub), inbox, poll, listener).unwrap();
        Self { shard, readers: Vec::new(), seq: 0 }
    }

    /// Opens a stream and reads its first octets.
    fn open(&mut self, rooms: &[RoomId], begin: Begin) -> u32 {
        let (index, (sender, reader)) = (self.readers.len() as u32, mpsc::channel(CHANNEL));
        self.readers.push(reader);
        let carrier = Carrier::Channel { sender, kill: CancellationToken::new() };
        let (user_id, rooms, first) = (UserId::generate(), rooms.to_vec(), Bytes::from_static(b"hello"));
        let admission = Admission { index, carrier, user_id, rooms, first, begin, age_max: AGE_MAX };
        self.shard.obey(Command::Admit(Box::new(admission)));
        assert_eq!(self.read(index), ["hello"]);
        index
    }

    /// The next message: `octets` times its number's last digit.
    fn publish(&mut self, room_id: RoomId, octets: usize) -> String {
        self.seq += 1;
        let text = (self.seq % 10).to_string().repeat(octets);
        let (id, cid, sender) = (EventId { stream_epoch: EPOCH, seq: self.seq }, ClientMessageId::generate(), UserId::generate());
        self.shard.obey(Command::Message(Arc::new(Frame { id, room_id, cid, sender, octets: text.clone().into() })));
        text
    }

    fn tell(&mut self, whom: Whom, event: &'static str) {
        self.shard.obey(Command::Tell { whom, event: event.into() });
    }

    /// What was written to a stream since.
    fn read(&mut self, index: u32) -> Vec<String> {
        let reader = &mut self.readers[index as usize];
        let written = std::iter::from_fn(|| reader.try_recv().ok());
        written.map(|octets| String::from_utf8(octets.to_vec()).unwrap()).collect()
    }

    fn pass(&mut self, seconds: u64) {
        self.shard.wire.now += ticks(Duration::from_secs(seconds));
        self.shard.keep_time();
    }

    fn settle(&mut self) {
        while !(self.shard.active.is_empty() && self.shard.tellings.is_empty() && self.shard.catching_up.is_empty()) {
            self.shard.fan_out();
            self.shard.catch_up();
        }
    }
}

#[test]
fn an_event_comes_behind_all_messages_that_came_before_it() {
    let (mut model, room_id) = (Model::new(), RoomId::generate());
    for _ in 0..2 * ROOM_WRITES {
        model.open(&[room_id], Begin::Live);
    }
    let last = 2 * ROOM_WRITES as u32 - 1;
    // More than one record takes, and more streams than the room's first share reaches.
    let messages: Vec<_> = (0..3).map(|_| model.publish(room_id, CHUNK_OCTETS / 2 + 1)).collect();
    model.tell(Whom::Streams(vec![last]), "event");
    model.settle();
    assert_eq!(model.read(last).concat(), messages.concat() + "event");
    assert_eq!(model.read(0).concat(), messages.concat());
}

#[test]
fn news_leave_a_turn_its_bound_and_go_along_with_what_is_due() {
    let (mut model, room_id) = (Model::new(), RoomId::generate());
    let count = 3 * TURN_WRITES as u32;
    for _ in 0..count {
        model.open(&[room_id], Begin::Live);
    }
    let silent = model.open(&[], Begin::Live);
    model.publish(room_id, 1);
    model.tell(Whom::Everybody { within: Duration::ZERO }, "news");
    model.shard.keep_time();
    model.shard.fan_out();
    let served = (0..count).filter(|index| !model.readers[*index as usize].is_empty()).count();
    assert!(served <= TURN_WRITES + ROOM_WRITES, "{served}");
    model.settle();
    assert!((0..count).all(|index| model.read(index) == ["news1"]));
    assert_eq!(model.read(silent), ["news"]);
}

#[test]
fn a_heartbeat_carries_the_news() {
    let mut model = Model::new();
    let index = model.open(&[], Begin::Live);
    model.tell(Whom::Everybody { within: Duration::from_secs(2 * sse::HEARTBEAT_S) }, "news");
    model.pass(sse::HEARTBEAT_S);
    assert_eq!(model.read(index), ["news"]);
    model.pass(sse::HEARTBEAT_S);
    model.settle();
    assert_eq!(model.read(index), [":\n\n"], "once");
}

#[test]
fn who_leaves_a_room_has_what_came_before_and_nothing_of_it_behind() {
    let mut model = Model::new();
    let (left, kept) = (RoomId::generate(), RoomId::generate());
    let (one, both) = (model.open(&[left], Begin::Live), model.open(&[left, kept], Begin::Live));
    let first = model.publish(left, 1);
    let second = model.publish(kept, 1);
    model.shard.obey(Command::Change { streams: vec![one, both], room_id: left, member: false });
    model.publish(left, 1);
    let last = model.publish(kept, 1);
    model.settle();
    assert_eq!(model.read(one).concat(), first);
    assert_eq!(model.read(both).concat(), first + &second + &last);
}

#[test]
fn a_stream_of_quiet_rooms_that_blocks_goes_on_from_where_it_was() {
    let write: [fn(&mut Model, u32); 3] = [
        |model, index| model.tell(Whom::Streams(vec![index]), "event"),
        |model, _| {
            model.tell(Whom::Everybody { within: Duration::ZERO }, "news");
            model.shard.keep_time();
        },
        |model, _| model.pass(sse::HEARTBEAT_S),
    ];
    for write in write {
        let (mut model, room_id) = (Model::with_ring(8), RoomId::generate());
        let index = model.open(&[room_id], Begin::Live);
        for _ in 0..CHANNEL {
            model.publish(RoomId::generate(), 1);
            write(&mut model, index);
            model.settle();
        }
        assert!(!model.shard.stream(index).unwrap().is_live(), "its reader has not read");
        let own = model.publish(room_id, 1);
        assert_eq!(model.read(index).len(), CHANNEL);
        model.shard.obey(Command::Channel { index });
        model.settle();
        assert_eq!(model.read(index), [own]);
    }
}

#[test]
fn those_that_catch_up_leave_a_turn_its_bound() {
    let (mut model, room_id) = (Model::new(), RoomId::generate());
    for _ in 0..10_000 {
        model.publish(RoomId::generate(), 1);
    }
    let own = model.publish(room_id, 1);
    let count = 50;
    for _ in 0..count {
        model.open(&[room_id], Begin::After(0));
    }
    model.shard.catch_up();
    assert!((1..10).contains(&(0..count).filter(|index| model.shard.stream(*index).unwrap().is_live()).count()));
    model.settle();
    assert!((0..count).all(|index| model.read(index) == [own.clone()]));
}
