//! From a request to a stream: who it is, what it carries, from where on.
//!
//! Requests that come together are decided together, so that a thousand clients that come back at once cost the other services
//! a few calls.

use std::{collections::HashSet, sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};
use bytes::{BufMut as _, Bytes, BytesMut};
use futures::{Stream, future::join_all};
use sealcast_contracts::{EventId, RoomId, auth::Session, sse};
use time::OffsetDateTime;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::{
    Engine,
    frame::event,
    hub::Opening,
    resume::{self, Plan},
};
use crate::{
    Edge,
    api::events,
    chance, front,
    problems::Problem,
    sessions::{self, Verified},
    shard::{Applicant, Carrier, Command, ConnectionRef, Inbox},
};

/// Requests that are decided together, and how many such crowds at the same time.
const CROWD_MAX: usize = 256;
const CROWDS_MAX: usize = 8;
/// How long a request waits for others to be decided with while earlier ones are being decided: in a storm a node asks
/// each service so often at most, however many come back; somebody who comes alone does not wait.
const GATHER: Duration = Duration::from_millis(25);
/// Writes that may wait for a reader of hyper's.
const CHANNEL_WRITES: usize = 4;

/// Decides about requests for streams that the shards have read.
pub struct Admissions {
    engine: Arc<Engine>,
    applicants: mpsc::UnboundedReceiver<Applicant>,
}

impl Admissions {
    pub(super) fn new(engine: Arc<Engine>, applicants: mpsc::UnboundedReceiver<Applicant>) -> Self {
        Self { engine, applicants }
    }

    /// Runs as long as the node.
    pub async fn run(mut self, edge: Edge) {
        let places = Arc::new(Semaphore::new(CROWDS_MAX));
        let mut crowd = Vec::with_capacity(CROWD_MAX);
        loop {
            let Ok(place) = places.clone().acquire_owned().await else { return };
            if self.applicants.recv_many(&mut crowd, CROWD_MAX).await == 0 {
                return;
            }
            if places.available_permits() + 1 < CROWDS_MAX {
                gather(&mut self.applicants, &mut crowd).await;
            }
            let (engine, edge, crowd) = (self.engine.clone(), edge.clone(), std::mem::take(&mut crowd));
            tokio::spawn(async move {
                decide(&engine, &edge, crowd).await;
                drop(place);
            });
        }
    }
}

/// Fills the crowd until it is full or its time is up.
async fn gather<T>(applicants: &mut mpsc::UnboundedReceiver<T>, crowd: &mut Vec<T>) {
    let gathering = async { while crowd.len() < CROWD_MAX && applicants.recv_many(crowd, CROWD_MAX - crowd.len()).await > 0 {} };
    // What has come when the time is up stays: receiving into the crowd is never half done.
    let _ = tokio::time::timeout(GATHER, gathering).await;
}

/// Lets in whom it can. Everybody else gets the same answer from the router as over any other connection.
async fn decide(engine: &Engine, edge: &Edge, crowd: Vec<Applicant>) {
    let tokens: Vec<_> = crowd.iter().map(|applicant| sessions::token_in(&applicant.headers).unwrap_or_default()).collect();
    let verdicts = sessions::verify_all(edge, &tokens).await;
    let mark = engine.hub.membership_mark();
    let known: Vec<_> = verdicts.iter().flatten().map(|verified| verified.session.user_id).collect();
    let mut rooms = engine.memberships_of(&known).await.into_iter();
    let decisions = crowd.iter().zip(&tokens).zip(verdicts).map(|((applicant, token), verdict)| {
        let rooms = if verdict.is_ok() { rooms.next() } else { None };
        async move {
            let admitted = match (&verdict, rooms) {
                (Ok(Verified { session, .. }), Some(rooms)) => admit(engine, edge, applicant, session, rooms, mark).await.is_ok(),
                _ => false,
            };
            if !admitted {
                // The router need not ask again.
                verdict.iter().for_each(|verified| sessions::keep(edge, token, verified));
                engine.hub.post(applicant.connection.shard, Command::Decline(applicant.connection));
            }
        }
    });
    // Who has to wait for the log keeps nobody else waiting.
    join_all(decisions.collect::<Vec<_>>()).await;
}

async fn admit(
    engine: &Engine,
    edge: &Edge,
    applicant: &Applicant,
    session: &Session,
    rooms: HashSet<RoomId>,
    mark: u64,
) -> Result<(), Problem> {
    let last_event_id = events::check(&applicant.headers)?;
    let plan = resume::plan(engine, last_event_id).await?;
    // Who is refused pays for the request at the router.
    engine.hub.check_place(session.user_id).map_err(|refused| engine.refused(&refused))?;
    let remaining = edge.limits().take(session.user_id)?;
    let head = response_head(edge, &applicant.headers, remaining);
    let Applicant { connection: ConnectionRef { shard, .. }, .. } = *applicant;
    let carrier = Carrier::Connection(applicant.connection);
    engine.open(shard, session, rooms, mark, plan, head, |_| carrier)?;
    front::count_stream();
    Ok(())
}

