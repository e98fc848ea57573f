use sealcast_contracts::events::AuditEvent;
use sqlx::{PgConnection, Postgres, QueryBuilder};

/// The schema whose table `outbox` holds the events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    Auth,
    Chat,
}

impl Schema {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Chat => "chat",
        }
    }
}

/// The event could not be recorded; the transaction that it belongs to must not commit.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("encoding an event")]
    Encode(#[source] serde_json::Error),
    #[error("writing an event into the outbox")]
    Write(#[source] sqlx::Error),
}

/// Records an event in the caller's transaction: `record(&mut *tx, Schema::Chat, &event)`.
///
/// # Errors
/// The database refuses the row or is away.
pub async fn record(connection: &mut PgConnection, schema: Schema, event: &AuditEvent) -> Result<(), RecordError> {
    let body = serde_json::to_string(event).map_err(RecordError::Encode)?;
    let mut insert: QueryBuilder<'_, Postgres> = QueryBuilder::new("insert into ");
    insert.push(schema.as_str()).push(".outbox (event_id, subject, body) values (");
    insert.separated(", ").push_bind(event.event_id).push_bind(event.subject()).push_bind(body);
    insert.push(")");
    insert.build().execute(connection).await.map_err(RecordError::Write)?;
    Ok(())
}
