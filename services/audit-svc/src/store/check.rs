//! What only the check of the archive asks.

use std::collections::BTreeMap;

use sealcast_contracts::{CaseId, HoldId, RoomId, UserId};
use sqlx::PgExecutor;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{HeldScope, StoreError, from_bigint, to_bigint, to_hash};
use crate::sealing::KeyScope;

/// What there is of a data key: the key, or the record of its destruction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyTrace {
    pub kept: Option<KeyScope>,
    pub destroyed: Option<KeyScope>,
}

/// What there is of these data keys, at one moment.
///
/// # Errors
/// See [`StoreError`].
pub async fn key_traces(conn: impl PgExecutor<'_>, dek_ids: &[Uuid]) -> Result<BTreeMap<Uuid, KeyTrace>, StoreError> {
    // A body that somebody changed need not be a day: what cannot be read is no record of a destruction.
    let rows = sqlx::query!(
        r#"select w.dek_id as "dek_id!", k.room_id as "kept_room?", k.day as "kept_day?",
                  e.body ->> 'room_id' as "destroyed_room?", e.body ->> 'day' as "destroyed_day?"
           from unnest($1::uuid[]) as w (dek_id) left join audit.data_keys k on k.dek_id = w.dek_id
             left join audit.events e on e.kind = 'day_shredded' and e.body ->> 'dek_id' = w.dek_id::text"#,
        dek_ids
    )
    .fetch_all(conn)
    .await?;
    let traces = rows.into_iter().map(|row| {
        let kept = row.kept_room.zip(row.kept_day).map(|(room_id, day)| KeyScope { room_id: RoomId(room_id), day });
        let destroyed = row.destroyed_room.zip(row.destroyed_day).and_then(|(room_id, day)| scope(&room_id, &day));
        (row.dek_id, KeyTrace { kept, destroyed })
    });
    Ok(traces.collect())
}

fn scope(room_id: &str, day: &str) -> Option<KeyScope> {
    let day = Date::parse(day, &time::format_description::well_known::Iso8601::DATE).ok()?;
    Some(KeyScope { room_id: RoomId(room_id.parse().ok()?), day })
}

/// Some data keys that are there, though the log has the record of their destruction.
///
/// # Errors
/// See [`StoreError`].
pub async fn returned_keys(conn: impl PgExecutor<'_>, limit: i64) -> Result<Vec<KeyScope>, StoreError> {
    let rows = sqlx::query!(
        "select k.room_id, k.day from audit.data_keys k
         where exists (select from audit.events e where e.kind = 'day_shredded' and e.body ->> 'dek_id' = k.dek_id::text)
         order by k.room_id, k.day limit $1",
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| KeyScope { room_id: RoomId(row.room_id), day: row.day }).collect())
}

/// A hold as its table has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredHold {
    pub case_id: CaseId,
    pub scope: HeldScope,
    pub placed_leaf: u64,
    pub released_leaf: Option<u64>,
}

/// The holds and releases below a leaf.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_holds(conn: impl PgExecutor<'_>, below: u64) -> Result<BTreeMap<HoldId, StoredHold>, StoreError> {
    let rows = sqlx::query!(
        r#"select h.hold_id, h.case_id, h.rooms, h.people, h.day_from, h.day_to, h.placed_leaf, r.released_leaf as "released_leaf?"
           from audit.holds h left join audit.hold_releases r on r.hold_id = h.hold_id and r.released_leaf < $1
           where h.placed_leaf < $1"#,
        to_bigint(below)?
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let scope = HeldScope {
                rooms: row.rooms.into_iter().map(RoomId).collect(),
                people: row.people.into_iter().map(UserId).collect(),
                day_from: row.day_from,
                day_to: row.day_to,
            };
            let (placed_leaf, released_leaf) = (from_bigint(row.placed_leaf)?, row.released_leaf.map(from_bigint).transpose()?);
            Ok((HoldId(row.hold_id), StoredHold { case_id: CaseId(row.case_id), scope, placed_leaf, released_leaf }))
        })
        .collect()
}

/// Somebody who is told of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    pub user_id: UserId,
    pub messages: u64,
    pub visible_from: OffsetDateTime,
}

