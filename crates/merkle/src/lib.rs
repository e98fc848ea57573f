//! The audit log's arithmetic (docs/protocol.md section 8): leaves, the RFC 6962 tree over them, its proofs and tiles, signed
//! checkpoints, and what a witness cosigns.
//!
//! The crate has no I/O: whoever stores the hashes asks which of them an operation needs, reads those, and hands them in.

pub mod checkpoint;
pub mod cosignature;
pub mod leaf;
pub mod tile;
pub mod tree;
pub mod witness;

/// A node of the tree: SHA-256.
pub type Hash = [u8; 32];

/// The origin line of our checkpoints and the name of the log's key.
pub const ORIGIN: &str = "sealcast.example/log";
