use anyhow::Context as _;
use sealcast_bus::ServeError;
use sealcast_contracts::{
    Page,
    audit::{Order, QueryEvents, StoredEvent},
    events::AuditEventKind,
};

use super::{Archive, CallFailure, PAGE_OCTETS_MAX, access, check_limit, malformed, require_auditor, store_failure};
use crate::{
    cursor::Cursors,
    store::{self, EventPage, NewEvent},
};

/// Octets of an event as JSON, beside its body.
const ITEM_FRAME_OCTETS: usize = 384;
/// Characters of an event's name.
const KIND_CHARS_MAX: usize = 64;

/// One page of the significant events; auditors only.
pub async fn query(archive: &Archive, call: QueryEvents) -> Result<Page<StoredEvent>, CallFailure> {
    require_auditor(&call.caller)?;
    let limit = check_limit(call.limit)?;
    if call.kind.as_ref().is_some_and(|kind| kind.len() > KIND_CHARS_MAX || kind.contains('\0')) {
        return Err(malformed("kind", "it is not the name of an event"));
    }
    if matches!((call.from, call.to), (Some(from), Some(to)) if from >= to) {
        return Err(malformed("to", "it must be after `from`"));
    }
    let cursors = Cursors::of(&(&call.kind, call.actor, call.case_id, call.from, call.to, call.order)).map_err(ServeError::Bug)?;
    let position = call.cursor.as_deref().map(|cursor| cursors.read_leaf(cursor)).transpose()?;
    let what = AuditEventKind::EventsQueried {
        kind_filter: call.kind.clone(),
        actor_filter: call.actor,
        case_filter: call.case_id,
        limit: call.limit,
    };
    access::record(archive, &call.caller, what).await?;
    metrics::counter!("audit_queries_total", "role" => call.caller.role.as_str()).increment(1);
    let newest_first = call.order == Order::NewestFirst;
    let page = EventPage {
        kind: call.kind,
        actor: call.actor.map(|actor| actor.0),
        case_id: call.case_id,
        from: call.from,
        to: call.to,
        after_leaf: position.filter(|_| !newest_first),
        before_leaf: position.filter(|_| newest_first),
        newest_first,
        // One more than asked for says whether another page follows.
        limit: limit as i64 + 1,
    };
    let mut events = store::query_events(&archive.pool, &page).await.map_err(store_failure)?;
    let more = events.len() > limit;
    events.truncate(limit);
    let fits = fitting(&events);
    let next_cursor = (more || fits < events.len()).then(|| cursors.after_leaf(events[fits - 1].1));
    events.truncate(fits);
    let items = events.into_iter().map(to_contract).collect::<anyhow::Result<_>>().map_err(ServeError::Bug)?;
    Ok(Page { items, next_cursor })
}

fn to_contract((event, leaf_index): (NewEvent, u64)) -> anyhow::Result<StoredEvent> {
    let NewEvent { event_id, kind, actor, at, body } = event;
    let body = serde_json::from_str(&body).with_context(|| format!("the body of the stored event {event_id}"))?;
    Ok(StoredEvent { event_id, kind, actor, at, body, leaf_index })
}

/// How many events a reply can hold; at least one.
fn fitting(events: &[(NewEvent, u64)]) -> usize {
    let mut octets = 0;
    let over = events.iter().position(|(event, _)| {
        octets += event.body.len() + ITEM_FRAME_OCTETS;
        octets > PAGE_OCTETS_MAX
    });
    over.unwrap_or(events.len()).max(1).min(events.len())
}
