//! Server processes of a phase.

use std::{
    fs::File,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::os;

const GLANCE: Duration = Duration::from_millis(20);
const READY_WITHIN: Duration = Duration::from_secs(30);
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// A running server; it ends with this value.
#[derive(Debug)]
pub struct Running {
    name: String,
    process: Child,
}

impl Running {
    /// Starts a server whose output goes to `<log>/<name>.log`.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(mut command: Command, name: &str, log: &Path) -> Result<Self> {
        let path = log.join(format!("{name}.log"));
        let out = File::options().create(true).append(true).open(&path).with_context(|| format!("writing {}", path.display()))?;
        command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out);
        os::die_with_us(&mut command);
        let process = command.spawn().with_context(|| format!("starting {name}"))?;
        Ok(Self { name: name.to_owned(), process })
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Ends it as a crash does.
    pub fn kill(&mut self) {
        os::send(self.pid(), libc::SIGKILL);
    }

    /// Waits until the server is ready.
    ///
    /// # Errors
    /// It ended, or was not ready in time.
    pub async fn ready(&mut self, is_ready: impl AsyncFn() -> bool) -> Result<()> {
        let deadline = Instant::now() + READY_WITHIN;
        while !is_ready().await {
            if let Some(status) = self.process.try_wait()? {
                bail!("{} ended with {status}; its log says why", self.name);
            }
            ensure!(Instant::now() < deadline, "{} was not ready within {} s", self.name, READY_WITHIN.as_secs());
            ensure!(!os::stop_asked(), "interrupted");
            tokio::time::sleep(GLANCE).await;
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        os::send(self.process.id(), libc::SIGTERM);
        let deadline = Instant::now() + STOP_WITHIN;
        while matches!(self.process.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                let _ = self.process.kill();
                let _ = self.process.wait();
                return;
            }
            std::thread::sleep(GLANCE);
        }
    }
}

/// Whether something accepts connections there.
pub async fn accepts(address: SocketAddr) -> bool {
    tokio::net::TcpStream::connect(address).await.is_ok()
}

/// Whether a plain HTTP server answers a path with 200.
pub async fn answers(http: &reqwest::Client, url: &str) -> bool {
    http.get(url).send().await.is_ok_and(|answer| answer.status().is_success())
}
