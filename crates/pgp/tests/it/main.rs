//! The profile against vectors that OpenPGP.js and sequoia made, against ourselves, and against noise.

mod certificates;
mod envelopes;
mod keys;
mod mutants;
mod signatures;
mod vectors;
