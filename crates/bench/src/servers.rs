//! The servers that are compared: each is started anew for a phase, gives streams, and takes messages to deliver.

mod axum;
mod nchan;
mod sealcast;

use std::{fmt, net::SocketAddr, sync::Arc};

use anyhow::{Result, ensure};
use clap::ValueEnum;
use sealcast_client::Client;

pub use sealcast::start_edges;

use crate::{
    children::Running,
    fixture::{Fixture, Sealed},
    generator::Dialect,
    plan::Plan,
};

/// A server that the bench knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Kind {
    #[value(skip)]
    Sealcast,
    /// nginx with Nchan, from Debian's packages
    Nchan,
    /// axum with a task and a broadcast receiver for each stream
    Axum,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sealcast => "sealcast",
            Self::Nchan => "nchan",
            Self::Axum => "axum",
        })
    }
}

/// A server that runs.
pub struct Server {
    pub processes: Vec<Running>,
    pub targets: Vec<SocketAddr>,
    pub dialect: Dialect,
    pub publisher: Publisher,
}

/// How a server takes messages.
pub enum Publisher {
    /// As its clients send them: `POST` over TLS with a session and an idempotency key.
    Sealcast(Vec<Arc<Client>>),
    /// A plain `POST` of what streams shall carry.
    Plain { http: reqwest::Client, url: String },
}

/// Starts a server.
///
/// # Errors
/// It does not start.
pub async fn start(kind: Kind, plan: &Plan, fixture: &Fixture, edges: usize) -> Result<Server> {
    match kind {
        Kind::Sealcast => sealcast::start(plan, fixture, edges).await,
        Kind::Nchan => nchan::start(plan, edges).await,
        Kind::Axum => axum::start(plan).await,
    }
}

impl Publisher {
    /// Publishes one message.
    ///
    /// # Errors
    /// It was not accepted.
    pub async fn publish(&self, number: u64, message: &Sealed) -> Result<()> {
        match self {
            Self::Sealcast(clients) => {
                let client = &clients[message.sender];
                client.post(message.room_id, &message.message).await?;
            }
            Self::Plain { http, url } => {
                let answer = http.post(format!("{url}{}", message.room)).body(message.as_event(number)).send().await?;
                ensure!(answer.status().is_success(), "answered {}", answer.status());
            }
        }
        Ok(())
    }

    /// Whether messages of one room must be published one after the other to keep their order.
    pub fn is_serial(&self) -> bool {
        matches!(self, Self::Plain { .. })
    }
}
