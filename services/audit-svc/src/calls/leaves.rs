use sealcast_bus::ServeError;
use sealcast_contracts::{
    Page,
    audit::{
        AuditRefusal,
        leaves::{
            FindLeafRange, LeafContent, LeafPage, LeafRange, ListRoomEvents, LogLeaf, ProvenEvent, RANGE_MARGIN_S,
            ROOM_EVENT_KINDS, ReadLeaves,
        },
    },
};
use sealcast_merkle::tree::{self, Frontier};
use time::Duration;

use super::{
    Archive, CallFailure, PAGE_OCTETS_MAX, check_limit, exported,
    exported::Exported,
    malformed, messages,
    proofs::{to_contract as to_path, tree_failure, with_cosignatures},
    store_failure,
};
use crate::{
    cursor::Cursors,
    store::{self, NewEvent, SealedRecord},
};

/// Leaves that are looked at for one reply; about as many as it holds.
const PAGE_LEAVES_MAX: u64 = 400;
/// Octets of a leaf as JSON, beside its content.
const ITEM_FRAME_OCTETS: usize = 640;
/// Octets of an event with its path as JSON, beside its body.
const PROVEN_FRAME_OCTETS: usize = 384 + 64 * 48;

/// Which leaves hold the messages of an export, with a margin on both sides, and what ties them to its checkpoint.
pub async fn find_range(archive: &Archive, call: FindLeafRange) -> Result<LeafRange, CallFailure> {
    let FindLeafRange { caller, export_id } = call;
    let exported = exported::find(archive, &caller, export_id).await?;
    let Exported { room_id, since, until, size } = exported;
    let pool = &archive.pool;
    let checkpoint = store::checkpoint_of_size(pool, size).await.map_err(store_failure)?.ok_or(AuditRefusal::NotFound)?;
    let (first, last) = span(archive, &exported).await?;
    let stored = store::read_hashes(pool, &Frontier::indexes(first)).await.map_err(store_failure)?;
    let frontier = Frontier::restore(first, &stored).map_err(tree_failure)?.subtrees();
    let indexes = tree::consistency_indexes(last, size).map_err(tree_failure)?;
    let stored = store::read_hashes(pool, &indexes).await.map_err(store_failure)?;
    let consistency = tree::consistency_proof(last, size, &stored).map_err(tree_failure)?;
    Ok(LeafRange {
        export_id,
        room_id,
        since,
        until,
        from: first,
        to: last,
        frontier: to_path(frontier),
        consistency: to_path(consistency),
        checkpoint: with_cosignatures(archive, checkpoint).await?,
    })
}

/// The first leaf and one behind the last: from a leaf before the time of the export to one after it, by a margin each.
async fn span(archive: &Archive, exported: &Exported) -> Result<(u64, u64), CallFailure> {
    let Exported { room_id, since, until, size } = *exported;
    let (pool, margin) = (&archive.pool, Duration::seconds(RANGE_MARGIN_S));
    let span = store::room_span(pool, room_id, (since, until), size).await.map_err(store_failure)?;
    let (mut first, mut last) = (0, size);
    if let Some(at) = since.and_then(|since| since.checked_sub(margin)) {
        let near = store::leaf_near(pool, at).await.map_err(store_failure)?.map_or(0, |leaf| leaf + 1);
        let bound = span.map_or(near, |(low, _)| low.min(near)).min(size);
        first = store::last_leaf_before(pool, at, bound).await.map_err(store_failure)?.unwrap_or(0);
    }
    if let Some(at) = until.and_then(|until| until.checked_add(margin)) {
        let near = store::leaf_near(pool, at).await.map_err(store_failure)?.unwrap_or(0);
        let bound = span.map_or(near, |(_, high)| high.max(near));
        last = store::first_leaf_from(pool, at, bound, size).await.map_err(store_failure)?.map_or(size, |leaf| leaf + 1);
    }
    Ok((first, last.max(first)))
}

