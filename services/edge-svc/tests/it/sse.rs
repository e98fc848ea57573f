//! A client of the live stream, as strict as the browser's.

use std::{collections::VecDeque, time::Duration};

use sealcast_contracts::{EventId, sse};
use serde::de::DeserializeOwned;

use crate::world::Edge;

/// How long a test waits for an event that must come.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Events {
    response: reqwest::Response,
    buffer: Vec<u8>,
    ready: VecDeque<Event>,
    pub hello: sse::Hello,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub name: String,
    pub id: Option<EventId>,
    pub data: String,
}

impl Event {
    pub fn read<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.data).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Events {
    pub async fn open(edge: &Edge, token: &str, last: Option<EventId>) -> Self {
        let response = request(edge, token, last).await;
        assert_eq!(response.status(), 200, "{}", response.text().await.unwrap_or_default());
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let hello = sse::Hello {
            node: String::new(),
            head: EventId { stream_epoch: 0, seq: 0 },
            resume: sse::Resume::Fresh,
            rooms: vec![],
            server_time: time::OffsetDateTime::UNIX_EPOCH,
        };
        let mut events = Self { response, buffer: Vec::new(), ready: VecDeque::new(), hello };
        let first = events.next().await.expect("hello");
        assert_eq!(first.name, "hello", "hello is always first");
        events.hello = first.read();
        events
    }

    /// The next event, or `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Event> {
        tokio::time::timeout(PATIENCE, self.next_patiently()).await.expect("an event in time")
    }

    /// The next event of one of these names; presence comes when it likes.
    pub async fn next_of(&mut self, names: &[&str]) -> Event {
        loop {
            let event = self.next().await.expect("the stream goes on");
            if names.contains(&event.name.as_str()) {
                return event;
            }
            assert_eq!(event.name, "presence", "unexpected event: {event:?}");
        }
    }

    pub async fn message(&mut self) -> sse::Message {
        let event = self.next_of(&["message"]).await;
        let message: sse::Message = event.read();
        assert_eq!(event.id, Some(message.id));
        message
    }

    /// The ids of the next `count` messages.
    pub async fn ids(&mut self, count: usize) -> Vec<EventId> {
        let mut ids = Vec::new();
        for _ in 0..count {
            ids.push(self.message().await.id);
        }
        ids
    }

    /// Reads to the end of the stream; gives the names of what came, without presence.
    pub async fn rest(&mut self) -> Vec<String> {
        let mut names = Vec::new();
        while let Some(event) = self.next().await {
            names.push(event.name);
        }
        names.retain(|name| name != "presence");
        names
    }

    async fn next_patiently(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            match self.response.chunk().await {
                Ok(Some(chunk)) => self.take(&chunk),
                // A cut connection ends the stream as well.
                Ok(None) | Err(_) => return None,
            }
        }
    }

    fn take(&mut self, chunk: &[u8]) {
        self.buffer.extend_from_slice(chunk);
        while let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\n\n") {
            let block: Vec<u8> = self.buffer.drain(..end + 2).collect();
            self.ready.extend(parse(std::str::from_utf8(&block).unwrap()));
        }
    }
}

pub async fn request(edge: &Edge, token: &str, last: Option<EventId>) -> reqwest::Response {
    let mut request = edge.stream_client().get(edge.url("/api/v1/events")).bearer_auth(token).header("accept", "text/event-stream");
    if let Some(last) = last {
        request = request.header("last-event-id", last.to_string());
    }
    request.send().await.unwrap()
}

fn parse(block: &str) -> Option<Event> {
    let mut event = Event { name: String::new(), id: None, data: String::new() };
    for line in block.lines() {
        match line.split_once(": ") {
            Some(("event", name)) => event.name = name.to_owned(),
            Some(("id", id)) => event.id = Some(id.parse().unwrap()),
            Some(("data", data)) => event.data = data.to_owned(),
            _ => assert!(line.is_empty() || line.starts_with(':'), "{line:?}"),
        }
    }
    (!event.name.is_empty()).then_some(event)
}
