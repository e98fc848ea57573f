//! The calls of `contracts::audit`.

mod access;
mod accesses;
mod cases;
mod decryptions;
mod events;
mod exported;
mod exports;
mod health;
mod holds;
mod leaves;
mod messages;
mod narrowed;
mod proofs;
mod recent;
mod retention;
mod tiles;
mod words;

use std::sync::Arc;

use sealcast_bus::{Bus, ServeError, Server};
use sealcast_contracts::{
    Caller,
    audit::{
        AuditRefusal, CloseCase, DecideApproval, GetAccessProof, GetCase, GetCheckpoint, GetConsistencyProof, GetInclusionProof,
        GetLogHealth, GetPolicy, GetTile, GrantDecryption, ListAccesses, ListCases, ListHolds, ListRetention, OpenCase, PlaceHold,
        Policy, QueryEvents, QueryMessages, ReleaseHold, RequestApproval, SetRetention, StartExport,
        leaves::{FindLeafRange, ListRoomEvents, ReadLeaves},
    },
    auth::Role,
    limits::PAGE_ITEMS_MAX,
};
use sqlx::PgPool;

pub use self::recent::Recent;
use crate::{
    appends::AppendKey,
    cases::CaseError,
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
    pub append_key: AppendKey,
    /// The log's verifier key.
    pub vkey: Arc<str>,
    /// What is asked of officers.
    pub policy: Arc<Policy>,
    /// A checkpoint of a moment ago.
    pub recent: Recent,
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
    serve!(GetLogHealth, health::get);
    serve!(GetPolicy, cases::policy);
    serve!(OpenCase, cases::open);
    serve!(GetCase, cases::get);
    serve!(ListCases, cases::list);
    serve!(CloseCase, cases::close);
    serve!(RequestApproval, cases::request_approval);
    serve!(DecideApproval, cases::decide_approval);
    serve!(GrantDecryption, decryptions::grant);
    serve!(StartExport, exports::start);
    serve!(ListAccesses, accesses::list);
    serve!(GetAccessProof, accesses::prove);
    serve!(SetRetention, retention::set);
    serve!(ListRetention, retention::list);
    serve!(PlaceHold, holds::place);
    serve!(ListHolds, holds::list);
    serve!(ReleaseHold, holds::release);
    serve!(GetTile, tiles::get);
    serve!(FindLeafRange, leaves::find_range);
    serve!(ReadLeaves, leaves::read);
    serve!(ListRoomEvents, leaves::list_room_events);
    Ok(())
}

fn malformed(field: &str, reason: &str) -> CallFailure {
    AuditRefusal::Malformed { field: field.to_owned(), reason: reason.to_owned() }.into()
}

fn require_auditor(caller: &Caller) -> Result<(), CallFailure> {
    if caller.role == Role::Auditor { Ok(()) } else { Err(AuditRefusal::Forbidden.into()) }
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

fn case_failure(error: CaseError) -> CallFailure {
    match error {
        CaseError::Store(error) => store_failure(error),
        error @ CaseError::Event(_) => ServeError::Bug(error.into()),
    }
}

fn key_failure(error: DataKeyError) -> CallFailure {
    match error {
        DataKeyError::Store(error) => store_failure(error),
        error => ServeError::Bug(error.into()),
    }
}
