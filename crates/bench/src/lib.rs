//! Measures a Sealcast cluster on one machine: streams, logins, sends and resumes, beside other servers of the same streams.
//!
//! `cargo xtask bench` starts the engines and the services behind NATS and runs this program with a [`plan::Plan`]. It starts
//! the edges (and the peers) itself, fresh for every phase, drives them with [`generator`] processes of its own, reads what
//! they cost from `/proc` and prints a table. Everything stays on loopback addresses.

mod audit;
mod certificates;
mod children;
pub mod cli;
mod crew;
mod edge;
mod figures;
mod fixture;
mod generator;
mod http2;
mod login;
pub mod os;
pub mod plan;
mod plot;
mod poster;
mod probe;
mod progress;
mod report;
mod resume;
mod send;
mod servers;
mod tokens;
