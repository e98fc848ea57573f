//! The canary: opens what arrives with the compliance key, where no server is, and names who sends what it cannot open.
//!
//! A server sees only that an envelope names the compliance certificate; whether the key behind it opens the message, and the
//! same message as the room's, nobody but this program can tell before an officer needs it.

use std::{collections::BTreeMap, time::Duration};

use sealcast_client::{Disclosed, Error, Probe, Session, live};
use sealcast_contracts::{
    CaseId, EventId, Fingerprint, UserId,
    audit::{MessageFilter, Order},
    limits::{DECRYPTIONS_PER_GRANT_MAX, PAGE_ITEMS_MAX},
};
use serde_json::json;

use super::{super::cases, read};
use crate::{
    args::Canary,
    failure::Failure,
    output::{Output, time_text},
    workplace::Workplace,
};

/// The profile's file that keeps how far it has come.
const PROGRESS: &str = "canary";

/// What was found so far.
#[derive(Default)]
struct Found {
    opened: u64,
    /// Messages for other compliance keys of the organisation than those that were given, by key.
    not_loaded: BTreeMap<Fingerprint, u64>,
    broken: BTreeMap<UserId, u64>,
}

pub async fn run(args: &Canary, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let keys = read(&args.keys)?;
    if keys.is_empty() {
        return Err(Failure::Usage("which key? give --compliance-key".to_owned()));
    }
    let stored = workplace.stored().await?;
    let session = Session::resume(&stored)?;
    let case_id = match &args.case {
        Some(case) => Some(cases::find(&session, case).await?.case_id),
        None => None,
    };
    let mut disclosed = Disclosed::new(session, keys, stored.trust).await?;
    let kept = workplace.profile.read_secret(PROGRESS)?.and_then(|text| text.trim().parse::<EventId>().ok());
    let mut after = kept.filter(|_| !args.all);
    let mut found = Found::default();
    loop {
        // Refreshed while it runs: it is meant to run for months.
        let session = Session::resume(&workplace.stored().await?)?;
        disclosed.follow(session.clone());
        match look((&session, case_id), &mut disclosed, &mut after, &mut found, output).await {
            Ok(true) => {
                if let Some(after) = after {
                    workplace.profile.write_secret(PROGRESS, after.to_string().as_bytes())?;
                }
            }
            Ok(false) => {}
            Err(Failure::Client(error)) if error.is_unavailable() && !args.once => output.note(&format!("sealcast: {error}")),
            Err(error) => return Err(error),
        }
        if args.once {
            return summary(&found, output);
        }
        tokio::time::sleep(Duration::from_secs(args.interval_s)).await;
    }
}

/// Looks at everything new; whether there was anything. Only a new message costs a query, which is itself a leaf of the log.
async fn look(
    (session, case_id): (&Session, Option<CaseId>),
    disclosed: &mut Disclosed,
    after: &mut Option<EventId>,
    found: &mut Found,
    output: &Output,
) -> Result<bool, Failure> {
    let covers = match session.checkpoint(false).await {
        Ok(checkpoint) => checkpoint.covers,
        // Before the first message there is no checkpoint.
        Err(Error::Refused(problem)) if problem.status == 404 => None,
        Err(error) => return Err(error.into()),
    };
    if covers <= *after {
        return Ok(false);
    }
    // A key may have followed another while this runs.
    disclosed.refresh().await?;
    let (filter, mut cursor) = (MessageFilter { after: *after, ..MessageFilter::default() }, None);
    loop {
        let page = match case_id {
            Some(case_id) => session.case_messages(case_id, &filter, Order::OldestFirst, cursor, PAGE_ITEMS_MAX).await?,
            None => session.audit_messages(&filter, Order::OldestFirst, cursor, PAGE_ITEMS_MAX).await?,
        };
        // What is opened is logged first, and the people concerned are told.
        if let (Some(case_id), false) = (case_id, page.items.is_empty()) {
            let ids: Vec<EventId> = page.items.iter().map(|message| message.id).collect();
            for ids in ids.chunks(DECRYPTIONS_PER_GRANT_MAX) {
                session.grant_decryption(case_id, ids).await?;
            }
        }
        for message in page.items {
            let (id, at) = (message.id, message.accepted_at);
            let message = live(message);
            match disclosed.probe(&message).await? {
                Probe::Opens => found.opened += 1,
                Probe::NotLoaded(key) => {
                    let count = found.not_loaded.entry(key).or_default();
                    *count += 1;
                    // Once for each key: after a change it is every message.
                    if *count == 1 {
                        let object = json!({"event": "not_loaded", "id": id, "compliance_fp": key, "accepted_at": time_text(at)});
                        let text = || {
                            format!("{}  message {id} is encrypted to the compliance key {key}, which is not loaded", time_text(at))
                        };
                        output.line(text, &object)?;
                    }
                }
                Probe::Broken(reason) => {
                    *found.broken.entry(message.sender).or_default() += 1;
                    let object = json!({
                        "event": "broken", "id": id, "room_id": message.room_id, "sender": message.sender,
                        "sender_fp": message.sender_fp, "accepted_at": time_text(at), "reason": reason,
                    });
                    let text = || format!("{}  message {id} of sender {} does not open: {reason}", time_text(at), message.sender);
                    output.line(text, &object)?;
                }
            }
            *after = Some(id);
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            // What is newer belongs to rooms that this query does not reach.
            *after = (*after).max(covers);
            return Ok(true);
        }
    }
}

fn summary(found: &Found, output: &Output) -> Result<(), Failure> {
    let broken: u64 = found.broken.values().sum();
    let object = json!({
        "event": "summary", "opened": found.opened, "broken": broken, "senders": found.broken, "not_loaded": found.not_loaded,
    });
    let text = || {
        let mut text = format!("{} messages open, {broken} do not, of {} senders", found.opened, found.broken.len());
        for (key, count) in &found.not_loaded {
            text += &format!("\n{count} messages are encrypted to the compliance key {key}, which is not loaded");
        }
        text
    };
    output.line(text, &object)?;
    let total = usize::try_from(found.opened + broken).unwrap_or(usize::MAX);
    match usize::try_from(broken).unwrap_or(usize::MAX) {
        0 => Ok(()),
        unverified => Err(Failure::Unverified { unverified, total }),
    }
}
