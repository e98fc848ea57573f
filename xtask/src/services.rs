//! The four services: their configuration files, their one-off jobs and how they start.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};

use crate::{
    artefacts,
    engines::{nats, nats::Nats, postgres, postgres::Postgres, redis, redis::Redis},
    files,
    pki::Pki,
    ports::Ports,
    probe,
    process::{self, Owner},
    repo::{Repo, State},
    run, secrets,
    supervisor::{Spec, Supervisor},
    witness::Witness,
};

/// How long a service may take to become ready.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// What a service may take to drain, seconds. Short: nobody waits for a development stack.
const DRAIN_GRACE_S: u64 = 8;
const STOP_GRACE: Duration = Duration::from_secs(DRAIN_GRACE_S + 4);

const DRAIN_SETTLE_MS: u64 = 200;
const DRAIN_SPREAD_MS: u64 = 1_000;
const ROTATION_DELAY_S: u32 = 4;
const REGISTRATIONS_BURST: u32 = 10_000;
/// What a drill's few accounts would spend in a moment.
const DRILL_BUDGETS: [(&str, &str, &str); 5] = [
    ("chat-svc", "SEALCAST_RATE__MESSAGES", "1000000000"),
    ("edge-svc", "SEALCAST_EDGE__REQUESTS_PER_MINUTE", "1000000000"),
    ("edge-svc", "SEALCAST_EDGE__UNSIGNED_REQUESTS_PER_MINUTE", "1000000000"),
    ("edge-svc", "SEALCAST_LISTEN__CONNECTIONS_PER_ADDRESS_MAX", "0"),
    ("edge-svc", "SEALCAST_STREAMS__STREAMS_PER_ACCOUNT_MAX", "12000"),
];
/// The group of the first edge in a drill, of the second the next: a firewall knows an edge's packets by it.
const DRILL_GROUP: u32 = 61_001;
/// Where the ingress's connections to the edges come from.
pub const INGRESS_ADDRESS: &str = "127.0.0.2";

/// The services behind NATS, in the order of their start. Each but the edge owns a schema.
pub const INNER: [&str; 3] = ["auth-svc", "chat-svc", "audit-svc"];

/// One edge node.
#[derive(Clone, Debug)]
pub struct Edge {
    pub name: String,
    pub port: u16,
    pub admin: u16,
}

/// What the services of one stack are made from.
#[derive(Debug)]
pub struct Services<'a> {
    pub repo: &'a Repo,
    pub state: &'a State,
    pub pki: &'a Pki,
    pub nats: Nats,
    pub redis: Redis,
    pub postgres: Postgres,
    pub release: bool,
    /// Whom audit-svc asks for cosignatures.
    pub witness: Option<Witness>,
    /// Lines that stand at the end of a service's configuration.
    pub tuning: &'a [(&'a str, &'a str)],
    /// See [`crate::cli::UpArgs::for_drills`].
    pub for_drills: bool,
}

