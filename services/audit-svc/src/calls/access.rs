use sealcast_bus::{CallError, ServeError};
use sealcast_contracts::{
    Caller, RoomId, UserId,
    audit::{AuditRefusal, MessageFilter},
    auth::Role,
    chat::ListMemberships,
    events::AuditEventKind,
};

use super::{Archive, CallFailure, store_failure};
use crate::journal;

/// Whose messages a caller may see.
#[derive(Debug)]
pub enum Scope {
    /// An auditor: everything.
    All,
    /// A member: its rooms.
    Rooms(Vec<RoomId>),
}

/// Asks chat-svc for the rooms of a caller that is no auditor. Whoever cannot be asked opens nothing.
pub async fn scope(archive: &Archive, caller: &Caller) -> Result<Scope, CallFailure> {
    match caller.role {
        Role::Auditor => Ok(Scope::All),
        Role::Member | Role::Admin => Ok(Scope::Rooms(memberships(archive, caller.user_id).await?)),
    }
}

/// Writes an auditor's access into the log. Only after that may the answer be read.
pub async fn record(archive: &Archive, caller: &Caller, what: AuditEventKind) -> Result<(), CallFailure> {
    let event = journal::event(Some(caller.user_id), what).map_err(ServeError::Bug)?;
    let kind = event.kind.clone();
    let leaf_index = journal::write(&archive.pool, event).await.map_err(store_failure)?;
    tracing::info!(actor = %caller.user_id, kind, leaf_index, "an auditor's query is in the log");
    Ok(())
}

/// Writes an auditor's query of messages into the log.
pub async fn record_messages(archive: &Archive, caller: &Caller, filter: MessageFilter, limit: u32) -> Result<(), CallFailure> {
    record(archive, caller, AuditEventKind::MessagesQueried { filter, limit }).await
}

async fn memberships(archive: &Archive, user_id: UserId) -> Result<Vec<RoomId>, CallFailure> {
    archive.bus.call(&ListMemberships { user_id }).await.map_err(|error| match error {
        CallError::Refused(_) => AuditRefusal::NotFound.into(),
        error @ (CallError::Unavailable { .. } | CallError::Unknown { .. }) => ServeError::Unavailable(error.into()),
        error @ CallError::Bug { .. } => ServeError::Bug(error.into()),
    })
}
