//! A log as audit-svc keeps it: real keys, real envelopes, real signatures, in memory.

use sealcast_bundle::{Anchors, CertificateLine, Draft, Exporter, Finish, Manifest, Query, Report, verify};
use sealcast_contracts::{
    Base64, ClientMessageId, EventId, ExportId, RoomId, UserId,
    audit::{
        Checkpoint,
        leaves::{LeafContent, LeafPage, LeafRange, LogLeaf, ProvenEvent},
    },
    context::{EXPORT_NOTATION, MESSAGE_NOTATION, MessageContext, SeenCheckpoint},
};
use sealcast_merkle::{
    checkpoint::{SigningKey, TreeHead, generate_skey},
    leaf::{self, EventLeaf, LeafText, MessageLeaf},
    tree::{self, Frontier, StoredHashes},
};
use sealcast_pgp::{keyring::SecretKey, message::seal};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// From when on, and until when.
pub type Times = (Option<OffsetDateTime>, Option<OffsetDateTime>);

/// Leaves of a page.
const PAGE: usize = 7;

pub struct Person {
    pub id: UserId,
    pub name: String,
    pub key: SecretKey,
}

/// Two rooms, three people, the log of what they did.
pub struct Log {
    pub room: RoomId,
    pub other: RoomId,
    pub people: Vec<Person>,
    pub compliance: SecretKey,
    /// Those before it, the first one first.
    pub earlier: Vec<SecretKey>,
    pub key: SigningKey,
    pub begin: OffsetDateTime,
    room_key: SecretKey,
    leaves: Vec<LogLeaf>,
    frontier: Frontier,
    hashes: StoredHashes,
}

impl Log {
    /// A conversation of `messages` messages, one a minute, alternately in two rooms, after everybody has joined.
    pub fn new(messages: u64) -> Self {
        let begin = (OffsetDateTime::now_utc() - Duration::hours(12)).replace_nanosecond(0).unwrap();
        let person = |name: &str| Person {
            id: UserId::generate(),
            name: name.to_owned(),
            key: SecretKey::generate_user(name, begin - Duration::DAY).unwrap(),
        };
        let mut log = Self {
            room: RoomId::generate(),
            other: RoomId::generate(),
            people: ["ann", "ben", "cy"].map(person).into(),
            compliance: SecretKey::generate_user("Compliance", begin - Duration::DAY).unwrap(),
            earlier: Vec::new(),
            key: SigningKey::parse(&generate_skey().unwrap()).unwrap(),
            begin,
            room_key: SecretKey::generate_room(begin - Duration::DAY).unwrap(),
            leaves: Vec::new(),
            frontier: Frontier::default(),
            hashes: StoredHashes::new(),
        };
        for at in 0..3 {
            log.join(log.room, at);
            log.join(log.other, at);
        }
        for minute in 1..=messages {
            let room = if minute % 2 == 0 { log.other } else { log.room };
            log.say(room, minute, &format!("message {minute}"));
        }
        log
    }

    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The state at this size.
    pub fn head(&self) -> TreeHead {
        TreeHead { size: self.size(), root: self.frontier.root() }
    }

    /// The root that the log had.
    pub fn root_of(&self, size: u64) -> [u8; 32] {
        let mut frontier = Frontier::default();
        self.leaves[..size as usize].iter().for_each(|leaf| drop(frontier.append(leaf::hash(&leaf.leaf))));
        frontier.root()
    }

    fn append(&mut self, leaf: String) -> u64 {
        let leaf_index = self.size();
        self.hashes.extend(self.frontier.append(leaf::hash(&leaf)));
        self.leaves.push(LogLeaf { leaf_index, leaf, message: None, body: None });
        leaf_index
    }

