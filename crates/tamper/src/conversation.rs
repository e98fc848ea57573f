//! People, their keys and what they say, in envelopes as clients make them.

use anyhow::Result;
use sealcast_contracts::{
    ClientMessageId, RoomId, UserId,
    context::{MESSAGE_NOTATION, MessageContext, SeenCheckpoint},
    stream::StreamMessage,
};
use sealcast_pgp::{keyring::SecretKey, message::seal};
use time::{Duration, OffsetDateTime};

/// SHA-256 of nothing, the first half: the log that somebody has seen nothing of.
const NOTHING_SEEN: SeenCheckpoint = SeenCheckpoint {
    size: 0,
    root: [0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24],
};

pub struct Person {
    pub id: UserId,
    pub name: String,
    pub key: SecretKey,
}

pub struct Company {
    pub room: RoomId,
    pub other: RoomId,
    pub people: Vec<Person>,
    /// The officer who consents to what the first of the people asks for.
    pub second: UserId,
    pub compliance: SecretKey,
    pub room_key: SecretKey,
    pub begin: OffsetDateTime,
}

impl Company {
    pub fn found() -> Result<Self> {
        let begin = (OffsetDateTime::now_utc() - Duration::hours(3)).replace_nanosecond(0)?;
        let before = begin - Duration::DAY;
        let person = |name: &str| -> Result<Person> {
            Ok(Person { id: UserId::generate(), name: name.to_owned(), key: SecretKey::generate_user(name, before)? })
        };
        Ok(Self {
            room: RoomId::generate(),
            other: RoomId::generate(),
            people: ["ann", "ben", "cy"].into_iter().map(person).collect::<Result<_>>()?,
            second: UserId::generate(),
            compliance: SecretKey::generate_user("Compliance", before)?,
            room_key: SecretKey::generate_room(before)?,
            begin,
        })
    }

    /// What is said in a minute; every third time in the other room.
    pub fn say(&self, minute: usize) -> Result<StreamMessage> {
        let room_id = if minute.is_multiple_of(3) { self.other } else { self.room };
        let person = &self.people[minute % self.people.len()];
        let (from, cid) = (person.key.fingerprint(), ClientMessageId::generate());
        let mut context = MessageContext { room_id, epoch: 1, cid, prev: [0; 16], skc: [0; 32], cp: NOTHING_SEEN };
        let text = format!("what is said in minute {minute}");
        let body = serde_json::json!({"v": 1, "from": from, "ctx": context.inner(), "t": "text", "b": text, "pad": ""});
        let (room, compliance) = (&self.room_key.certificate().encryption, &self.compliance.certificate().encryption);
        let sealed = seal(room, compliance, &serde_json::to_vec(&body)?)?;
        context.skc = sealed.session_key.commitment();
        let accepted_at = self.begin + Duration::minutes(minute as i64);
        let sig = person.key.sign(&sealed.env, MESSAGE_NOTATION, &context.to_string(), accepted_at)?;
        Ok(StreamMessage {
            room_id,
            stream_epoch: 1,
            sender: person.id,
            sender_fp: from,
            cid,
            epoch: 1,
            accepted_at,
            env: sealed.env,
            sig,
        })
    }
}
