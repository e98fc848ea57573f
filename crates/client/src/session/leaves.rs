//! What an export reads: the log's leaves in order, all unchecked.

use sealcast_contracts::{
    ExportId, Page,
    audit::leaves::{LeafPage, LeafRange, ProvenEvent},
    limits::PAGE_ITEMS_MAX,
};

use super::{PAGES_MAX, Session, push};
use crate::Error;

/// For whoever began the export. Fails as every request does.
impl Session {
    /// The range of leaves that shows that an export is complete.
    pub async fn leaf_range(&self, export_id: ExportId) -> Result<LeafRange, Error> {
        self.get(&format!("audit/exports/{export_id}/range"), &[]).await
    }

    /// Leaves from `from` on, as many as an answer holds.
    pub async fn leaves(&self, export_id: ExportId, from: u64, to: u64) -> Result<LeafPage, Error> {
        let query = [("from", from.to_string()), ("to", to.to_string())];
        self.get(&format!("audit/exports/{export_id}/leaves"), &query).await
    }

    /// All that happened to the room's membership and keys before a leaf, with proofs.
    pub async fn room_events(&self, export_id: ExportId, before: u64) -> Result<Vec<ProvenEvent>, Error> {
        let (mut items, mut cursor) = (Vec::new(), None::<String>);
        for _ in 0..PAGES_MAX {
            let mut query = vec![("before", before.to_string()), ("limit", PAGE_ITEMS_MAX.to_string())];
            push(&mut query, "cursor", cursor);
            let page: Page<ProvenEvent> = self.get(&format!("audit/exports/{export_id}/room-events"), &query).await?;
            items.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(items);
            }
        }
        Err(Error::Protocol("the room's events have no end".to_owned()))
    }
}
