//! The profile against vectors that OpenPGP.js and sequoia made, against ourselves, and against noise.

#![allow(clippy::unwrap_used, reason = "the helpers of a test may fail it, as the test may")]

mod browser;
mod certificates;
mod envelopes;
mod keys;
mod mutants;
mod rotations;
mod signatures;
mod vectors;
