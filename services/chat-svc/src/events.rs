//! What a change leaves behind: an event of the audit log in its transaction, a hint to the edges after it.

use sealcast_contracts::{
    RoomId, UserId,
    control::{MembershipChanged, RoomChange, RoomChanged, Signal},
    events::{AuditEvent, AuditEventKind},
};
use sealcast_outbox::Schema;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Chat, error::Failure};

/// Records an event in the transaction that makes it true.
pub(crate) async fn record(
    conn: &mut PgConnection,
    actor: UserId,
    at: OffsetDateTime,
    what: AuditEventKind,
) -> Result<(), Failure> {
    let event = AuditEvent::now(Uuid::now_v7(), at, Some(actor), what);
    sealcast_outbox::record(conn, Schema::Chat, &event).await?;
    tracing::info!(event = event.kind(), id = %event.event_id, actor = %actor, "recorded");
    Ok(())
}

impl Chat {
    /// Tells the edges that a room is worth reading again; `user_id` is whom it concerns.
    pub(crate) async fn announce(&self, room_id: RoomId, change: RoomChange, user_id: Option<UserId>) {
        self.standings.forget(room_id, tokio::time::Instant::now());
        self.hint(&RoomChanged { room_id, change, user_id }).await;
    }

    /// Tells the edges, and the room, that an account came or went.
    pub(crate) async fn announce_membership(&self, room_id: RoomId, user_id: UserId, member: bool) {
        self.standings.forget(room_id, tokio::time::Instant::now());
        self.hint(&MembershipChanged { user_id, room_id, member }).await;
        self.announce(room_id, RoomChange::Members, Some(user_id)).await;
    }

    /// A lost hint costs freshness, not truth: edges read it again when they reconnect.
    pub(crate) async fn hint<S: Signal>(&self, signal: &S) {
        if let Err(error) = self.bus.signal(signal).await {
            tracing::warn!(error = format!("{error:#}"), subject = S::SUBJECT, "a hint was not sent");
        }
    }
}
