//! `audit-svc keygen`: makes the key-encryption key and the log's signing key, once, and writes down the log's verifier key.

use std::{
    fs::{DirBuilder, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use sealcast_merkle::checkpoint;

use crate::sealing;

const USAGE: &str = "usage: audit-svc keygen [--kek <dir>/<version>.key] [--log-key <file> [--log-vkey <file>]]";

/// Makes the named files, readable by their owner only. A file that exists stays as it is, and says so.
///
/// # Errors
/// The arguments are wrong, or a file cannot be written.
pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let (mut named, mut log_key) = (false, None);
    for pair in arguments.chunks(2) {
        let [option, path] = pair else { anyhow::bail!("{USAGE}") };
        let path = PathBuf::from(path);
        match option.as_str() {
            "--kek" => {
                let version = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".key")?.parse::<u32>().ok());
                anyhow::ensure!(
                    version.is_some_and(|version| version > 0),
                    "a key-encryption key's file is named <version>.key, such as 1.key"
                );
                create(&path, || Ok(sealing::generate_kek()?.as_bytes().to_vec()))?;
            }
            "--log-key" => {
                create(&path, || Ok(format!("{}\n", checkpoint::generate_skey()?.as_str()).into_bytes()))?;
                log_key = Some(path);
            }
            "--log-vkey" => publish(log_key.as_deref().context(USAGE)?, &path)?,
            _ => anyhow::bail!("{USAGE}"),
        }
        named = true;
    }
    anyhow::ensure!(named, "{USAGE}");
    Ok(())
}

/// Writes the verifier key of the signing key in `log_key`. Anybody may read it.
fn publish(log_key: &Path, path: &Path) -> anyhow::Result<()> {
    let text = zeroize::Zeroizing::new(std::fs::read_to_string(log_key).with_context(|| format!("reading {}", log_key.display()))?);
    let key = checkpoint::SigningKey::parse(&text).with_context(|| format!("{} holds no signing key", log_key.display()))?;
    std::fs::write(path, format!("{}\n", key.vkey())).with_context(|| format!("writing {}", path.display()))
}

fn create(path: &Path, secret: impl FnOnce() -> anyhow::Result<Vec<u8>>) -> anyhow::Result<()> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(parent).with_context(|| format!("creating {}", parent.display()))?;
    }
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut out = std::io::stdout();
    match opened {
        Ok(mut file) => {
            let secret = zeroize::Zeroizing::new(secret()?);
            file.write_all(&secret).and_then(|()| file.sync_all()).with_context(|| format!("writing {}", path.display()))?;
            writeln!(out, "made {}", path.display())?;
        }
        // Overwriting a key would make what it sealed or signed worthless.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => writeln!(out, "kept {}: it exists", path.display())?,
        Err(error) => return Err(error).with_context(|| format!("creating {}", path.display())),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn keys_are_private_and_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let (kek, log_key) = (dir.path().join("kek/1.key"), dir.path().join("log.key"));
        let arguments = ["--kek", kek.to_str().unwrap(), "--log-key", log_key.to_str().unwrap()].map(str::to_owned);
        run(&arguments).unwrap();
        let before = (std::fs::read(&kek).unwrap(), std::fs::read(&log_key).unwrap());
        for path in [&kek, &log_key] {
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        run(&arguments).unwrap();
        assert_eq!(before, (std::fs::read(&kek).unwrap(), std::fs::read(&log_key).unwrap()));
        assert!(sealing::Keks::read(&dir.path().join("kek")).is_ok());
        let key = checkpoint::SigningKey::parse(std::str::from_utf8(&before.1).unwrap()).unwrap();

        let vkey = dir.path().join("log.vkey");
        let publishing = ["--log-key", log_key.to_str().unwrap(), "--log-vkey", vkey.to_str().unwrap()].map(str::to_owned);
        run(&publishing).unwrap();
        assert_eq!(std::fs::read_to_string(&vkey).unwrap().trim(), key.vkey());
        assert!(run(&publishing[2..]).is_err(), "the verifier key of which key?");
    }

    #[test]
    fn wrong_arguments_make_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        for bad in
            [vec![], vec!["--kek".to_owned()], vec!["--kek".to_owned(), path("a.key")], vec!["--other".to_owned(), path("1.key")]]
        {
            assert!(run(&bad).is_err(), "{bad:?}");
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
