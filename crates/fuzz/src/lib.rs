//! Parsers of what strangers send. A target takes any octets; it panics when something that must hold does not.
//!
//! `cargo xtask fuzz` mutates the corpora on stable Rust; `fuzz/` runs the same targets under libFuzzer.

pub mod mutator;
mod targets;

pub use targets::{
    certificates::{certificate, signature},
    checkpoints::checkpoint,
    cursors::cursor,
    envelopes::envelope,
    heads::http_head,
    payloads::nats_payload,
    streams::sse_framing,
};

/// One target: its name, its function, and the folders that its corpus lies in, from the root of the checkout.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    pub corpora: &'static [&'static str],
}

/// All of them.
pub const TARGETS: [Target; 8] = [
    Target {
        name: "envelope",
        run: envelope,
        corpora: &["crates/pgp/tests/vectors/envelopes", "crates/pgp/tests/vectors/browser"],
    },
    Target { name: "certificate", run: certificate, corpora: &["crates/pgp/tests/vectors/certs"] },
    Target {
        name: "signature",
        run: signature,
        corpora: &["crates/pgp/tests/vectors/signatures", "crates/pgp/tests/vectors/grants"],
    },
    Target { name: "cursor", run: cursor, corpora: &["fuzz/corpus/cursor"] },
    Target { name: "sse_framing", run: sse_framing, corpora: &["fuzz/corpus/sse_framing"] },
    Target { name: "http_head", run: http_head, corpora: &["fuzz/corpus/http_head"] },
    Target { name: "nats_payload", run: nats_payload, corpora: &["fuzz/corpus/nats_payload", "crates/contracts/tests/golden"] },
    Target { name: "checkpoint", run: checkpoint, corpora: &["fuzz/corpus/checkpoint"] },
];
