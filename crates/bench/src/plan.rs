//! What `cargo xtask bench` has started, and what it must start.

use std::{collections::BTreeMap, fs, net::SocketAddr, path::PathBuf};

use anyhow::{Context as _, Result};
use sealcast_bus::BusConfig;
use sealcast_merkle::checkpoint::SigningKey;
use serde::{Deserialize, Serialize};

/// What a bench needs before it begins; printed for `cargo xtask bench`, which owns the engines.
#[derive(Clone, Debug, Serialize)]
pub struct Needs {
    pub edges: usize,
    /// nginx with Nchan.
    pub nchan: bool,
    /// audit-svc is configured and not started.
    pub own_audit: bool,
}

impl Needs {
    /// A cluster with so many edges, and nothing else.
    pub fn edges(edges: usize) -> Self {
        Self { edges, nchan: false, own_audit: false }
    }
}

/// What runs already.
#[derive(Clone, Debug, Deserialize)]
pub struct Plan {
    /// Where the bench may write.
    pub dir: PathBuf,
    pub log: PathBuf,
    /// The optimised programs.
    pub bin: PathBuf,
    pub ca: PathBuf,
    /// The edges' certificate and key; the peers use the same.
    pub cert: PathBuf,
    pub key: PathBuf,
    /// Where certificates of accounts are kept from run to run.
    pub certificates: PathBuf,
    /// Registers the first administrator.
    pub bootstrap_token: PathBuf,
    /// Edges that are configured and not started.
    pub edges: Vec<EdgePlan>,
    /// The command line of a superuser's psql in the cluster's database.
    pub psql: Vec<String>,
    /// Engines and services behind NATS with their processes.
    pub running: BTreeMap<String, u32>,
    pub nats_monitor: u16,
    /// Only where the bench starts it itself.
    pub audit: Option<AuditPlan>,
    /// Free ports, for peers.
    pub ports: Vec<u16>,
    /// Where the traffic goes, for the report.
    pub network: String,
    /// Variables of the edges that the command line sets.
    #[serde(skip)]
    pub settings: Vec<(String, String)>,
}

/// A configured edge.
#[derive(Clone, Debug, Deserialize)]
pub struct EdgePlan {
    pub name: String,
    pub port: u16,
    pub admin: u16,
    pub config: PathBuf,
}

/// audit-svc, configured.
#[derive(Clone, Debug, Deserialize)]
pub struct AuditPlan {
    pub admin: u16,
    pub config: PathBuf,
    /// Its key-encryption keys.
    pub kek_dir: PathBuf,
    /// The log's signing key.
    pub log_key: PathBuf,
    /// The bus as chat-svc is let in to it.
    pub bus: BusConfig,
}

impl AuditPlan {
    /// What the log is signed with.
    ///
    /// # Errors
    /// The file cannot be read, or holds no key.
    pub fn signing_key(&self) -> Result<SigningKey> {
        let text = fs::read_to_string(&self.log_key).with_context(|| format!("reading {}", self.log_key.display()))?;
        Ok(SigningKey::parse(&text)?)
    }
}

impl EdgePlan {
    /// Its public port.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }
}