impl Services<'_> {
    /// Migrates the schemas, makes the streams and the audit keys. Repeating it is harmless.
    pub fn prepare(&self) -> Result<()> {
        for service in INNER {
            self.write_config(service, service, 0, &self.own_sections(service)?)?;
            self.job(service, &["migrate"], &self.as_owner(service)?)?;
        }
        let password = nats::password_file(self.state, nats::PROVISIONER)?;
        let mut provisioner = self.as_owner("chat-svc")?;
        provisioner.push(("SEALCAST_NATS__USER", nats::PROVISIONER.to_owned()));
        provisioner.push(("SEALCAST_NATS__PASSWORD_FILE", password.display().to_string()));
        self.job("chat-svc", &["provision"], &provisioner)?;
        self.make_audit_keys()
    }

    /// Starts the services behind NATS; answers their admin ports.
    pub fn start_inner(&self, children: &mut Supervisor, ports: &mut Ports) -> Result<Vec<(String, u16)>> {
        self.start_some(children, ports, &INNER)
    }

    /// Starts some of them.
    pub fn start_some(&self, children: &mut Supervisor, ports: &mut Ports, services: &[&str]) -> Result<Vec<(String, u16)>> {
        let mut started = Vec::new();
        for service in services {
            let (admin, config) = self.configure(ports, service)?;
            children.launch(self.spec(service, service, &config))?;
            started.push(((*service).to_owned(), admin));
        }
        for (service, admin) in &started {
            children.wait_ready(service, READY_WITHIN, || probe::http_ok(*admin, "/ready"))?;
        }
        Ok(started)
    }

    /// Writes the configuration of a service behind NATS; answers its admin port.
    pub fn configure(&self, ports: &mut Ports, service: &str) -> Result<(u16, PathBuf)> {
        let admin = ports.take(&format!("{service}-admin"))?;
        let config = self.write_config(service, service, admin, &self.own_sections(service)?)?;
        Ok((admin, config))
    }

    /// Starts the edges.
    pub fn start_edges(&self, children: &mut Supervisor, ports: &mut Ports, count: u8) -> Result<Vec<Edge>> {
        let mut edges = Vec::new();
        for number in 1..=count {
            let (edge, config) = self.configure_edge(ports, number.into())?;
            let mut spec = self.spec("edge-svc", &edge.name, &config);
            if self.for_drills && process::is_root() {
                spec.run_as = Some(Owner { uid: 0, gid: DRILL_GROUP + u32::from(number) - 1 });
            }
            children.launch(spec)?;
            edges.push(edge);
        }
        for edge in &edges {
            children.wait_ready(&edge.name, READY_WITHIN, || probe::http_ok(edge.admin, "/ready"))?;
        }
        Ok(edges)
    }

    /// Writes the configuration of an edge.
    pub fn configure_edge(&self, ports: &mut Ports, number: usize) -> Result<(Edge, PathBuf)> {
        let name = format!("edge-{number}");
        let edge = Edge { port: ports.take(&name)?, admin: ports.take(&format!("{name}-admin"))?, name };
        let config = self.write_config("edge-svc", &edge.name, edge.admin, &self.edge_sections(&edge)?)?;
        Ok((edge, config))
    }

    /// The file with the token that registers the first administrator.
    pub fn bootstrap_token(&self) -> Result<PathBuf> {
        secrets::random_file(self.state, "bootstrap-token")
    }

    /// The verifier key of the log.
    pub fn log_vkey(&self) -> Result<String> {
        let mut job = Command::new(self.repo.binary("audit-svc", self.release));
        let vkey = run::captured(job.arg("vkey").env("SEALCAST_CONFIG", self.config_path("audit-svc")))?;
        Ok(vkey.trim().to_owned())
    }

    /// Makes the keys that audit-svc seals and signs with, each once.
    fn make_audit_keys(&self) -> Result<()> {
        let (kek, log_key) = (self.kek_dir().join("1.key"), self.log_key());
        files::private_dir(&self.kek_dir())?;
        for (flag, file) in [("--kek", kek), ("--log-key", log_key)] {
            if !file.is_file() {
                self.job("audit-svc", &["keygen", flag, &file.display().to_string()], &[])?;
            }
        }
        Ok(())
    }

    /// Where audit-svc's key-encryption keys lie.
    pub fn kek_dir(&self) -> PathBuf {
        self.state.secrets().join("kek")
    }

    pub fn log_key(&self) -> PathBuf {
        self.state.secrets().join("log.key")
    }

    fn job(&self, service: &str, args: &[&str], env: &[(&str, String)]) -> Result<()> {
        let mut job = Command::new(self.repo.binary(service, self.release));
        job.args(args).env("SEALCAST_CONFIG", self.config_path(service)).envs(env.iter().map(|(name, value)| (name, value)));
        run::logged(&mut job, &self.state.log().join(format!("{service}.log")))
            .with_context(|| format!("{service} {} failed", args.join(" ")))
    }

    fn spec(&self, service: &str, name: &str, config: &Path) -> Spec {
        let mut spec =
            Spec::new(name, &self.repo.binary(service, self.release)).env("SEALCAST_CONFIG", config.display().to_string());
        spec.stop_grace = STOP_GRACE;
        if self.for_drills {
            let budgets = DRILL_BUDGETS.iter().filter(|(of, ..)| *of == service);
            spec.env.extend(budgets.map(|(_, key, value)| ((*key).to_owned(), (*value).to_owned())));
        }
        spec
    }

    fn config_path(&self, name: &str) -> PathBuf {
        self.state.config().join(format!("{name}.toml"))
    }

    fn write_config(&self, service: &str, name: &str, admin: u16, own: &str) -> Result<PathBuf> {
        let mut toml = format!("[admin]\nlisten = \"127.0.0.1:{admin}\"\ndrain_grace_s = {DRAIN_GRACE_S}\n");
        let ca = quoted(&self.pki.ca);
        let password = quoted(&nats::password_file(self.state, service)?);
        write!(toml, "\n[nats]\nurls = [\"{}\"]\nuser = \"{service}\"\npassword_file = {password}\nca = {ca}\n", self.nats.url())?;
        if service != "audit-svc" {
            let password = quoted(&redis::password_file(self.state, service)?);
            write!(
                toml,
                "\n[redis]\nurl = \"{}\"\nuser = \"{service}\"\npassword_file = {password}\nca = {ca}\n",
                self.redis.url()
            )?;
        }
        if service != "edge-svc" {
            let role = service.replace('-', "_");
            let password = quoted(&postgres::password_file(self.state, &role)?);
            write!(toml, "\n[postgres]\nurl = \"{}\"\npassword_file = {password}\nca = {ca}\n", self.postgres.url(&role))?;
        }
        toml.push_str(own);
        self.tuning.iter().filter(|(tuned, _)| *tuned == service).for_each(|(_, lines)| toml.push_str(lines));
        let path = self.config_path(name);
        files::write_private(&path, toml)?;
        Ok(path)
    }

    /// The overrides with which a job runs as the owner of the service's schema.
    fn as_owner(&self, service: &str) -> Result<Vec<(&'static str, String)>> {
        let owner = format!("{}_owner", service.trim_end_matches("-svc"));
        let password = postgres::password_file(self.state, &owner)?;
        Ok(vec![
            ("SEALCAST_POSTGRES__URL", self.postgres.url(&owner)),
            ("SEALCAST_POSTGRES__PASSWORD_FILE", password.display().to_string()),
        ])
    }

    fn own_sections(&self, service: &str) -> Result<String> {
        Ok(match service {
            "auth-svc" => format!(
                // Everybody registers from this machine's one address here: demo accounts and tests among them.
                "\n[accounts]\nbootstrap_token_file = {}\n\n[passwords]\nprelogin_key_file = {}\n\n\
                 [throttle]\nregistration_address = {{ burst = {REGISTRATIONS_BURST}, window_s = 600 }}\n",
                quoted(&self.bootstrap_token()?),
                quoted(&secrets::random_file(self.state, "prelogin-key")?)
            ),
            "audit-svc" => {
                let witness = self.witness.as_ref().map_or_else(String::new, Witness::section);
                let (kek_dir, log_key) = (quoted(&self.kek_dir()), quoted(&self.log_key()));
                format!("\n[sealing]\nkek_dir = {kek_dir}\n\n[log_key]\nfile = {log_key}\n{witness}")
            }
            // Nobody waits a week for a change of the compliance key here.
            "chat-svc" => format!("\n[organisation]\nrotation_delay_s = {ROTATION_DELAY_S}\n"),
            _ => String::new(),
        })
    }

    fn edge_sections(&self, edge: &Edge) -> Result<String> {
        let pair = self.pki.pair("edge-svc");
        // Drills have no browser.
        let assets = if self.for_drills { PathBuf::new() } else { artefacts::dist(self.repo) };
        let (assets, cert, key) = (quoted(&assets), quoted(&pair.cert), quoted(&pair.key));
        let mut toml = format!("\n[edge]\nnode = \"{}\"\nregistration = \"open\"\nassets = {assets}\ndocs = true\n", edge.name);
        // The ingress comes from an address of its own, so that everybody else may come without a PROXY header.
        write!(toml, "\n[listen]\naddress = \"127.0.0.1:{}\"\nproxy_trusted = [\"{INGRESS_ADDRESS}\"]\n", edge.port)?;
        // Everybody on this machine has one address.
        writeln!(toml, "connections_per_address_max = 12288")?;
        write!(toml, "\n[tls]\ncertificates = {cert}\nkey = {key}\n")?;
        write!(toml, "\n[streams]\ndrain_settle_ms = {DRAIN_SETTLE_MS}\ndrain_spread_ms = {DRAIN_SPREAD_MS}\n")?;
        Ok(toml)
    }
}

/// A path as a TOML string.
fn quoted(path: &Path) -> String {
    format!("{:?}", path.display().to_string())
}
