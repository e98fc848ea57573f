use std::{
    os::unix::fs::{PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::Command,
    str::FromStr as _,
};

use anyhow::Context as _;
use sealcast_runtime::postgres::PostgresConfig;
use sqlx::{
    Connection as _, Executor as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tempfile::TempDir;

use crate::process::{Process, free_port};

const ROLES: &str = include_str!("../../../deploy/postgres/roles.sql");

/// A Postgres cluster that trusts every local connection.
#[derive(Debug)]
pub struct Postgres {
    process: Process,
    directory: TempDir,
    port: u16,
}

/// A database of its own with the schemas and roles of `deploy/postgres/roles.sql`.
#[derive(Clone, Debug)]
pub struct Database {
    name: String,
    port: u16,
}

impl Postgres {
    /// # Panics
    /// When no Postgres can be started.
    pub fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let port = free_port().expect("a free port");
        initialise(directory.path()).expect("initdb (Postgres in /usr/lib/postgresql)");
        let process = launch(directory.path(), port).expect("postgres");
        Self { process, directory, port }
    }

    /// A new database.
    ///
    /// # Panics
    /// When the cluster refuses.
    pub async fn database(&self) -> Database {
        let name = format!("t{}", uuid::Uuid::new_v4().simple());
        let create = async {
            // Roles belong to the cluster: one at a time.
            let mut admin = connect_when_there(self.port, "postgres").await?;
            admin.execute("select pg_advisory_lock(1)").await?;
            admin.execute(format!("create database {name}").as_str()).await?;
            let mut fresh = connect(self.port, &name, "postgres").await?;
            fresh.execute(ROLES).await?;
            fresh.close().await?;
            admin.close().await
        };
        create.await.expect("a new database");
        Database { name, port: self.port }
    }

    /// As `kill -9` of the whole cluster.
    pub fn kill(&mut self) {
        if let Ok(children) = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", self.process.pid())) {
            for child in children.split_whitespace() {
                // A child may be gone by now: what `kill` says is of no interest.
                let _ = Command::new("kill").args(["-9", child]).stderr(std::process::Stdio::null()).status();
            }
        }
        self.process.kill();
    }

    /// Starts it again on the same port and data.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&mut self) {
        self.kill();
        let _ = std::fs::remove_file(self.directory.path().join("data/postmaster.pid"));
        self.process = launch(self.directory.path(), self.port).expect("postgres again");
    }
}

impl Database {
    /// The configuration of one role, such as `auth_svc`.
    pub fn config(&self, role: &str) -> PostgresConfig {
        PostgresConfig { url: self.url(role), password_file: None, ca: None, pool_max: 8, acquire_timeout_ms: 3_000 }
    }

    pub fn url(&self, role: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{}", self.port, self.name)
    }

    /// A pool of one role; `postgres` is the superuser.
    ///
    /// # Panics
    /// When the URL is malformed, which it is not.
    pub fn pool(&self, role: &str) -> PgPool {
        let options = PgConnectOptions::from_str(&self.url(role)).expect("a URL");
        PgPoolOptions::new().max_connections(8).connect_lazy_with(options)
    }
}

async fn connect(port: u16, database: &str, role: &str) -> sqlx::Result<PgConnection> {
    PgConnection::connect(&format!("postgres://{role}@127.0.0.1:{port}/{database}")).await
}

/// A cluster that listens may still be starting up.
async fn connect_when_there(port: u16, database: &str) -> sqlx::Result<PgConnection> {
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        match connect(port, database, "postgres").await {
            Err(_) if tokio::time::Instant::now() < deadline => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            outcome => return outcome,
        }
    }
}

fn initialise(directory: &Path) -> anyhow::Result<()> {
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o755))?;
    let data = directory.join("data");
    std::fs::create_dir(&data)?;
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o700))?;
    let mut command = Command::new(binary("initdb")?);
    command.args(["-A", "trust", "-U", "postgres", "--no-sync", "--no-instructions", "-E", "UTF8", "--locale=C", "-D"]).arg(&data);
    if let Some((uid, gid)) = unprivileged()? {
        chown(&data, Some(uid), Some(gid))?;
        std::os::unix::process::CommandExt::uid(&mut command, uid);
        std::os::unix::process::CommandExt::gid(&mut command, gid);
    }
    command.current_dir(directory);
    let output = command.output().context("running initdb")?;
    anyhow::ensure!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn launch(directory: &Path, port: u16) -> anyhow::Result<Process> {
    let mut command = Command::new(binary("postgres")?);
    command.arg("-D").arg(directory.join("data")).current_dir(directory);
    // Test data need not survive the machine: no fsync.
    for setting in
        ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "full_page_writes=off", "max_connections=200"]
    {
        command.args(["-c", setting]);
    }
    command.args(["-p", &port.to_string()]);
    let mut process = Process::start(command, unprivileged()?)?;
    process.wait_for_port(port).context("postgres")?;
    Ok(process)
}

/// Postgres refuses to run as root: the account to run it as, when we are root.
#[allow(unsafe_code)]
fn unprivileged() -> anyhow::Result<Option<(u32, u32)>> {
    // SAFETY: geteuid has no preconditions.
    if unsafe { libc::geteuid() } != 0 {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd").context("reading /etc/passwd")?;
    let id = |user: &str| {
        let mut fields = users.lines().find_map(|line| line.strip_prefix(user)?.strip_prefix(':'))?.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    Ok(Some(id("postgres").or_else(|| id("nobody")).context("no user `postgres` or `nobody`")?))
}

/// The newest installed Postgres.
fn binary(name: &str) -> anyhow::Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").context("Postgres is not installed")?;
    let newest = versions
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .max()
        .context("Postgres is not installed")?;
    Ok(PathBuf::from(format!("/usr/lib/postgresql/{newest}/bin/{name}")))
}
