//! Packets that vanish: the stack has a network of its own, and each edge a group by which its packets are known.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::site::Site;

/// The launcher's: the group of the first edge, of the second the next.
const EDGE_GROUP: u32 = 61_001;
const TABLE: &str = "inet sealcast_drill";

/// Which way packets vanish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Both,
    /// What the engine sends still arrives at nobody; the edge is heard.
    ToEdge,
    /// The edge is not heard; what the engine sends arrives.
    FromEdge,
}

/// An edge and an engine are apart as long as this lives.
pub struct Partition(());

impl Partition {
    /// Between an edge, by its place, and `nats` or `redis`.
    pub fn new(site: &Site, edge: u32, engine: &str, way: Way) -> Result<Self> {
        site.disks()?;
        let port = site.stack.port(engine).with_context(|| format!("{engine} has a port"))?;
        let group = EDGE_GROUP + edge;
        // The group is known of the edge's own packets only: they mark the connection, and the answers are known by that.
        let marking = format!("meta skgid {group} tcp dport {port} ct mark set {group}");
        let from = if way == Way::ToEdge {
            String::new()
        } else {
            format!("add rule {TABLE} out meta skgid {group} tcp dport {port} drop\n")
        };
        let to = if way == Way::FromEdge {
            String::new()
        } else {
            format!("add rule {TABLE} out ct mark {group} tcp sport {port} drop\n")
        };
        nft(&format!(
            "add table {TABLE}\nadd chain {TABLE} out {{ type filter hook output priority 0; }}\nadd rule {TABLE} out {marking}\n{from}{to}"
        ))?;
        Ok(Self(()))
    }

    /// So many of a hundred packets between the edges and whoever talks to them vanish.
    pub fn lossy(site: &Site, percent: u8) -> Result<Self> {
        site.disks()?;
        let ports: Vec<_> = (0..2).filter_map(|edge| site.stack.edge_port(edge)).map(|port| port.to_string()).collect();
        let (ports, loss) = (ports.join(", "), format!("numgen random mod 100 < {percent} drop"));
        nft(&format!(
            "add table {TABLE}\nadd chain {TABLE} out {{ type filter hook output priority 0; }}\n\
             add rule {TABLE} out tcp sport {{ {ports} }} {loss}\nadd rule {TABLE} out tcp dport {{ {ports} }} {loss}\n"
        ))?;
        Ok(Self(()))
    }

    /// Packets of one local port vanish, both ways: a client whose network is gone.
    pub fn client(site: &Site, port: u16) -> Result<Self> {
        site.disks()?;
        nft(&format!(
            "add table {TABLE}\nadd chain {TABLE} out {{ type filter hook output priority 0; }}\n\
             add rule {TABLE} out tcp sport {port} drop\nadd rule {TABLE} out tcp dport {port} drop\n"
        ))?;
        Ok(Self(()))
    }
}

impl Drop for Partition {
    fn drop(&mut self) {
        let _ = nft(&format!("delete table {TABLE}\n"));
    }
}

fn nft(rules: &str) -> Result<()> {
    let mut child = Command::new("nft")
        .args(["-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run nft")?;
    child.stdin.take().context("nft's input")?.write_all(rules.as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("nft: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
