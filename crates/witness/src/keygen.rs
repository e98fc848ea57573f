//! `sealcast-witness keygen`: makes the key that cosigns, once.

use std::{
    fs::OpenOptions,
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
};

use anyhow::Context as _;
use sealcast_merkle::cosignature::{self, WitnessKey};

const USAGE: &str = "usage: sealcast-witness keygen <name> <file> [<file of the verifier key>]";

/// Makes the file, readable by its owner only, and prints the verifier key, or writes it. A key that exists stays as it is.
///
/// # Errors
/// The arguments are wrong, or a file cannot be written or read.
pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let [name, file, published @ ..] = arguments else { anyhow::bail!("{USAGE}") };
    anyhow::ensure!(published.len() < 2, USAGE);
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Ok(mut opened) => {
            let skey = cosignature::generate_skey(name).with_context(|| format!("a key named {name:?}"))?;
            writeln!(opened, "{}", skey.as_str()).and_then(|()| opened.sync_all()).with_context(|| format!("writing {file}"))?;
        }
        // A witness that changes its key is another witness.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error).with_context(|| format!("creating {file}")),
    }
    let kept = zeroize::Zeroizing::new(std::fs::read_to_string(file).with_context(|| format!("reading {file}"))?);
    let key = WitnessKey::parse(&kept).with_context(|| format!("{file} holds no witness key"))?;
    match published.first() {
        Some(path) => std::fs::write(path, format!("{}\n", key.vkey())).with_context(|| format!("writing {path}"))?,
        None => writeln!(std::io::stdout(), "{}", key.vkey())?,
    }
    Ok(())
}
