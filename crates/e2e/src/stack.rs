//! The running stack, as the launcher describes it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use sealcast_client::{Server, Url};
use serde::Deserialize;

/// What `up.json` says of it.
#[derive(Deserialize)]
struct Up {
    url: String,
    ca: PathBuf,
    invite: String,
    edges: Vec<Edge>,
    services: Vec<Service>,
    engines: Engines,
}

#[derive(Deserialize)]
struct Edge {
    name: String,
    url: String,
    pid: u32,
}

#[derive(Deserialize)]
struct Service {
    name: String,
    pid: u32,
}

#[derive(Deserialize)]
struct Engines {
    nats: Engine,
    postgres: Engine,
}

#[derive(Deserialize)]
struct Engine {
    url: String,
    pid: u32,
    data: Option<PathBuf>,
}

/// A running stack.
pub struct Stack {
    file: PathBuf,
    up: Up,
    ca: Vec<u8>,
}

impl Stack {
    /// Reads `up.json`.
    pub fn read(file: &Path) -> Result<Self> {
        let up: Up = read(file)?;
        ensure!(up.edges.len() >= 2, "the stack needs two edges");
        let ca = fs::read(&up.ca).with_context(|| format!("reading {}", up.ca.display()))?;
        Ok(Self { file: file.to_owned(), up, ca })
    }

    /// Through the ingress.
    pub fn ingress(&self) -> Result<Server> {
        Ok(Server::new(&self.url()?, Some(&self.ca))?)
    }

    /// Straight to an edge.
    pub fn edge(&self, index: usize) -> Result<Server> {
        let edge = self.up.edges.get(index).context("there are two edges")?;
        Ok(Server::new(&edge.url.parse()?, Some(&self.ca))?)
    }

    /// The invite link to the lobby.
    pub fn invite(&self) -> &str {
        &self.up.invite
    }

    /// The authority of all certificates, PEM.
    pub fn ca(&self) -> &[u8] {
        &self.ca
    }

    /// The ingress's address.
    pub fn url(&self) -> Result<Url> {
        self.up.url.parse().context("the ingress's address")
    }

    /// Who can be killed: an edge, two services, an engine.
    pub fn victims(&self) -> Vec<String> {
        let edge = self.up.edges.first().map(|edge| edge.name.clone());
        edge.into_iter().chain(["chat-svc", "audit-svc", "nats"].map(str::to_owned)).collect()
    }

    /// The process that has this name now; absent between two lives.
    pub fn pid(&self, name: &str) -> Option<u32> {
        let up: Up = read(&self.file).ok()?;
        let edges = up.edges.iter().map(|edge| (edge.name.as_str(), edge.pid));
        let services = up.services.iter().map(|service| (service.name.as_str(), service.pid));
        let mut all = edges.chain(services).chain([("nats", up.engines.nats.pid)]);
        all.find(|(known, pid)| *known == name && *pid != 0).map(|(_, pid)| pid)
    }

    /// What a query answers, through a superuser on the cluster's socket.
    pub fn query(&self, sql: &str) -> Result<String> {
        let postgres = &self.up.engines.postgres;
        let url: Url = postgres.url.parse().context("the address of Postgres")?;
        let port = url.port().context("the port of Postgres")?.to_string();
        let sockets = postgres.data.as_deref().and_then(Path::parent).context("the directory of Postgres")?.join("socket");
        let mut psql = Command::new("psql");
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", "sealcast", "-p", &port, "-h"]);
        let output = psql.arg(sockets).args(["-c", sql]).output().context("running psql")?;
        if !output.status.success() {
            bail!("psql: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}

fn read(file: &Path) -> Result<Up> {
    let text = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not what the launcher writes", file.display()))
}
