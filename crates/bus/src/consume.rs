//! Durable consumption: batches, acknowledged after the work.

use std::{fmt, time::Duration};

use anyhow::Context as _;
use async_nats::jetstream::{self, AckKind, consumer::PullConsumer, message::Acker};
use futures::StreamExt as _;

use crate::{Bus, Received};

/// A durable pull consumer that the provisioner made.
#[derive(Clone, Debug)]
pub struct Consumer {
    inner: PullConsumer,
}

/// A delivered message that waits for its acknowledgement.
pub struct Delivery {
    pub seq: u64,
    /// Messages that the consumer has still to deliver after this one.
    pub pending: u64,
    pub message: Received,
    acker: Acker,
}

impl Bus {
    /// Binds to a durable consumer.
    ///
    /// # Errors
    /// There is none, or JetStream did not answer.
    pub async fn consumer(&self, stream: &str, name: &str) -> anyhow::Result<Consumer> {
        let context = jetstream::new(self.client.clone());
        let inner = context.get_consumer_from_stream(name, stream).await.with_context(|| format!("consumer {name} of {stream}"))?;
        Ok(Consumer { inner })
    }
}

impl Consumer {
    /// The next messages: waits up to `wait` for `max`, and gives what came.
    ///
    /// # Errors
    /// The connection failed; ask again.
    pub async fn next_batch(&self, max: usize, wait: Duration) -> anyhow::Result<Vec<Delivery>> {
        // `expires` bounds the wait on the server, the time-out the loss of its reply.
        let mut batch = self.inner.batch().max_messages(max).expires(wait).messages().await.context("asking for a batch")?;
        let mut deliveries = Vec::new();
        let deadline = tokio::time::Instant::now() + wait + Duration::from_secs(2);
        loop {
            match tokio::time::timeout_at(deadline, batch.next()).await {
                Ok(Some(Ok(handle))) => deliveries.push(Delivery::new(handle)?),
                Ok(Some(Err(error))) if deliveries.is_empty() => anyhow::bail!("receiving a batch: {error}"),
                Ok(Some(Err(_)) | None) | Err(_) => return Ok(deliveries),
            }
        }
    }

    /// How far the consumer has come.
    ///
    /// # Errors
    /// JetStream did not answer.
    pub async fn state(&self) -> anyhow::Result<ConsumerState> {
        let info = self.inner.get_info().await.context("consumer information")?;
        Ok(ConsumerState { ack_floor: info.ack_floor.stream_sequence, lag: info.num_pending + info.num_ack_pending as u64 })
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery").field("seq", &self.seq).field("message", &self.message).finish_non_exhaustive()
    }
}

/// How far a consumer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsumerState {
    /// Every message up to this stream sequence is acknowledged.
    pub ack_floor: u64,
    /// Messages that wait: not delivered yet, and delivered without an acknowledgement.
    pub lag: u64,
}

impl Delivery {
    fn new(handle: jetstream::Message) -> anyhow::Result<Self> {
        let info = handle.info().map_err(|error| anyhow::anyhow!("reading a delivery: {error}"))?;
        let (seq, pending) = (info.stream_sequence, info.pending);
        let (message, acker) = handle.split();
        Ok(Self { seq, pending, message: Received::from(message), acker })
    }

    /// The work is done and durable.
    ///
    /// # Errors
    /// It could not be sent: the message comes again.
    pub async fn ack(&self) -> anyhow::Result<()> {
        self.send(AckKind::Ack).await
    }

    /// As [`Self::ack`], and waits until the server has it: then it has all that were sent before, too.
    ///
    /// # Errors
    /// The server did not confirm it: the message may come again.
    pub async fn ack_confirmed(&self) -> anyhow::Result<()> {
        self.acker.double_ack().await.map_err(|error| anyhow::anyhow!("acknowledging a message: {error}"))
    }

    /// The work goes on: do not deliver it again yet.
    ///
    /// # Errors
    /// It could not be sent.
    pub async fn progress(&self) -> anyhow::Result<()> {
        self.send(AckKind::Progress).await
    }

    /// It is not to be delivered again, ever.
    ///
    /// # Errors
    /// It could not be sent.
    pub async fn terminate(&self) -> anyhow::Result<()> {
        self.send(AckKind::Term).await
    }

    async fn send(&self, kind: AckKind) -> anyhow::Result<()> {
        self.acker.ack_with(kind).await.map_err(|error| anyhow::anyhow!("acknowledging a message: {error}"))
    }
}
