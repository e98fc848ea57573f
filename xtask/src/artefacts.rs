//! What is built: the programs and the front end.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};

use crate::{files, install::Node, process, repo::Repo, run, say};

/// The programs that make a stack.
const STACK: [&str; 7] = ["auth-svc", "chat-svc", "audit-svc", "edge-svc", "sealcast", "sealcast-seed", "sealcast-witness"];
/// What a front-end build does not depend on.
const NOT_SOURCES: [&str; 8] = ["node_modules", "dist", "out", "e2e", "test-results", "playwright-report", ".vite", "coverage"];

/// Builds everything that a stack runs; what is up to date costs a look.
pub fn build(repo: &Repo, node: &Node, release: bool) -> Result<()> {
    programs(repo, release)?;
    process::check_stop()?;
    frontend(repo, node)
}

/// Builds the programs of a stack.
pub fn programs(repo: &Repo, release: bool) -> Result<()> {
    say::step("building the services", || binaries(repo, release, &STACK))
}

/// Builds some programs. They are chosen from the whole workspace: so cargo always settles on the same features of every
/// dependency, and compiles it once, whatever is built next.
pub fn binaries(repo: &Repo, release: bool, names: &[&str]) -> Result<()> {
    let mut cargo = cargo(repo);
    cargo.args(["build", "--quiet", "--workspace"]).args(names.iter().flat_map(|name| ["--bin", name]));
    if release {
        cargo.arg("--release");
    }
    run::shown(&mut cargo)
}

/// Installs the front end's packages when their list has changed.
pub fn frontend_packages(repo: &Repo, node: &Node) -> Result<()> {
    let lists = [repo.frontend().join("package.json"), repo.frontend().join("package-lock.json")];
    stamped(repo, "npm-install", &lists, &repo.frontend().join("node_modules"), || {
        say::step("installing the front end's packages", || {
            // Not `ci`: it wants the binaries of every platform in the lock, and a registry that carries one platform has none.
            // What the lock names is installed as it says, and the lock is not written.
            run::logged(node.npm(&repo.frontend()).args(["install", "--no-save", "--no-audit"]), &repo.cache().join("npm.log"))
        })
    })
}

/// Builds the front end when its sources have changed.
pub fn frontend(repo: &Repo, node: &Node) -> Result<()> {
    frontend_packages(repo, node)?;
    stamped(repo, "npm-build", &[repo.frontend()], &dist(repo), || {
        say::step("building the front end", || {
            run::logged(node.npm(&repo.frontend()).args(["run", "build"]), &repo.cache().join("npm.log"))
        })
    })
}

/// The built front end.
pub fn dist(repo: &Repo) -> PathBuf {
    repo.frontend().join("dist")
}

/// The cargo that runs us.
pub fn cargo(repo: &Repo) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(&repo.root);
    cargo
}

/// Does the work unless the result is there and its sources are what they were.
fn stamped(
    repo: &Repo,
    name: &str,
    sources: &[PathBuf],
    result: &std::path::Path,
    work: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let stamp = repo.cache().join("stamps").join(name);
    let digest = files::digest(sources, &NOT_SOURCES)?;
    if result.exists() && fs::read_to_string(&stamp).is_ok_and(|kept| kept == digest) {
        return Ok(());
    }
    fs::create_dir_all(repo.cache().join("stamps")).context("cannot make .local/stamps")?;
    files::remove(&stamp)?;
    work()?;
    // The work may have touched its sources: the stamp says what they are now.
    fs::write(&stamp, files::digest(sources, &NOT_SOURCES)?).with_context(|| format!("cannot write {}", stamp.display()))
}