/// Who is told of the accesses at these leaves, and when.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_told(conn: impl PgExecutor<'_>, leaves: &[u64]) -> Result<BTreeMap<u64, Vec<Told>>, StoreError> {
    let leaves = leaves.iter().map(|leaf| to_bigint(*leaf)).collect::<Result<Vec<_>, _>>()?;
    // Later than any time that a case can name, and so that it can be read.
    let rows = sqlx::query!(
        r#"select user_id, leaf_index, messages, least(visible_from, '9999-01-01 00:00:00+00') as "visible_from!"
           from audit.concerned where leaf_index = any($1)"#,
        &leaves
    )
    .fetch_all(conn)
    .await?;
    let mut told: BTreeMap<u64, Vec<Told>> = BTreeMap::new();
    for row in rows {
        let (user_id, messages) = (UserId(row.user_id), from_bigint(row.messages)?);
        told.entry(from_bigint(row.leaf_index)?).or_default().push(Told { user_id, messages, visible_from: row.visible_from });
    }
    Ok(told)
}

/// Some leaves that people are told of, though they are no accesses.
///
/// # Errors
/// See [`StoreError`].
pub async fn told_of_nothing(conn: impl PgExecutor<'_>, below: u64, limit: i64) -> Result<Vec<u64>, StoreError> {
    let leaves = sqlx::query_scalar!(
        "select distinct c.leaf_index from audit.concerned c
         where c.leaf_index < $1 and not exists (
           select from audit.events e where e.leaf_index = c.leaf_index
             and e.kind in ('messages_queried', 'decryption_granted', 'export_started') and (e.body ->> 'case_id') is not null)
         order by c.leaf_index limit $2",
        to_bigint(below)?,
        limit
    )
    .fetch_all(conn)
    .await?;
    leaves.into_iter().map(from_bigint).collect()
}

/// Something in quarantine.
#[derive(Debug)]
pub struct KeptApart {
    pub quarantine_id: i64,
    pub stream: String,
    pub seq: u64,
    pub payload_sha256: [u8; 32],
}

/// What was kept apart, by stream and sequence.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_quarantine(conn: impl PgExecutor<'_>) -> Result<Vec<KeptApart>, StoreError> {
    let rows = sqlx::query!("select quarantine_id, stream, seq, payload_sha256 from audit.quarantine order by stream, seq")
        .fetch_all(conn)
        .await?;
    let kept = |quarantine_id, stream, seq, payload_sha256: Vec<u8>| {
        // What is no sequence is nothing that audit-svc wrote, and stands on no event.
        Ok(KeptApart { quarantine_id, stream, seq: from_bigint(seq).unwrap_or(0), payload_sha256: to_hash(&payload_sha256)? })
    };
    rows.into_iter().map(|row| kept(row.quarantine_id, row.stream, row.seq, row.payload_sha256)).collect()
}

/// The newest of what was kept apart; 0 without any.
///
/// # Errors
/// See [`StoreError`].
pub async fn last_quarantined(conn: impl PgExecutor<'_>) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(r#"select coalesce(max(quarantine_id), 0) as "last!" from audit.quarantine"#).fetch_one(conn).await?)
}

/// A trigger as the database has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trigger {
    pub table: String,
    pub name: String,
    pub function: String,
    /// When it fires: before which statements, for each row or once (`pg_trigger.tgtype`).
    pub fires: i16,
}

/// The triggers of the schema that fire always, also for replicas, whatever changes, and call a function of the schema.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_triggers(conn: impl PgExecutor<'_>) -> Result<Vec<Trigger>, StoreError> {
    let rows = sqlx::query!(
        r#"select c.relname as "table!", t.tgname as "name!", p.proname as "function!", t.tgtype as "fires!"
           from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
             join pg_proc p on p.oid = t.tgfoid
           where n.nspname = 'audit' and not t.tgisinternal and t.tgenabled = 'A' and t.tgqual is null and t.tgattr = ''::int2vector
             and p.pronamespace = n.oid"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| Trigger { table: row.table, name: row.name, function: row.function, fires: row.fires }).collect())
}

/// The functions of the schema: name and body.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_functions(conn: impl PgExecutor<'_>) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query!(
        r#"select p.proname as "name!", p.prosrc as "body!" from pg_proc p join pg_namespace n on n.oid = p.pronamespace
           where n.nspname = 'audit'"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.body)).collect())
}
