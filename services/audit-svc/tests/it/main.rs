//! audit-svc on real engines.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod append_only;
mod harness;
mod ingest;
mod outages;
mod proofs;
mod queries;
mod rewrap;
mod verify;
