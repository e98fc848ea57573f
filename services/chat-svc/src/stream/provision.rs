use anyhow::Context as _;
use sealcast_bus::Bus;
use sealcast_contracts::stream::{ENVELOPES, EVENTS, header};
use sealcast_runtime::postgres;
use time::OffsetDateTime;

use super::{Observed, store, store::Remembered};
use crate::{Config, limits};

/// The name that the provisioner's credential is bound to.
const PROVISIONER: &str = "provisioner";

/// What to do when messages that were acknowledged are in no stream any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Change nothing: somebody may still bring them back.
    Refuse,
    /// Go on without them, in a new stream epoch.
    Accept,
}

impl Loss {
    /// What the command line says.
    ///
    /// # Errors
    /// It says something else.
    pub fn from_arguments(arguments: &[String]) -> anyhow::Result<Self> {
        match arguments {
            [] => Ok(Self::Refuse),
            [only] if only == "--accept-loss" => Ok(Self::Accept),
            _ => anyhow::bail!("usage: chat-svc provision [--accept-loss]"),
        }
    }
}

/// Makes or updates the streams, then compares the stream with what Postgres remembers of it.
pub(crate) async fn provision(config: &Config, loss: Loss) -> anyhow::Result<()> {
    let pool = postgres::connect(&config.postgres)?;
    let mut tx = pool.begin().await.context("connecting to Postgres")?;
    let bus = Bus::connect(&config.nats, PROVISIONER).await?;
    let remembered = store::get(&mut tx, ENVELOPES).await.context("reading the stream epoch")?;
    let found = Observed::now(&bus).await?;
    if loss == Loss::Refuse
        && let Some(remembered) = remembered
    {
        refuse_loss(&bus, remembered, found).await?;
    }
    if remembered.is_some() && found.is_none() {
        // Services that run still have the old epoch: they look, miss the stream, and stop before there is a new one.
        tracing::error!("the stream is gone; it is made again when no running service can publish in the old epoch");
        tokio::time::sleep(2 * limits::STREAM_WATCH_INTERVAL).await;
    }
    let provisioned = bus.provision(config.stream.replicas).await?;
    let observed = Observed::new(&provisioned.created, provisioned.last_seq)?;
    let epoch = match remembered {
        Some(remembered) if observed.continues(remembered) => remembered.epoch,
        Some(remembered) => {
            tracing::error!(?remembered, ?observed, "the stream lost messages or was made again: the stream epoch rises");
            remembered.epoch + 1
        }
        None => epoch_of_last_message(&bus).await?,
    };
    let now = Remembered { epoch, created_at: observed.created_at, last_seq: observed.last_seq };
    store::put(&mut tx, ENVELOPES, now, OffsetDateTime::now_utc()).await.context("keeping the stream epoch")?;
    tx.commit().await.context("keeping the stream epoch")?;
    tracing::info!(epoch, last_seq = observed.last_seq, "streams are provisioned");
    Ok(())
}

async fn refuse_loss(bus: &Bus, remembered: Remembered, found: Option<Observed>) -> anyhow::Result<()> {
    const WAY_OUT: &str = "restore it from the backup, or go on without them by `chat-svc provision --accept-loss`";
    let expected = remembered.last_seq;
    match found {
        None => anyhow::bail!("the stream {ENVELOPES} is gone, with messages up to sequence {expected}: {WAY_OUT}"),
        Some(found) if found.created_at != remembered.created_at => {
            let made = found.created_at;
            anyhow::bail!(
                "the stream {ENVELOPES} is not the one with messages up to sequence {expected}, but one made at {made}: {WAY_OUT}"
            )
        }
        Some(found) if !found.continues(remembered) => {
            let last = found.last_seq;
            anyhow::bail!("the stream {ENVELOPES} ends at sequence {last}, and messages up to {expected} were in it: {WAY_OUT}")
        }
        Some(_) => {}
    }
    // Nobody remembers how far this one came; audit-svc may have stored everything in it, or not.
    anyhow::ensure!(bus.stream_exists(EVENTS).await?, "the stream {EVENTS} is gone, with the events in it: {WAY_OUT}");
    Ok(())
}

/// Postgres knows nothing: a stream with messages goes on in the epoch of its last one, an empty one begins with 1.
async fn epoch_of_last_message(bus: &Bus) -> anyhow::Result<u32> {
    match bus.read_last(ENVELOPES).await? {
        Some(last) => {
            last.header(header::STREAM_EPOCH).and_then(|epoch| epoch.parse().ok()).context("the last message has no epoch")
        }
        None => Ok(1),
    }
}
