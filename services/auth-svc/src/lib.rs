//! auth-svc: accounts, passwords, sessions and the certificate directory. It answers over NATS only.
//!
//! Fold by noun: each has its calls, and its SQL in `store.rs`.

pub mod accounts;
pub mod admins;
mod clock;
pub mod config;
pub mod directory;
mod events;
mod failure;
pub mod logins;
pub mod passwords;
pub mod second_factors;
mod secret;
pub mod sessions;
pub mod throttle;

use std::sync::Arc;

use anyhow::Context as _;
use aws_lc_rs::hmac;
pub use clock::Clock;
pub use config::Config;
pub use failure::Answer;
use sealcast_bus::{Bus, Server};
use sealcast_contracts::{
    Call,
    auth::{AuthRefusal, Role, Session},
};
use sealcast_outbox::{Schema, relay};
use sealcast_runtime::{Meta, Runtime, postgres};
use sealcast_signals::Signals;
use secrecy::ExposeSecret as _;
use sqlx::{PgPool, migrate::Migrator};

/// What auth-svc says of itself.
pub const META: Meta = Meta { name: "auth-svc", version: env!("CARGO_PKG_VERSION"), defaults: config::DEFAULTS };

static MIGRATOR: Migrator = sqlx::migrate!();

/// Octets of text that the prelogin key has at least.
const PRELOGIN_KEY_OCTETS_MIN: usize = 32;
/// `sessions::list_sessions` shows as many.
const SESSIONS_PER_ACCOUNT_MAX: u32 = 200;

/// What the calls share.
pub struct Auth {
    pub(crate) pool: PgPool,
    pub(crate) bus: Bus,
    pub(crate) hasher: passwords::HashPool,
    pub(crate) throttle: throttle::Throttle,
    pub(crate) devices: throttle::Devices,
    pub(crate) clock: Clock,
    pub(crate) sessions: sessions::SessionsConfig,
    pub(crate) second_factors: second_factors::Sealer,
    /// Roles that count only in sessions with a second factor.
    pub(crate) required_for: Vec<Role>,
    pub(crate) prelogin_key: hmac::Key,
    pub(crate) bootstrap: Option<accounts::BootstrapToken>,
}

impl Auth {
    fn new(config: &Config, bus: Bus, clock: Clock) -> anyhow::Result<Self> {
        let prelogin_key = config.passwords.prelogin_key_file.read().context("passwords.prelogin_key_file")?;
        let prelogin_key = prelogin_key.expose_secret().as_bytes();
        anyhow::ensure!(prelogin_key.len() >= PRELOGIN_KEY_OCTETS_MIN, "passwords.prelogin_key_file: at least 32 octets");
        let per_account_max = config.sessions.per_account_max;
        anyhow::ensure!((1..=SESSIONS_PER_ACCOUNT_MAX).contains(&per_account_max), "sessions.per_account_max: 1 to 200");
        let bootstrap = config.accounts.bootstrap_token_file.as_ref();
        let bootstrap = bootstrap.map(|file| file.read().context("accounts.bootstrap_token_file")).transpose()?;
        let prelogin_key = hmac::Key::new(hmac::HMAC_SHA256, prelogin_key);
        Ok(Self {
            pool: postgres::connect(&config.postgres)?,
            bus,
            hasher: passwords::HashPool::start(config.passwords.workers(), config.passwords.costs)?,
            throttle: throttle::Throttle::new(Signals::connect(&config.redis)?, config.throttle.clone()),
            clock,
            sessions: config.sessions.clone(),
            devices: throttle::Devices::new(&prelogin_key),
            second_factors: second_factors::Sealer::new(&prelogin_key)?,
            required_for: config.accounts.second_factor_for.clone(),
            prelogin_key,
            bootstrap: bootstrap.as_ref().map(accounts::BootstrapToken::new),
        })
    }
}