/// Leaves in order; the messages of the export with their content.
pub async fn read(archive: &Archive, call: ReadLeaves) -> Result<LeafPage, CallFailure> {
    let ReadLeaves { caller, export_id, from, to } = call;
    if from >= to {
        return Err(malformed("to", "it must be after `from`"));
    }
    let exported = exported::find(archive, &caller, export_id).await?;
    // The margins are as far as it goes: other rooms' leaves of other times are none of its business.
    let (first, last) = span(archive, &exported).await?;
    if from < first || to > last {
        return Err(AuditRefusal::NotFound.into());
    }
    let to = to.min(from.saturating_add(PAGE_LEAVES_MAX));
    let mut rows = store::read_records(&archive.pool, from, to).await.map_err(store_failure)?;
    let events = store::read_events(&archive.pool, from, to).await.map_err(store_failure)?;
    let mut items: Vec<LogLeaf> = rows.iter().map(message_leaf).chain(events.into_iter().map(event_leaf)).collect();
    items.sort_by_key(|leaf| leaf.leaf_index);
    if !(from..).zip(&items).all(|(index, leaf)| index == leaf.leaf_index) || items.len() as u64 != to - from {
        return Err(ServeError::Bug(anyhow::anyhow!("the rows do not have the leaves {from} to {to}: run audit-svc verify")));
    }
    let sealed = |leaf: &LogLeaf| sealed_octets(&rows, &exported, leaf.leaf_index);
    items.truncate(fitting(&items, sealed));
    let end = from + items.len() as u64;
    rows.retain(|record| exported.holds(&record.digests) && record.leaf_index < end);
    for message in messages::open(archive, &rows).await? {
        let Some(leaf) = items.get_mut((message.leaf_index - from) as usize) else { continue };
        leaf.message = Some(LeafContent { env: message.env, sig: message.sig });
    }
    Ok(LeafPage { items })
}

/// The room's events before a leaf, each with its proof.
pub async fn list_room_events(archive: &Archive, call: ListRoomEvents) -> Result<Page<ProvenEvent>, CallFailure> {
    let ListRoomEvents { caller, export_id, before, cursor, limit } = call;
    let limit = check_limit(limit)?;
    let Exported { room_id, size, .. } = exported::find(archive, &caller, export_id).await?;
    if before > size {
        return Err(AuditRefusal::NotFound.into());
    }
    let cursors = Cursors::of(&("room_events", export_id, before)).map_err(ServeError::Bug)?;
    let after = cursor.as_deref().map(|cursor| cursors.read_leaf(cursor)).transpose()?;
    // One more than asked for says whether another page follows.
    let mut events = store::room_events(&archive.pool, room_id, (after, before), limit as i64 + 1).await.map_err(store_failure)?;
    let more = events.len() > limit;
    events.truncate(limit);
    let mut octets = 0;
    let over = events.iter().position(|(event, _)| {
        octets += event.body.len() + PROVEN_FRAME_OCTETS;
        octets > PAGE_OCTETS_MAX
    });
    let fits = over.unwrap_or(events.len()).max(1).min(events.len());
    let next_cursor = (more || fits < events.len()).then(|| cursors.after_leaf(events[fits - 1].1));
    events.truncate(fits);
    let mut items = Vec::with_capacity(events.len());
    for (event, leaf_index) in events {
        let indexes = tree::inclusion_indexes(leaf_index, size).map_err(tree_failure)?;
        let stored = store::read_hashes(&archive.pool, &indexes).await.map_err(store_failure)?;
        let path = to_path(tree::inclusion_proof(leaf_index, size, &stored).map_err(tree_failure)?);
        let NewEvent { event_id, kind, actor, at, body } = event;
        items.push(ProvenEvent { leaf_index, event_id, kind, actor, at, body, path });
    }
    Ok(Page { items, next_cursor })
}

fn message_leaf(record: &SealedRecord) -> LogLeaf {
    LogLeaf { leaf_index: record.leaf_index, leaf: record.digests.to_string(), message: None, body: None }
}

fn event_leaf((event, leaf_index): (NewEvent, u64)) -> LogLeaf {
    let leaf = event.leaf();
    let body = ROOM_EVENT_KINDS.contains(&event.kind.as_str()).then_some(event.body);
    LogLeaf { leaf_index, leaf, message: None, body }
}

fn sealed_octets(rows: &[SealedRecord], exported: &Exported, leaf_index: u64) -> usize {
    // Rows are in the order of their leaves.
    let found = rows.binary_search_by_key(&leaf_index, |record| record.leaf_index).ok().and_then(|at| rows.get(at));
    found.filter(|record| exported.holds(&record.digests)).map_or(0, |record| record.sealed.len())
}

/// How many leaves a reply can hold; at least one.
fn fitting(items: &[LogLeaf], sealed: impl Fn(&LogLeaf) -> usize) -> usize {
    let mut octets = 0;
    let over = items.iter().position(|leaf| {
        octets += ITEM_FRAME_OCTETS + leaf.body.as_ref().map_or(0, String::len) + sealed(leaf).div_ceil(3) * 4;
        octets > PAGE_OCTETS_MAX
    });
    over.unwrap_or(items.len()).max(1).min(items.len())
}
