//! Secrets of the development stack: each in a file that only we may read, made once.

use std::{
    fs::{self, File},
    io::Read,
    path::PathBuf,
};

use anyhow::{Context, Result};

use crate::{files, repo::State};

/// Octets of a random secret.
const SECRET_OCTETS: usize = 32;

/// The file of a random secret, in hex, made when there is none.
pub fn random_file(state: &State, name: &str) -> Result<PathBuf> {
    file(state, name, || Ok(hex(&random::<SECRET_OCTETS>()?)))
}

/// The file of a secret, made by `make` when there is none.
pub fn file(state: &State, name: &str, make: impl FnOnce() -> Result<String>) -> Result<PathBuf> {
    let dir = state.secrets();
    files::private_dir(&dir)?;
    let path = dir.join(name);
    if !path.is_file() {
        files::write_private(&path, make()?)?;
    }
    Ok(path)
}

/// A secret's text.
pub fn read(path: &PathBuf) -> Result<String> {
    Ok(fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?.trim().to_owned())
}

/// Octets from the kernel.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut octets = [0; N];
    File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut octets)).context("cannot read /dev/urandom")?;
    Ok(octets)
}

pub fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
