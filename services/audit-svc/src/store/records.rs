use std::collections::BTreeMap;

use sealcast_contracts::{ClientMessageId, EventId, Fingerprint, RoomId, UserId};
use sealcast_merkle::leaf::MessageDigests;
use sqlx::PgExecutor;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{StoreError, event_id, from_bigint, to_bigint, to_hash, to_u32};

/// A record to be stored.
#[derive(Clone, Debug)]
pub struct NewRecord {
    pub digests: MessageDigests,
    pub sealed: Vec<u8>,
    pub dek_id: Uuid,
    pub leaf_index: u64,
}

/// What makes a message one: the same client id in another room or of another sender is another message.
pub type MessageKey = (RoomId, UserId, ClientMessageId);

/// A stored record; its content opens with the data key.
pub type SealedRecord = NewRecord;

/// Which records. Absent filters do not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub rooms: Option<Vec<Uuid>>,
    pub senders: Option<Vec<Uuid>>,
    /// Half-open.
    pub from: Option<OffsetDateTime>,
    pub to: Option<OffsetDateTime>,
}

/// One page of records.
#[derive(Clone, Debug)]
pub struct MessagePageQuery {
    pub selection: Selection,
    /// Exclusive.
    pub after: Option<EventId>,
    /// Exclusive.
    pub before: Option<EventId>,
    /// Inclusive: what the newest checkpoint covers.
    pub up_to: EventId,
    pub order: PageOrder,
    pub newest_first: bool,
    pub limit: i64,
}

/// What a page goes along.
#[derive(Clone, Copy, Debug)]
pub enum PageOrder {
    Position,
    /// The time of acceptance; from behind a record on.
    Time {
        behind: Option<(OffsetDateTime, EventId)>,
    },
}

struct Row {
    stream_epoch: i64,
    seq: i64,
    room_id: Uuid,
    cid: Uuid,
    sender: Uuid,
    sender_fp: Vec<u8>,
    epoch: i64,
    accepted_at: OffsetDateTime,
    env_sha256: Vec<u8>,
    sig_sha256: Vec<u8>,
    sealed: Vec<u8>,
    dek_id: Uuid,
    leaf_index: i64,
}

/// The stored records with one of these ids, or with the room and client message id of one of these.
///
/// # Errors
/// See [`StoreError`].
pub async fn find_records(conn: impl PgExecutor<'_>, like: &[(EventId, MessageKey)]) -> Result<Vec<SealedRecord>, StoreError> {
    let positions: Vec<i64> = like.iter().map(|(id, ..)| position(*id)).collect();
    let rooms: Vec<Uuid> = like.iter().map(|(_, (room, ..))| room.0).collect();
    let senders: Vec<Uuid> = like.iter().map(|(_, (_, sender, _))| sender.0).collect();
    let cids: Vec<Uuid> = like.iter().map(|(_, (.., cid))| cid.0).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select r.stream_epoch as "stream_epoch!", r.seq as "seq!", r.room_id as "room_id!", r.cid as "cid!", r.sender as "sender!",
                  r.sender_fp as "sender_fp!", r.epoch as "epoch!", r.accepted_at as "accepted_at!", r.env_sha256 as "env_sha256!",
                  r.sig_sha256 as "sig_sha256!", r.sealed as "sealed!", r.dek_id as "dek_id!", r.leaf_index as "leaf_index!"
           from (
             select k.* from audit.records k where k.position = any($1)
             union
             select k.* from unnest($2::uuid[], $3::uuid[], $4::uuid[]) as w (room, sender, cid)
                join audit.records k on (k.room_id, k.sender, k.cid) = (w.room, w.sender, w.cid)
           ) r"#,
        &positions,
        &rooms,
        &senders,
        &cids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(SealedRecord::try_from).collect()
}

