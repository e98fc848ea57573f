use anyhow::Context as _;
use sealcast_bus::Bus;
use sealcast_contracts::stream::{ENVELOPES, header};
use sealcast_runtime::postgres;
use time::OffsetDateTime;

use super::{Observed, store, store::Remembered};
use crate::{Config, limits};

/// The name that the provisioner's credential is bound to.
const PROVISIONER: &str = "provisioner";

/// Makes or updates the streams, then compares the stream with what Postgres remembers of it.
pub(crate) async fn provision(config: &Config) -> anyhow::Result<()> {
    let pool = postgres::connect(&config.postgres)?;
    let mut tx = pool.begin().await.context("connecting to Postgres")?;
    let bus = Bus::connect(&config.nats, PROVISIONER).await?;
    let remembered = store::get(&mut tx, ENVELOPES).await.context("reading the stream epoch")?;
    if remembered.is_some() && Observed::now(&bus).await?.is_none() {
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

/// Postgres knows nothing: a stream with messages goes on in the epoch of its last one, an empty one begins with 1.
async fn epoch_of_last_message(bus: &Bus) -> anyhow::Result<u32> {
    match bus.read_last(ENVELOPES).await? {
        Some(last) => {
            last.header(header::STREAM_EPOCH).and_then(|epoch| epoch.parse().ok()).context("the last message has no epoch")
        }
        None => Ok(1),
    }
}
