use std::{path::PathBuf, process::Command};

use anyhow::Context as _;
use sealcast_bus::{Bus, BusConfig};
use tempfile::TempDir;

use crate::process::{Process, free_port};

/// A nats-server with JetStream that syncs always, as in production.
#[derive(Debug)]
pub struct Nats {
    process: Process,
    directory: TempDir,
    port: u16,
}

impl Nats {
    /// # Panics
    /// When no nats-server can be started.
    pub fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let port = free_port().expect("a free port");
        let process = launch(&directory, port).expect("nats-server (see the crate's documentation)");
        Self { process, directory, port }
    }

    pub fn config(&self) -> BusConfig {
        let urls = vec![format!("nats://127.0.0.1:{}", self.port)];
        BusConfig { urls, user: String::new(), password_file: None, ca: None }
    }

    /// Connects as a service.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn bus(&self, service: &'static str) -> Bus {
        Bus::connect(&self.config(), service).await.expect("a connection to nats-server")
    }

    /// Makes the streams and consumers, and connects.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn provisioned(&self, service: &'static str) -> Bus {
        let bus = self.bus(service).await;
        bus.provision(1).await.expect("streams and consumers");
        bus
    }

    /// As `kill -9`: nothing is flushed, the store stays.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again on the same port and store.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&mut self) {
        self.process.kill();
        self.process = launch(&self.directory, self.port).expect("nats-server again");
    }

    /// Freezes it (`true`) or lets it go on.
    pub fn freeze(&self, frozen: bool) {
        self.process.signal(if frozen { libc::SIGSTOP } else { libc::SIGCONT });
    }
}

fn launch(directory: &TempDir, port: u16) -> anyhow::Result<Process> {
    let store = directory.path().display();
    let config = format!(
        "listen: \"127.0.0.1:{port}\"\nmax_payload: 256KB\nmax_pending: 32MB\n\
         jetstream {{ store_dir: \"{store}/js\", max_file_store: 8GB, sync_interval: always }}\n"
    );
    let file = directory.path().join("nats.conf");
    std::fs::write(&file, config)?;
    let mut command = Command::new(binary());
    command.arg("-c").arg(file);
    let mut process = Process::start(command, None)?;
    process.wait_for_port(port).context("nats-server")?;
    Ok(process)
}

fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("SEALCAST_NATS_BIN") {
        return path.into();
    }
    let local = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.local/bin/nats-server"));
    if local.exists() { local } else { "nats-server".into() }
}
