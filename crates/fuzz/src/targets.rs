//! The targets, by what they read.

pub mod certificates;
pub mod checkpoints;
pub mod cursors;
pub mod envelopes;
pub mod heads;
pub mod payloads;
pub mod streams;