    fn join(&mut self, room_id: RoomId, person: usize) {
        let user_id = self.people[person].id;
        let body = format!(r#"{{"room_id":"{room_id}","user_id":"{user_id}","by":"invite"}}"#);
        let leaf = EventLeaf {
            event_id: Uuid::now_v7(),
            kind: "member_joined",
            actor: Some(user_id),
            at: self.begin,
            body: body.as_bytes(),
        };
        let index = self.append(leaf.to_string());
        self.leaves[index as usize].body = Some(body);
    }

    /// From now on messages are for another compliance key.
    pub fn rotate_compliance(&mut self) {
        let next = SecretKey::generate_user("Compliance", self.begin).unwrap();
        self.earlier.push(std::mem::replace(&mut self.compliance, next));
    }

    /// A message that vouches for the log as it is.
    pub fn say(&mut self, room_id: RoomId, minute: u64, text: &str) {
        let mut root = [0; 16];
        root.copy_from_slice(&self.frontier.root()[..16]);
        let cp = SeenCheckpoint { size: self.size(), root };
        self.say_having_seen(room_id, minute, text, cp);
    }

    pub fn say_having_seen(&mut self, room_id: RoomId, minute: u64, text: &str, cp: SeenCheckpoint) {
        let person = &self.people[(minute % 3) as usize];
        let mut context = MessageContext { room_id, epoch: 1, cid: ClientMessageId::generate(), prev: [0; 16], skc: [0; 32], cp };
        let from = person.key.fingerprint();
        let body = serde_json::json!({"v": 1, "from": from, "ctx": context.inner(), "t": "text", "b": text, "pad": ""});
        let (room, compliance) = (&self.room_key.certificate().encryption, &self.compliance.certificate().encryption);
        let sealed = seal(room, compliance, &serde_json::to_vec(&body).unwrap()).unwrap();
        context.skc = sealed.session_key.commitment();
        let at = self.begin + Duration::minutes(minute as i64);
        let sig = person.key.sign(&sealed.env, MESSAGE_NOTATION, &context.to_string(), at).unwrap();
        let leaf = MessageLeaf {
            id: EventId { stream_epoch: 1, seq: minute },
            room_id,
            epoch: 1,
            cid: context.cid,
            sender: person.id,
            sender_fp: from,
            accepted_at: at,
            env: &sealed.env,
            sig: &sig,
        };
        let index = self.append(leaf.to_string());
        self.leaves[index as usize].message = Some(LeafContent { env: Base64(sealed.env), sig: Base64(sig) });
    }

    /// As audit-svc answers `FindLeafRange`.
    pub fn range(&self, (since, until): Times, from: u64, to: u64) -> LeafRange {
        let before: StoredHashes = self.hashes.iter().map(|(index, hash)| (*index, *hash)).collect();
        let frontier = Frontier::restore(from, &before).unwrap().subtrees();
        let head = self.head();
        let path = tree::consistency_proof(to, head.size, &self.hashes).unwrap();
        let octets = |hashes: Vec<[u8; 32]>| hashes.into_iter().map(|hash| Base64(hash.to_vec())).collect();
        let checkpoint = Checkpoint {
            size: head.size,
            root: Base64(head.root.to_vec()),
            note: self.key.sign(&head),
            vkey: self.key.vkey().to_owned(),
            covers: None,
            cosignatures: Vec::new(),
        };
        let (export_id, room_id) = (ExportId::generate(), self.room);
        let (frontier, consistency) = (octets(frontier), octets(path));
        LeafRange { export_id, room_id, since, until, from, to, frontier, consistency, checkpoint }
    }

    /// As audit-svc answers `ReadLeaves`: only the room's messages have content.
    pub fn page(&self, from: u64, to: u64) -> LeafPage {
        let mine = format!("\nroom={}\n", self.room);
        let items = self.leaves[from as usize..to as usize].iter().take(PAGE).cloned().map(|mut leaf| {
            leaf.message = leaf.message.filter(|_| leaf.leaf.contains(&mine));
            leaf
        });
        LeafPage { items: items.collect() }
    }

    /// As audit-svc answers `ListRoomEvents`.
    pub fn events_before(&self, before: u64) -> Vec<ProvenEvent> {
        let of_room = |leaf: &&LogLeaf| leaf.body.as_ref().is_some_and(|body| body.contains(&self.room.to_string()));
        let proven = |leaf: &LogLeaf| {
            let Some(LeafText::Event(event)) = leaf::read(&leaf.leaf) else { panic!("no event") };
            let path = tree::inclusion_proof(leaf.leaf_index, self.size(), &self.hashes).unwrap();
            ProvenEvent {
                leaf_index: leaf.leaf_index,
                event_id: event.event_id,
                kind: event.kind,
                actor: event.actor,
                at: event.at,
                body: leaf.body.clone().unwrap(),
                path: path.into_iter().map(|hash| Base64(hash.to_vec())).collect(),
            }
        };
        self.leaves[..before as usize].iter().filter(of_room).map(proven).collect()
    }

    pub fn certificates(&self) -> Vec<CertificateLine> {
        let account = |person: &Person| CertificateLine::Account {
            user_id: person.id,
            username: person.name.clone(),
            certificate: Base64(person.key.certificate_octets().unwrap()),
        };
        let compliance = |key: &SecretKey| CertificateLine::Compliance { certificate: Base64(key.certificate_octets().unwrap()) };
        let keys = self.earlier.iter().chain([&self.compliance]);
        self.people.iter().map(account).chain(keys.map(compliance)).collect()
    }

    pub fn anchors(&self) -> Anchors {
        Anchors { log_vkey: Some(self.key.vkey().to_owned()), ..Anchors::default() }
    }
}

/// An export on its way to a file.
pub struct Export<'a> {
    pub log: &'a Log,
    pub dir: TempDir,
    pub query: Query,
    pub range: LeafRange,
    /// Whether the texts come along.
    pub opened: bool,
}

