use std::collections::{HashMap, HashSet};

use redis::{PushKind, Value, aio::ConnectionManager};
use sealcast_contracts::{
    UserId,
    presence::{PRESENCE_CHANNEL, PresenceChanged, SEEN_KEPT_S, SEEN_KEY, TYPING_CHANNEL, TypingStarted},
};
use time::OffsetDateTime;
use tokio::sync::mpsc;

use crate::{
    Signals,
    connection::{Unavailable, within},
};

/// Accounts that are read at once.
const SEEN_PAGE: usize = 1_000;
/// Sorted set: account that does not want to be seen → Unix seconds of when it said so.
const HIDDEN_KEY: &str = "presence:hidden";

/// A signal from some edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    Presence(PresenceChanged),
    Typing(TypingStarted),
    /// The subscription is new: signals of an unknown time are missing, so presence is to be read again.
    Resubscribed,
}

impl Signals {
    /// Tells every edge that accounts came or went.
    ///
    /// # Errors
    /// Redis is away; drop the signals.
    pub async fn publish_presence(&self, changes: &[PresenceChanged]) -> Result<(), Unavailable> {
        self.publish(PRESENCE_CHANNEL, changes).await
    }

    /// Tells every edge that somebody is writing.
    ///
    /// # Errors
    /// Redis is away; drop the signal.
    pub async fn publish_typing(&self, typing: &TypingStarted) -> Result<(), Unavailable> {
        self.publish(TYPING_CHANNEL, std::slice::from_ref(typing)).await
    }

    /// All of them with one question to Redis.
    async fn publish(&self, channel: &str, signals: &[impl serde::Serialize]) -> Result<(), Unavailable> {
        if signals.is_empty() {
            return Ok(());
        }
        let mut pipeline = redis::pipe();
        for signal in signals {
            // These types have string keys only, so they always encode.
            pipeline.publish(channel, serde_json::to_string(signal).unwrap_or_default()).ignore();
        }
        let mut connection = self.connection.clone();
        within(pipeline.exec_async(&mut connection)).await
    }

    /// Notes that these accounts are here at this time.
    ///
    /// # Errors
    /// Redis is away; the next heartbeat repairs it.
    pub async fn heartbeat(&self, users: &[UserId], now: OffsetDateTime) -> Result<(), Unavailable> {
        if users.is_empty() {
            return Ok(());
        }
        let at = now.unix_timestamp();
        let members: Vec<(i64, String)> = users.iter().map(|user| (at, user.to_string())).collect();
        let mut connection = self.connection.clone();
        let mut pipeline = redis::pipe();
        pipeline.zadd_multiple(SEEN_KEY, &members).ignore().zrembyscore(SEEN_KEY, "-inf", at - SEEN_KEPT_S).ignore();
        within(pipeline.exec_async(&mut connection)).await
    }

    /// Notes whether an account wants to be seen. Who does not is forgotten, as if it had never been here.
    ///
    /// # Errors
    /// Redis is away; nothing is noted.
    pub async fn show(&self, user: UserId, shown: bool, now: OffsetDateTime) -> Result<(), Unavailable> {
        let user = user.to_string();
        let mut connection = self.connection.clone();
        let mut pipeline = redis::pipe();
        if shown {
            pipeline.zrem(HIDDEN_KEY, &user).ignore();
        } else {
            pipeline.atomic().zadd(HIDDEN_KEY, &user, now.unix_timestamp()).ignore().zrem(SEEN_KEY, &user).ignore();
        }
        within(pipeline.exec_async(&mut connection)).await
    }

    /// Which of these accounts do not want to be seen.
    ///
    /// # Errors
    /// Redis is away: it is not known of anybody.
    pub async fn hidden(&self, users: &[UserId]) -> Result<HashSet<UserId>, Unavailable> {
        if users.is_empty() {
            return Ok(HashSet::new());
        }
        let members: Vec<String> = users.iter().map(UserId::to_string).collect();
        let mut connection = self.connection.clone();
        let mut command = redis::cmd("ZMSCORE");
        command.arg(HIDDEN_KEY).arg(members);
        let scores: Vec<Option<f64>> = within(command.query_async(&mut connection)).await?;
        Ok(users.iter().zip(scores).filter_map(|(user, score)| score.map(|_| *user)).collect())
    }

    /// When each account was last here, newest first, at most `limit`.
    ///
    /// # Errors
    /// Redis is away.
    pub async fn last_seen(&self, limit: usize) -> Result<HashMap<UserId, OffsetDateTime>, Unavailable> {
        let mut connection = self.connection.clone();
        let mut seen = HashMap::new();
        // By the page: a reply is taken apart in the memory of every edge at the same time.
        for first in (0..limit).step_by(SEEN_PAGE) {
            let last = limit.min(first + SEEN_PAGE) - 1;
            // Not ZREVRANGE: it is deprecated, and the edges' Redis user may not run it.
            let mut command = redis::cmd("ZRANGE");
            command.arg(SEEN_KEY).arg(first).arg(last).arg("REV").arg("WITHSCORES");
            let rows: Vec<(String, f64)> = within(command.query_async(&mut connection)).await?;
            let full = rows.len() == last + 1 - first;
            seen.extend(
                rows.into_iter()
                    .filter_map(|(user, at)| Some((user.parse().ok()?, OffsetDateTime::from_unix_timestamp(at as i64).ok()?))),
            );
            if !full {
                break;
            }
        }
        Ok(seen)
    }

    /// Listens to the signals of all edges; survives Redis going away.
    ///
    /// # Errors
    /// The configuration is unusable.
    pub fn subscribe(&self) -> anyhow::Result<SignalReceiver> {
        let (connection, pushes) = self.pushes()?;
        let mut subscribing = connection.clone();
        tokio::spawn(async move {
            // Until it has worked once; from then on the manager subscribes again by itself.
            while let Err(error) = subscribing.subscribe(&[PRESENCE_CHANNEL, TYPING_CHANNEL]).await {
                tracing::debug!(%error, "subscribing to signals");
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
        });
        Ok(SignalReceiver { pushes, _connection: connection })
    }
}

/// Signals as they arrive.
pub struct SignalReceiver {
    pushes: mpsc::Receiver<redis::PushInfo>,
    _connection: ConnectionManager,
}

impl SignalReceiver {
    /// The next signal; malformed ones are passed over.
    pub async fn next(&mut self) -> Option<Signal> {
        loop {
            let push = self.pushes.recv().await?;
            match push.kind {
                // One confirmation a channel; the first stands for both.
                PushKind::Subscribe if is_presence(&push.data) => return Some(Signal::Resubscribed),
                PushKind::Message => {
                    if let Some(signal) = decode(&push.data) {
                        return Some(signal);
                    }
                }
                _ => {}
            }
        }
    }
}

fn is_presence(confirmation: &[Value]) -> bool {
    confirmation.first().cloned().and_then(|channel| redis::from_redis_value::<String>(channel).ok()).as_deref()
        == Some(PRESENCE_CHANNEL)
}

fn decode(data: &[Value]) -> Option<Signal> {
    let [channel, payload] = data else { return None };
    let channel: String = redis::from_redis_value(channel.clone()).ok()?;
    let payload: Vec<u8> = redis::from_redis_value(payload.clone()).ok()?;
    match channel.as_str() {
        PRESENCE_CHANNEL => serde_json::from_slice(&payload).ok().map(Signal::Presence),
        TYPING_CHANNEL => serde_json::from_slice(&payload).ok().map(Signal::Typing),
        _ => None,
    }
}
