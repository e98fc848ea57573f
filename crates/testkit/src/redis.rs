use std::process::Command;

use anyhow::Context as _;
use sealcast_signals::{Signals, SignalsConfig};
use tempfile::TempDir;

use crate::process::{Process, free_port};

/// A redis-server without persistence.
#[derive(Debug)]
pub struct Redis {
    process: Process,
    directory: TempDir,
    port: u16,
}

impl Redis {
    /// # Panics
    /// When no redis-server can be started.
    pub fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let port = free_port().expect("a free port");
        let process = launch(&directory, port).expect("redis-server");
        Self { process, directory, port }
    }

    pub fn config(&self) -> SignalsConfig {
        SignalsConfig { url: format!("redis://127.0.0.1:{}", self.port), user: String::new(), password_file: None, ca: None }
    }

    /// # Panics
    /// Never: the connection is lazy.
    pub fn signals(&self) -> Signals {
        Signals::connect(&self.config()).expect("a configuration that is right")
    }

    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// # Panics
    /// When it does not start.
    pub fn restart(&mut self) {
        self.process.kill();
        self.process = launch(&self.directory, self.port).expect("redis-server again");
    }

    /// Freezes it (`true`) or lets it go on.
    pub fn freeze(&self, frozen: bool) {
        self.process.signal(if frozen { libc::SIGSTOP } else { libc::SIGCONT });
    }
}

fn launch(directory: &TempDir, port: u16) -> anyhow::Result<Process> {
    let mut command = Command::new("redis-server");
    command
        .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &port.to_string(), "--dir"])
        .arg(directory.path());
    let mut process = Process::start(command, None)?;
    process.wait_for_port(port).context("redis-server")?;
    Ok(process)
}
