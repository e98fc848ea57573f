//! The archive and the log.

mod export;
mod verify;

use std::collections::BTreeMap;

use sealcast_client::{
    Disclosed, EventFilter, Session, Unreadable, live,
    log::{prove, refresh_checkpoint},
};
use sealcast_contracts::{
    EventId, Fingerprint, RoomId,
    audit::{MessageFilter, Order, StoredMessage},
    limits::PAGE_ITEMS_MAX,
};
use serde_json::json;

use super::{cases, compliance, messages::compared};
use crate::{
    args::{AuditAction, AuditEvents, AuditQuery},
    failure::Failure,
    output::{Output, time_text},
    workplace::{Workplace, find_account},
};

pub async fn run(action: AuditAction, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    match action {
        AuditAction::Query(args) => query(&args, workplace, output).await,
        AuditAction::Events(args) => events(&args, workplace, output).await,
        AuditAction::Proof { id } => proof(id, workplace, output).await,
        AuditAction::Checkpoint { witness } => checkpoint(&witness, workplace, output).await,
        AuditAction::Export(args) => export::run(&args, workplace, output).await,
        AuditAction::Verify(args) if args.live => verify::live(&args, workplace, output),
        AuditAction::Verify(args) => verify::bundle(&args, workplace, output),
    }
}

async fn query(args: &AuditQuery, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let stored = workplace.stored().await?;
    let session = Session::resume(&stored)?;
    let keys = compliance::read(&args.keys)?;
    let disclosed = if keys.is_empty() { None } else { Some(Disclosed::new(session.clone(), keys, stored.trust).await?) };
    let (filter, order) = filter(args, &session).await?;
    let case_id = match &args.case {
        Some(case) => Some(cases::find(&session, case).await?.case_id),
        None => None,
    };
    let names: BTreeMap<_, _> = session.rooms().await?.into_iter().map(|room| (room.room_id, room.name)).collect();
    let (mut left, mut cursor, mut unverified, mut total) = (args.limit, None, 0, 0);
    while left > 0 {
        let limit = u32::try_from(left).unwrap_or(u32::MAX).min(PAGE_ITEMS_MAX);
        let page = match case_id {
            Some(case_id) => session.case_messages(case_id, &filter, order, cursor, limit).await?,
            None => session.audit_messages(&filter, order, cursor, limit).await?,
        };
        // What is opened is logged first, and the people concerned are told.
        if let (Some(case_id), true) = (case_id, disclosed.is_some() && !page.items.is_empty()) {
            let ids: Vec<EventId> = page.items.iter().map(|message| message.id).collect();
            session.grant_decryption(case_id, &ids).await?;
        }
        left = left.saturating_sub(page.items.len());
        total += page.items.len();
        for message in page.items {
            let Some(disclosed) = &disclosed else {
                show(output, &message)?;
                continue;
            };
            let room = names.get(&message.room_id).cloned().unwrap_or_else(|| message.room_id.to_string());
            let reading = disclosed.read(live(message)).await?;
            unverified += usize::from(matches!(reading.text, Err(Unreadable::Refused(_))));
            output.reading(&room, &reading)?;
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    if let Some(disclosed) = &disclosed {
        let compared = compared(disclosed.compare_all().await, output);
        // What was verified of the log and of people stays known, also when something is wrong.
        workplace.keep_trust(disclosed.trust())?;
        compared?;
    }
    if unverified == 0 { Ok(()) } else { Err(Failure::Unverified { unverified, total }) }
}

async fn filter(args: &AuditQuery, session: &Session) -> Result<(MessageFilter, Order), Failure> {
    let room_id = match &args.room {
        Some(room) => Some(find_room(session, room).await?),
        None => None,
    };
    let sender = match &args.sender {
        Some(sender) => Some(find_account(session, sender).await?.user_id),
        None => None,
    };
    let filter = MessageFilter { room_id, sender, from: args.times.from, to: args.times.to, ..MessageFilter::default() };
    Ok(args.range.narrow(filter))
}

/// An auditor knows rooms by their ids that it is in none of.
async fn find_room(session: &Session, room: &str) -> Result<RoomId, Failure> {
    match room.parse::<RoomId>() {
        Ok(id) => Ok(id),
        Err(_) => Ok(session.find_room(room).await?.room_id),
    }
}

async fn events(args: &AuditEvents, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let session = workplace.session().await?;
    let filter = EventFilter {
        kind: args.kind.clone(),
        actor: args.actor,
        from: args.times.from,
        to: args.times.to,
        ..EventFilter::default()
    };
    let order = if args.oldest_first { Order::OldestFirst } else { Order::NewestFirst };
    let (mut left, mut cursor) = (args.limit, None);
    while left > 0 {
        let page =
            session.audit_events(&filter, order, cursor, u32::try_from(left).unwrap_or(u32::MAX).min(PAGE_ITEMS_MAX)).await?;
        left = left.saturating_sub(page.items.len());
        for event in &page.items {
            let actor = event.actor.map_or_else(|| "-".to_owned(), |actor| actor.to_string());
            output.line(|| format!("{}  {:<22} {actor}  {}", time_text(event.at), event.kind, event.body), event)?;
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    Ok(())
}

async fn proof(id: EventId, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let stored = workplace.stored().await?;
    let session = Session::resume(&stored)?;
    let mut trust = stored.trust;
    // The message itself, so that the leaf is rebuilt and not believed.
    let before = EventId { seq: id.seq.saturating_add(1), ..id };
    let filter = MessageFilter { before: Some(before), ..MessageFilter::default() };
    let page = session.audit_messages(&filter, Order::NewestFirst, None, 1).await?;
    let message = page.items.into_iter().find(|message| message.id == id).map(live);
    let proven = prove(&session, &mut trust, id, message.as_ref()).await?;
    workplace.keep_trust(trust)?;
    let root = Fingerprint(proven.head.root);
    let object = json!({"id": id, "verified": true, "leaf_index": proven.leaf_index, "size": proven.head.size, "root": root, "leaf": proven.leaf});
    let text =
        || format!("{id} is leaf {} of the log of {} leaves, root {root}\n\n{}", proven.leaf_index, proven.head.size, proven.leaf);
    output.line(text, &object)
}

async fn checkpoint(witnesses: &[String], workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let stored = workplace.stored().await?;
    let session = Session::resume(&stored)?;
    let mut trust = stored.trust;
    witnesses.iter().try_for_each(|vkey| trust.require_witness(vkey))?;
    let before = trust.head().map(|head| head.size);
    let head = refresh_checkpoint(&session, &mut trust).await?.head;
    let names: Vec<String> = trust.witnesses.iter().filter_map(|vkey| Some(vkey.split('+').next()?.to_owned())).collect();
    workplace.keep_trust(trust)?;
    let root = Fingerprint(head.root);
    let object = json!({"size": head.size, "root": root, "extends": before, "witnesses": names, "verified": true});
    let since = before.map_or_else(|| "first contact".to_owned(), |size| format!("extends the log of {size} seen before"));
    let cosigned = if names.is_empty() { String::new() } else { format!("; cosigned by {}", names.join(", ")) };
    output.line(|| format!("{} leaves, root {root}; {since}{cosigned}", head.size), &object)
}

fn show(output: &Output, message: &StoredMessage) -> Result<(), Failure> {
    let StoredMessage { id, room_id, sender, epoch, env, accepted_at, leaf_index, .. } = message;
    let text = || {
        let at = time_text(*accepted_at);
        format!("{id:<10} {at}  room {room_id}  sender {sender}  epoch {epoch}  leaf {leaf_index}  {} octets", env.0.len())
    };
    output.line(text, message)
}
