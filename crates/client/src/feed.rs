//! The live stream without holes: what a stream says is missing is read from the archive, in order.

use std::{collections::VecDeque, time::Duration};

use sealcast_contracts::{
    EventId, RoomId,
    audit::{MessageFilter, Order, StoredMessage},
    limits::PAGE_ITEMS_MAX,
    sse,
};

use crate::{
    Error, Session,
    backoff::Backoff,
    stream::{Event, EventStream},
};

/// Messages of one gap that are read; a longer one is a matter for the history.
const GAP_MESSAGES_MAX: usize = 100_000;
/// The first wait for an archive that is behind the stream.
const ARCHIVE_WAIT: Duration = Duration::from_millis(250);

/// An [`EventStream`] whose gaps are filled.
pub struct Feed {
    session: Session,
    stream: EventStream,
    rooms: Vec<RoomId>,
    gap: Option<sse::Gap>,
    backoff: Backoff,
    ready: VecDeque<sse::Message>,
}

impl Feed {
    /// From the message after `last`, or from now on.
    pub fn new(session: Session, last: Option<EventId>) -> Self {
        let stream = session.events(last);
        Self { session, stream, rooms: Vec::new(), gap: None, backoff: Backoff::new(ARCHIVE_WAIT), ready: VecDeque::new() }
    }

    /// See [`EventStream::repeats`].
    pub fn repeats(&self) -> u64 {
        self.stream.repeats()
    }

    /// The next event; [`Event::Gap`] is only news, the messages follow by themselves.
    ///
    /// # Errors
    /// As [`EventStream::next`]. A gap that the archive cannot fill yet is asked for again and again.
    pub async fn next(&mut self) -> Result<Event, Error> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                return Ok(Event::Message(message));
            }
            if let Some(gap) = self.gap.clone() {
                match self.fill(&gap).await {
                    Ok(()) => {}
                    Err(Error::Unavailable { retry_after, .. }) => tokio::time::sleep(self.backoff.next(retry_after)).await,
                    Err(error) => return Err(error),
                }
                continue;
            }
            let event = self.stream.next().await?;
            match &event {
                Event::Hello(hello) => self.rooms.clone_from(&hello.rooms),
                Event::Gap(gap) => self.gap = Some(self.own_gap(gap)),
                _ => {}
            }
            return Ok(event);
        }
    }

    /// The server's gap begins where it knows; ours begins where we stopped.
    fn own_gap(&self, gap: &sse::Gap) -> sse::Gap {
        let after = self.stream.last().filter(|last| last.stream_epoch == gap.up_to.stream_epoch).unwrap_or(gap.after);
        sse::Gap { after, up_to: gap.up_to }
    }

    async fn fill(&mut self, gap: &sse::Gap) -> Result<(), Error> {
        let mut found = Vec::new();
        for room_id in &self.rooms {
            found.extend(missing(&self.session, *room_id, gap).await?);
            if found.len() > GAP_MESSAGES_MAX {
                return Err(Error::Protocol("the gap is too long to be filled; read the history".to_owned()));
            }
        }
        found.sort_by_key(|message| message.id);
        self.ready.extend(found);
        self.stream.advance(gap.up_to);
        self.gap = None;
        self.backoff.reset();
        Ok(())
    }
}

/// A room's messages in `(after, up_to]`, once the archive has all of them.
async fn missing(session: &Session, room_id: RoomId, gap: &sse::Gap) -> Result<Vec<sse::Message>, Error> {
    let before = EventId { seq: gap.up_to.seq.saturating_add(1), ..gap.up_to };
    let filter = MessageFilter { after: Some(gap.after), before: Some(before), ..MessageFilter::default() };
    let (mut messages, mut cursor) = (Vec::new(), None);
    loop {
        let page = match session.history_page(room_id, &filter, Order::OldestFirst, cursor, PAGE_ITEMS_MAX).await {
            Ok(page) => page,
            // The room was left in between.
            Err(Error::Refused(problem)) if problem.status == 404 => return Ok(messages),
            Err(error) => return Err(error),
        };
        if page.stored_up_to < Some(gap.up_to) {
            return Err(Error::Unavailable { reason: "the archive is behind the stream".to_owned(), retry_after: None });
        }
        messages.extend(page.items.into_iter().map(live));
        cursor = page.next_cursor;
        if cursor.is_none() || messages.len() > GAP_MESSAGES_MAX {
            return Ok(messages);
        }
    }
}

/// A stored message as the stream would have carried it.
pub fn live(stored: StoredMessage) -> sse::Message {
    let StoredMessage { id, room_id, cid, sender, sender_fp, epoch, env, sig, accepted_at, leaf_index: _ } = stored;
    sse::Message { id, room_id, cid, sender, sender_fp, epoch, env, sig, accepted_at }
}
