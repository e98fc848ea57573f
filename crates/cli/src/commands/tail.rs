//! Following the live messages.

use std::{collections::BTreeMap, time::Duration};

use sealcast_client::{Client, Error, Event, Feed, Reading, backoff::Backoff};
use sealcast_contracts::{
    EventId, RoomId,
    audit::{MessageFilter, Order},
    sse,
};
use serde_json::json;

use super::messages::compared;
use crate::{
    args::Tail,
    failure::Failure,
    output::{Output, time_text},
    workplace::Workplace,
};

/// How often one sender's view of the log is compared with ours.
const COMPARED_EVERY: Duration = Duration::from_secs(10);

/// What is followed, and how much of it is still wanted.
struct Follower<'a> {
    client: &'a Client,
    output: &'a Output,
    names: BTreeMap<RoomId, String>,
    /// Empty means all rooms.
    wanted: Vec<RoomId>,
    left: Option<usize>,
    events: bool,
    /// The first alarm of the log: it is said at once, and the command ends with it.
    broken: Option<Error>,
}

pub async fn run(args: Tail, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let client = workplace.client(output).await?;
    let mut wanted = Vec::new();
    for room in &args.room {
        wanted.push(client.find_room(room).await?.room_id);
    }
    let names = client.session().rooms().await?.into_iter().filter(|room| room.role.is_some());
    let names = names.map(|room| (room.room_id, room.name)).collect();
    let mut follower = Follower { client: &client, output, names, wanted, left: args.count, events: args.events, broken: None };
    let since = if args.all { follower.stored().await? } else { args.since };
    let outcome = follower.follow(client.feed(since)).await;
    let compared = if outcome.is_ok() { compared(client.compare_all().await, output) } else { Ok(()) };
    workplace.keep(&client)?;
    outcome?;
    follower.broken.map_or(compared, |broken| Err(broken.into()))
}

impl Follower<'_> {
    async fn follow(&mut self, mut feed: Feed) -> Result<(), Failure> {
        let client = self.client;
        let comparison = || async move {
            tokio::time::sleep(COMPARED_EVERY).await;
            client.compare_next().await
        };
        let mut comparing = Box::pin(comparison());
        while self.left != Some(0) {
            // Kept while comparisons come and go: a long gap is filled once.
            let mut next = Box::pin(feed.next());
            let event = loop {
                tokio::select! {
                    event = &mut next => break event?,
                    compared = &mut comparing => {
                        comparing.set(comparison());
                        if let Err(error @ Error::Verification(_)) = compared {
                            self.alarm(error)?;
                        }
                    }
                }
            };
            match event {
                Event::Message(message) => self.show(message).await?,
                other => self.tell(&other).await?,
            }
        }
        Ok(())
    }

    /// Whoever can sign a message can claim to have seen another log: that is said, and ends nobody's stream.
    fn alarm(&mut self, error: Error) -> Result<(), Failure> {
        let text = error.to_string();
        self.output.note(&format!("sealcast: the log: {text}"));
        self.broken.get_or_insert(error);
        let object = json!({"event": "log_broken", "reason": text});
        if self.events { self.output.line(String::new, &object) } else { Ok(()) }
    }

    /// Prints what is stored and returns where the stream has to go on.
    async fn stored(&mut self) -> Result<Option<EventId>, Failure> {
        let rooms = if self.wanted.is_empty() { self.names.keys().copied().collect() } else { self.wanted.clone() };
        let (mut messages, mut since) = (Vec::new(), None::<EventId>);
        for room_id in rooms {
            let (stored, up_to) = self.client.history(room_id, &MessageFilter::default(), Order::OldestFirst, usize::MAX).await?;
            messages.extend(stored);
            // The earliest of the rooms' answers: what one has beyond it comes again by the stream.
            since = since.map_or(up_to, |since| up_to.map(|up_to| since.min(up_to)));
        }
        messages.sort_by_key(|message| message.id);
        let shown = messages.into_iter().filter(|message| Some(message.id) <= since).collect::<Vec<_>>();
        for message in shown {
            self.show(message).await?;
            if self.left == Some(0) {
                break;
            }
        }
        Ok(since)
    }

    async fn show(&mut self, message: sse::Message) -> Result<(), Failure> {
        let room_id = message.room_id;
        if !self.wanted.is_empty() && !self.wanted.contains(&room_id) {
            return Ok(());
        }
        let reading = self.read(message).await?;
        let name = self.names.get(&room_id).cloned().unwrap_or_else(|| room_id.to_string());
        self.left = self.left.map(|left| left.saturating_sub(1));
        self.output.reading(&name, &reading)
    }

    /// Reads a message; while a key or certificate cannot be fetched, it waits: what came must not be skipped.
    async fn read(&self, message: sse::Message) -> Result<Reading, Failure> {
        let mut backoff = Backoff::default();
        loop {
            match self.client.read(message.clone()).await {
                Err(error) if error.is_unavailable() => tokio::time::sleep(backoff.next(None)).await,
                outcome => return Ok(outcome?),
            }
        }
    }

    async fn tell(&self, event: &Event) -> Result<(), Failure> {
        let object = match event {
            Event::Hello(hello) => json!({"event": "hello", "node": hello.node, "head": hello.head, "resume": hello.resume}),
            Event::Gap(gap) => {
                self.output.note(&format!("reading {} to {} from the archive", gap.after, gap.up_to));
                json!({"event": "gap", "after": gap.after, "up_to": gap.up_to})
            }
            Event::Reset(reset) => {
                self.output.note("the log began anew; what came before is in `sealcast history`");
                json!({"event": "reset", "head": reset.head})
            }
            Event::Lost { reason, wait } => {
                self.output.note(&format!("connection lost ({reason}); again in {:.1} s", wait.as_secs_f32()));
                json!({"event": "lost", "reason": reason, "wait_ms": wait.as_millis()})
            }
            Event::Room(notice) => {
                self.client.forget_room(notice.room_id).await;
                json!({"event": "room", "room_id": notice.room_id, "change": notice.change, "user_id": notice.user_id})
            }
            Event::Presence(change) => {
                json!({"event": "presence", "user_id": change.user_id, "state": change.state, "at": time_text(change.at)})
            }
            Event::Typing(typing) => json!({"event": "typing", "user_id": typing.user_id, "room_id": typing.room_id}),
            Event::Checkpoint(notice) => json!({"event": "checkpoint", "size": notice.size, "covers": notice.covers}),
            Event::Message(_) => return Ok(()),
        };
        if self.events { self.output.line(String::new, &object) } else { Ok(()) }
    }
}
