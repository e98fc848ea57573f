use sealcast_contracts::{
    UserId,
    events::{AuditEvent, AuditEventKind},
};
use sealcast_outbox::{Schema, record};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::failure::{self, Answer};

/// Records what happened in the transaction that makes it true.
pub(crate) async fn happened(
    connection: &mut PgConnection,
    at: OffsetDateTime,
    actor: Option<UserId>,
    what: AuditEventKind,
) -> Answer<()> {
    let event = AuditEvent::now(Uuid::now_v7(), at, actor, what);
    record(connection, Schema::Auth, &event).await.map_err(failure::outbox)
}
