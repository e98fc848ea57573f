use std::path::PathBuf;

use anyhow::Context as _;
use secrecy::SecretString;
use serde::Deserialize;

/// A secret that lies in a file: configuration holds the path, never the value.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct SecretFile(pub PathBuf);

impl SecretFile {
    /// The file's text without surrounding white space.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn read(&self) -> anyhow::Result<SecretString> {
        let text = std::fs::read_to_string(&self.0).with_context(|| format!("reading the secret in {}", self.0.display()))?;
        let text = text.trim();
        anyhow::ensure!(!text.is_empty(), "the secret in {} is empty", self.0.display());
        Ok(text.into())
    }
}

/// A public text of the configuration: itself, or after an `@` the file that holds it.
///
/// # Errors
/// The file cannot be read or is empty.
pub fn text_or_file(text: &str) -> anyhow::Result<String> {
    let Some(file) = text.strip_prefix('@') else { return Ok(text.to_owned()) };
    let held = std::fs::read_to_string(file).with_context(|| format!("reading {file}"))?;
    let held = held.trim();
    anyhow::ensure!(!held.is_empty(), "{file} is empty");
    Ok(held.to_owned())
}

/// Raises the soft limit of open files to the hard one, and gives it back.
///
/// # Errors
/// The system refuses.
#[allow(unsafe_code)]
pub fn raise_open_file_limit() -> std::io::Result<u64> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid rlimit for both calls, which keep no reference to it.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) != 0 {
            return Err(std::io::Error::last_os_error());
        }
        limit.rlim_cur = limit.rlim_max;
        if libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) != 0 {
            return Err(std::io::Error::last_os_error());
        }
    }
    Ok(limit.rlim_cur)
}
