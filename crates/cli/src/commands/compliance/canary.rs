//! The canary: opens what arrives with the compliance key, where no server is, and names who sends what it cannot open.
//!
//! A server sees only that an envelope names the compliance certificate; whether the key behind it opens the message, and the
//! same message as the room's, nobody but this program can tell before an officer needs it.

use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

use sealcast_client::{Disclosed, Error, Probe, Session, live};
use sealcast_contracts::{
    CaseId, EventId, Fingerprint, UserId,
    audit::{MessageFilter, Order},
    limits::{DECRYPTIONS_PER_GRANT_MAX, PAGE_ITEMS_MAX},
};
use serde_json::json;
use time::OffsetDateTime;

use super::{super::cases, read};
use crate::{
    args::Canary,
    failure::Failure,
    output::{Output, time_text},
    workplace::Workplace,
};

/// The profile's file that keeps how far it has come.
const PROGRESS: &str = "canary";

/// Without news, it asks nevertheless after this long: that there is none is only the server's word.
const SILENCE_MAX_S: i64 = 3_600;

/// How far it has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Progress {
    /// The newest message that was looked at.
    after: Option<EventId>,
    /// What the log covered then, by the server's word. Nothing is skipped because of it.
    covered: Option<EventId>,
    /// When it asked, as Unix seconds.
    asked: i64,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |id: Option<EventId>| id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        write!(f, "{} {} {}", text(self.after), text(self.covered), self.asked)
    }
}

impl FromStr for Progress {
    type Err = Failure;

    /// An earlier version kept one id.
    fn from_str(text: &str) -> Result<Self, Failure> {
        let mut parts = text.split_whitespace();
        let mut id = || parts.next().and_then(|part| part.parse().ok());
        let (after, covered) = (id(), id());
        Ok(Self { after, covered, asked: parts.next().and_then(|part| part.parse().ok()).unwrap_or_default() })
    }
}

/// What was found so far.
#[derive(Default)]
struct Found {
    opened: u64,
    /// Times that the log was not what a sender had seen.
    alarms: u64,
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
    let kept = if args.all { None } else { workplace.profile.read_secret(PROGRESS)? };
    let mut progress = kept.map(|text| text.parse::<Progress>()).transpose()?.unwrap_or_default();
    let mut found = Found::default();
    loop {
        // Refreshed while it runs: it is meant to run for months.
        let session = Session::resume(&workplace.stored().await?)?;
        disclosed.follow(session.clone());
        let looked = look((&session, case_id), &mut disclosed, &mut progress, &mut found, output).await;
        // The newest checkpoint, too: the next run must not begin without a pin.
        workplace.keep_trust(disclosed.trust())?;
        match looked {
            Ok(true) => workplace.profile.write_secret(PROGRESS, progress.to_string().as_bytes())?,
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
    progress: &mut Progress,
    found: &mut Found,
    output: &Output,
) -> Result<bool, Failure> {
    // Its signature and that it extends the one before are checked, or this ends; what it covers is the server's word.
    let covers = match disclosed.refresh_checkpoint().await {
        Ok(checked) => checked.covers,
        // Before the first message there is no checkpoint.
        Err(Error::Refused(problem)) if problem.status == 404 => None,
        Err(error) => return Err(error.into()),
    };
    let now = OffsetDateTime::now_utc().unix_timestamp();
    if covers <= progress.covered && now - progress.asked < SILENCE_MAX_S {
        return Ok(false);
    }
    // A key may have followed another while this runs.
    disclosed.refresh().await?;
    let (filter, mut cursor) = (MessageFilter { after: progress.after, ..MessageFilter::default() }, None);
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
            progress.after = Some(id);
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    (progress.covered, progress.asked) = (covers, now);
    match disclosed.compare_all().await {
        Err(error @ Error::Verification(_)) => {
            found.alarms += 1;
            output.line(|| error.to_string(), &json!({"event": "log_broken", "reason": error.to_string()}))?;
        }
        other => other?,
    }
    Ok(true)
}

fn summary(found: &Found, output: &Output) -> Result<(), Failure> {
    let broken: u64 = found.broken.values().sum();
    let object = json!({
        "event": "summary", "opened": found.opened, "broken": broken, "senders": found.broken, "not_loaded": found.not_loaded,
        "log_alarms": found.alarms,
    });
    let text = || {
        let mut text = format!("{} messages open, {broken} do not, of {} senders", found.opened, found.broken.len());
        for (key, count) in &found.not_loaded {
            text += &format!("\n{count} messages are encrypted to the compliance key {key}, which is not loaded");
        }
        text
    };
    output.line(text, &object)?;
    if found.alarms > 0 {
        return Err(Failure::NotVerified("the log is not what senders have seen".to_owned()));
    }
    let total = usize::try_from(found.opened + broken).unwrap_or(usize::MAX);
    match usize::try_from(broken).unwrap_or(usize::MAX) {
        0 => Ok(()),
        unverified => Err(Failure::Unverified { unverified, total }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_kept_and_that_of_an_earlier_version_is_read() {
        let id = |seq| Some(EventId { stream_epoch: 2, seq });
        for progress in [Progress::default(), Progress { after: id(5), covered: id(9), asked: 1_700_000_000 }] {
            assert_eq!(progress.to_string().parse::<Progress>().unwrap(), progress);
        }
        assert_eq!("2-5\n".parse::<Progress>().unwrap(), Progress { after: id(5), ..Progress::default() });
    }
}
