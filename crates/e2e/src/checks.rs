//! The checks, by what they are about.

pub mod archive;
pub mod authorization;
pub mod between;
pub mod envelopes;
pub mod streams;

use std::time::Duration;

use anyhow::{Context, Result};
use sealcast_client::{Event, Feed};
use sealcast_contracts::sse;

/// How long anything may take that is not being killed.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// The next message of a feed.
pub async fn next_message(feed: &mut Feed) -> Result<sse::Message> {
    let wait = async {
        loop {
            if let Event::Message(message) = feed.next().await? {
                return anyhow::Ok(message);
            }
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.context("no message came")?
}

/// Reads until the stream has said hello.
pub async fn greeted(feed: &mut Feed) -> Result<sse::Hello> {
    let wait = async {
        loop {
            if let Event::Hello(hello) = feed.next().await? {
                return anyhow::Ok(hello);
            }
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.context("no hello came")?
}
