//! Certificates of the bench's accounts. Each has a key of its own, as the directory wants it; making ten thousand takes
//! seconds, so they are kept for the next run.

use std::{
    fs::{self, File},
    io::{BufReader, BufWriter, Read as _, Write as _},
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use anyhow::{Context as _, Result, anyhow, ensure};
use sealcast_contracts::Fingerprint;
use sealcast_pgp::keyring::SecretKey;
use time::OffsetDateTime;

use crate::{os, progress};

const FINGERPRINT_OCTETS: usize = 32;
/// Certificates that one thread makes in one go.
const STEP: usize = 64;

/// What the directory keeps of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub fingerprint: Fingerprint,
    pub octets: Vec<u8>,
}

/// The user name of an account.
pub fn username(number: usize) -> String {
    format!("bench-{number}")
}

/// The certificates of the first accounts: those of earlier runs, and new ones.
///
/// # Errors
/// They cannot be made or kept.
pub fn first(count: usize, kept: &Path) -> Result<Vec<Published>> {
    let mut certificates = File::open(kept).ok().and_then(|file| read(file, count).ok()).unwrap_or_default();
    if certificates.len() < count {
        progress::say(format_args!("making {} certificates; they are kept for the next run", count - certificates.len()));
        let made = make(certificates.len(), count)?;
        certificates.extend(made);
        write(kept, &certificates).with_context(|| format!("writing {}", kept.display()))?;
    }
    Ok(certificates)
}

/// Makes those from `first` to `end`, on all cores.
fn make(first: usize, end: usize) -> Result<Vec<Published>> {
    let (next, threads) = (AtomicUsize::new(first), thread::available_parallelism().map_or(1, usize::from));
    let work = || {
        let mut made = Vec::new();
        loop {
            let begin = next.fetch_add(STEP, Ordering::Relaxed);
            if begin >= end {
                return Ok(made);
            }
            ensure!(!os::stop_asked(), "interrupted");
            progress::show(format_args!("{} of {} certificates", begin - first, end - first));
            for number in begin..(begin + STEP).min(end) {
                made.push((number, one(number)?));
            }
        }
    };
    let parts: Vec<Result<Vec<_>>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow!("a thread panicked")))).collect()
    });
    let mut made = parts.into_iter().collect::<Result<Vec<_>>>()?.concat();
    made.sort_by_key(|(number, _)| *number);
    Ok(made.into_iter().map(|(_, certificate)| certificate).collect())
}

fn one(number: usize) -> Result<Published> {
    let key = SecretKey::generate_user(&username(number), OffsetDateTime::now_utc())?;
    Ok(Published { fingerprint: key.fingerprint(), octets: key.certificate_octets()? })
}

/// For each: fingerprint, length in four octets, certificate.
fn write(path: &Path, certificates: &[Published]) -> Result<()> {
    let draft = path.with_extension("draft");
    let mut file = BufWriter::new(File::create(&draft)?);
    for Published { fingerprint, octets } in certificates {
        file.write_all(&fingerprint.0)?;
        file.write_all(&u32::try_from(octets.len())?.to_le_bytes())?;
        file.write_all(octets)?;
    }
    file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    Ok(fs::rename(draft, path)?)
}

fn read(file: File, most: usize) -> Result<Vec<Published>> {
    let (mut file, mut certificates) = (BufReader::new(file), Vec::new());
    let (mut fingerprint, mut len) = ([0; FINGERPRINT_OCTETS], [0; 4]);
    while certificates.len() < most && file.read_exact(&mut fingerprint).is_ok() {
        file.read_exact(&mut len)?;
        let mut octets = vec![0; u32::from_le_bytes(len) as usize];
        file.read_exact(&mut octets)?;
        certificates.push(Published { fingerprint: Fingerprint(fingerprint), octets });
    }
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_made_once() {
        let path = std::env::temp_dir().join(format!("sealcast-bench-certificates-{}", std::process::id()));
        let two = first(2, &path).unwrap();
        let three = first(3, &path).unwrap();
        assert_eq!(two, three[..2]);
        assert_eq!(first(3, &path).unwrap(), three);
        fs::remove_file(path).unwrap();
        assert_ne!(three[0].fingerprint, three[1].fingerprint);
    }
}
