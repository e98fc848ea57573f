//! Events that audit-svc writes itself: auditors' queries, conflicts, quarantined messages.

use anyhow::Context as _;
use sealcast_contracts::{
    UserId,
    events::{AuditEvent, AuditEventKind},
};
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    appends::AppendKey,
    store::{self, Append, NewEvent, StoreError},
};

/// A new event, as it is stored.
///
/// # Errors
/// Never in practice: the contract's types have a JSON form.
pub fn event(actor: Option<UserId>, what: AuditEventKind) -> anyhow::Result<NewEvent> {
    let at = to_millisecond(OffsetDateTime::now_utc());
    let event = AuditEvent::now(Uuid::now_v7(), at, actor, what);
    let mut what = serde_json::to_value(&event.what).context("encoding an event")?;
    let body = what.get_mut("body").map(serde_json::Value::take).unwrap_or_default();
    Ok(NewEvent { event_id: event.event_id, kind: event.kind(), actor, at, body: body.to_string() })
}

/// What a stored event of our own says.
///
/// # Errors
/// Its body is not of its kind: somebody else wrote the row.
pub fn what(event: &NewEvent) -> anyhow::Result<AuditEventKind> {
    let body: serde_json::Value = serde_json::from_str(&event.body).context("the body is not JSON")?;
    serde_json::from_value(serde_json::json!({"kind": event.kind, "body": body})).context("the body is not of its kind")
}

/// Stores one event with its leaf; it is in the log when this returns.
///
/// # Errors
/// See [`StoreError`].
pub async fn write(pool: &PgPool, key: &AppendKey, event: NewEvent) -> Result<u64, StoreError> {
    let mut append = Append::begin(pool.begin().await?, key).await?;
    let leaf_index = append.push(&event.leaf());
    store::insert_events(append.conn(), &[(event, leaf_index)]).await?;
    append.commit().await?;
    Ok(leaf_index)
}

/// Leaves state milliseconds; so do rows.
pub fn to_millisecond(at: OffsetDateTime) -> OffsetDateTime {
    at.replace_nanosecond(at.nanosecond() / 1_000_000 * 1_000_000).unwrap_or(at)
}
