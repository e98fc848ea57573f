//! Postgres, as the user `postgres` when we are root: it refuses to run as root.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::{
    engines::READY_WITHIN,
    files,
    pki::Pki,
    ports::Ports,
    process::{self, Owner},
    repo::{Repo, State},
    run, say, secrets,
    supervisor::{Spec, Supervisor},
};

pub const DATABASE: &str = "sealcast";
/// Schemas, each with an owner and a login.
pub const SCHEMAS: [&str; 3] = ["auth", "chat", "audit"];
const SUPERUSER: &str = "postgres";
/// A Unix socket's path has at most 107 octets, `.s.PGSQL.65535` among them.
const SOCKET_DIR_OCTETS_MAX: usize = 92;
const STOP_GRACE: Duration = Duration::from_secs(30);

/// A running server.
#[derive(Clone, Debug)]
pub struct Postgres {
    pub port: u16,
    pub data: PathBuf,
    programs: PathBuf,
    sockets: PathBuf,
}

impl Postgres {
    /// What a role connects to; the password stands apart.
    pub fn url(&self, role: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{DATABASE}", self.port)
    }

    /// Runs a file of statements in our database with a role's rights and search path.
    pub fn apply_as(&self, role: &str, file: &Path) -> Result<()> {
        let schema = role.split('_').next().unwrap_or_default();
        let mut psql = self.psql(DATABASE);
        psql.args(["-c", &format!("set role {role}; set search_path = {schema}"), "-f"]).arg(file);
        run::captured(&mut psql).map(drop).with_context(|| format!("cannot apply {}", file.display()))
    }

    /// A superuser's psql.
    pub fn psql(&self, database: &str) -> Command {
        let mut command = Command::new(self.programs.join("psql"));
        command
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", SUPERUSER, "-d", database])
            .args(["-p", &self.port.to_string(), "-h"])
            .arg(&self.sockets);
        command
    }

    fn answers(&self) -> bool {
        run::captured(self.psql("postgres").args(["-c", "select 1"])).is_ok()
    }
}

/// Makes the cluster when there is none, and starts the server.
pub fn start(
    children: &mut Supervisor,
    programs: &Path,
    (repo, state): (&Repo, &State),
    (pki, ports): (&Pki, &mut Ports),
    dir: &Path,
) -> Result<Postgres> {
    let owner = if process::is_root() { Some(process::account(SUPERUSER)?) } else { None };
    let postgres = Postgres {
        port: ports.take("postgres")?,
        data: dir.join("cluster"),
        programs: programs.to_owned(),
        sockets: dir.join("socket"),
    };
    if postgres.sockets.as_os_str().len() > SOCKET_DIR_OCTETS_MAX {
        bail!("{} is too long for a Unix socket: choose a shorter directory with --pg-data", postgres.sockets.display());
    }
    for dir in [dir, &postgres.sockets] {
        make_owned(dir, owner)?;
    }
    make_cluster(&postgres, owner, state)?;
    configure(&postgres, owner, repo, pki)?;
    let mut spec = Spec::new("postgres", &programs.join("postgres"))
        .args(["-D".to_owned(), postgres.data.display().to_string()])
        .args(["-p".to_owned(), postgres.port.to_string()])
        .args(["-k".to_owned(), postgres.sockets.display().to_string()]);
    // SIGINT is Postgres's fast shutdown; SIGTERM would wait for the clients.
    spec.stop_signal = process::SIGINT;
    spec.stop_grace = STOP_GRACE;
    spec.run_as = owner;
    children.start(spec, READY_WITHIN, || postgres.answers())?;
    Ok(postgres)
}

/// Makes the database, the schemas and the roles, and sets the passwords. Repeating it is harmless.
pub fn provision(postgres: &Postgres, repo: &Repo, state: &State) -> Result<()> {
    let exists = format!("select 1 from pg_database where datname = '{DATABASE}'");
    if run::captured(postgres.psql("postgres").args(["-c", &exists]))?.trim() != "1" {
        run::captured(postgres.psql("postgres").args(["-c", &format!("create database {DATABASE}")]))?;
    }
    let roles = repo.deploy().join("postgres/roles.sql");
    run::captured(postgres.psql(DATABASE).arg("-f").arg(roles)).context("cannot make the database roles")?;
    let mut sql = String::new();
    for role in SCHEMAS.iter().flat_map(|schema| [format!("{schema}_owner"), format!("{schema}_svc")]) {
        let password = secrets::read(&password_file(state, &role)?)?;
        sql.push_str(&format!("alter role {role} password '{password}';\n"));
    }
    // Fed through stdin: arguments can be read by every account of the machine; and not into the server's log.
    run::fed(&mut postgres.psql(DATABASE), format!("set log_statement = 'none';\n{sql}").as_bytes())?;
    Ok(())
}

