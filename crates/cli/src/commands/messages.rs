//! Sending and reading back.

use std::io::{self, Read as _};

use sealcast_contracts::{
    audit::{MessageFilter, Order},
    limits::ENVELOPE_OCTETS_MAX,
};
use serde_json::json;

use super::files;
use crate::{
    args::{History, IdRange, Send},
    failure::Failure,
    output::{Output, time_text},
    workplace::{Workplace, find_account},
};

pub async fn send(args: Send, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let text = match args.text {
        Some(text) if text != "-" => text,
        None if !args.file.is_empty() => String::new(),
        _ => stdin_text()?,
    };
    let client = workplace.client(output).await?;
    let room = match (&args.room, &args.to) {
        (Some(room), _) => client.find_room(room).await?,
        (None, Some(user)) => client.open_direct(find_account(client.session(), user).await?.user_id).await?,
        (None, None) => return Err(sealcast_client::Error::Usage("say where: --room or --to".to_owned()).into()),
    };
    // What is sent vouches for the newest checkpoint; a log that cannot be asked keeps nobody from writing.
    match client.refresh_checkpoint().await {
        Err(error) if !error.is_unavailable() && !matches!(error, sealcast_client::Error::Refused(_)) => return Err(error.into()),
        _ => {}
    }
    let sent = files::send(&client, room.room_id, text, &args.file).await;
    // Also when it failed: what was learned about keys stays learned.
    workplace.keep(&client)?;
    let sent = sent?;
    let object = json!({"id": sent.id, "cid": sent.cid, "room_id": sent.room_id, "epoch": sent.epoch, "accepted_at": time_text(sent.accepted_at)});
    output.line(|| format!("accepted {}", sent.id), &object)
}

pub async fn history(args: &History, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let client = workplace.client(output).await?;
    let room = client.find_room(&args.room).await?;
    let (filter, order) = args.range.narrow(MessageFilter::default());
    let (messages, _) = client.history(room.room_id, &filter, order, args.limit).await?;
    let (mut unverified, total) = (0, messages.len());
    for message in messages {
        let reading = client.read(message).await?;
        unverified += usize::from(matches!(reading.text, Err(sealcast_client::Unreadable::Refused(_))));
        output.reading(&room.name, &reading)?;
    }
    let compared = compared(client.compare_all().await, output);
    workplace.keep(&client)?;
    compared?;
    if unverified == 0 { Ok(()) } else { Err(Failure::Unverified { unverified, total }) }
}

/// What the comparison of the log with what senders have seen came to; a server that cannot answer is no alarm.
pub fn compared(outcome: Result<(), sealcast_client::Error>, output: &Output) -> Result<(), Failure> {
    match outcome {
        Err(error) if error.is_unavailable() => {
            output.note(&format!("sealcast: what senders have seen of the log was not compared: {error}"));
            Ok(())
        }
        other => Ok(other?),
    }
}

impl IdRange {
    /// Puts the range into a filter.
    pub fn narrow(&self, filter: MessageFilter) -> (MessageFilter, Order) {
        let order = if self.oldest_first { Order::OldestFirst } else { Order::NewestFirst };
        (MessageFilter { after: self.after, before: self.before, ..filter }, order)
    }
}

fn stdin_text() -> Result<String, Failure> {
    let mut text = String::new();
    let limit = u64::try_from(ENVELOPE_OCTETS_MAX).unwrap_or(u64::MAX);
    io::stdin().take(limit).read_to_string(&mut text).map_err(Failure::io("reading the text"))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