impl<'a> Export<'a> {
    /// Everything that there is of the room.
    pub fn whole(log: &'a Log) -> Self {
        let query = Query { room_id: log.room, from: None, to: None, case: None };
        Self { log, dir: tempfile::tempdir().unwrap(), query, range: log.range((None, None), 0, log.size()), opened: true }
    }

    pub fn file(&self) -> std::path::PathBuf {
        self.dir.path().join("export.tar")
    }

    pub fn draft(&self) -> Draft {
        let dir = self.dir.path().join("export.tar.part");
        Draft::begin(&dir, self.query.clone(), self.range.clone(), self.log.events_before(self.range.from)).unwrap()
    }

    /// Collects with whatever `page` answers, and writes the file.
    pub fn write_with(&self, page: impl Fn(u64, u64) -> LeafPage) -> Manifest {
        let mut draft = self.draft();
        while !draft.is_complete() {
            draft.add(page(draft.state().next_leaf, self.range.to)).unwrap();
        }
        self.finish(draft)
    }

    pub fn write(&self) -> Manifest {
        self.write_with(|from, to| self.log.page(from, to))
    }

    pub fn finish(&self, draft: Draft) -> Manifest {
        self.finish_with(draft, self.log.certificates())
    }

    /// Writes the file with whatever certificates the exporter likes.
    pub fn finish_with(&self, draft: Draft, certificates: Vec<CertificateLine>) -> Manifest {
        let (log, officer) = (self.log, &self.log.people[0]);
        let made_at = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap();
        let room = log.room_key.certificate().encryption.fingerprint;
        let open = |message: &sealcast_contracts::audit::StoredMessage| {
            let with = |key: &SecretKey| {
                let ours = key.certificate().encryption.fingerprint;
                sealcast_pgp::message::open(message.env.as_slice(), &room, &ours, key).ok()
            };
            let opened = log.earlier.iter().chain([&log.compliance]).find_map(with);
            opened.map(|opened| Base64(opened.session_key.as_octets().to_vec())).ok_or_else(|| "no key opens it".to_owned())
        };
        let finish = Finish {
            exporter: Exporter { user_id: officer.id, username: officer.name.clone(), fingerprint: officer.key.fingerprint() },
            made_at,
            certificates,
            compliance: Some(log.compliance.fingerprint()),
            disclosure: if self.opened { Some(&open) } else { None },
        };
        let sign = |octets: &[u8]| officer.key.sign(octets, EXPORT_NOTATION, "v1", made_at).map_err(|error| error.to_string());
        draft.finish(&self.file(), &finish, sign).unwrap()
    }

    pub fn verify(&self) -> Report {
        verify(&self.file(), &self.log.anchors()).unwrap()
    }
}
