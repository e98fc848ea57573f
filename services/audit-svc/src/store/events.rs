use sealcast_contracts::{CaseId, UserId};
use sealcast_merkle::leaf::EventLeaf;
use sqlx::PgExecutor;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{StoreError, from_bigint, to_bigint};

/// An event as it is stored; the leaf covers `body` octet for octet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    pub event_id: Uuid,
    pub kind: String,
    pub actor: Option<UserId>,
    pub at: OffsetDateTime,
    pub body: String,
}

/// One page of events. Absent filters do not narrow.
#[derive(Clone, Debug)]
pub struct EventPage {
    pub kind: Option<String>,
    pub actor: Option<Uuid>,
    pub case_id: Option<CaseId>,
    pub from: Option<OffsetDateTime>,
    pub to: Option<OffsetDateTime>,
    /// Leaf bounds, both exclusive.
    pub after_leaf: Option<u64>,
    pub before_leaf: Option<u64>,
    pub newest_first: bool,
    pub limit: i64,
}

/// A row of `audit.events`.
pub(super) struct Row {
    pub event_id: Uuid,
    pub kind: String,
    pub actor: Option<Uuid>,
    pub at: OffsetDateTime,
    pub body: String,
    pub leaf_index: i64,
}

impl NewEvent {
    /// The text of its leaf.
    pub fn leaf(&self) -> String {
        let Self { event_id, kind, actor, at, body } = self;
        EventLeaf { event_id: *event_id, kind, actor: *actor, at: *at, body: body.as_bytes() }.to_string()
    }
}

/// The stored events with one of these ids.
///
/// # Errors
/// See [`StoreError`].
pub async fn find_events(conn: impl PgExecutor<'_>, ids: &[Uuid]) -> Result<Vec<NewEvent>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"select event_id, kind, actor, at, body::text as "body!", leaf_index from audit.events where event_id = any($1)"#,
        ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(NewEvent::from).collect())
}

/// Stores events, each with its leaf's index.
///
/// # Errors
/// See [`StoreError`].
pub async fn insert_events(conn: impl PgExecutor<'_>, new: &[(NewEvent, u64)]) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = new.iter().map(|(event, _)| event.event_id).collect();
    let kinds: Vec<String> = new.iter().map(|(event, _)| event.kind.clone()).collect();
    let actors: Vec<Option<Uuid>> = new.iter().map(|(event, _)| event.actor.map(|actor| actor.0)).collect();
    let ats: Vec<OffsetDateTime> = new.iter().map(|(event, _)| event.at).collect();
    let bodies: Vec<String> = new.iter().map(|(event, _)| event.body.clone()).collect();
    let leaves = new.iter().map(|(_, leaf)| to_bigint(*leaf)).collect::<Result<Vec<_>, _>>()?;
    sqlx::query!(
        "insert into audit.events (event_id, kind, actor, at, body, leaf_index)
         select i, k, a, t, b::json, l
         from unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[], $5::text[], $6::bigint[]) as new (i, k, a, t, b, l)",
        &ids,
        &kinds,
        &actors as &[Option<Uuid>],
        &ats,
        &bodies,
        &leaves
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One page, each event with its leaf's index.
///
/// # Errors
/// See [`StoreError`].
pub async fn query_events(conn: impl PgExecutor<'_>, page: &EventPage) -> Result<Vec<(NewEvent, u64)>, StoreError> {
    let after = page.after_leaf.map_or(Ok(-1), to_bigint)?;
    let before = page.before_leaf.map_or(Ok(i64::MAX), to_bigint)?;
    let case_id = page.case_id.map(|case_id| case_id.to_string());
    // The order is part of the text, so the statement stands twice.
    macro_rules! page {
        ($order:literal) => {
            sqlx::query_as!(
                Row,
                r#"select event_id, kind, actor, at, body::text as "body!", leaf_index from audit.events
                   where leaf_index > $1 and leaf_index < $2 and ($3::text is null or kind = $3) and ($4::uuid is null or actor = $4)
                     and ($5::timestamptz is null or at >= $5) and ($6::timestamptz is null or at < $6)
                     and ($7::text is null
                          or (kind in ('case_opened', 'case_closed', 'approval_requested', 'approval_decided', 'messages_queried',
                                       'decryption_granted', 'export_started', 'hold_placed', 'hold_released')
                              and body ->> 'case_id' = $7)) "#
                    + $order,
                after,
                before,
                page.kind,
                page.actor,
                page.from,
                page.to,
                case_id,
                page.limit
            )
            .fetch_all(conn)
            .await?
        };
    }
    let rows = if page.newest_first { page!("order by leaf_index desc limit $8") } else { page!("order by leaf_index limit $8") };
    rows.into_iter().map(with_leaf).collect()
}

/// The events with leaves in `[from, to)`, in order.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_events(conn: impl PgExecutor<'_>, from: u64, to: u64) -> Result<Vec<(NewEvent, u64)>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"select event_id, kind, actor, at, body::text as "body!", leaf_index from audit.events
           where leaf_index >= $1 and leaf_index < $2 order by leaf_index"#,
        to_bigint(from)?,
        to_bigint(to)?
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(with_leaf).collect()
}

/// The event and its leaf's index.
pub(super) fn with_leaf(row: Row) -> Result<(NewEvent, u64), StoreError> {
    let leaf = from_bigint(row.leaf_index)?;
    Ok((row.into(), leaf))
}

impl From<Row> for NewEvent {
    fn from(row: Row) -> Self {
        Self { event_id: row.event_id, kind: row.kind, actor: row.actor.map(UserId), at: row.at, body: row.body }
    }
}
