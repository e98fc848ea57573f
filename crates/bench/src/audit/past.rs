//! The archive's past: rows, leaves and tree as audit-svc would have written them over a hundred days.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use sealcast_audit_svc::{
    appends::AppendKey,
    sealing::{DataKey, Keks, KeyScope, WrappedKey},
};
use sealcast_contracts::{ClientMessageId, EventId, Fingerprint, RoomId, UserId};
use sealcast_merkle::{
    Hash,
    checkpoint::TreeHead,
    leaf::{self, MessageDigests, MessageLeaf},
    tree::{Frontier, StoredHashes},
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::copy::{Copy, Value, ask};
use crate::{
    fixture::{Fixture, Sealed},
    os,
    plan::{AuditPlan, Plan},
    progress,
};

const DAYS: i64 = 100;
/// The past ends before the backlog begins.
const ENDED_AGO: Duration = Duration::hours(6);
/// Real envelopes that the rows repeat; the rows differ in everything else.
const ENVELOPES: u64 = 64;
/// Rows between two looks at the signal.
const GLANCE: u64 = 1_024;
const RECORD_COLUMNS: &str = "stream_epoch, seq, room_id, cid, sender, sender_fp, epoch, accepted_at, env_sha256, sig_sha256, sealed, \
                              dek_id, leaf_index";

/// What was written.
pub struct Past {
    /// Messages `0-1` to `0-<count>`.
    pub count: u64,
    pub rooms: Vec<RoomId>,
    pub senders: Vec<UserId>,
    pub begin: OffsetDateTime,
    pub end: OffsetDateTime,
}

/// An envelope with what its leaf says of it.
struct Template {
    sealed: Sealed,
    digests: MessageDigests,
}

impl Past {
    /// Writes as many messages as the log lacks leaves.
    ///
    /// # Errors
    /// Postgres refuses them.
    pub fn write(plan: &Plan, audit: &AuditPlan, fixture: &Fixture, leaves: u64) -> Result<Self> {
        let end = OffsetDateTime::now_utc() - ENDED_AGO;
        let begin = end - Duration::days(DAYS);
        let rooms: Vec<RoomId> = fixture.rooms().collect();
        let templates = templates(fixture)?;
        let senders = templates.iter().map(|template| template.digests.sender).collect::<std::collections::BTreeSet<_>>();
        let mut frontier = frontier(plan)?;
        let first = frontier.size();
        ensure!(leaves > first, "the log has {first} leaves already");
        let past = Self { count: leaves - first, rooms, senders: senders.into_iter().collect(), begin, end };
        progress::say(format_args!("writing {} messages of the last {DAYS} days into the archive", past.count));
        let keys = Keys::make(plan, audit, &past)?;
        let mut records = Copy::into(plan, "audit.records", RECORD_COLUMNS)?;
        let mut hashes = Copy::into(plan, "audit.log_hashes", "idx, hash")?;
        for nth in 0..past.count {
            if nth % GLANCE == 0 {
                ensure!(!os::stop_asked(), "interrupted");
                progress::show(format_args!("{nth} of {}", past.count));
            }
            let template = &templates[(nth % ENVELOPES) as usize];
            let digests = past.digests(nth, template);
            let key = keys.of(&digests)?;
            let message = &template.sealed.message;
            let sealed = key.seal_message(digests.id, message.sig.as_slice(), message.env.as_slice())?;
            // Whatever stopped a `copy` is said when it is finished.
            let written = record(&mut records, &digests, &sealed, key.dek_id, first + nth).and_then(|()| {
                frontier.append(leaf::hash(&digests.to_string())).into_iter().try_for_each(|made| hash(&mut hashes, made))
            });
            if let Err(error) = written {
                hashes.finish()?;
                records.finish()?;
                return Err(error);
            }
        }
        hashes.finish()?;
        records.finish()?;
        append(plan, audit, &frontier)?;
        progress::say("vacuum and analyze, as autovacuum would have done");
        for table in ["records", "log_hashes", "data_keys"] {
            ask(plan, &format!("vacuum (analyze) audit.{table}"))?;
        }
        Ok(past)
    }

    /// When a message of the past was accepted.
    pub fn at(&self, nth: u64) -> OffsetDateTime {
        let whole = (self.end - self.begin).whole_milliseconds();
        let passed = whole * i128::from(nth) / i128::from(self.count.max(1));
        // Leaves state milliseconds.
        let at = self.begin.replace_nanosecond(0).unwrap_or(self.begin);
        at + Duration::milliseconds(i64::try_from(passed).unwrap_or(0))
    }

    fn digests(&self, nth: u64, template: &Template) -> MessageDigests {
        let at = self.at(nth);
        let ms = u64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
        // Scattered, so that rooms and senders mix.
        let scattered = nth.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let room_id = self.rooms[(scattered % self.rooms.len() as u64) as usize];
        let cid = ClientMessageId(Uuid::from_u64_pair(ms << 16 | 0x7000, 0x8000_0000_0000_0000 | nth));
        MessageDigests { id: EventId { stream_epoch: 0, seq: nth + 1 }, room_id, cid, accepted_at: at, ..template.digests }
    }

    /// Octets of a message in Postgres, indexes and its part of the tree included.
    ///
    /// # Errors
    /// Postgres does not say it.
    pub fn octets(&self, plan: &Plan) -> Result<u64> {
        let statement = "select (pg_total_relation_size('audit.records') + pg_total_relation_size('audit.log_hashes'))
                         / (select count(*) from audit.records)";
        let said = ask(plan, statement)?;
        Ok(said.first().and_then(|row| row.first()).context("no size")?.parse()?)
    }
}

fn templates(fixture: &Fixture) -> Result<Vec<Template>> {
    let sealed = fixture.seal(1 << 40, ENVELOPES, 1, "as long as many messages are: a line of text, or two")?;
    let digest = |sealed: Sealed| {
        let Sealed { room_id, sender_id: sender, sender_fp, .. } = sealed;
        let message = &sealed.message;
        let (env, sig) = (message.env.as_slice(), message.sig.as_slice());
        let id = EventId { stream_epoch: 0, seq: 1 };
        let (cid, epoch, accepted_at) = (message.cid, message.epoch, OffsetDateTime::UNIX_EPOCH);
        let digests = MessageLeaf { id, room_id, epoch, cid, sender, sender_fp, accepted_at, env, sig }.digests();
        Template { sealed, digests }
    };
    Ok(sealed.into_iter().map(digest).collect())
}

/// The right edge of the log as it is.
fn frontier(plan: &Plan) -> Result<Frontier> {
    let size = "select greatest((select max(leaf_index) from audit.records), (select max(leaf_index) from audit.events)) + 1";
    let said = ask(plan, size)?;
    let size: u64 = said.first().and_then(|row| row.first()).context("no size")?.parse().context("the log is empty")?;
    let indexes: Vec<String> = Frontier::indexes(size).iter().map(ToString::to_string).collect();
    let rows = ask(plan, &format!("select idx, encode(hash, 'hex') from audit.log_hashes where idx in ({})", indexes.join(",")))?;
    let hash = |text: &str| Some(text.parse::<Fingerprint>().ok()?.0);
    let stored = rows.iter().map(|row| Some((row.first()?.parse().ok()?, hash(row.get(1)?)?)));
    let stored: StoredHashes = stored.collect::<Option<_>>().context("hashes of another form")?;
    Ok(Frontier::restore(size, &stored)?)
}

/// Says that the log's state is audit-svc's own: it goes on from no other.
fn append(plan: &Plan, audit: &AuditPlan, frontier: &Frontier) -> Result<()> {
    let key = AppendKey::of(&audit.signing_key()?);
    let head = TreeHead { size: frontier.size(), root: frontier.root() };
    let mac: String = key.mac(&head).iter().map(|octet| format!("{octet:02x}")).collect();
    crate::fixture::sql(plan, &format!("insert into audit.appends (size, mac) values ({}, '\\x{mac}');", head.size))
}

/// A data key for each room and day.
struct Keys(BTreeMap<(RoomId, i32), DataKey>);

impl Keys {
    fn make(plan: &Plan, audit: &AuditPlan, past: &Past) -> Result<Self> {
        let keks = Keks::read(&audit.kek_dir)?;
        let mut keys = BTreeMap::new();
        let mut rows = String::new();
        for room_id in &past.rooms {
            let mut day = past.begin.date();
            while day <= past.end.date() {
                let WrappedKey { dek_id, wrapped, kek_version, .. } = keks.generate(KeyScope { room_id: *room_id, day })?;
                let hex: String = wrapped.iter().map(|octet| format!("{octet:02x}")).collect();
                let comma = if rows.is_empty() { "" } else { "," };
                rows.push_str(&format!("{comma}('{dek_id}','{room_id}','{day}','\\x{hex}',{kek_version})"));
                let scope = KeyScope { room_id: *room_id, day };
                let key = keks.unwrap_key(&WrappedKey { dek_id, scope, wrapped, kek_version })?;
                keys.insert((*room_id, day.to_julian_day()), key);
                day = day.next_day().context("the end of time")?;
            }
        }
        crate::fixture::sql(
            plan,
            &format!("insert into audit.data_keys (dek_id, room_id, day, wrapped, kek_version) values {rows};"),
        )?;
        Ok(Self(keys))
    }

    fn of(&self, digests: &MessageDigests) -> Result<&DataKey> {
        self.0.get(&(digests.room_id, digests.accepted_at.to_julian_day())).context("a day without a key")
    }
}

fn record(copy: &mut Copy, digests: &MessageDigests, sealed: &[u8], dek_id: Uuid, leaf_index: u64) -> Result<()> {
    copy.row(&[
        Value::I64(i64::from(digests.id.stream_epoch)),
        Value::I64(i64::try_from(digests.id.seq)?),
        Value::Octets(digests.room_id.0.as_bytes()),
        Value::Octets(digests.cid.0.as_bytes()),
        Value::Octets(digests.sender.0.as_bytes()),
        Value::Octets(&digests.sender_fp.0),
        Value::I64(i64::from(digests.epoch)),
        Value::Time(digests.accepted_at),
        Value::Octets(&digests.env_sha256),
        Value::Octets(&digests.sig_sha256),
        Value::Octets(sealed),
        Value::Octets(dek_id.as_bytes()),
        Value::I64(i64::try_from(leaf_index)?),
    ])
}

fn hash(copy: &mut Copy, (index, hash): (u64, Hash)) -> Result<()> {
    copy.row(&[Value::I64(i64::try_from(index)?), Value::Octets(&hash)])
}
