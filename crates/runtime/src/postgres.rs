//! The Postgres pool as every service opens it.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use sqlx::{
    ConnectOptions as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};

use crate::SecretFile;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostgresConfig {
    /// `postgres://user@host:port/database`, without a password.
    pub url: String,
    #[serde(default)]
    pub password_file: Option<SecretFile>,
    /// The authority that the server's certificate must come from; without it the connection is not encrypted.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// Connections at most.
    pub pool_max: u32,
    /// How long a call waits for a connection, milliseconds.
    pub acquire_timeout_ms: u64,
}

/// Opens the pool. It connects when it is first used, so a database that is away does not stop the start.
///
/// # Errors
/// The URL or the password file is unusable.
pub fn connect(config: &PostgresConfig) -> anyhow::Result<PgPool> {
    let mut options: PgConnectOptions = config.url.parse().context("postgres.url")?;
    if let Some(file) = &config.password_file {
        options = options.password(file.read()?.expose_secret());
    }
    options = match &config.ca {
        Some(ca) => options.ssl_mode(PgSslMode::VerifyFull).ssl_root_cert(ca),
        None => options.ssl_mode(PgSslMode::Disable),
    };
    let options = options.log_statements(log::LevelFilter::Trace);
    Ok(PgPoolOptions::new()
        .max_connections(config.pool_max)
        .acquire_timeout(Duration::from_millis(config.acquire_timeout_ms))
        .connect_lazy_with(options))
}

/// Whether the failure is the database being away (retry) rather than a bug in a statement.
pub fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // Class 08 connection exception, 53 insufficient resources, 57 operator intervention (shutdown, crash).
        sqlx::Error::Database(error) => error.code().is_some_and(|code| ["08", "53", "57"].contains(&&code[..2])),
        _ => false,
    }
}

/// Checks that the schema is at the version of the embedded migrations; `serve` never migrates.
///
/// # Errors
/// The database is away, or its schema is older or newer than this binary.
pub async fn check_version(pool: &PgPool, migrator: &sqlx::migrate::Migrator) -> anyhow::Result<()> {
    let wanted = migrator.iter().map(|migration| migration.version).max().unwrap_or(0);
    let found: Option<i64> = sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
        .fetch_one(pool)
        .await
        .context("reading the schema version")?;
    anyhow::ensure!(
        found == Some(wanted),
        "the schema is at version {}, this binary needs {wanted}: run its `migrate` subcommand",
        found.unwrap_or(0)
    );
    Ok(())
}
