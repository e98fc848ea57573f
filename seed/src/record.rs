//! What was seeded, for people and for the next run.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use anyhow::{Context, Result};
use sealcast_contracts::{Fingerprint, RoomId};
use serde::{Deserialize, Serialize};

/// The file that a finished run leaves.
#[derive(Serialize, Deserialize)]
pub struct Record {
    pub seeded: Seeded,
    pub accounts: Vec<Account>,
}

/// Of which organisation, and how much.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
pub struct Seeded {
    pub compliance: Fingerprint,
    pub lobby: RoomId,
    pub users: usize,
    pub messages: usize,
}

/// A demonstration account.
#[derive(Clone, Serialize, Deserialize)]
pub struct Account {
    pub username: String,
    pub password: String,
    pub role: String,
}

impl Record {
    /// The record of an earlier run; one that cannot be understood counts as none.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(file: &Path) -> Result<Option<Self>> {
        match fs::read(file) {
            Ok(text) => Ok(serde_json::from_slice(&text).ok()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("reading {}", file.display())),
        }
    }

    /// Writes the record so that only its owner reads the passwords.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, file: &Path) -> Result<()> {
        let write = || {
            let mut out = fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(file)?;
            out.write_all(&serde_json::to_vec_pretty(self)?)?;
            anyhow::Ok(())
        };
        write().with_context(|| format!("writing {}", file.display()))
    }

    /// Prints the accounts.
    pub fn print(&self) {
        println!("{:<12} {:<28} role", "username", "password");
        for Account { username, password, role } in &self.accounts {
            println!("{username:<12} {password:<28} {role}");
        }
    }
}
