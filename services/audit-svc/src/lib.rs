//! audit-svc: stores every accepted message and significant event, sealed, in an append-only archive whose Merkle log its
//! own senders can check; answers queries and proofs.

pub mod config;
mod data_keys;
pub mod sealing;
mod store;
