//! audit-svc on real engines.

mod append_only;
mod harness;
mod ingest;
mod outages;
mod proofs;
mod queries;
mod verify;
