//! An account on disk: the session, the locked secret key and the pins, readable by their owner only.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use sealcast_contracts::{
    Base64,
    auth::{self, Kdf},
};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use crate::{Session, trust::Trust};

const FILE: &str = "profile.json";
const LOCK: &str = "lock";
const SCHEMA: u32 = 1;

/// The directory could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    #[error("there is no account in {0}: register or log in first")]
    Missing(PathBuf),
    #[error("the profile in {0} is damaged or of another version")]
    Damaged(PathBuf),
    #[error("{0} is readable by others: chmod 600 it")]
    TooOpen(PathBuf),
    #[error("using the profile in {dir}")]
    Io { dir: PathBuf, source: io::Error },
}

/// What is kept. The secret key in it is locked; the token is not.
#[derive(Clone, Serialize, Deserialize)]
pub struct Stored {
    schema: u32,
    pub server: String,
    /// The authority that issued the server's certificate, in PEM.
    pub ca: Option<String>,
    pub username: String,
    pub kdf: Kdf,
    pub locked_key: Base64,
    /// The account's own certificate.
    pub certificate: Base64,
    /// Absent after a logout.
    pub token: Option<String>,
    /// By which the server knows that the account has logged in from here; it opens nothing.
    #[serde(default)]
    pub device: Option<String>,
    pub session: auth::Session,
    pub trust: Trust,
}

/// What a login or a registration gave, for [`Stored::new`].
pub struct NewAccount {
    pub server: String,
    pub ca: Option<String>,
    pub kdf: Kdf,
    pub locked_key: Base64,
    pub certificate: Base64,
    pub token: String,
    pub device: Option<String>,
    pub session: auth::Session,
    pub trust: Trust,
}

impl Stored {
    /// A profile of this version.
    pub fn new(account: NewAccount) -> Self {
        let NewAccount { server, ca, kdf, locked_key, certificate, token, device, session, trust } = account;
        let (username, token) = (session.username.clone(), Some(token));
        Self { schema: SCHEMA, server, ca, username, kdf, locked_key, certificate, token, device, session, trust }
    }

    /// Takes over a refreshed session.
    pub fn set_session(&mut self, session: &Session) {
        self.token = Some(session.token().expose_secret().to_owned());
        self.session = session.info().clone();
    }
}

/// The directory of one account.
#[derive(Clone, Debug)]
pub struct Profile {
    dir: PathBuf,
}

impl Profile {
    /// Nothing is read or made yet.
    pub fn at(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether an account is stored.
    pub fn exists(&self) -> bool {
        self.dir.join(FILE).exists()
    }

    /// Reads the account.
    ///
    /// # Errors
    /// [`ProfileError`]; a file that others can read is refused.
    pub fn load(&self) -> Result<Stored, ProfileError> {
        let path = self.dir.join(FILE);
        let mode = match fs::metadata(&path) {
            Ok(metadata) => metadata.permissions().mode(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ProfileError::Missing(self.dir.clone())),
            Err(error) => return Err(self.io(error)),
        };
        if mode & 0o077 != 0 {
            return Err(ProfileError::TooOpen(path));
        }
        let text = fs::read(&path).map_err(|error| self.io(error))?;
        let stored: Stored = serde_json::from_slice(&text).map_err(|_| ProfileError::Damaged(self.dir.clone()))?;
        if stored.schema == SCHEMA { Ok(stored) } else { Err(ProfileError::Damaged(self.dir.clone())) }
    }

    /// Writes the account, whole or not at all.
    ///
    /// # Errors
    /// [`ProfileError::Io`].
    pub fn save(&self, stored: &Stored) -> Result<(), ProfileError> {
        let _lock = self.lock()?;
        self.write(stored)
    }

    /// Reads, changes and writes the account while no other process does.
    ///
    /// # Errors
    /// As [`Profile::load`] and [`Profile::save`].
    pub fn update(&self, change: impl FnOnce(&mut Stored)) -> Result<(), ProfileError> {
        let _lock = self.lock()?;
        let mut stored = self.load()?;
        change(&mut stored);
        self.write(&stored)
    }

    /// Writes a further secret file of the profile.
    ///
    /// # Errors
    /// [`ProfileError::Io`].
    pub fn write_secret(&self, name: &str, octets: &[u8]) -> Result<(), ProfileError> {
        let _lock = self.lock()?;
        self.replace(name, octets)
    }

    /// Reads a further file of the profile.
    ///
    /// # Errors
    /// [`ProfileError::Io`] for every failure but absence.
    pub fn read_secret(&self, name: &str) -> Result<Option<String>, ProfileError> {
        match fs::read_to_string(self.dir.join(name)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.io(error)),
        }
    }

    fn lock(&self) -> Result<File, ProfileError> {
        let lock = || {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.dir)?;
            let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(self.dir.join(LOCK))?;
            file.lock()?;
            Ok(file)
        };
        lock().map_err(|error| self.io(error))
    }

    fn write(&self, stored: &Stored) -> Result<(), ProfileError> {
        let text = serde_json::to_vec_pretty(stored).map_err(|error| self.io(error.into()))?;
        self.replace(FILE, &text)
    }

    fn replace(&self, name: &str, octets: &[u8]) -> Result<(), ProfileError> {
        let (path, fresh) = (self.dir.join(name), self.dir.join(format!("{name}.new")));
        let replace = || {
            let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&fresh)?;
            file.set_permissions(Permissions::from_mode(0o600))?;
            file.write_all(octets)?;
            file.sync_all()?;
            fs::rename(&fresh, &path)
        };
        replace().map_err(|error| self.io(error))
    }

    fn io(&self, source: io::Error) -> ProfileError {
        ProfileError::Io { dir: self.dir.clone(), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> Stored {
        let session = serde_json::from_value(serde_json::json!({"session_id": uuid::Uuid::nil(), "user_id": uuid::Uuid::nil(),
            "username": "ada", "role": "member", "fingerprint": "0".repeat(64), "expires_at": "2026-01-01T00:00:00Z"}));
        Stored::new(NewAccount {
            server: "https://localhost/".to_owned(),
            ca: None,
            kdf: crate::secrets::new_kdf(),
            locked_key: Base64(vec![1]),
            certificate: Base64(vec![2]),
            token: "t".to_owned(),
            device: None,
            session: session.unwrap(),
            trust: Trust::default(),
        })
    }

    fn scratch() -> Profile {
        Profile::at(&std::env::temp_dir().join(format!("sealcast-profile-{}", uuid::Uuid::now_v7())))
    }

    #[test]
    fn an_account_survives_and_only_its_owner_reads_it() {
        let profile = scratch();
        assert!(matches!(profile.load(), Err(ProfileError::Missing(_))));
        profile.save(&stored()).unwrap();
        profile.update(|stored| stored.token = None).unwrap();
        let read = profile.load().unwrap();
        assert_eq!((read.username.as_str(), read.token), ("ada", None));
        let path = profile.dir().join(FILE);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(profile.dir()).unwrap().permissions().mode() & 0o777, 0o700);
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(profile.load(), Err(ProfileError::TooOpen(_))));
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "{}").unwrap();
        assert!(matches!(profile.load(), Err(ProfileError::Damaged(_))));
        fs::remove_dir_all(profile.dir()).unwrap();
    }
}
