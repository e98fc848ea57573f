//! Private ports: chosen free once, kept for the next start.

use std::{
    collections::BTreeMap,
    fs,
    net::{Ipv4Addr, TcpListener},
};

use anyhow::{Result, bail};

use crate::{files, repo::State};

/// The ports of one stack, by name.
#[derive(Debug)]
pub struct Ports {
    state: State,
    known: BTreeMap<String, u16>,
}

impl Ports {
    pub fn load(state: &State) -> Self {
        let known = fs::read(state.ports()).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Self { state: state.clone(), known }
    }

    /// The port of that name: last time's when it is free, otherwise another.
    pub fn take(&mut self, name: &str) -> Result<u16> {
        if let Some(&port) = self.known.get(name)
            && is_free(port)
        {
            return Ok(port);
        }
        loop {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
            if !self.known.values().any(|&taken| taken == port) {
                self.known.insert(name.to_owned(), port);
                files::write_private(&self.state.ports(), serde_json::to_string_pretty(&self.known)?)?;
                return Ok(port);
            }
        }
    }
}

/// Fails in one line when somebody else listens on the port.
pub fn require_free(port: u16, flag: &str) -> Result<()> {
    if is_free(port) { Ok(()) } else { bail!("port {port} is taken; stop what listens there or choose another with {flag}") }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
