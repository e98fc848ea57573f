//! The calls of `contracts::audit`.

mod access;
mod events;
mod messages;
mod proofs;

use std::sync::Arc;

use sealcast_bus::{Bus, ServeError, Server};
use sealcast_contracts::{
    audit::{AuditRefusal, GetCheckpoint, GetConsistencyProof, GetInclusionProof, QueryEvents, QueryMessages},
    limits::PAGE_ITEMS_MAX,
};
use sqlx::PgPool;

use crate::{
    data_keys::{DataKeyError, DataKeys},
    store::StoreError,
};

/// Octets of a page's items as JSON; a reply must stay below the bus's largest payload.
const PAGE_OCTETS_MAX: usize = 200 * 1024;

/// What answers need.
#[derive(Clone, Debug)]
pub struct Archive {
    pub pool: PgPool,
    pub bus: Bus,
    pub data_keys: Arc<DataKeys>,
    /// The log's verifier key.
    pub vkey: Arc<str>,
}

/// How a call ends when it gives no reply.
pub type CallFailure = ServeError<AuditRefusal>;

/// Answers all calls.
///
/// # Errors
/// The connection to NATS is closed for good.
pub async fn serve(archive: Archive, server: &Server) -> anyhow::Result<()> {
    let archive = Arc::new(archive);
    macro_rules! serve {
        ($call:ty, $handler:path) => {{
            let archive = archive.clone();
            server
                .serve::<$call, _, _>(move |call| {
                    let archive = archive.clone();
                    async move { $handler(&archive, call).await }
                })
                .await?;
        }};
    }
    serve!(QueryMessages, messages::query);
    serve!(QueryEvents, events::query);
    serve!(GetCheckpoint, proofs::checkpoint);
    serve!(GetInclusionProof, proofs::inclusion);
    serve!(GetConsistencyProof, proofs::consistency);
    Ok(())
}

fn malformed(field: &str, reason: &str) -> CallFailure {
    AuditRefusal::Malformed { field: field.to_owned(), reason: reason.to_owned() }.into()
}

fn check_limit(limit: u32) -> Result<usize, CallFailure> {
    if limit == 0 || limit > PAGE_ITEMS_MAX {
        return Err(malformed("limit", &format!("it must be from 1 to {PAGE_ITEMS_MAX}")));
    }
    Ok(limit as usize)
}

fn store_failure(error: StoreError) -> CallFailure {
    if error.is_unavailable() { ServeError::Unavailable(error.into()) } else { ServeError::Bug(error.into()) }
}

fn key_failure(error: DataKeyError) -> CallFailure {
    match error {
        DataKeyError::Store(error) => store_failure(error),
        error => ServeError::Bug(error.into()),
    }
}
