//! `cargo xtask lint`: formatting, lints, types, and generated files against a fresh generation.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Result, bail};

use crate::{artefacts, install, install::Programs, manifests, prepare, repo::Repo, run, say};

/// Crates that must not be in the tree, and why.
const BANNED: [(&str, &str); 2] = [("ring", "aws-lc-rs is the only provider of rustls"), ("native-tls", "rustls is the only TLS")];

/// Runs every check; the first that fails ends it.
pub fn run(repo: &Repo) -> Result<()> {
    let programs = install::for_stack(repo)?;
    say::step("rustfmt", || run::shown(artefacts::cargo(repo).args(["fmt", "--all", "--check"])))?;
    say::step("clippy", || {
        let clippy = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"];
        run::shown(artefacts::cargo(repo).args(clippy))
    })?;
    say::step("dependencies", || dependencies(repo))?;
    say::step("manifests", || manifests::check(repo))?;
    frontend(repo, &programs)?;
    say::step("generated files", || prepare::check(repo, &programs))
}

fn dependencies(repo: &Repo) -> Result<()> {
    for (name, reason) in BANNED {
        let mut tree = artefacts::cargo(repo);
        tree.args(["tree", "--workspace", "--invert", name, "--prefix", "none"]).stderr(Stdio::null());
        // cargo fails, or has nothing to print, when no crate of ours reaches the package.
        let output = tree.output()?;
        if output.status.success() && !output.stdout.is_empty() {
            bail!("{name} is in the dependency tree: {reason} (cargo tree --invert {name})");
        }
    }
    let Some(deny) = install::find("cargo-deny") else {
        say::line("cargo-deny is not installed: licences and advisories are not checked (cargo install cargo-deny)");
        return Ok(());
    };
    let check = |arguments: &[&str]| run::shown(Command::new(&deny).args(arguments).current_dir(&repo.root));
    check(&["--offline", "check", "bans", "licenses", "sources"])?;
    // A build that fetched advisories would depend on the day and on the network.
    if advisories(&cargo_home()) {
        return check(&["--offline", "check", "advisories", "--disable-fetch"]);
    }
    say::line("there is no snapshot of the advisories: they are not checked (cargo deny fetch)");
    Ok(())
}

/// Whether `cargo deny fetch` has left a database of advisories, or somebody has put one there.
fn advisories(cargo_home: &Path) -> bool {
    let entries = cargo_home.join("advisory-dbs").read_dir();
    entries.is_ok_and(|entries| entries.flatten().any(|entry| entry.path().is_dir()))
}

fn cargo_home() -> PathBuf {
    let home = || env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home).unwrap_or_default()
}

fn frontend(repo: &Repo, programs: &Programs) -> Result<()> {
    artefacts::frontend_packages(repo, &programs.node)?;
    for script in ["format:check", "lint", "typecheck"] {
        say::step(&format!("front end: {script}"), || {
            run::shown(programs.node.npm(&repo.frontend()).args(["run", "--silent", script]))
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_of_advisories_is_a_folder_in_its_place() {
        let home = env::temp_dir().join(format!("sealcast-lint-{}", std::process::id()));
        assert!(!advisories(&home));
        std::fs::create_dir_all(home.join("advisory-dbs")).unwrap();
        assert!(!advisories(&home));
        std::fs::create_dir(home.join("advisory-dbs/github.com-0123")).unwrap();
        assert!(advisories(&home));
        std::fs::remove_dir_all(home).unwrap();
    }
}
