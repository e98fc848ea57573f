//! Attachments: sealed chunks in, the same chunks out, for whom they are.

use sealcast_contracts::{
    AttachmentId, Base64, RoomId,
    attachments::{Attachment, BeginAttachment, CompleteAttachment, DropAttachment, GetAttachment, GetChunk, PutChunk},
    auth::Role,
    chat::{Admission, ChatRefusal, RoomKind},
};
use sealcast_pgp::keyring::SecretKey;

use crate::world::{Person, Scene, World, an_hour_ago, sha256};

const FULL: usize = 131_088;

/// A file as its uploader has sealed it.
struct Sealed {
    room_id: RoomId,
    attachment_id: AttachmentId,
    chunks: Vec<Vec<u8>>,
}

impl Sealed {
    fn new(scene: &Scene, sizes: &[usize]) -> Self {
        let chunks = sizes.iter().enumerate().map(|(index, size)| vec![index as u8 + 1; *size]).collect();
        Self { room_id: scene.room_id(), attachment_id: AttachmentId::generate(), chunks }
    }

    fn octets(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.len() as u64).sum()
    }

    fn begin(&self, person: &Person) -> BeginAttachment {
        let (room_id, attachment_id) = (self.room_id, self.attachment_id);
        BeginAttachment { caller: person.caller.clone(), room_id, attachment_id, octets: self.octets() }
    }

    fn put(&self, person: &Person, index: usize) -> PutChunk {
        let octets = Base64(self.chunks[index].clone());
        let (room_id, attachment_id) = (self.room_id, self.attachment_id);
        PutChunk { caller: person.caller.clone(), room_id, attachment_id, index: index as u32, octets }
    }

    fn complete(&self, person: &Person) -> CompleteAttachment {
        let hashes: Vec<u8> = self.chunks.iter().flat_map(|chunk| sha256(chunk)).collect();
        let (room_id, attachment_id) = (self.room_id, self.attachment_id);
        CompleteAttachment { caller: person.caller.clone(), room_id, attachment_id, sha256: Base64(sha256(&hashes).to_vec()) }
    }

    fn get(&self, person: &Person, index: u32) -> GetChunk {
        GetChunk { caller: person.caller.clone(), room_id: self.room_id, attachment_id: self.attachment_id, index }
    }

    fn about(&self, person: &Person) -> GetAttachment {
        GetAttachment { caller: person.caller.clone(), room_id: self.room_id, attachment_id: self.attachment_id }
    }

    fn take_back(&self, person: &Person) -> DropAttachment {
        DropAttachment { caller: person.caller.clone(), room_id: self.room_id, attachment_id: self.attachment_id }
    }

    async fn upload(&self, world: &World, person: &Person) -> Attachment {
        world.ok(&self.begin(person)).await;
        for index in 0..self.chunks.len() {
            world.ok(&self.put(person, index)).await;
        }
        world.ok(&self.complete(person)).await
    }
}

fn malformed(refusal: &ChatRefusal) -> Option<&str> {
    match refusal {
        ChatRefusal::Malformed { field, .. } => Some(field),
        _ => None,
    }
}

#[tokio::test]
async fn chunks_come_in_any_order_and_go_out_once_they_are_whole() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Lobby, Admission::Invite).await;
    let (alice, bob) = (world.person("alice"), world.person("bob"));
    let file = Sealed::new(&scene, &[FULL, FULL, 1_000]);
    let begun = world.ok(&file.begin(&alice)).await;
    assert_eq!((begun.chunks, begun.completed_at), (3, None));
    assert_eq!(world.ok(&file.begin(&alice)).await, begun, "repeating it is harmless");

    for index in [2, 0] {
        world.ok(&file.put(&alice, index)).await;
    }
    assert_eq!(malformed(&world.refused(&file.complete(&alice)).await), Some("sha256"), "one is missing");
    assert_eq!(world.refused(&file.get(&alice, 0)).await, ChatRefusal::NotFound, "not before it is whole");
    for _ in 0..2 {
        world.ok(&file.put(&alice, 1)).await;
    }
    let mut other = file.put(&alice, 1);
    other.octets.0[0] ^= 1;
    assert_eq!(world.refused(&other).await, ChatRefusal::Conflict, "a chunk is never replaced");
    let mut wrong = file.complete(&alice);
    wrong.sha256.0[0] ^= 1;
    assert_eq!(malformed(&world.refused(&wrong).await), Some("sha256"));

    let complete = world.ok(&file.complete(&alice)).await;
    assert!(complete.completed_at.is_some());
    assert_eq!(world.ok(&file.complete(&alice)).await, complete, "repeating it is harmless");
    assert_eq!(world.ok(&file.about(&bob)).await, complete);
    for (index, chunk) in file.chunks.iter().enumerate() {
        assert_eq!(world.ok(&file.get(&bob, index as u32)).await.0, *chunk);
    }
    assert_eq!(world.refused(&file.get(&bob, 3)).await, ChatRefusal::NotFound);
    // What messages may name stays.
    world.ok(&file.take_back(&alice)).await;
    world.ok(&file.get(&bob, 0)).await;
    let stored = &world.wait_for_events("attachment_stored", 1).await[0]["body"];
    assert_eq!((&stored["octets"], stored["sha256"].as_str().map(str::len)), (&serde_json::json!(file.octets()), Some(64)));
}

