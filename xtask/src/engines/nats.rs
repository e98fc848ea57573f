//! nats-server with JetStream.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};

use crate::{
    engines::{READY_WITHIN, SERVICES},
    files,
    pki::Pki,
    ports::Ports,
    probe,
    repo::{Repo, State},
    secrets,
    supervisor::{Liveness, Spec, Supervisor},
};

/// The user that makes streams and consumers.
pub const PROVISIONER: &str = "provisioner";

/// How long the server may say that it is not well before it is started again, and how long it may recover its streams.
const PATIENCE: Duration = Duration::from_secs(5);
const START_PATIENCE: Duration = Duration::from_secs(20);

/// A running server.
#[derive(Clone, Debug)]
pub struct Nats {
    pub port: u16,
    pub monitor: u16,
    pub store: PathBuf,
}

impl Nats {
    /// What clients connect to.
    pub fn url(&self) -> String {
        format!("tls://127.0.0.1:{}", self.port)
    }
}

/// Writes the configuration and starts the server.
pub fn start(
    children: &mut Supervisor,
    program: &Path,
    (repo, state): (&Repo, &State),
    (pki, ports): (&Pki, &mut Ports),
    store: PathBuf,
) -> Result<Nats> {
    let nats = Nats { port: ports.take("nats")?, monitor: ports.take("nats-monitor")?, store };
    fs::create_dir_all(&nats.store).with_context(|| format!("cannot make {}", nats.store.display()))?;
    let dir = state.config().join("nats");
    files::private_dir(&dir)?;
    let conf = dir.join("nats.conf");
    fs::copy(repo.deploy().join("nats/nats.conf"), &conf).context("cannot copy nats.conf")?;
    files::write_private(&dir.join("passwords.conf"), passwords(state)?)?;
    let pair = pki.pair("nats");
    let mut spec = Spec::new("nats", program)
        .args(["-c".to_owned(), conf.display().to_string()])
        .env("NATS_NAME", "sealcast-1")
        .env("NATS_LISTEN", format!("127.0.0.1:{}", nats.port))
        .env("NATS_MONITOR", format!("127.0.0.1:{}", nats.monitor))
        .env("NATS_STORE_DIR", nats.store.display().to_string())
        .env("NATS_CERT", pair.cert.display().to_string())
        .env("NATS_KEY", pair.key.display().to_string());
    // A stream whose disk was full stays broken until the server starts again; only the plain question sees it.
    spec.liveness = Some(Liveness { port: nats.monitor, path: "/healthz", patience: PATIENCE, start_patience: START_PATIENCE });
    children.start(spec, READY_WITHIN, || probe::http_ok(nats.monitor, "/healthz?js-enabled-only=true"))?;
    Ok(nats)
}

/// The file of a user's password.
pub fn password_file(state: &State, user: &str) -> Result<PathBuf> {
    // The letter keeps the server from reading a number.
    secrets::file(state, &format!("nats-{user}"), || Ok(format!("n{}", secrets::hex(&secrets::random::<32>()?))))
}

fn passwords(state: &State) -> Result<String> {
    let mut conf = String::new();
    for user in SERVICES.into_iter().chain([PROVISIONER]) {
        let variable = user.trim_end_matches("-svc").to_uppercase();
        writeln!(conf, "{variable}_PASSWORD: \"{}\"", secrets::read(&password_file(state, user)?)?)?;
    }
    Ok(conf)
}