/// The file of a role's password.
pub fn password_file(state: &State, role: &str) -> Result<PathBuf> {
    secrets::random_file(state, &format!("postgres-{role}"))
}

/// Where the cluster lies: below the state when the server's account can get there.
pub fn default_dir(state: &State) -> Result<PathBuf> {
    let wanted = state.data().join("postgres");
    if !process::is_root() {
        return Ok(wanted);
    }
    let owner = process::account(SUPERUSER)?;
    if state.dir.ancestors().filter(|dir| dir.is_dir()).all(|dir| may_pass(dir, owner)) && fits(&wanted) {
        return Ok(wanted);
    }
    let digest = run::fed(&mut Command::new("sha256sum"), state.dir.as_os_str().as_encoded_bytes())?;
    let fallback = Path::new("/var/lib/sealcast-dev").join(digest.get(..12).unwrap_or("default"));
    say::line(format_args!("the user postgres cannot reach {}: the cluster is in {}", wanted.display(), fallback.display()));
    Ok(fallback)
}

fn fits(dir: &Path) -> bool {
    dir.join("socket").as_os_str().len() <= SOCKET_DIR_OCTETS_MAX
}

fn may_pass(dir: &Path, owner: Owner) -> bool {
    fs::metadata(dir).is_ok_and(|dir| {
        let shift = if dir.uid() == owner.uid {
            6
        } else if dir.gid() == owner.gid {
            3
        } else {
            0
        };
        dir.mode() >> shift & 1 == 1
    })
}

fn make_cluster(postgres: &Postgres, owner: Option<Owner>, state: &State) -> Result<()> {
    let marker = postgres.data.join("PG_VERSION");
    if let Ok(found) = fs::read_to_string(&marker) {
        let said = run::captured(Command::new(postgres.programs.join("postgres")).arg("--version"))?;
        let major = found.trim();
        if !said.contains(&format!(" {major}.")) {
            bail!("{} was made by Postgres {major}, installed is {}; start with --fresh", postgres.data.display(), said.trim());
        }
        return Ok(());
    }
    // What a broken initdb left is not a cluster.
    files::remove(&postgres.data)?;
    make_owned(&postgres.data, owner)?;
    let mut initdb = Command::new(postgres.programs.join("initdb"));
    initdb.args(["-U", SUPERUSER, "-A", "peer", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "-D"]).arg(&postgres.data);
    as_owner(&mut initdb, owner).current_dir("/");
    run::logged(&mut initdb, &state.log().join("postgres.log"))?;
    let conf = postgres.data.join("postgresql.conf");
    let text = fs::read_to_string(&conf)?;
    fs::write(&conf, format!("{text}\ninclude = 'sealcast.conf'\n")).context("cannot write postgresql.conf")
}

/// Lays our settings, the access rules and the server's certificate beside the data, where its account can read them.
fn configure(postgres: &Postgres, owner: Option<Owner>, repo: &Repo, pki: &Pki) -> Result<()> {
    let deploy = repo.deploy().join("postgres");
    let pair = pki.pair("postgres");
    let us = run::captured(Command::new("id").arg("-un"))?;
    let map = format!("launcher {} {SUPERUSER}\nlauncher {SUPERUSER} {SUPERUSER}\n", us.trim());
    let laid = [
        ("sealcast.conf", fs::read(deploy.join("sealcast.conf"))?),
        ("pg_hba.conf", fs::read(deploy.join("pg_hba.conf"))?),
        ("pg_ident.conf", map.into_bytes()),
        ("server.pem", fs::read(pair.cert)?),
        ("server.key", fs::read(pair.key)?),
    ];
    for (name, octets) in laid {
        let path = postgres.data.join(name);
        files::write_private(&path, octets)?;
        own(&path, owner)?;
    }
    Ok(())
}

fn make_owned(dir: &Path, owner: Option<Owner>) -> Result<()> {
    // Parents stay passable for the server's account.
    if let Some(parent) = dir.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    files::private_dir(dir)?;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
    own(dir, owner)
}

fn own(path: &Path, owner: Option<Owner>) -> Result<()> {
    match owner {
        Some(Owner { uid, gid }) => {
            chown(path, Some(uid), Some(gid)).with_context(|| format!("cannot give away {}", path.display()))
        }
        None => Ok(()),
    }
}

fn as_owner(command: &mut Command, owner: Option<Owner>) -> &mut Command {
    use std::os::unix::process::CommandExt;
    if let Some(Owner { uid, gid }) = owner {
        command.uid(uid).gid(gid);
    }
    command
}
