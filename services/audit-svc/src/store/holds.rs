use sealcast_contracts::{CaseId, HoldId, RoomId, UserId, audit::Scope};
use sqlx::PgExecutor;
use time::{Date, Duration, OffsetDateTime, UtcOffset};
use uuid::Uuid;

use super::{
    NewEvent, StoreError,
    events::{Row, with_leaf},
    from_bigint, to_bigint,
};

/// What a hold keeps, by whole days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldScope {
    pub rooms: Vec<RoomId>,
    pub people: Vec<UserId>,
    /// Both inclusive.
    pub day_from: Option<Date>,
    pub day_to: Option<Date>,
}

/// The whole days that a scope touches.
pub fn held(scope: &Scope) -> HeldScope {
    let day = |at: OffsetDateTime| at.to_offset(UtcOffset::UTC).date();
    HeldScope {
        rooms: scope.rooms.clone(),
        people: scope.people.clone(),
        day_from: scope.from.map(day),
        // The bound itself is outside.
        day_to: scope.to.map(|to| day(to - Duration::NANOSECOND)),
    }
}

/// Whether one of these people sent a message in a room on a UTC day.
///
/// # Errors
/// See [`StoreError`].
pub async fn wrote_on(conn: impl PgExecutor<'_>, room_id: RoomId, day: Date, people: &[UserId]) -> Result<bool, StoreError> {
    let people: Vec<Uuid> = people.iter().map(|person| person.0).collect();
    let wrote = sqlx::query_scalar!(
        r#"select exists (select from audit.records
                          where room_id = $1 and sender = any($3) and accepted_at >= $2::date::timestamp at time zone 'UTC'
                            and accepted_at < ($2::date + 1)::timestamp at time zone 'UTC') as "wrote!""#,
        room_id.0,
        day,
        &people
    )
    .fetch_one(conn)
    .await?;
    Ok(wrote)
}

/// Stores a hold: in the transaction of its leaf.
///
/// # Errors
/// See [`StoreError`].
pub async fn insert_hold(
    conn: impl PgExecutor<'_>,
    hold_id: HoldId,
    case_id: CaseId,
    scope: &HeldScope,
    placed_leaf: u64,
) -> Result<(), StoreError> {
    let rooms: Vec<Uuid> = scope.rooms.iter().map(|room| room.0).collect();
    let people: Vec<Uuid> = scope.people.iter().map(|person| person.0).collect();
    sqlx::query!(
        "insert into audit.holds (hold_id, case_id, rooms, people, day_from, day_to, placed_leaf) values ($1, $2, $3, $4, $5, $6, $7)",
        hold_id.0,
        case_id.0,
        &rooms,
        &people,
        scope.day_from,
        scope.day_to,
        to_bigint(placed_leaf)?
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a hold: in the transaction of its leaf.
///
/// # Errors
/// See [`StoreError`].
pub async fn insert_hold_release(conn: impl PgExecutor<'_>, hold_id: HoldId, released_leaf: u64) -> Result<(), StoreError> {
    sqlx::query!("insert into audit.hold_releases (hold_id, released_leaf) values ($1, $2)", hold_id.0, to_bigint(released_leaf)?)
        .execute(conn)
        .await?;
    Ok(())
}

/// The active holds, in the order of their identities.
///
/// # Errors
/// See [`StoreError`].
pub async fn active_holds(conn: impl PgExecutor<'_>) -> Result<Vec<HoldId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "select hold_id from audit.holds h
         where not exists (select from audit.hold_releases e where e.hold_id = h.hold_id) order by hold_id"
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(HoldId).collect())
}

/// The leaves of a hold's placing and of its release.
///
/// # Errors
/// See [`StoreError`].
pub async fn find_hold(conn: impl PgExecutor<'_>, hold_id: HoldId) -> Result<Option<(u64, Option<u64>)>, StoreError> {
    let row = sqlx::query!(
        r#"select placed_leaf, released_leaf as "released_leaf?" from audit.holds left join audit.hold_releases using (hold_id)
           where hold_id = $1"#,
        hold_id.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| Ok((from_bigint(row.placed_leaf)?, row.released_leaf.map(from_bigint).transpose()?))).transpose()
}

/// The leaves of holds, newest first, below `before_leaf`: of the placing and of the release.
///
/// # Errors
/// See [`StoreError`].
pub async fn list_holds(
    conn: impl PgExecutor<'_>,
    before_leaf: Option<u64>,
    limit: i64,
) -> Result<Vec<(u64, Option<u64>)>, StoreError> {
    let rows = sqlx::query!(
        r#"select placed_leaf, released_leaf as "released_leaf?" from audit.holds left join audit.hold_releases using (hold_id)
           where placed_leaf < $1 order by placed_leaf desc limit $2"#,
        before_leaf.map_or(Ok(i64::MAX), to_bigint)?,
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| Ok((from_bigint(row.placed_leaf)?, row.released_leaf.map(from_bigint).transpose()?))).collect()
}

/// The events at these leaves.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_events_at(conn: impl PgExecutor<'_>, leaves: &[u64]) -> Result<Vec<(NewEvent, u64)>, StoreError> {
    let leaves = leaves.iter().map(|leaf| to_bigint(*leaf)).collect::<Result<Vec<_>, _>>()?;
    let rows = sqlx::query_as!(
        Row,
        r#"select event_id, kind, actor, at, body::text as "body!", leaf_index from audit.events where leaf_index = any($1)"#,
        &leaves
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(with_leaf).collect()
}
