use std::collections::BTreeSet;

use anyhow::Context as _;
use sealcast_bus::ServeError;
use sealcast_contracts::{
    Base64, EventId,
    audit::{AccessAction, MessageFilter, MessagePage, Order, QueryMessages, StoredMessage},
    events::AuditEventKind,
};
use uuid::Uuid;

use super::{
    Archive, CallFailure, PAGE_OCTETS_MAX,
    access::{self, Concerned, Reach},
    check_limit, key_failure, malformed,
    narrowed::{Narrowed, narrow},
    store_failure,
};
use crate::{
    cursor::Cursors,
    sealing::DataKey,
    store::{self, MessagePageQuery, PageOrder, SealedRecord},
};

/// Octets of a message as JSON, beside its base64.
const ITEM_FRAME_OCTETS: usize = 512;

/// One page of the messages that the caller may see, as far as the newest checkpoint covers them.
///
/// Ids below that mark never appear later, so pages neither repeat nor miss a message while new ones arrive.
pub async fn query(archive: &Archive, call: QueryMessages) -> Result<MessagePage, CallFailure> {
    let limit = check_limit(call.limit)?;
    check_filter(&call.filter)?;
    let cursors = Cursors::of(&(&call.filter, call.order)).map_err(ServeError::Bug)?;
    let last = call.cursor.as_deref().map(|cursor| cursors.read_message(cursor)).transpose()?;
    let reach = access::reach(archive, &call.caller, call.case_id).await?;
    let narrowed = narrow(&reach, &call.filter, &call.caller)?;
    metrics::counter!("audit_queries_total", "role" => call.caller.role.as_str()).increment(1);
    let checkpoint = store::latest_checkpoint(&archive.pool).await.map_err(store_failure)?;
    let up_to = checkpoint.and_then(|checkpoint| checkpoint.covers);
    let mut records = match up_to {
        Some(up_to) => {
            let query = page_query(archive, &call, narrowed, last, up_to).await?;
            store::query_records(&archive.pool, &query).await.map_err(store_failure)?
        }
        None => Vec::new(),
    };
    let more = records.len() > limit;
    records.truncate(limit);
    let fits = fitting(&records);
    let next_cursor = (more || fits < records.len()).then(|| cursors.after_message(records[fits - 1].digests.id));
    records.truncate(fits);
    if let Reach::Case(case) = &reach {
        let concerned = Concerned::of(&records, &call.caller);
        let (filter, limit) = (call.filter.clone(), call.limit);
        let what = |access| AuditEventKind::MessagesQueried { filter, limit, access: Some(access) };
        access::record_in_case(archive, &call.caller, case.case_id, AccessAction::Query, concerned, what).await?;
    }
    Ok(MessagePage { items: open(archive, &records).await?, next_cursor, stored_up_to: up_to })
}

/// Opens records; all of them, or none.
pub async fn open(archive: &Archive, records: &[SealedRecord]) -> Result<Vec<StoredMessage>, CallFailure> {
    let dek_ids: BTreeSet<Uuid> = records.iter().map(|record| record.dek_id).collect();
    let keys = archive.data_keys.read(&archive.pool, &dek_ids).await.map_err(key_failure)?;
    let opened = records.iter().filter_map(|record| {
        // Without a key the day was shredded a moment ago.
        let key = keys.get(&record.dek_id)?;
        Some(open_one(record, key).with_context(|| format!("opening the stored message {}", record.digests.id)))
    });
    opened.collect::<anyhow::Result<_>>().map_err(ServeError::Bug)
}

fn open_one(record: &SealedRecord, key: &DataKey) -> anyhow::Result<StoredMessage> {
    let digests = &record.digests;
    let (sig, env) = key.open_message(digests.id, &record.sealed)?;
    Ok(StoredMessage {
        id: digests.id,
        room_id: digests.room_id,
        cid: digests.cid,
        sender: digests.sender,
        sender_fp: digests.sender_fp,
        epoch: digests.epoch,
        env: Base64(env),
        sig: Base64(sig),
        accepted_at: digests.accepted_at,
        leaf_index: record.leaf_index,
    })
}

/// Whether the bounds are in order.
pub fn check_filter(filter: &MessageFilter) -> Result<(), CallFailure> {
    match (filter.from, filter.to) {
        (Some(from), Some(to)) if from >= to => Err(malformed("to", "it must be after `from`")),
        _ => Ok(()),
    }
}

async fn page_query(
    archive: &Archive,
    call: &QueryMessages,
    selection: Narrowed,
    last: Option<EventId>,
    up_to: EventId,
) -> Result<MessagePageQuery, CallFailure> {
    let newest_first = call.order == Order::NewestFirst;
    let (mut after, mut before) = (call.filter.after, call.filter.before);
    // Of some time, or of somebody, an index gives the messages in the order of their time only.
    let order = if selection.from.is_some() || selection.to.is_some() || selection.senders.is_some() {
        let behind = match last {
            Some(id) => {
                let found = store::find_record(&archive.pool, id).await.map_err(store_failure)?;
                let record = found.ok_or_else(|| malformed("cursor", "it names no message"))?;
                Some((record.digests.accepted_at, id))
            }
            None => None,
        };
        PageOrder::Time { behind }
    } else {
        // A cursor narrows the side that the pages move away from.
        match last {
            Some(last) if newest_first => before = Some(before.map_or(last, |before| before.min(last))),
            Some(last) => after = after.max(Some(last)),
            None => {}
        }
        PageOrder::Position
    };
    // One more than asked for says whether another page follows.
    Ok(MessagePageQuery { selection, after, before, up_to, order, newest_first, limit: i64::from(call.limit) + 1 })
}

/// How many records a reply can hold; at least one.
fn fitting(records: &[SealedRecord]) -> usize {
    let mut octets = 0;
    let over = records.iter().position(|record| {
        octets += record.sealed.len().div_ceil(3) * 4 + ITEM_FRAME_OCTETS;
        octets > PAGE_OCTETS_MAX
    });
    over.unwrap_or(records.len()).max(1).min(records.len())
}
