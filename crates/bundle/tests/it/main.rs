//! Exports of a real log, and what happens to those that somebody changed.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod honest;
mod log;
mod tampered;
mod withheld;
