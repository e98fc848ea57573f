use sealcast_contracts::CaseId;
use sqlx::PgExecutor;

use super::{
    NewEvent, StoreError,
    events::{Row, with_leaf},
    to_bigint,
};

/// The events that make up the state of these cases, in the order of the log.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_case_events(conn: impl PgExecutor<'_>, cases: &[CaseId]) -> Result<Vec<(NewEvent, u64)>, StoreError> {
    let cases: Vec<String> = cases.iter().map(ToString::to_string).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select event_id, kind, actor, at, body::text as "body!", leaf_index from audit.events
           where kind in ('case_opened', 'case_closed', 'approval_requested', 'approval_decided') and body ->> 'case_id' = any($1)
           order by leaf_index"#,
        &cases
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(with_leaf).collect()
}

/// The leaves at which cases were opened, newest first, below `before_leaf`.
///
/// # Errors
/// See [`StoreError`].
pub async fn list_cases(
    conn: impl PgExecutor<'_>,
    before_leaf: Option<u64>,
    limit: i64,
) -> Result<Vec<(NewEvent, u64)>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"select event_id, kind, actor, at, body::text as "body!", leaf_index from audit.events
           where kind = 'case_opened' and leaf_index < $1 order by leaf_index desc limit $2"#,
        before_leaf.map_or(Ok(i64::MAX), to_bigint)?,
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(with_leaf).collect()
}

/// Whether a case has this number.
///
/// # Errors
/// See [`StoreError`].
pub async fn has_case_number(conn: impl PgExecutor<'_>, number: &str) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select exists (select from audit.events where kind = 'case_opened' and body ->> 'number' = $1) as "found!""#,
        number
    )
    .fetch_one(conn)
    .await?;
    Ok(found)
}