/// Stores records.
///
/// # Errors
/// See [`StoreError`].
pub async fn insert_records(conn: impl PgExecutor<'_>, new: &[NewRecord]) -> Result<(), StoreError> {
    let epochs: Vec<i64> = new.iter().map(|record| i64::from(record.digests.id.stream_epoch)).collect();
    let seqs = new.iter().map(|record| to_bigint(record.digests.id.seq)).collect::<Result<Vec<_>, _>>()?;
    let rooms: Vec<Uuid> = new.iter().map(|record| record.digests.room_id.0).collect();
    let cids: Vec<Uuid> = new.iter().map(|record| record.digests.cid.0).collect();
    let senders: Vec<Uuid> = new.iter().map(|record| record.digests.sender.0).collect();
    let sender_fps: Vec<Vec<u8>> = new.iter().map(|record| record.digests.sender_fp.0.to_vec()).collect();
    let key_epochs: Vec<i64> = new.iter().map(|record| i64::from(record.digests.epoch)).collect();
    let accepted: Vec<OffsetDateTime> = new.iter().map(|record| record.digests.accepted_at).collect();
    let envs: Vec<Vec<u8>> = new.iter().map(|record| record.digests.env_sha256.to_vec()).collect();
    let sigs: Vec<Vec<u8>> = new.iter().map(|record| record.digests.sig_sha256.to_vec()).collect();
    let sealed: Vec<Vec<u8>> = new.iter().map(|record| record.sealed.clone()).collect();
    let dek_ids: Vec<Uuid> = new.iter().map(|record| record.dek_id).collect();
    let leaves = new.iter().map(|record| to_bigint(record.leaf_index)).collect::<Result<Vec<_>, _>>()?;
    sqlx::query!(
        "insert into audit.records (stream_epoch, seq, room_id, cid, sender, sender_fp, epoch, accepted_at, env_sha256, sig_sha256,
                                    sealed, dek_id, leaf_index)
         select * from unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::uuid[], $5::uuid[], $6::bytea[], $7::bigint[],
                              $8::timestamptz[], $9::bytea[], $10::bytea[], $11::bytea[], $12::uuid[], $13::bigint[])",
        &epochs,
        &seqs,
        &rooms,
        &cids,
        &senders,
        &sender_fps,
        &key_epochs,
        &accepted,
        &envs,
        &sigs,
        &sealed,
        &dek_ids,
        &leaves
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One record by its id.
///
/// # Errors
/// See [`StoreError`].
pub async fn find_record(conn: impl PgExecutor<'_>, id: EventId) -> Result<Option<SealedRecord>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        "select stream_epoch, seq, room_id, cid, sender, sender_fp, epoch, accepted_at, env_sha256, sig_sha256, sealed, dek_id, leaf_index
         from audit.records where position = $1",
        position(id)
    )
    .fetch_optional(conn)
    .await?;
    row.map(SealedRecord::try_from).transpose()
}

/// The records with one of these ids, without those whose data key was shredded.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_records_by_id(conn: impl PgExecutor<'_>, ids: &[EventId]) -> Result<Vec<SealedRecord>, StoreError> {
    let positions: Vec<i64> = ids.iter().map(|id| position(*id)).collect();
    let rows = sqlx::query_as!(
        Row,
        "select r.stream_epoch, r.seq, r.room_id, r.cid, r.sender, r.sender_fp, r.epoch, r.accepted_at, r.env_sha256, r.sig_sha256,
                r.sealed, r.dek_id, r.leaf_index
         from audit.records r join audit.data_keys k using (dek_id) where r.position = any($1)",
        &positions
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(SealedRecord::try_from).collect()
}

