//! The rooms are made, the people enter them, and the conversation takes place.

use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};
use sealcast_client::{Client, Event, InviteTerms, NewRoom};
use sealcast_contracts::{
    ClientMessageId, EventId, RoomId,
    audit::{MessageFilter, Order},
    chat::{Admission, JoinOutcome, RoomKind},
};

use crate::{
    company::{Company, REQUESTS_AT_ONCE},
    ids,
    script::{self, Line, STAGES, Stage},
};

/// How long the archive may be behind the stream.
const ARCHIVE_WAIT: Duration = Duration::from_secs(60);
const ARCHIVE_POLL: Duration = Duration::from_millis(200);

/// Performs the first `messages` lines. What was said in an earlier run is not said again.
///
/// # Errors
/// When a request fails for good.
pub async fn perform(company: &Company, lobby: RoomId, messages: usize) -> Result<()> {
    let lines = script::lines(company.people.len(), messages)?;
    let mut rooms = Vec::new();
    for stage in &STAGES {
        rooms.push(open(company, lobby, stage).await.with_context(|| format!("opening {}", stage.name))?);
    }
    let said = said_before(company, &rooms).await?;
    let bar = progress("messages", lines.len());
    // Rooms run side by side; within a room one line follows another.
    let performances = rooms.iter().enumerate().map(|(stage, room_id)| {
        let (lines, said, bar) = (&lines, &said, &bar);
        async move {
            for line in lines.iter().filter(|line| line.stage == stage) {
                say(company, lobby, *room_id, line, said).await?;
                bar.inc(1);
            }
            anyhow::Ok(())
        }
    });
    stream::iter(performances).buffer_unordered(STAGES.len()).try_collect::<Vec<()>>().await?;
    bar.finish_and_clear();
    Ok(())
}

/// A bar on a terminal, nothing elsewhere.
pub fn progress(what: &'static str, len: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(len).unwrap_or_default()).with_message(what);
    match ProgressStyle::with_template("{msg:<10} {bar:32} {pos}/{len}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

async fn say(company: &Company, lobby: RoomId, room_id: RoomId, line: &Line, said: &HashSet<ClientMessageId>) -> Result<()> {
    let cid = ids::message(lobby, line.index, &line.text);
    if said.contains(&cid) {
        return Ok(());
    }
    let speaker = company.people.get(line.speaker).context("the speaker is one of the people")?;
    match speaker.send_as(room_id, cid, &line.text).await {
        // A run that broke off had sent it, and its log had not said so yet.
        Err(error) if error.is_refusal("idempotency-conflict") => Ok(()),
        outcome => outcome.map(drop).with_context(|| format!("sending line {}", line.index)),
    }
}

/// Makes a room unless it is there, and lets its members in.
async fn open(company: &Company, lobby: RoomId, stage: &Stage) -> Result<RoomId> {
    if stage.kind == RoomKind::Lobby {
        return Ok(lobby);
    }
    let room_id = ids::room(lobby, stage.name);
    // With fewer people than parts, one person plays several.
    let members: Vec<_> = stage.members.iter().map(|member| member % company.people.len()).collect();
    let owner = company.people.get(*members.first().context("a room has members")?).context("the owner is one of the people")?;
    let exists = owner.session().rooms().await?.iter().any(|room| room.room_id == room_id);
    if !exists {
        owner.create_room(NewRoom { room_id, name: stage.name, kind: stage.kind, admission: stage.admission }).await?;
    }
    let unique: BTreeSet<_> = members.iter().skip(1).filter(|member| Some(*member) != members.first()).copied().collect();
    let mut outside = Vec::new();
    for member in unique {
        let client = company.people.get(member).context("a member is one of the people")?;
        let inside = client.session().rooms().await?.iter().any(|room| room.room_id == room_id && room.granted);
        if !inside {
            outside.push(client);
        }
    }
    match stage.admission {
        Admission::Approval | Admission::Open => by_approval(owner, room_id, &outside).await?,
        Admission::Invite => by_invite(owner, room_id, &outside).await?,
    }
    Ok(room_id)
}

async fn by_approval(owner: &Client, room_id: RoomId, outside: &[&Client]) -> Result<()> {
    for client in outside {
        match client.session().join(room_id).await? {
            JoinOutcome::Requested | JoinOutcome::Member => owner.approve(room_id, client.session().info().user_id).await?,
        }
    }
    Ok(())
}

async fn by_invite(owner: &Client, room_id: RoomId, outside: &[&Client]) -> Result<()> {
    if outside.is_empty() {
        return Ok(());
    }
    let uses_max = u32::try_from(outside.len()).unwrap_or(u32::MAX);
    let (link, _) = owner.create_invite(room_id, InviteTerms { lifetime: time::Duration::HOUR, uses_max }).await?;
    let entering = outside.iter().map(|client| client.redeem(&link));
    stream::iter(entering).buffer_unordered(REQUESTS_AT_ONCE).try_collect::<Vec<_>>().await?;
    Ok(())
}

/// The client message ids that the archive holds, once it holds everything that was accepted.
async fn said_before(company: &Company, rooms: &[RoomId]) -> Result<HashSet<ClientMessageId>> {
    let mut said = HashSet::new();
    for (stage, room_id) in STAGES.iter().zip(rooms) {
        let member = stage.members.first().map_or(0, |member| member % company.people.len());
        let reader = company.people.get(member).context("a member is one of the people")?;
        settled(reader, *room_id).await?;
        let (messages, _) = reader.history(*room_id, &MessageFilter::default(), Order::OldestFirst, usize::MAX).await?;
        said.extend(messages.into_iter().map(|message| message.cid));
    }
    Ok(said)
}

/// Waits until the archive has caught up with the stream.
async fn settled(reader: &Client, room_id: RoomId) -> Result<()> {
    let head = head(reader).await?;
    let wait = async {
        loop {
            let page = reader.session().history_page(room_id, &MessageFilter::default(), Order::NewestFirst, None, 1).await?;
            if head.seq == 0 || page.stored_up_to >= Some(head) {
                return anyhow::Ok(());
            }
            tokio::time::sleep(ARCHIVE_POLL).await;
        }
    };
    tokio::time::timeout(ARCHIVE_WAIT, wait).await.context("the archive does not catch up with the stream")?
}

async fn head(reader: &Client) -> Result<EventId> {
    let mut events = reader.session().events(None);
    match tokio::time::timeout(ARCHIVE_WAIT, events.next()).await.context("the event stream does not open")?? {
        Event::Hello(hello) => Ok(hello.head),
        Event::Lost { reason, .. } => bail!("the event stream does not open: {reason}"),
        _ => bail!("the event stream does not begin with hello"),
    }
}
