//! The public port: PROXY header from trusted ingresses, TLS, then a live stream or a request, each within its limits.
//!
//! Every shard has a listening socket of its own on the same port. What is not a live stream comes back from the shards, and
//! hyper serves it here.

mod activity;
mod connection;
mod control_frames;
mod framing;
mod network;
mod places;
pub mod proxy;
pub mod socket;
mod strict;
mod tls;
mod tls_io;
mod turn;
mod unread;

use std::{
    net::{IpAddr, SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use axum::Router;
use rustls::ServerConfig;
use sealcast_runtime::Tasks;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use self::network::Network;
use self::places::Places;
pub use self::{connection::ConnectionKill, places::Place, strict::Refused, tls::Certificates};
use crate::{
    config::ListenConfig,
    shard::{Applicant, Handover, Key},
    streams::Streams,
};

/// What the shards hand on, and where it arrives.
#[derive(Debug)]
pub struct Desk {
    pub applicants: mpsc::UnboundedReceiver<Applicant>,
    pub handovers: mpsc::UnboundedReceiver<Handover>,
    pub readings: mpsc::UnboundedReceiver<(Key, u64)>,
}

/// What every connection needs to know, and whom its shard hands it to.
#[derive(Debug)]
pub struct Gate {
    pub tls: watch::Receiver<Arc<ServerConfig>>,
    pub handshake_timeout: Duration,
    pub header_timeout: Duration,
    /// Whether streams are sealed with keys taken from rustls, or by rustls itself.
    pub extract_keys: bool,
    trusted: Vec<Network>,
    places: Places,
    // As many wait as there are places: the connections themselves are what is bounded.
    applicants: mpsc::UnboundedSender<Applicant>,
    handovers: mpsc::UnboundedSender<Handover>,
    readings: mpsc::UnboundedSender<(Key, u64)>,
}

impl Gate {
    /// # Errors
    /// A trusted network is malformed.
    pub fn new(config: &ListenConfig, extract_keys: bool, tls: watch::Receiver<Arc<ServerConfig>>) -> anyhow::Result<(Self, Desk)> {
        let trusted = config.proxy_trusted.iter().map(|network| network.parse()).collect::<Result<_, _>>();
        let (applicants, applying) = mpsc::unbounded_channel();
        let (handovers, handed) = mpsc::unbounded_channel();
        let (readings, reading) = mpsc::unbounded_channel();
        let gate = Self {
            tls,
            handshake_timeout: Duration::from_secs(config.handshake_timeout_s),
            header_timeout: Duration::from_secs(config.header_timeout_s),
            extract_keys,
            trusted: trusted.context("listen.proxy_trusted")?,
            places: Places::new(config.connections_max, config.connections_per_address_max),
            applicants,
            handovers,
            readings,
        };
        Ok((gate, Desk { applicants: applying, handovers: handed, readings: reading }))
    }

    /// Whether connections from there must begin with a PROXY header.
    pub fn is_trusted(&self, peer: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(peer))
    }

    /// A place for one more connection, unless the node is full.
    pub fn take_place(&self) -> Option<Place> {
        self.places.take()
    }

    /// Somebody wants a stream. Whether anybody decides about it.
    pub fn apply(&self, applicant: Applicant) -> bool {
        self.applicants.send(applicant).is_ok()
    }

    /// Somebody wants something else.
    pub fn hand_over(&self, handover: Handover) {
        // Without a receiver the node is ending: dropping the connection closes it.
        let _ = self.handovers.send(handover);
    }

    /// A stream needs what is behind this sequence, and is older than the ring.
    pub fn read_older(&self, key: Key, after: u64) {
        // Without a receiver the node is ending, and the stream with it.
        let _ = self.readings.send((key, after));
    }
}

/// One listening socket for each shard.
///
/// # Errors
/// The address is taken.
pub fn bind(config: &ListenConfig, shards: usize) -> anyhow::Result<Vec<TcpListener>> {
    let listening = || format!("listening on {} (listen.address)", config.address);
    // With SO_REUSEPORT another process of ours would share the port in silence: a plain socket finds out first.
    TcpListener::bind(config.address).with_context(listening)?;
    let first = socket::listen(config.address, config.send_buffer_octets).with_context(listening)?;
    // Port 0 gives each socket another port: the first decides.
    let address = first.local_addr().context("the bound address")?;
    let others = (1..shards).map(|_| socket::listen(address, config.send_buffer_octets));
    std::iter::once(Ok(first)).chain(others).collect::<Result<_, _>>().with_context(listening)
}

/// Where they listen.
///
/// # Errors
/// The system does not say.
pub fn address_of(listeners: &[TcpListener]) -> anyhow::Result<SocketAddr> {
    listeners.first().context("a shard")?.local_addr().context("the bound address")
}

/// How hyper serves connections.
#[derive(Clone, Copy, Debug)]
pub struct Serving {
    pub header_timeout: Duration,
    /// What a connection's socket may hold when a stream's shard takes it back.
    pub send_buffer_octets: usize,
}

/// How the node goes away.
#[derive(Clone, Debug, Default)]
pub struct Leaving {
    /// It will: every answer asks its client to come back on another connection, so that none is closed under a request.
    pub begun: CancellationToken,
    /// Connections that are still kept end.
    pub closing: CancellationToken,
}

/// Serves what is not a live stream, each connection as a task of its own.
pub async fn serve(
    mut handovers: mpsc::UnboundedReceiver<Handover>,
    serving: Serving,
    app: Router,
    streams: Streams,
    leaving: Leaving,
    tasks: Tasks,
) {
    while let Some(handover) = handovers.recv().await {
        let (app, streams, leaving) = (app.clone(), streams.clone(), leaving.clone());
        tasks.spawn(async move { connection::serve(handover, serving, leaving, app, &streams).await });
    }
}
