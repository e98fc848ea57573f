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

/// Keeps what is in this process's memory there: no core file, and nobody but root looks in through `/proc` or a debugger.
///
/// # Errors
/// The system refuses.
#[allow(unsafe_code)]
pub fn close_memory() -> std::io::Result<()> {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `none` is a valid rlimit for the call, which keeps no reference to it; prctl gets four numbers.
    let done =
        unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) == 0 && libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 };
    if done { Ok(()) } else { Err(std::io::Error::last_os_error()) }
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

#[cfg(test)]
mod tests {
    use std::{env, fs, os::unix::fs::MetadataExt as _, process::Command};

    /// Set in the process that closes its memory: it would be closed for the other tests as well.
    const CHILD: &str = "SEALCAST_TEST_CLOSES_MEMORY";
    const NAME: &str = "files::tests::memory_is_closed";

    #[test]
    fn memory_is_closed() {
        if env::var_os(CHILD).is_none() {
            let own = env::current_exe().expect("this program");
            let child = Command::new(own).args(["--exact", NAME]).env(CHILD, "1").output().expect("a child");
            let said = String::from_utf8_lossy(&child.stdout);
            assert!(child.status.success() && said.contains("1 passed"), "{said}");
            return;
        }
        super::close_memory().expect("closed");
        let limits = fs::read_to_string("/proc/self/limits").expect("limits");
        let cores = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit of core files");
        assert_eq!(cores.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"]);
        #[allow(unsafe_code)]
        // SAFETY: prctl gets a number and gives one.
        let dumpable = unsafe { libc::prctl(libc::PR_GET_DUMPABLE) };
        assert_eq!(dumpable, 0);
        assert_eq!(fs::metadata("/proc/self/mem").expect("it is there").uid(), 0, "root's, whoever runs it");
    }
}
