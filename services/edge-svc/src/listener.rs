//! The public port: PROXY header from trusted ingresses, TLS, then HTTP/1.1 or HTTP/2, each within its limits.

mod connection;
mod network;
mod proxy;
mod socket;
mod tls;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::Router;
use metrics::counter;
use rustls::ServerConfig;
use sealcast_runtime::Tasks;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
};
use tokio_util::sync::CancellationToken;

use self::network::Network;
pub use self::{connection::ConnectionKill, tls::Certificates};
use crate::config::ListenConfig;

/// How long accepting rests when the process has no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The bound public port.
pub struct Listener {
    tcp: TcpListener,
    gate: Arc<Gate>,
    places: Arc<Semaphore>,
}

/// What every connection needs to know.
struct Gate {
    trusted: Vec<Network>,
    handshake_timeout: Duration,
    header_timeout: Duration,
    tls: watch::Receiver<Arc<ServerConfig>>,
    /// Cancelled when connections are to finish what they do and take no new requests.
    closing: CancellationToken,
}

impl Listener {
    /// Binds the port. `closing` ends accepting, and keep-alive on every connection.
    ///
    /// # Errors
    /// The address is taken, or a trusted network is malformed.
    pub fn bind(
        config: &ListenConfig,
        tls: watch::Receiver<Arc<ServerConfig>>,
        closing: CancellationToken,
    ) -> anyhow::Result<Self> {
        let trusted = config.proxy_trusted.iter().map(|network| network.parse()).collect::<Result<_, _>>();
        let gate = Gate {
            trusted: trusted.context("listen.proxy_trusted")?,
            handshake_timeout: Duration::from_secs(config.handshake_timeout_s),
            header_timeout: Duration::from_secs(config.header_timeout_s),
            tls,
            closing,
        };
        let tcp = socket::listen(config.address).with_context(|| format!("listening on {} (listen.address)", config.address))?;
        Ok(Self { tcp, gate: Arc::new(gate), places: Arc::new(Semaphore::new(config.connections_max)) })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// Accepts connections until the node closes; each is a task of its own.
    pub async fn serve(self, app: Router, tasks: Tasks) {
        loop {
            let accepted = tokio::select! {
                () = self.gate.closing.cancelled() => return,
                accepted = self.tcp.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "accepting a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            // A full node closes at once: the client then tries another one, instead of waiting here.
            let Ok(place) = self.places.clone().try_acquire_owned() else {
                counter!("edge_connections_refused_total").increment(1);
                continue;
            };
            let (gate, app) = (self.gate.clone(), app.clone());
            tasks.spawn(async move {
                let _place = place;
                connection::handle(stream, peer, &gate, app).await;
            });
        }
    }
}
