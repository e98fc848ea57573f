//! The Postgres pool as every service opens it.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use sqlx::{
    ConnectOptions as _, PgPool,
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};

use crate::SecretFile;

/// How often a start looks again for the database or its schema.
const SCHEMA_RETRY: Duration = Duration::from_millis(500);

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
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_unavailable_code(&code)),
        _ => false,
    }
}

/// Class 08 connection exception, 53 insufficient resources, 57 operator intervention (shutdown, crash); and 25006, a standby's
/// refusal to write: its primary is elsewhere, or it is about to become one.
fn is_unavailable_code(code: &str) -> bool {
    code == "25006" || ["08", "53", "57"].iter().any(|class| code.starts_with(class))
}

/// Whether the table of versions may still come: 42P01 before the first migration, 42501 before the one that grants it.
fn is_not_migrated(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| ["42P01", "42501"].contains(&&*code))
}

/// The schema lacks migrations of this binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct OlderSchema {
    found: i64,
    wanted: i64,
}

impl std::fmt::Display for OlderSchema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { found, wanted } = self;
        write!(f, "the schema is at version {found}, this binary needs {wanted}: run its `migrate` subcommand")
    }
}

impl std::error::Error for OlderSchema {}

/// Checks that the schema has the embedded migrations; `serve` never migrates. A newer schema is fine: migrations only add, so that
/// a binary of the release before can start in the middle of an upgrade, and after a way back.
///
/// # Errors
/// The database is away, or its schema is older than this binary.
pub async fn check_version(pool: &PgPool, migrator: &Migrator) -> anyhow::Result<()> {
    let wanted = migrator.iter().map(|migration| migration.version).max().unwrap_or(0);
    let found: Option<i64> = sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
        .fetch_one(pool)
        .await
        .context("reading the schema version")?;
    let found = found.unwrap_or(0);
    if found < wanted { Err(OlderSchema { found, wanted }.into()) } else { Ok(()) }
}

/// Waits until the database is there and its schema has the embedded migrations, however long that takes. Meanwhile the process
/// lives and is not ready. That its table of versions is not there, or may not be read yet, is waited out as well: migrations make
/// and grant it.
///
/// # Errors
/// The database refuses in another way: a password, its name.
pub async fn wait_for_schema(pool: &PgPool, migrator: &Migrator) -> anyhow::Result<()> {
    let mut said = String::new();
    loop {
        match check_version(pool, migrator).await {
            Err(error) if may_come(&error) => {
                let reason = format!("{error:#}");
                if reason != said {
                    tracing::warn!(reason, "waiting for the schema");
                    said = reason;
                }
                tokio::time::sleep(SCHEMA_RETRY).await;
            }
            outcome => return outcome,
        }
    }
}

fn may_come(error: &anyhow::Error) -> bool {
    error.is::<OlderSchema>() || error.downcast_ref().is_some_and(|error| is_unavailable(error) || is_not_migrated(error))
}

/// Brings the schema to the embedded version. What a newer binary has added is left alone.
///
/// # Errors
/// The database is away or refuses, or an embedded migration is not the one that ran.
pub async fn migrate(pool: &PgPool, migrator: &Migrator) -> Result<(), MigrateError> {
    let mut tolerant = Migrator { migrations: migrator.migrations.clone(), ..Migrator::DEFAULT };
    tolerant.set_ignore_missing(true).run(pool).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_a_bug() {
        for passes in ["08006", "25006", "53300", "57P01"] {
            assert!(is_unavailable_code(passes), "{passes}");
        }
        for bug in ["22P02", "23505", "25001", "42601", ""] {
            assert!(!is_unavailable_code(bug), "{bug}");
        }
    }

    #[test]
    fn an_older_schema_is_waited_for() {
        let older = OlderSchema { found: 1, wanted: 2 };
        assert!(may_come(&older.into()));
        assert!(may_come(&anyhow::Error::from(sqlx::Error::PoolTimedOut).context("reading")));
        assert!(!may_come(&anyhow::Error::from(sqlx::Error::RowNotFound)));
    }
}
