use std::{path::Path, sync::Arc, time::Duration, time::SystemTime};

use anyhow::Context as _;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs::{Ticketer, default_provider},
    server::ProducesTickets,
    version::{TLS12, TLS13},
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::TlsConfig;

/// The public certificate: read at the start, and again when its files change. Open connections keep theirs.
pub struct Certificates {
    config: TlsConfig,
    tickets: Arc<dyn ProducesTickets>,
    seen: Stamp,
    current: watch::Sender<Arc<ServerConfig>>,
}

/// What tells that a file is another one.
type Stamp = [Option<(SystemTime, u64)>; 2];

impl Certificates {
    /// Reads both files.
    ///
    /// # Errors
    /// A file is missing or malformed, or the key does not belong to the certificate.
    pub fn load(config: &TlsConfig) -> anyhow::Result<Self> {
        let tickets = Ticketer::new().context("making session tickets")?;
        let seen = stamp(config);
        let (current, _) = watch::channel(server_config(config, &tickets)?);
        Ok(Self { config: config.clone(), tickets, seen, current })
    }

    /// The configuration for new connections.
    pub fn current(&self) -> watch::Receiver<Arc<ServerConfig>> {
        self.current.subscribe()
    }

    /// Looks for changed files until the process ends. What cannot be used is reported and not taken.
    pub async fn keep_fresh(mut self, shutdown: CancellationToken) {
        let mut tick = tokio::time::interval(Duration::from_secs(self.config.reload_interval_s.max(1)));
        while shutdown.run_until_cancelled(tick.tick()).await.is_some() {
            let found = stamp(&self.config);
            if found == self.seen {
                continue;
            }
            match server_config(&self.config, &self.tickets) {
                Ok(config) => {
                    tracing::info!(certificates = %self.config.certificates.display(), "the certificate was replaced");
                    self.current.send_replace(config);
                    self.seen = found;
                }
                // Certificate and key are two files: halfway through a change they do not fit. Looked at again at the next tick.
                Err(error) => tracing::warn!(error = format!("{error:#}"), "the new certificate cannot be used"),
            }
        }
    }
}

/// TLS 1.3, and 1.2 with the provider's suites, which are ECDHE with AEAD only. No early data.
fn server_config(config: &TlsConfig, tickets: &Arc<dyn ProducesTickets>) -> anyhow::Result<Arc<ServerConfig>> {
    let shown = |path: &Path| format!("reading {}", path.display());
    let certificates = CertificateDer::pem_file_iter(&config.certificates)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| shown(&config.certificates))?;
    let key = PrivateKeyDer::from_pem_file(&config.key).with_context(|| shown(&config.key))?;
    let versions = if config.tls12 { &[&TLS13, &TLS12][..] } else { &[&TLS13][..] };
    let mut server = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .context("the certificate and its key")?;
    // A client that speaks both gets HTTP/1.1: there a shard carries its stream, for a tenth of what HTTP/2 costs (ADR 0004).
    server.alpn_protocols = vec![b"http/1.1".to_vec(), b"h2".to_vec()];
    server.enable_secret_extraction = true;
    server.ticketer = tickets.clone();
    server.send_tls13_tickets = 1;
    Ok(Arc::new(server))
}

fn stamp(config: &TlsConfig) -> Stamp {
    [&config.certificates, &config.key].map(|path| {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    })
}
