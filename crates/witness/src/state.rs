//! What the witness has seen: one file with the note that it cosigned last, on disk before the cosignature goes out.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Context as _;
use sealcast_merkle::{
    checkpoint::{self, TreeHead},
    cosignature::WitnessKey,
    witness::{AddCheckpoint, Refusal},
};

const NOTE_FILE: &str = "note";
const DRAFT_FILE: &str = "note.new";
const LOCK_FILE: &str = "lock";

/// Why there is no cosignature.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The state cannot be written, so nothing may be promised.
    #[error("keeping the state")]
    State(#[source] anyhow::Error),
}

/// A witness of one log.
#[derive(Debug)]
pub struct Witness {
    key: WitnessKey,
    log_vkey: String,
    dir: PathBuf,
    /// Held from the decision to the durable state: two requests never both extend the same head.
    seen: Mutex<Option<TreeHead>>,
    /// Keeps a second process away from the same state.
    _lock: File,
}

impl Witness {
    /// Takes up the state in `dir`, or begins one that has seen nothing.
    ///
    /// # Errors
    /// The state is not a note of this log, or another process uses it.
    pub fn open(dir: &Path, key: WitnessKey, log_vkey: &str) -> anyhow::Result<Self> {
        anyhow::ensure!(!log_vkey.is_empty(), "witness.log_vkey is missing: which log is to be witnessed?");
        fs::create_dir_all(dir).with_context(|| format!("creating {} (witness.state_dir)", dir.display()))?;
        let lock = File::create(dir.join(LOCK_FILE)).context("witness.state_dir")?;
        lock.try_lock().with_context(|| format!("another witness uses {}", dir.display()))?;
        let seen = match fs::read_to_string(dir.join(NOTE_FILE)) {
            // A state that does not verify is not "nothing seen": somebody touched it.
            Ok(note) => Some(checkpoint::verify(&note, log_vkey).context("the state is not a checkpoint of this log")?),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error).context("reading the state"),
        };
        Ok(Self { key, log_vkey: log_vkey.to_owned(), dir: dir.to_owned(), seen: Mutex::new(seen), _lock: lock })
    }

    /// The verifier key that clients require.
    pub fn vkey(&self) -> String {
        self.key.vkey()
    }

    /// Leaves of the newest checkpoint that was cosigned.
    pub fn seen(&self) -> u64 {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).map_or(0, |head| head.size)
    }

    /// Decides a request; the answer is one signature line.
    ///
    /// # Errors
    /// See [`WitnessError`].
    pub fn add(&self, request: &AddCheckpoint) -> Result<String, WitnessError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let head = request.admit(*seen, &self.log_vkey)?;
        let at_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let line = self.key.cosign(&request.note, at_s).map_err(|_| Refusal::Malformed)?;
        self.keep(&request.note).map_err(WitnessError::State)?;
        *seen = Some(head);
        Ok(line)
    }

    fn keep(&self, note: &str) -> anyhow::Result<()> {
        let draft = self.dir.join(DRAFT_FILE);
        let mut file = File::create(&draft)?;
        file.write_all(note.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, self.dir.join(NOTE_FILE))?;
        // The name is durable only with its directory.
        File::open(&self.dir)?.sync_all()?;
        Ok(())
    }
}
