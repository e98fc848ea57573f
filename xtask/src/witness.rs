//! The stack's witness. It stands on the same machine here, which protects nobody: it shows how one is run.

use std::{fmt::Write as _, process::Command, time::Duration};

use anyhow::{Context, Result};

use crate::{
    files,
    ports::Ports,
    probe, run,
    services::Services,
    supervisor::{Spec, Supervisor},
};

const PROGRAM: &str = "sealcast-witness";
/// The name in its key.
const NAME: &str = "witness.local";
const READY_WITHIN: Duration = Duration::from_secs(20);

/// A witness that runs.
#[derive(Clone, Debug)]
pub struct Witness {
    pub url: String,
    /// What clients require.
    pub vkey: String,
    pub admin: u16,
}

impl Witness {
    /// Makes its key once, and starts it.
    pub fn start(services: &Services<'_>, children: &mut Supervisor, ports: &mut Ports) -> Result<Self> {
        let state = services.state;
        let program = services.repo.binary(PROGRAM, services.release);
        let (key, seen) = (state.secrets().join("witness.key"), state.data().join("witness"));
        let vkey = run::captured(Command::new(&program).args(["keygen", NAME]).arg(&key)).context("the witness's key")?;
        let (port, admin) = (ports.take("witness")?, ports.take("witness-admin")?);
        let log_vkey = services.log_vkey()?;
        let mut toml = format!("[admin]\nlisten = \"127.0.0.1:{admin}\"\n\n[witness]\nlisten = \"127.0.0.1:{port}\"\n");
        writeln!(toml, "key_file = {key:?}\nstate_dir = {seen:?}\nlog_vkey = {log_vkey:?}")?;
        let config = state.config().join("witness.toml");
        files::write_private(&config, toml)?;
        children.launch(Spec::new("witness", &program).env("SEALCAST_CONFIG", config.display().to_string()))?;
        children.wait_ready("witness", READY_WITHIN, || probe::http_ok(admin, "/ready"))?;
        Ok(Self { url: format!("http://127.0.0.1:{port}/"), vkey: vkey.trim().to_owned(), admin })
    }

    /// What audit-svc's configuration says of it.
    pub fn section(&self) -> String {
        format!("\n[witnesses]\nask = [{{ url = {:?}, vkey = {:?} }}]\n", self.url, self.vkey)
    }
}
