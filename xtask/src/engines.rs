//! The engines of a stack: what each needs before its start, how it starts and how one knows that it is ready.

pub mod haproxy;
pub mod nats;
pub mod postgres;
pub mod redis;

use std::time::Duration;

/// How long an engine may take to become ready. Postgres and NATS may have much to recover.
pub const READY_WITHIN: Duration = Duration::from_secs(60);

/// The services that talk to engines, as NATS and Redis know them.
pub const SERVICES: [&str; 4] = ["auth-svc", "chat-svc", "audit-svc", "edge-svc"];
