use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use sealcast_bus::Bus;
use sealcast_contracts::stream::ENVELOPES;
use sealcast_runtime::Readiness;
use sqlx::{PgPool, Postgres, pool::PoolConnection};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use super::{Observed, store, store::Remembered};
use crate::{Chat, limits};

/// What this process knows of the stream's end.
pub(crate) struct Tail {
    sound: Mutex<Option<Sound>>,
}

/// The stream is the one that Postgres remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sound {
    pub epoch: u32,
    /// The stream's last sequence at the newest look: what is published later gets a higher one.
    pub floor: u64,
}

impl Tail {
    /// Looks until something is known: on a first start the provisioner may come later. The service does not start on a stream that
    /// lost something.
    pub(crate) async fn find(pool: &PgPool, bus: &Bus) -> anyhow::Result<Self> {
        let mut said = String::new();
        loop {
            let reason = match look(pool, bus).await {
                Ok(sound) => {
                    let sound = sound.context("it is not the stream that Postgres remembers")?;
                    return Ok(Self { sound: Mutex::new(Some(sound)) });
                }
                Err(error) => format!("{error:#}"),
            };
            if reason != said {
                tracing::warn!(reason, "waiting for the stream");
                said = reason;
            }
            tokio::time::sleep(limits::STREAM_WATCH_INTERVAL).await;
        }
    }

    /// The stream epoch to publish in; `None` while the stream is not to be trusted.
    pub(crate) fn sound(&self) -> Option<Sound> {
        *self.sound.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Publishing stops until the provisioner has decided.
    pub(crate) fn distrust(&self) {
        self.set(None);
    }

    fn set(&self, sound: Option<Sound>) {
        *self.sound.lock().unwrap_or_else(PoisonError::into_inner) = sound;
    }
}

/// Looks again and again: remembers the highest sequence, sees a new epoch, holds readiness while the stream is not sound.
pub(crate) async fn watch(chat: Arc<Chat>, readiness: Readiness, shutdown: CancellationToken) {
    let mut held = None;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(limits::STREAM_WATCH_INTERVAL) => {}
        }
        match look(&chat.pool, &chat.bus).await {
            Ok(Some(sound)) => {
                chat.stream.set(Some(sound));
                if held.take().is_some() {
                    tracing::info!(epoch = sound.epoch, "the stream is sound again");
                }
            }
            Ok(None) => {
                chat.stream.distrust();
                if held.is_none() {
                    tracing::error!("the stream lost messages or was made again; see `chat-svc provision --accept-loss`");
                    held = Some(readiness.hold());
                }
            }
            // Nothing is known: what was known holds, and publishing shows by itself whether the stream answers.
            Err(error) => tracing::debug!(error = format!("{error:#}"), "the stream was not looked at"),
        }
    }
}

async fn look(pool: &PgPool, bus: &Bus) -> anyhow::Result<Option<Sound>> {
    // In this order: another replica may raise what is remembered, and only up to what the stream had.
    let remembered = remembered(pool).await;
    answers("postgres", remembered.is_ok());
    let observed = Observed::now(bus).await;
    answers("nats", observed.is_ok());
    let (mut conn, remembered) = remembered?;
    let remembered = remembered.context("there is no stream epoch; see `chat-svc provision`")?;
    let Some(observed) = observed?.filter(|observed| observed.continues(remembered)) else { return Ok(None) };
    if observed.last_seq > remembered.last_seq {
        let now = OffsetDateTime::now_utc();
        store::raise(&mut conn, ENVELOPES, remembered.epoch, observed.last_seq, now).await.context("keeping the last sequence")?;
    }
    Ok(Some(Sound { epoch: remembered.epoch, floor: observed.last_seq }))
}

async fn remembered(pool: &PgPool) -> anyhow::Result<(PoolConnection<Postgres>, Option<Remembered>)> {
    let mut conn = pool.acquire().await.context("connecting to Postgres")?;
    let remembered = store::get(&mut conn, ENVELOPES).await.context("reading the stream epoch")?;
    Ok((conn, remembered))
}

fn answers(engine: &'static str, answers: bool) {
    metrics::gauge!("chat_engine_answers", "engine" => engine).set(f64::from(u8::from(answers)));
}