impl Auth {
    /// The role that counts in a session: without the second factor that its role needs, somebody is a member.
    pub(crate) fn role_in_force(&self, role: Role, second_factor: bool) -> Role {
        if second_factor || !self.required_for.contains(&role) { role } else { Role::Member }
    }

    /// A stored session with the role that counts in it.
    pub(crate) fn in_force(&self, found: sessions::store::Found) -> Session {
        let role = self.role_in_force(found.session.role, found.second_factor);
        Session { role, ..found.session }
    }
}

/// Starts the service: it answers when this returns. Until its engines are there and the schema is at this binary's version, it waits.
///
/// # Errors
/// The configuration is unusable, or an engine refuses.
pub async fn start(runtime: &Runtime<Config>) -> anyhow::Result<()> {
    start_at(runtime, Clock::default()).await
}

/// Starts the service with a clock that the caller can move.
///
/// # Errors
/// As [`start`].
pub async fn start_at(runtime: &Runtime<Config>, clock: Clock) -> anyhow::Result<()> {
    let bus = Bus::connect(&runtime.config.nats, META.name).await?;
    let auth = Arc::new(Auth::new(&runtime.config, bus.clone(), clock)?);
    postgres::wait_for_schema(&auth.pool, &MIGRATOR).await?;
    runtime.tasks.spawn_vital("outbox", relay(auth.pool.clone(), Schema::Auth, bus.clone(), runtime.shutdown.clone()));
    runtime.tasks.spawn_vital("sweep", sessions::sweep(Arc::clone(&auth), runtime.shutdown.clone()));
    let server = bus.server(META.version, &runtime.tasks, &runtime.shutdown).await?;
    serve_all(&server, &auth).await
}

/// Brings the schema to this binary's version; runs as the schema's owner.
///
/// # Errors
/// The database is away or refuses.
pub async fn migrate(config: Config, _arguments: Vec<String>) -> anyhow::Result<()> {
    let pool = postgres::connect(&config.postgres)?;
    postgres::migrate(&pool, &MIGRATOR).await.context("migrating the schema auth")
}

async fn serve_all(server: &Server, auth: &Arc<Auth>) -> anyhow::Result<()> {
    serve(server, auth, passwords::prelogin).await?;
    serve(server, auth, accounts::register_account).await?;
    serve(server, auth, logins::log_in).await?;
    serve(server, auth, sessions::verify_session).await?;
    serve(server, auth, sessions::verify_sessions).await?;
    serve(server, auth, sessions::check_sessions).await?;
    serve(server, auth, sessions::refresh_session).await?;
    serve(server, auth, sessions::list_sessions).await?;
    serve(server, auth, sessions::revoke_sessions).await?;
    serve(server, auth, passwords::change_password).await?;
    serve(server, auth, second_factors::get_second_factor).await?;
    serve(server, auth, second_factors::begin_second_factor).await?;
    serve(server, auth, second_factors::confirm_second_factor).await?;
    serve(server, auth, second_factors::remove_second_factor).await?;
    serve(server, auth, directory::get_account).await?;
    serve(server, auth, directory::list_accounts).await?;
    serve(server, auth, accounts::set_role).await?;
    serve(server, auth, admins::list_managed_accounts).await?;
    serve(server, auth, admins::get_managed_account).await?;
    serve(server, auth, admins::lock_account).await?;
    serve(server, auth, admins::unlock_account).await?;
    serve(server, auth, admins::list_account_sessions).await?;
    serve(server, auth, admins::revoke_account_sessions).await?;
    serve(server, auth, admins::reset_login_limits).await?;
    serve(server, auth, admins::list_limits).await
}

async fn serve<C, F>(server: &Server, auth: &Arc<Auth>, answer: fn(Arc<Auth>, C) -> F) -> anyhow::Result<()>
where
    C: Call<Refusal = AuthRefusal>,
    F: Future<Output = Answer<C::Reply>> + Send + 'static,
{
    let auth = Arc::clone(auth);
    server.serve(move |call| answer(Arc::clone(&auth), call)).await
}
