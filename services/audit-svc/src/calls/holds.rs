use std::collections::BTreeMap;

use anyhow::Context as _;
use sealcast_bus::ServeError;
use sealcast_contracts::{
    HoldId, Page,
    audit::{AccessAction, AuditRefusal, Hold, HoldRelease, ListHolds, PlaceHold, ReleaseHold},
    events::AuditEventKind,
    limits::{HOLDS_ACTIVE_MAX, REASON_CHARS_MAX},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    Archive, CallFailure, PAGE_OCTETS_MAX, case_failure,
    cases::{begin, open_case},
    check_limit, require_auditor, store_failure, words,
};
use crate::{
    cases,
    cursor::Cursors,
    journal,
    store::{self, NewEvent},
};

/// What a cursor of this listing belongs to.
const LISTING: &str = "holds";

/// Places a hold. It covers whole days, because a day is what is destroyed.
pub async fn place(archive: &Archive, call: PlaceHold) -> Result<Hold, CallFailure> {
    require_auditor(&call.caller)?;
    words::check_scope(&call.scope)?;
    let reason = words::text("reason", &call.reason, REASON_CHARS_MAX)?;
    let PlaceHold { caller, case_id, scope, .. } = call;
    let hold_id = HoldId::generate();
    let mut append = begin(archive).await?;
    open_case(&mut append, case_id).await?;
    if store::active_holds(append.conn()).await.map_err(store_failure)?.len() >= HOLDS_ACTIVE_MAX {
        let limit = HOLDS_ACTIVE_MAX as u32;
        return Err(AuditRefusal::LimitReached { what: "holds at the same time".to_owned(), limit }.into());
    }
    let held = store::held(&scope);
    let what = AuditEventKind::HoldPlaced { case_id, hold_id, scope, reason };
    let event = journal::event(Some(caller.user_id), what).map_err(ServeError::Bug)?;
    let leaf_index = append.push(&event.leaf());
    store::insert_events(append.conn(), &[(event, leaf_index)]).await.map_err(store_failure)?;
    store::insert_hold(append.conn(), hold_id, case_id, &held, leaf_index).await.map_err(store_failure)?;
    append.commit().await.map_err(store_failure)?;
    tracing::info!(actor = %caller.user_id, %hold_id, leaf_index, "a hold is placed");
    find(archive, hold_id).await
}

/// Ends a hold.
pub async fn release(archive: &Archive, call: ReleaseHold) -> Result<Hold, CallFailure> {
    require_auditor(&call.caller)?;
    let reason = words::text("reason", &call.reason, REASON_CHARS_MAX)?;
    let ReleaseHold { caller, hold_id, .. } = call;
    let mut append = begin(archive).await?;
    let hold = read_one(append.conn(), hold_id).await?;
    if hold.release.is_some() {
        return Err(AuditRefusal::AlreadyDecided.into());
    }
    // The case may be over: its holds are not.
    let case = cases::find(append.conn(), hold.case_id).await.map_err(case_failure)?.ok_or(AuditRefusal::NotFound)?;
    let now = OffsetDateTime::now_utc();
    let consent = cases::consent(&case, AccessAction::ReleaseHold, caller.user_id, &archive.policy, now)?;
    let approval_id = consent.map(|approval| approval.approval_id);
    let what = AuditEventKind::HoldReleased { case_id: hold.case_id, hold_id, reason, approval_id };
    let event = journal::event(Some(caller.user_id), what).map_err(ServeError::Bug)?;
    let leaf_index = append.push(&event.leaf());
    store::insert_events(append.conn(), &[(event, leaf_index)]).await.map_err(store_failure)?;
    store::insert_hold_release(append.conn(), hold_id, leaf_index).await.map_err(store_failure)?;
    append.commit().await.map_err(store_failure)?;
    tracing::info!(actor = %caller.user_id, %hold_id, leaf_index, "a hold is released");
    find(archive, hold_id).await
}

/// A page of holds.
pub async fn list(archive: &Archive, call: ListHolds) -> Result<Page<Hold>, CallFailure> {
    require_auditor(&call.caller)?;
    let limit = check_limit(call.limit)?;
    let cursors = Cursors::of(&LISTING).map_err(ServeError::Bug)?;
    let before = call.cursor.as_deref().map(|cursor| cursors.read_leaf(cursor)).transpose()?;
    let mut conn = archive.pool.acquire().await.map_err(|error| store_failure(error.into()))?;
    let mut leaves = store::list_holds(&mut *conn, before, limit as i64 + 1).await.map_err(store_failure)?;
    let mut more = leaves.len() > limit;
    leaves.truncate(limit);
    let (mut items, mut octets) = (Vec::new(), 0);
    for hold in read(&mut conn, &leaves).await? {
        octets += serde_json::to_vec(&hold).map_err(|error| ServeError::Bug(error.into()))?.len();
        if octets > PAGE_OCTETS_MAX && !items.is_empty() {
            more = true;
            break;
        }
        items.push(hold);
    }
    let next_cursor = items.last().filter(|_| more).map(|last: &Hold| cursors.after_leaf(last.leaf_index));
    Ok(Page { items, next_cursor })
}

async fn find(archive: &Archive, hold_id: HoldId) -> Result<Hold, CallFailure> {
    let mut conn = archive.pool.acquire().await.map_err(|error| store_failure(error.into()))?;
    read_one(&mut conn, hold_id).await
}

async fn read_one(conn: &mut PgConnection, hold_id: HoldId) -> Result<Hold, CallFailure> {
    let leaves = store::find_hold(&mut *conn, hold_id).await.map_err(store_failure)?.ok_or(AuditRefusal::NotFound)?;
    let hold = read(conn, &[leaves]).await?.pop();
    hold.context("a hold without its event").map_err(ServeError::Bug)
}

/// Holds by the leaves of their placing and release, in this order.
async fn read(conn: &mut PgConnection, leaves: &[(u64, Option<u64>)]) -> Result<Vec<Hold>, CallFailure> {
    let wanted: Vec<u64> = leaves.iter().flat_map(|(placed, released)| [*placed].into_iter().chain(*released)).collect();
    let events = store::read_events_at(conn, &wanted).await.map_err(store_failure)?;
    let events: BTreeMap<u64, NewEvent> = events.into_iter().map(|(event, leaf)| (leaf, event)).collect();
    leaves
        .iter()
        .map(|(placed, released)| to_contract(&events, *placed, *released))
        .collect::<anyhow::Result<_>>()
        .map_err(ServeError::Bug)
}

fn to_contract(events: &BTreeMap<u64, NewEvent>, placed: u64, released: Option<u64>) -> anyhow::Result<Hold> {
    let event = events.get(&placed).context("the event of a hold")?;
    let AuditEventKind::HoldPlaced { case_id, hold_id, scope, reason } = journal::what(event)? else {
        anyhow::bail!("the event {} places no hold", event.event_id);
    };
    let release = released.map(|leaf_index| {
        let event = events.get(&leaf_index).context("the event of a release")?;
        let AuditEventKind::HoldReleased { reason, .. } = journal::what(event)? else {
            anyhow::bail!("the event {} releases no hold", event.event_id);
        };
        Ok(HoldRelease { reason, by: event.actor.context("nobody released it")?, at: event.at, leaf_index })
    });
    Ok(Hold {
        hold_id,
        case_id,
        scope,
        reason,
        placed_by: event.actor.context("nobody placed it")?,
        placed_at: event.at,
        leaf_index: placed,
        release: release.transpose()?,
    })
}
