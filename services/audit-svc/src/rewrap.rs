//! `audit-svc rewrap`: wraps every data key under the newest key-encryption key, so that an older one can be destroyed.

use std::io::Write as _;

use anyhow::Context as _;
use sealcast_contracts::events::AuditEventKind;
use sealcast_merkle::checkpoint::SigningKey;
use sealcast_runtime::postgres;
use secrecy::ExposeSecret as _;
use sqlx::PgPool;

use crate::{appends::AppendKey, config::Config, journal, sealing::Keks, store};

/// Data keys of one transaction.
const BATCH: i64 = 500;

/// Runs as the schema's owner: the service itself may not change a data key. Repeating it goes on where it stopped.
///
/// # Errors
/// A data key does not open with the keys at hand (none of its batch is changed then), or the database is away.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let keks = Keks::read(&config.sealing.kek_dir)?;
    let log_key = SigningKey::parse(config.log_key.file.read()?.expose_secret()).context("log_key.file")?;
    let pool = postgres::connect(&config.postgres)?;
    let rewrapped = rewrap(&pool, &AppendKey::of(&log_key), &keks).await?;
    let newest = keks.newest();
    writeln!(std::io::stdout(), "{rewrapped} data keys are wrapped under key-encryption key {newest} now; no older one is needed")?;
    Ok(())
}

async fn rewrap(pool: &PgPool, key: &AppendKey, keks: &Keks) -> anyhow::Result<u64> {
    let mut rewrapped = 0;
    loop {
        let mut tx = pool.begin().await.context("connecting to Postgres")?;
        let old = store::data_keys_before(&mut *tx, keks.newest(), BATCH).await?;
        if old.is_empty() {
            break;
        }
        for old in &old {
            let new = keks.rewrap(old).with_context(|| format!("data key {}", old.dek_id))?;
            rewrapped += u64::from(store::replace_wrapping(&mut *tx, &new).await?);
        }
        tx.commit().await.context("storing data keys")?;
    }
    if rewrapped > 0 {
        let what = AuditEventKind::DataKeysRewrapped { kek_version: keks.newest(), count: rewrapped };
        journal::write(pool, key, journal::event(None, what)?).await?;
    }
    Ok(rewrapped)
}
