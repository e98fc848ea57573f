//! The JetStream streams: durable publish, reading by sequence, information about the tail.

use std::time::Duration;

use anyhow::Context as _;
use async_nats::{HeaderMap, Request, client::RequestErrorKind};
use bytes::Bytes;
use futures::StreamExt as _;
use serde::Deserialize;

use crate::{Bus, Received, RequestContext};

/// One request to JetStream's API, and the wait for each message of a read.
const API_TIMEOUT: Duration = Duration::from_secs(2);
/// Octets of one page of a read.
const READ_OCTETS_MAX: usize = 512 * 1024;

/// What the stream answered: the message is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    pub seq: u64,
    /// The stream held a message with this id already; `seq` is that one's.
    pub duplicate: bool,
}

/// Why a message is not, or perhaps not, in the stream.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// Certainly not stored: the stream refused it, or no stream listens.
    #[error("the stream refused the message: {0}")]
    Rejected(String),
    /// No acknowledgement came. Publish it again with the same id.
    #[error("no acknowledgement: {0}")]
    Unknown(&'static str),
}

/// The ends of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamState {
    pub first_seq: u64,
    pub last_seq: u64,
    pub messages: u64,
}

impl Bus {
    /// Publishes to a stream once and waits for its acknowledgement.
    ///
    /// # Errors
    /// See [`PublishError`].
    pub async fn publish(
        &self,
        subject: String,
        message_id: &str,
        headers: &[(&str, String)],
        payload: Bytes,
        timeout: Duration,
    ) -> Result<Published, PublishError> {
        #[derive(Deserialize)]
        struct Ack {
            seq: Option<u64>,
            #[serde(default)]
            duplicate: bool,
            error: Option<ApiError>,
        }
        let mut map = RequestContext::headers();
        map.insert("Nats-Msg-Id", message_id);
        for (name, value) in headers {
            map.insert(*name, value.as_str());
        }
        let request = Request::new().payload(payload).headers(map).timeout(Some(timeout));
        let reply = self.client.send_request(subject, request).await.map_err(|error| match error.kind() {
            // No stream takes the subject at this moment; JetStream may be between leaders, so nothing was stored.
            RequestErrorKind::NoResponders => PublishError::Rejected("no stream listens".to_owned()),
            RequestErrorKind::TimedOut => PublishError::Unknown("no reply in time"),
            RequestErrorKind::Other => PublishError::Unknown("the connection failed"),
            RequestErrorKind::InvalidSubject | RequestErrorKind::MaxPayloadExceeded => PublishError::Rejected(error.to_string()),
        })?;
        let ack: Ack =
            serde_json::from_slice(&reply.payload).map_err(|_| PublishError::Unknown("the reply is not an acknowledgement"))?;
        match (ack.seq, ack.error) {
            (Some(seq), None) => Ok(Published { seq, duplicate: ack.duplicate }),
            (_, Some(error)) => Err(PublishError::Rejected(error.description)),
            (None, None) => Err(PublishError::Unknown("the acknowledgement has no sequence")),
        }
    }

    /// The ends of a stream.
    ///
    /// # Errors
    /// JetStream did not answer, or there is no such stream.
    pub async fn stream_state(&self, stream: &str) -> anyhow::Result<StreamState> {
        #[derive(Deserialize)]
        struct Info {
            state: State,
        }
        #[derive(Deserialize)]
        struct State {
            first_seq: u64,
            last_seq: u64,
            messages: u64,
        }
        let info: Info =
            serde_json::from_value(self.jetstream_api(&format!("STREAM.INFO.{stream}"), &serde_json::json!({})).await?)?;
        Ok(StreamState { first_seq: info.state.first_seq, last_seq: info.state.last_seq, messages: info.state.messages })
    }

    /// Up to `batch_max` stored messages from sequence `from` on, under `subject` (wildcards allowed), in order.
    ///
    /// Fewer come when the page is full or the stream ends; an empty answer means that there is nothing there now.
    ///
    /// # Errors
    /// JetStream did not answer in time.
    pub async fn read(&self, stream: &str, subject: &str, from: u64, batch_max: usize) -> anyhow::Result<Vec<Received>> {
        let inbox = self.client.new_inbox();
        let mut replies = self.client.subscribe(inbox.clone()).await.context("subscribing to a read")?;
        let request =
            serde_json::json!({"seq": from.max(1), "batch": batch_max, "next_by_subj": subject, "max_bytes": READ_OCTETS_MAX});
        let target = format!("$JS.API.DIRECT.GET.{stream}");
        self.client.publish_with_reply(target, inbox, request.to_string().into()).await.context("asking for a read")?;
        let mut messages = Vec::new();
        loop {
            let reply = tokio::time::timeout(API_TIMEOUT, replies.next())
                .await
                .context("reading the stream")?
                .context("the connection closed")?;
            match reply.status.map(|status| status.as_u16()) {
                // 204 ends a batch, 404 says that nothing matches.
                Some(204 | 404) => return Ok(messages),
                Some(status) => anyhow::bail!("reading the stream: status {status}"),
                None => messages.push(Received::from(reply)),
            }
        }
    }

    /// One stored message.
    ///
    /// # Errors
    /// JetStream did not answer in time.
    pub async fn read_one(&self, stream: &str, seq: u64) -> anyhow::Result<Option<Received>> {
        let request = Request::new().payload(serde_json::json!({"seq": seq}).to_string().into()).timeout(Some(API_TIMEOUT));
        let reply =
            self.client.send_request(format!("$JS.API.DIRECT.GET.{stream}"), request).await.context("reading one message")?;
        match reply.status.map(|status| status.as_u16()) {
            None => Ok(Some(reply.into())),
            Some(404) => Ok(None),
            Some(status) => anyhow::bail!("reading one message: status {status}"),
        }
    }

    /// The newest stored message of a stream, if it has any.
    ///
    /// # Errors
    /// JetStream did not answer in time.
    pub async fn read_last(&self, stream: &str) -> anyhow::Result<Option<Received>> {
        match self.stream_state(stream).await? {
            StreamState { messages: 0, .. } => Ok(None),
            state => self.read_one(stream, state.last_seq).await,
        }
    }

    /// One request to JetStream's API: `call` is the subject behind `$JS.API.`.
    ///
    /// # Errors
    /// JetStream did not answer in time, or answered with an error ([`ApiError`]).
    pub async fn jetstream_api(&self, call: &str, body: &serde_json::Value) -> anyhow::Result<serde_json::Value> {
        let request = Request::new().payload(body.to_string().into()).headers(HeaderMap::new()).timeout(Some(API_TIMEOUT));
        let reply =
            self.client.send_request(format!("$JS.API.{call}"), request).await.with_context(|| format!("JetStream {call}"))?;
        let mut answer: serde_json::Value = serde_json::from_slice(&reply.payload).with_context(|| format!("JetStream {call}"))?;
        match answer.get_mut("error").map(serde_json::Value::take) {
            None => Ok(answer),
            Some(error) => Err(serde_json::from_value::<ApiError>(error)?.into()),
        }
    }
}

/// JetStream's own error; `err_code` 10059 is "stream not found", 10014 "consumer not found".
#[derive(Clone, Debug, Deserialize, thiserror::Error)]
#[error("JetStream: {description} ({err_code})")]
pub struct ApiError {
    #[serde(default)]
    pub err_code: u64,
    #[serde(default)]
    pub description: String,
}
