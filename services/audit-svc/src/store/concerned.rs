use std::collections::BTreeMap;

use sealcast_contracts::UserId;
use sqlx::PgExecutor;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    NewEvent, StoreError,
    events::{Row, with_leaf},
    from_bigint, to_bigint,
};

/// An access as the person concerned may see it.
#[derive(Clone, Debug)]
pub struct SeenAccess {
    pub event: NewEvent,
    pub leaf_index: u64,
    /// Messages of this person.
    pub messages: u64,
}

struct SeenRow {
    event_id: Uuid,
    kind: String,
    actor: Option<Uuid>,
    at: OffsetDateTime,
    body: String,
    leaf_index: i64,
    messages: i64,
}

/// Notes whose messages an access shows: in the transaction of its leaf.
///
/// # Errors
/// See [`StoreError`].
pub async fn insert_concerned(
    conn: impl PgExecutor<'_>,
    leaf_index: u64,
    people: &BTreeMap<UserId, u64>,
    visible_from: OffsetDateTime,
) -> Result<(), StoreError> {
    let users: Vec<Uuid> = people.keys().map(|user_id| user_id.0).collect();
    let messages = people.values().map(|count| to_bigint(*count)).collect::<Result<Vec<_>, _>>()?;
    sqlx::query!(
        "insert into audit.concerned (user_id, leaf_index, messages, visible_from)
         select u, $3, m, $4 from unnest($1::uuid[], $2::bigint[]) as new (u, m)",
        &users,
        &messages,
        to_bigint(leaf_index)?,
        visible_from
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The accesses that a person may know of at `now`, newest first, below `before_leaf`.
///
/// # Errors
/// See [`StoreError`].
pub async fn list_accesses(
    conn: impl PgExecutor<'_>,
    user_id: UserId,
    now: OffsetDateTime,
    before_leaf: Option<u64>,
    limit: i64,
) -> Result<Vec<SeenAccess>, StoreError> {
    let rows = sqlx::query_as!(
        SeenRow,
        r#"select event_id, kind, actor, at, body::text as "body!", e.leaf_index, messages
           from audit.concerned c join audit.events e using (leaf_index)
           where c.user_id = $1 and c.visible_from <= $2 and c.leaf_index < $3 order by c.leaf_index desc limit $4"#,
        user_id.0,
        now,
        before_leaf.map_or(Ok(i64::MAX), to_bigint)?,
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(SeenAccess::try_from).collect()
}

/// One access, when the person may know of it.
///
/// # Errors
/// See [`StoreError`].
pub async fn find_access(
    conn: impl PgExecutor<'_>,
    user_id: UserId,
    now: OffsetDateTime,
    leaf_index: u64,
) -> Result<Option<NewEvent>, StoreError> {
    // A number that no leaf can have names none.
    let Ok(leaf_index) = to_bigint(leaf_index) else { return Ok(None) };
    let row = sqlx::query_as!(
        Row,
        r#"select event_id, kind, actor, at, body::text as "body!", e.leaf_index
           from audit.concerned c join audit.events e using (leaf_index)
           where c.user_id = $1 and c.visible_from <= $2 and c.leaf_index = $3"#,
        user_id.0,
        now,
        leaf_index
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(with_leaf).transpose()?.map(|(event, _)| event))
}

impl TryFrom<SeenRow> for SeenAccess {
    type Error = StoreError;

    fn try_from(row: SeenRow) -> Result<Self, StoreError> {
        let SeenRow { event_id, kind, actor, at, body, leaf_index, messages } = row;
        let event = NewEvent { event_id, kind, actor: actor.map(UserId), at, body };
        Ok(Self { event, leaf_index: from_bigint(leaf_index)?, messages: from_bigint(messages)? })
    }
}
