//! `.local/up.json`: what runs, for people and programs.

use std::{fs, path::PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::{files, repo::State};

/// A running stack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    pub url: String,
    /// The development authority's certificate.
    pub ca: PathBuf,
    /// Base64 SHA-256 of the edges' public key.
    pub spki: String,
    pub invite: String,
    pub accounts: Vec<Account>,
    pub edges: Vec<EdgeRecord>,
    pub services: Vec<ServiceRecord>,
    pub engines: EngineRecords,
    /// The verifier key of the witness: `sealcast audit checkpoint --witness KEY` requires its cosignature.
    #[serde(default)]
    pub witness: String,
    /// The launcher.
    pub pid: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    pub username: String,
    pub password: String,
    pub role: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EdgeRecord {
    pub name: String,
    /// Straight to this edge, past the ingress.
    pub url: String,
    pub pid: u32,
    pub admin_url: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServiceRecord {
    pub name: String,
    pub pid: u32,
    pub admin_url: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EngineRecords {
    pub nats: EngineRecord,
    pub redis: EngineRecord,
    pub postgres: EngineRecord,
    pub haproxy: EngineRecord,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EngineRecord {
    pub url: String,
    pub pid: u32,
    /// Where the engine keeps its data; absent when it keeps none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
}

impl Record {
    pub fn read(state: &State) -> Option<Self> {
        serde_json::from_slice(&fs::read(state.record()).ok()?).ok()
    }

    pub fn write(&self, state: &State) -> Result<()> {
        files::write_private(&state.record(), serde_json::to_string_pretty(self)? + "\n")
    }

    /// Prints what a person needs first.
    pub fn print(&self) {
        println!("\nSealcast is up.\n");
        println!("  URL          {}", self.url);
        println!("  CA           {}", self.ca.display());
        println!("  invite link  {}", self.invite);
        println!("  witness key  {}", self.witness);
        for edge in &self.edges {
            println!("  {:<11}  {} (admin {})", edge.name, edge.url, edge.admin_url);
        }
        if !self.accounts.is_empty() {
            println!("\n  {:<16} {:<24} role", "username", "password");
        }
        for account in &self.accounts {
            println!("  {:<16} {:<24} {}", account.username, account.password, account.role);
        }
        println!();
    }
}
