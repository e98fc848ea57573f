//! chat-svc: the organisation, rooms, direct conversations, membership, key epochs, grants, invites, and accepting a message.
//!
//! It holds no key that opens anything. A message is accepted when the stream has acknowledged it; everything else is a
//! row in the schema `chat`, with its event in the outbox of the same transaction.

mod admin;
mod attachments;
mod cache;
mod checks;
mod config;
mod directory;
mod directs;
mod epochs;
mod error;
mod events;
mod grants;
mod invites;
mod limits;
mod members;
mod messages;
mod organisation;
mod rate;
mod reading;
mod requests;
mod rooms;
mod serve;
mod stream;

use std::sync::Arc;

use anyhow::Context as _;
use sealcast_bus::Bus;
use sealcast_contracts::UserId;
use sealcast_outbox::Schema;
use sealcast_runtime::{Meta, Runtime, postgres};
use sealcast_signals::Signals;
use sqlx::{PgPool, migrate::Migrator};
use time::OffsetDateTime;

pub use config::{AttachmentsConfig, Config, OrganisationConfig, RateConfig, StreamConfig};
pub use stream::Loss;

/// The schema's migrations; `migrate` applies them, `serve` only compares the version.
pub static MIGRATOR: Migrator = sqlx::migrate!();

pub const META: Meta = Meta { name: SERVICE, version: env!("CARGO_PKG_VERSION"), defaults: include_str!("defaults.toml") };

const SERVICE: &str = "chat-svc";

/// Tells the time; tests with stored signatures stop it.
pub type Clock = fn() -> OffsetDateTime;

/// What every handler works with.
pub struct Chat {
    pool: PgPool,
    bus: Bus,
    directory: directory::Directory,
    messages_rate: rate::Rate,
    read_markers_rate: rate::Rate,
    /// Accounts that are in the lobby already.
    met: cache::Cache<UserId, ()>,
    attachments: AttachmentsConfig,
    rotation_delay: time::Duration,
    audited_reads: attachments::AuditedReads,
    stream: stream::Tail,
    silence: stream::Silence,
    standings: messages::Standings,
    clock: Clock,
}

impl Chat {
    fn now(&self) -> OffsetDateTime {
        (self.clock)()
    }
}

/// Starts serving. Until the engines are there, the schema is at this binary's version and the streams are provisioned, it waits.
///
/// # Errors
/// The stream lost messages, the configuration is unusable, or an engine refuses.
pub async fn start(runtime: &Runtime<Config>) -> anyhow::Result<()> {
    start_at(runtime, OffsetDateTime::now_utc).await
}

/// Starts serving with a clock.
///
/// # Errors
/// As [`start`].
pub async fn start_at(runtime: &Runtime<Config>, clock: Clock) -> anyhow::Result<()> {
    let config = &runtime.config;
    let pool = postgres::connect(&config.postgres)?;
    postgres::wait_for_schema(&pool, &MIGRATOR).await?;
    let bus = Bus::connect(&config.nats, SERVICE).await?;
    let tail = stream::Tail::find(&pool, &bus).await.context("the stream; see `chat-svc provision`")?;
    let (signals, RateConfig { messages, read_markers, window_s }) = (Signals::connect(&config.redis)?, config.rate);
    let chat = Arc::new(Chat {
        directory: directory::Directory::new(bus.clone()),
        messages_rate: rate::Rate::new(signals.clone(), "messages", messages, window_s),
        read_markers_rate: rate::Rate::new(signals, "read_markers", read_markers, window_s),
        met: cache::Cache::new(limits::MET_CACHE_MAX),
        attachments: config.attachments,
        rotation_delay: time::Duration::seconds(config.organisation.rotation_delay_s.into()),
        audited_reads: attachments::AuditedReads::new(),
        stream: tail,
        silence: stream::Silence::default(),
        standings: messages::Standings::default(),
        clock,
        pool,
        bus,
    });
    let relay = sealcast_outbox::relay(chat.pool.clone(), Schema::Chat, chat.bus.clone(), runtime.shutdown.clone());
    runtime.tasks.spawn_vital("outbox relay", relay);
    let changes = messages::Changes::subscribe(&chat).await?;
    runtime.tasks.spawn_vital("changes", changes.follow(chat.clone(), runtime.shutdown.clone()));
    runtime.tasks.spawn_vital("stream watch", stream::watch(chat.clone(), runtime.readiness.clone(), runtime.shutdown.clone()));
    runtime.tasks.spawn_vital("attachment sweep", attachments::sweep(chat.clone(), runtime.shutdown.clone()));
    serve::register(&chat, runtime).await
}

/// Brings the schema up to date. The configured role must own it.
///
/// # Errors
/// Postgres is away or refuses a migration.
pub async fn migrate(config: &Config) -> anyhow::Result<()> {
    postgres::migrate(&postgres::connect(&config.postgres)?, &MIGRATOR).await.context("migrating the schema chat")
}

/// Makes or updates the streams and their consumers, and keeps the stream epoch. The configured role must own the schema.
///
/// # Errors
/// Postgres or JetStream is away or refuses; messages were lost, and `loss` refuses that.
pub async fn provision(config: &Config, loss: Loss) -> anyhow::Result<()> {
    stream::provision(config, loss).await
}