/// One page, without records whose data key was shredded.
///
/// # Errors
/// See [`StoreError`].
pub async fn query_records(conn: impl PgExecutor<'_>, query: &MessagePageQuery) -> Result<Vec<SealedRecord>, StoreError> {
    let after = query.after.map_or(-1, position);
    let before = query.before.map_or(i64::MAX, position).min(position(query.up_to).saturating_add(1));
    // One room is the usual case, and an index gives it in order; of a list Postgres 15 cannot know the order.
    let (room, rooms) = match query.selection.rooms.as_deref() {
        Some([room]) => (Some(*room), None),
        rooms => (None, rooms),
    };
    let (sender, senders) = match query.selection.senders.as_deref() {
        Some([sender]) => (Some(*sender), None),
        senders => (None, senders),
    };
    let behind = match query.order {
        PageOrder::Time { behind } => behind,
        PageOrder::Position => None,
    };
    let (behind_at, behind_position) = (behind.map(|(at, _)| at), behind.map(|(_, id)| position(id)));
    // The order is part of the text, so the statement stands four times.
    macro_rules! page {
        ($beyond:literal, $order:literal) => {
            sqlx::query_as!(
                Row,
                "select r.stream_epoch, r.seq, r.room_id, r.cid, r.sender, r.sender_fp, r.epoch, r.accepted_at, r.env_sha256, r.sig_sha256,
                        r.sealed, r.dek_id, r.leaf_index
                 from audit.records r join audit.data_keys k using (dek_id)
                 where r.position > $1 and r.position < $2
                   and ($3::uuid is null or r.room_id = $3) and ($4::uuid[] is null or r.room_id = any($4))
                   and ($5::uuid is null or r.sender = $5) and ($6::uuid[] is null or r.sender = any($6))
                   and ($7::timestamptz is null or r.accepted_at >= $7) and ($8::timestamptz is null or r.accepted_at < $8)
                   and ($9::timestamptz is null or (r.accepted_at, r.position) "
                    + $beyond
                    + " ($9, $10::bigint)) order by "
                    + $order
                    + " limit $11",
                after,
                before,
                room,
                rooms,
                sender,
                senders,
                query.selection.from,
                query.selection.to,
                behind_at,
                behind_position,
                query.limit
            )
            .fetch_all(conn)
            .await?
        };
    }
    let rows = match (query.order, query.newest_first) {
        (PageOrder::Position, true) => page!("<", "r.position desc"),
        (PageOrder::Position, false) => page!(">", "r.position"),
        (PageOrder::Time { .. }, true) => page!("<", "r.accepted_at desc, r.position desc"),
        (PageOrder::Time { .. }, false) => page!(">", "r.accepted_at, r.position"),
    };
    rows.into_iter().map(SealedRecord::try_from).collect()
}

/// How many selected records below a log size each sender has.
///
/// # Errors
/// See [`StoreError`].
pub async fn count_by_sender(
    conn: impl PgExecutor<'_>,
    selection: &Selection,
    size: u64,
) -> Result<BTreeMap<UserId, u64>, StoreError> {
    let rows = sqlx::query!(
        r#"select sender, count(*) as "messages!" from audit.records
           where leaf_index < $1 and ($2::uuid[] is null or room_id = any($2)) and ($3::uuid[] is null or sender = any($3))
             and ($4::timestamptz is null or accepted_at >= $4) and ($5::timestamptz is null or accepted_at < $5)
           group by sender"#,
        to_bigint(size)?,
        selection.rooms.as_deref(),
        selection.senders.as_deref(),
        selection.from,
        selection.to
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| Ok((UserId(row.sender), from_bigint(row.messages)?))).collect()
}

/// The records with leaves in `[from, to)`, in order.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_records(conn: impl PgExecutor<'_>, from: u64, to: u64) -> Result<Vec<SealedRecord>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        "select stream_epoch, seq, room_id, cid, sender, sender_fp, epoch, accepted_at, env_sha256, sig_sha256, sealed, dek_id, leaf_index
         from audit.records where leaf_index >= $1 and leaf_index < $2 order by leaf_index",
        to_bigint(from)?,
        to_bigint(to)?
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(SealedRecord::try_from).collect()
}

/// The generated column `position`; an id beyond it sorts behind all rows, where it belongs.
fn position(id: EventId) -> i64 {
    const SEQS: i128 = 1 << 48;
    let position = i128::from(id.stream_epoch) * SEQS + i128::from(id.seq).min(SEQS - 1);
    i64::try_from(position).unwrap_or(i64::MAX)
}

impl TryFrom<Row> for SealedRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let digests = MessageDigests {
            id: event_id(row.stream_epoch, row.seq)?,
            room_id: RoomId(row.room_id),
            epoch: to_u32(row.epoch)?,
            cid: ClientMessageId(row.cid),
            sender: UserId(row.sender),
            sender_fp: Fingerprint(to_hash(&row.sender_fp)?),
            accepted_at: row.accepted_at,
            env_sha256: to_hash(&row.env_sha256)?,
            sig_sha256: to_hash(&row.sig_sha256)?,
        };
        Ok(Self { digests, sealed: row.sealed, dek_id: row.dek_id, leaf_index: from_bigint(row.leaf_index)? })
    }
}
