use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use sealcast_bus::{Bus, log::PublishError};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::Schema;

/// Events in one transaction.
const BATCH_MAX: i64 = 100;
/// Publishes that wait for their acknowledgement at the same time.
const IN_FLIGHT_MAX: usize = 16;
/// How long one publish waits for its acknowledgement.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(3);
/// How often an empty outbox is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// The longest pause after failures.
const BACKOFF_MAX: Duration = Duration::from_secs(5);

/// A batch stays in the outbox: nothing is lost, it is tried again.
#[derive(Debug, thiserror::Error)]
enum RelayError {
    #[error("reading the outbox")]
    Read(#[source] sqlx::Error),
    #[error("publishing an event")]
    Publish(#[source] PublishError),
    #[error("emptying the outbox")]
    Delete(#[source] sqlx::Error),
}

#[derive(sqlx::FromRow)]
struct Row {
    position: i64,
    event_id: Uuid,
    subject: String,
    body: String,
}

/// Relays a schema's outbox to the stream EVENTS until the shutdown, and once more then.
///
/// Every replica of a service may run it: the rows of one batch are locked by the replica that relays them, and the stream
/// knows repeated ids.
pub async fn relay(pool: PgPool, schema: Schema, bus: Bus, shutdown: CancellationToken) {
    let mut pause = POLL_INTERVAL;
    let mut failing = false;
    metrics::counter!("outbox_failures_total").increment(0);
    loop {
        let last = shutdown.is_cancelled();
        match relay_batch(&pool, schema, &bus).await {
            Ok(relayed) => {
                if failing {
                    tracing::info!(schema = schema.as_str(), "the outbox is relayed again");
                }
                (failing, pause) = (false, POLL_INTERVAL);
                metrics::counter!("outbox_relayed_total").increment(relayed);
                if relayed == BATCH_MAX.unsigned_abs() {
                    continue;
                }
            }
            Err(error) => {
                // Once per outage: the counter tells how long it lasts.
                if !failing {
                    tracing::warn!(schema = schema.as_str(), error = describe(&error), "the outbox is not relayed");
                }
                (failing, pause) = (true, (pause * 2).min(BACKOFF_MAX));
                metrics::counter!("outbox_failures_total").increment(1);
            }
        }
        if last {
            return;
        }
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Deletes a batch, publishes it, commits: a crash before the commit brings the rows back, and with them their old ids.
async fn relay_batch(pool: &PgPool, schema: Schema, bus: &Bus) -> Result<u64, RelayError> {
    let name = schema.as_str();
    let delete = format!(
        "delete from {name}.outbox where position in (select position from {name}.outbox order by position limit {BATCH_MAX}) \
         returning position, event_id, subject, body"
    );
    let mut tx = pool.begin().await.map_err(RelayError::Read)?;
    let mut rows: Vec<Row> = sqlx::query_as(&delete).fetch_all(&mut *tx).await.map_err(RelayError::Read)?;
    rows.sort_unstable_by_key(|row| row.position);
    let count = rows.len() as u64;
    futures::stream::iter(rows)
        .map(|row| publish(bus, row))
        .buffered(IN_FLIGHT_MAX)
        .try_for_each(|()| async { Ok(()) })
        .await
        .map_err(RelayError::Publish)?;
    tx.commit().await.map_err(RelayError::Delete)?;
    Ok(count)
}

async fn publish(bus: &Bus, row: Row) -> Result<(), PublishError> {
    bus.publish(row.subject, &row.event_id.to_string(), &[], row.body.into_bytes().into(), PUBLISH_TIMEOUT).await?;
    Ok(())
}

fn describe(error: &RelayError) -> String {
    use std::error::Error as _;
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}
