use std::io::Write as _;

use anyhow::Context as _;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use sealcast_merkle::checkpoint::{SigningKey, TreeHead};
use sealcast_runtime::{ExitWith, postgres};
use secrecy::ExposeSecret as _;

use crate::{
    MIGRATOR,
    appends::AppendKey,
    config::Config,
    data_keys::DataKeys,
    sealing::Keks,
    verify::{self, Means},
};

const USAGE: &str = "usage: audit-svc verify [--vkey <verifier key>] [--seen <size>:<base64 root>]... [--no-content]";
/// The check ran, and something is not as it was.
const EXIT_FINDINGS: u8 = 5;

/// `audit-svc migrate`, as the schema's owner.
///
/// # Errors
/// The database is away or a migration fails.
pub async fn migrate(config: Config) -> anyhow::Result<()> {
    let pool = postgres::connect(&config.postgres)?;
    postgres::migrate(&pool, &MIGRATOR).await.context("migrating the schema audit")
}

/// `audit-svc vkey`: prints the log's verifier key, for witnesses and for whoever pins it.
///
/// # Errors
/// The log's key is unusable.
pub fn vkey(config: &Config) -> anyhow::Result<()> {
    let key = SigningKey::parse(config.log_key.file.read()?.expose_secret()).context("log_key.file")?;
    writeln!(std::io::stdout(), "{}", key.vkey())?;
    Ok(())
}

/// `audit-svc verify`: prints what it finds; the exit code is 5 when it finds anything.
///
/// With `--seen` the archive must still hold a state that somebody saw: a client, a witness, an export. Only that finds a log
/// that was rolled back as a whole. With `--vkey` it needs no signing key, with `--no-content` no key-encryption key: an outside
/// checker has neither. Without the signing key it cannot tell who appended what is not signed yet.
///
/// # Errors
/// [`ExitWith`] when it finds anything; otherwise the arguments, the keys or the database are unusable.
pub async fn verify_archive(config: Config, arguments: Vec<String>) -> anyhow::Result<()> {
    let (mut vkey, mut seen, mut content) = (None, Vec::new(), true);
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--vkey" => vkey = Some(arguments.next().context(USAGE)?),
            "--seen" => seen.push(read_seen(&arguments.next().context(USAGE)?).context(USAGE)?),
            "--no-content" => content = false,
            _ => anyhow::bail!("{USAGE}"),
        }
    }
    let own = config.log_key.file.read().and_then(|key| Ok(SigningKey::parse(key.expose_secret())?)).context("log_key.file");
    // Whoever brings the verifier key need not have the signing key; if it is this log's, it tells more.
    let (vkey, append_key) = match (vkey, own) {
        (None, own) => own.map(|own| (own.vkey().to_owned(), Some(AppendKey::of(&own))))?,
        (Some(vkey), own) => {
            let append_key = own.ok().filter(|own| own.vkey() == vkey).map(|own| AppendKey::of(&own));
            (vkey, append_key)
        }
    };
    let data_keys = match content {
        true => Some(DataKeys::new(Keks::read(&config.sealing.kek_dir)?, config.sealing.data_keys_cached_max)),
        false => None,
    };
    let pool = postgres::connect(&config.postgres)?;
    let means = Means { data_keys: data_keys.as_ref(), append_key: append_key.as_ref(), seen: &seen };
    let report = verify::verify(&pool, &vkey, means).await?;
    writeln!(std::io::stdout(), "{report}")?;
    if report.findings.is_empty() {
        return Ok(());
    }
    Err(ExitWith { code: EXIT_FINDINGS, reason: "the archive is not what was signed".to_owned() }.into())
}

/// A tree head as clients pin it.
fn read_seen(text: &str) -> Option<TreeHead> {
    let (size, root) = text.split_once(':')?;
    Some(TreeHead { size: size.parse().ok()?, root: BASE64_STANDARD.decode(root).ok()?.try_into().ok()? })
}