/// Opens a stream that hyper carries.
pub fn open_channel(
    engine: &Engine,
    session: &Session,
    rooms: HashSet<RoomId>,
    mark: u64,
    plan: Plan,
    kill: CancellationToken,
) -> Result<Body, Problem> {
    let (sender, receiver) = mpsc::channel(CHANNEL_WRITES);
    let shard = engine.hub.quietest_shard();
    let carrier = |_| Carrier::Channel { sender, kill };
    let index = engine.open(shard, session, rooms, mark, plan, BytesMut::new(), carrier)?;
    let reader = ChannelReader { receiver, inbox: engine.hub.inbox(shard), index };
    Ok(Body::from_stream(reader.octets()))
}

impl Engine {
    /// What the log and the rooms make of a request, in order with everything else that happens to streams.
    #[allow(clippy::too_many_arguments, reason = "each says one thing about the stream")]
    fn open(
        &self,
        shard: u16,
        session: &Session,
        rooms: HashSet<RoomId>,
        mark: u64,
        plan: Plan,
        mut head: BytesMut,
        carrier: impl FnOnce(u32) -> Carrier,
    ) -> Result<u32, Problem> {
        let age_max = chance::around(Duration::from_secs(self.config.age_max_s));
        let opening = |key: crate::shard::Key| Opening { carrier: carrier(key.index), rooms, mark, begin: plan.begin(), age_max };
        let first = |position: EventId, rooms: &[RoomId]| -> Bytes {
            let (node, server_time) = (self.node.clone(), OffsetDateTime::now_utc());
            let hello = sse::Hello { node, head: position, resume: plan.resume(), rooms: rooms.to_vec(), server_time };
            head.put(event(sse::name::HELLO, &hello));
            match plan {
                Plan::Fresh | Plan::Exact { .. } => {}
                Plan::Gap { after } => head.put(event(sse::name::GAP, &sse::Gap { after, up_to: position })),
                Plan::Reset => head.put(event(sse::name::RESET, &sse::Reset { head: position })),
            }
            head.freeze()
        };
        let opened = self.hub.open(shard, (session.user_id, session.session_id), opening, first);
        let key = opened.map_err(|refused| self.refused(&refused))?;
        metrics::counter!("edge_resumes_total", "resume" => plan.as_str()).increment(1);
        Ok(key.index)
    }
}

/// The head of an answer that ends with its connection.
fn response_head(edge: &Edge, request: &HeaderMap, remaining: u32) -> BytesMut {
    let mut headers = HeaderMap::new();
    events::describe(&mut headers);
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    front::finish(edge, request, remaining, &mut headers);
    let mut head = BytesMut::with_capacity(1_024);
    head.put_slice(b"HTTP/1.1 200 OK\r\n");
    for (name, value) in &headers {
        put_field(&mut head, name, value);
    }
    head.put_slice(b"\r\n");
    head
}

fn put_field(head: &mut BytesMut, name: &HeaderName, value: &HeaderValue) {
    head.put_slice(name.as_str().as_bytes());
    head.put_slice(b": ");
    head.put_slice(value.as_bytes());
    head.put_slice(b"\r\n");
}

/// Hyper's end of a stream. The shard hears when there is room again, and when it is dropped.
struct ChannelReader {
    receiver: mpsc::Receiver<Bytes>,
    inbox: Arc<Inbox>,
    index: u32,
}

impl ChannelReader {
    fn octets(self) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> + Send {
        futures::stream::unfold(self, |mut reader| async move {
            let octets = reader.receiver.recv().await?;
            if reader.receiver.len() + 1 == CHANNEL_WRITES {
                reader.notify();
            }
            Some((Ok(octets), reader))
        })
    }

    fn notify(&self) {
        self.inbox.post(Command::Channel { index: self.index });
    }
}

impl Drop for ChannelReader {
    fn drop(&mut self) {
        self.receiver.close();
        self.notify();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{sync::mpsc, time::Instant};

    use super::{CROWD_MAX, GATHER, gather};

    #[tokio::test(start_paused = true)]
    async fn a_crowd_gathers_until_it_is_full_or_its_time_is_up_and_loses_nobody() {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let mut crowd = vec![0];
        tokio::spawn(async move {
            for one in 1.. {
                tokio::time::sleep(Duration::from_millis(8)).await;
                if sender.send(one).is_err() {
                    return;
                }
                if one == 4 {
                    (5..=400).for_each(|one| assert!(sender.send(one).is_ok()));
                    return;
                }
            }
        });
        let begin = Instant::now();
        gather(&mut receiver, &mut crowd).await;
        assert_eq!((crowd.as_slice(), begin.elapsed()), (&[0, 1, 2, 3][..], GATHER), "three came in its time");

        let mut crowd = Vec::new();
        gather(&mut receiver, &mut crowd).await;
        assert_eq!(crowd, (4..4 + CROWD_MAX).collect::<Vec<_>>(), "full at once");

        let mut crowd = Vec::new();
        gather(&mut receiver, &mut crowd).await;
        assert_eq!(crowd, (4 + CROWD_MAX..=400).collect::<Vec<_>>(), "the rest, and nobody will come any more");
        assert!(begin.elapsed() < GATHER * 2);
    }
}
