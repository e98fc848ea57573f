//! The archive: stored messages, logged events, and the log's proofs, all unchecked.

use sealcast_contracts::{
    CaseId, EventId, Page, RoomId, UserId,
    audit::{Checkpoint, ConsistencyProof, InclusionProof, MessageFilter, MessagePage, Order, StoredEvent},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Session, push};
use crate::Error;

/// Which logged events.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    pub kind: Option<String>,
    pub actor: Option<UserId>,
    pub case_id: Option<CaseId>,
    pub from: Option<OffsetDateTime>,
    pub to: Option<OffsetDateTime>,
}

/// Fails as every request does.
impl Session {
    /// A page of a room's history; of `filter`, only the ids narrow it.
    pub async fn history_page(
        &self,
        room_id: RoomId,
        filter: &MessageFilter,
        order: Order,
        cursor: Option<String>,
        limit: u32,
    ) -> Result<MessagePage, Error> {
        let mut query = page_query(order, cursor, limit);
        push(&mut query, "after", filter.after);
        push(&mut query, "before", filter.before);
        self.get(&format!("rooms/{room_id}/messages"), &query).await
    }

    /// A page of the archive, of the rooms that the caller is in.
    pub async fn audit_messages(
        &self,
        filter: &MessageFilter,
        order: Order,
        cursor: Option<String>,
        limit: u32,
    ) -> Result<MessagePage, Error> {
        self.archive_page(None, filter, order, cursor, limit).await
    }

    /// A page of what a case is about; auditors only. It is logged first, and the people concerned are told.
    pub async fn case_messages(
        &self,
        case_id: CaseId,
        filter: &MessageFilter,
        order: Order,
        cursor: Option<String>,
        limit: u32,
    ) -> Result<MessagePage, Error> {
        self.archive_page(Some(case_id), filter, order, cursor, limit).await
    }

    /// A page of the logged events; auditors only.
    pub async fn audit_events(
        &self,
        filter: &EventFilter,
        order: Order,
        cursor: Option<String>,
        limit: u32,
    ) -> Result<Page<StoredEvent>, Error> {
        let mut query = page_query(order, cursor, limit);
        push(&mut query, "kind", filter.kind.as_ref());
        push(&mut query, "actor", filter.actor);
        push(&mut query, "case_id", filter.case_id);
        push_time(&mut query, "from", filter.from)?;
        push_time(&mut query, "to", filter.to)?;
        self.get("audit/events", &query).await
    }

    /// The newest checkpoint, or the newest that the log's witnesses have cosigned, unchecked.
    pub async fn checkpoint(&self, witnessed: bool) -> Result<Checkpoint, Error> {
        self.get("audit/checkpoint", &[("witnessed", witnessed.to_string())]).await
    }

    /// A message's inclusion proof up to such a checkpoint, unchecked.
    pub async fn inclusion_proof(&self, id: EventId, witnessed: bool) -> Result<InclusionProof, Error> {
        self.get(&format!("audit/proofs/{id}"), &[("witnessed", witnessed.to_string())]).await
    }

    /// The inclusion proof of a message that a case is about, unchecked; it is logged like a query.
    pub async fn case_proof(&self, case_id: CaseId, id: EventId) -> Result<InclusionProof, Error> {
        self.get(&format!("audit/proofs/{id}"), &[("case_id", case_id.to_string())]).await
    }

    /// A consistency proof, unchecked.
    pub async fn consistency_proof(&self, from: u64, to: u64) -> Result<ConsistencyProof, Error> {
        self.get("audit/consistency", &[("from", from.to_string()), ("to", to.to_string())]).await
    }

    async fn archive_page(
        &self,
        case_id: Option<CaseId>,
        filter: &MessageFilter,
        order: Order,
        cursor: Option<String>,
        limit: u32,
    ) -> Result<MessagePage, Error> {
        let mut query = page_query(order, cursor, limit);
        push(&mut query, "case_id", case_id);
        push(&mut query, "room_id", filter.room_id);
        push(&mut query, "sender", filter.sender);
        push_time(&mut query, "from", filter.from)?;
        push_time(&mut query, "to", filter.to)?;
        push(&mut query, "after", filter.after);
        push(&mut query, "before", filter.before);
        self.get("audit/messages", &query).await
    }
}

fn page_query(order: Order, cursor: Option<String>, limit: u32) -> Vec<(&'static str, String)> {
    let order = match order {
        Order::OldestFirst => "oldest_first",
        Order::NewestFirst => "newest_first",
    };
    let mut query = vec![("order", order.to_owned()), ("limit", limit.to_string())];
    push(&mut query, "cursor", cursor);
    query
}

fn push_time(query: &mut Vec<(&'static str, String)>, name: &'static str, value: Option<OffsetDateTime>) -> Result<(), Error> {
    if let Some(time) = value {
        query.push((name, time.format(&Rfc3339).map_err(|_| Error::Usage(format!("`{name}` is not a time")))?));
    }
    Ok(())
}
