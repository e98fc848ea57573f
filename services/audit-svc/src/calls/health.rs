use sealcast_bus::ServeError;
use sealcast_contracts::{
    audit::{GetLogHealth, LogHealth, health::GAP_WINDOW},
    stream::{AUDIT_CONSUMER, ENVELOPES, EVENTS},
};

use super::{Archive, CallFailure, require_auditor, store_failure};
use crate::store::{self, Counted};

/// What waits in the streams, and what the archive counts.
pub async fn get(archive: &Archive, call: GetLogHealth) -> Result<LogHealth, CallFailure> {
    require_auditor(&call.caller)?;
    let Counted { signed_at, looked_at, missing, kept_apart, conflicts, witness_alarms } =
        store::count_troubles(&archive.pool, GAP_WINDOW).await.map_err(store_failure)?;
    let (waiting_messages, waiting_events) = (waiting(archive, ENVELOPES).await?, waiting(archive, EVENTS).await?);
    Ok(LogHealth { signed_at, waiting_messages, waiting_events, looked_at, missing, kept_apart, conflicts, witness_alarms })
}

/// The consumer is the writer's, whichever replica that is.
async fn waiting(archive: &Archive, stream: &str) -> Result<u64, CallFailure> {
    let consumer = archive.bus.consumer(stream, AUDIT_CONSUMER).await.map_err(ServeError::Unavailable)?;
    Ok(consumer.state().await.map_err(ServeError::Unavailable)?.lag)
}
