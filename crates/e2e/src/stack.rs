//! The running stack, as the launcher describes it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use sealcast_client::{Server, Url};
use sealcast_contracts::auth::Role;
use serde::Deserialize;

/// What `up.json` says of it.
#[derive(Deserialize)]
struct Up {
    url: String,
    ca: PathBuf,
    invite: String,
    accounts: Vec<Account>,
    edges: Vec<Edge>,
    services: Vec<Service>,
    engines: Engines,
    /// The launcher.
    pid: u32,
}

/// Somebody whom the launcher has brought in.
#[derive(Deserialize)]
pub struct Account {
    pub username: String,
    pub password: String,
    pub role: Role,
}

#[derive(Deserialize)]
struct Edge {
    name: String,
    url: String,
    pid: u32,
    admin_url: String,
}

#[derive(Deserialize)]
struct Service {
    name: String,
    pid: u32,
    admin_url: String,
}

#[derive(Deserialize)]
struct Engines {
    nats: Engine,
    redis: Engine,
    postgres: Engine,
    haproxy: Engine,
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

    /// The ingress's public port.
    ///
    /// # Errors
    /// Its address has none.
    pub fn ingress_port(&self) -> Result<u16> {
        self.url()?.port().context("the ingress has a port")
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

    /// The accounts of a role that the launcher has brought in.
    pub fn accounts(&self, role: Role) -> impl Iterator<Item = &Account> {
        self.up.accounts.iter().filter(move |account| account.role == role)
    }

    /// The authority of all certificates, PEM.
    pub fn ca(&self) -> &[u8] {
        &self.ca
    }

    /// The ingress's address.
    pub fn url(&self) -> Result<Url> {
        self.up.url.parse().context("the ingress's address")
    }

    /// The names of the edges.
    pub fn edges(&self) -> impl Iterator<Item = &str> {
        self.up.edges.iter().map(|edge| edge.name.as_str())
    }

    /// The port of an edge, by its place.
    pub fn edge_port(&self, index: usize) -> Option<u16> {
        self.up.edges.get(index)?.url.parse::<Url>().ok()?.port()
    }

    /// The names of the services behind NATS.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.up.services.iter().map(|service| service.name.as_str())
    }

    /// The process that started the others and looks after them.
    pub fn launcher(&self) -> u32 {
        self.up.pid
    }

    /// The process that has this name now; absent between two lives.
    pub fn pid(&self, name: &str) -> Option<u32> {
        self.pids().into_iter().find(|(known, _)| known == name).map(|(_, pid)| pid)
    }

    /// Every process of the stack that runs now, by name.
    pub fn pids(&self) -> Vec<(String, u32)> {
        let Ok(Up { edges, services, engines, .. }) = read(&self.file) else { return Vec::new() };
        let Engines { nats, redis, postgres, haproxy } = engines;
        let engines = [("nats", nats), ("redis", redis), ("postgres", postgres), ("haproxy", haproxy)];
        let edges = edges.into_iter().map(|edge| (edge.name, edge.pid));
        let services = services.into_iter().map(|service| (service.name, service.pid));
        let engines = engines.into_iter().map(|(name, engine)| (name.to_owned(), engine.pid));
        edges.chain(services).chain(engines).filter(|(_, pid)| *pid != 0).collect()
    }

    /// Where an edge or a service says how it is.
    pub fn admin(&self, name: &str) -> Option<Url> {
        let edges = self.up.edges.iter().map(|edge| (&edge.name, &edge.admin_url));
        let services = self.up.services.iter().map(|service| (&service.name, &service.admin_url));
        edges.chain(services).find(|(known, _)| *known == name)?.1.parse().ok()
    }

    /// The port of `nats`, `redis` or `postgres`.
    pub fn port(&self, engine: &str) -> Option<u16> {
        let Engines { nats, redis, postgres, .. } = &self.up.engines;
        let engines = [("nats", nats), ("redis", redis), ("postgres", postgres)];
        let (_, engine) = engines.into_iter().find(|(name, _)| *name == engine)?;
        engine.url.parse::<Url>().ok()?.port()
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
