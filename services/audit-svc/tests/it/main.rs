//! audit-svc on real engines.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod append_only;
mod cases;
mod concerned;
mod exports;
mod harness;
mod health;
mod holds_model;
mod ingest;
mod leaf_first;
mod leaves;
mod outages;
mod proofs;
mod queries;
mod retention;
mod rewrap;
mod verify;
mod witnesses;