#[tokio::test]
async fn a_complete_attachment_cannot_be_deleted() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Lobby, Admission::Invite).await;
    let file = Sealed::new(&scene, &[20]);
    file.upload(&world, &scene.admin).await;
    let pool = sealcast_runtime::postgres::connect(&world.owner().postgres).expect("a pool");
    // Not even by the schema's owner.
    let refused = sqlx::query("delete from attachments").execute(&pool).await.expect_err("it is kept");
    assert!(refused.to_string().contains("a complete attachment is kept"), "{refused}");
    let serving = sealcast_runtime::postgres::connect(&world.config.postgres).expect("a pool");
    for statement in ["delete from attachment_chunks", "update attachment_chunks set index = 5"] {
        let refused = sqlx::query(statement).execute(&serving).await.expect_err("the service may not");
        assert_eq!(refused.as_database_error().and_then(|error| error.code()).as_deref(), Some("42501"), "{statement}");
    }
}

#[tokio::test]
async fn others_neither_see_nor_change_it() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Private, Admission::Invite).await;
    let mallory = world.person("mallory");
    let file = Sealed::new(&scene, &[100]);
    assert_eq!(world.refused(&file.begin(&mallory)).await, ChatRefusal::NotFound);
    file.upload(&world, &scene.admin).await;
    assert_eq!(world.refused(&file.get(&mallory, 0)).await, ChatRefusal::NotFound);
    assert_eq!(world.refused(&file.about(&mallory)).await, ChatRefusal::NotFound);
    assert_eq!(world.refused(&file.take_back(&mallory)).await, ChatRefusal::NotFound);
    // Named with another room, it does not exist.
    let elsewhere = Sealed { room_id: RoomId::generate(), attachment_id: file.attachment_id, chunks: Vec::new() };
    assert_eq!(world.refused(&elsewhere.get(&scene.admin, 0)).await, ChatRefusal::NotFound);
}

#[tokio::test]
async fn an_auditor_reads_what_is_sealed_and_that_is_recorded_first() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Private, Admission::Invite).await;
    let key = SecretKey::generate_user("olga", an_hour_ago()).expect("a key");
    let auditor = world.person_with("olga", Role::Auditor, key);
    let file = Sealed::new(&scene, &[FULL, 17]);
    file.upload(&world, &scene.admin).await;
    world.ok(&file.get(&scene.admin, 0)).await;
    assert!(world.events("attachment_read").await.is_empty(), "members read without an entry");
    for index in 0..2 {
        assert_eq!(world.ok(&file.get(&auditor, index)).await.0, file.chunks[index as usize]);
    }
    let read = world.wait_for_events("attachment_read", 1).await;
    assert_eq!(read.len(), 1, "one file, one entry");
    assert_eq!(read[0]["actor"], serde_json::json!(auditor.id()));
    assert_eq!(read[0]["body"]["attachment_id"], serde_json::json!(file.attachment_id));
}

#[tokio::test]
async fn sizes_and_quotas_are_kept() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Lobby, Admission::Invite).await;
    let alice = world.person("alice");
    let begin = |octets: u64| BeginAttachment { octets, ..Sealed::new(&scene, &[20]).begin(&alice) };
    for octets in [0, 15, FULL as u64 + 16, 200 * FULL as u64 + 17, u64::MAX] {
        assert_eq!(malformed(&world.refused(&begin(octets)).await), Some("octets"), "{octets}");
    }
    let file = Sealed::new(&scene, &[FULL, 500]);
    world.ok(&file.begin(&alice)).await;
    for (index, size) in [(0, FULL - 1), (1, FULL), (1, 501)] {
        let put = PutChunk { octets: Base64(vec![0; size]), ..file.put(&alice, index) };
        assert_eq!(malformed(&world.refused(&put).await), Some("octets"), "{index} {size}");
    }
    let beyond = PutChunk { index: 2, ..file.put(&alice, 1) };
    assert_eq!(malformed(&world.refused(&beyond).await), Some("index"));

    // This world allows one MiB a day; what is taken back does not count.
    let limit = |what: &str, limit: u32| ChatRefusal::LimitReached { what: what.into(), limit };
    assert_eq!(world.refused(&begin(8 * FULL as u64)).await, limit("MiB of attachments a day", 1));
    world.ok(&file.take_back(&alice)).await;
    assert_eq!(world.refused(&file.put(&alice, 0)).await, ChatRefusal::NotFound);
    for _ in 0..50 {
        world.ok(&begin(20)).await;
    }
    assert_eq!(world.refused(&begin(20)).await, limit("unfinished attachments", 50));
}
