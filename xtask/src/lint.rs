//! `cargo xtask lint`: formatting, lints, types, and generated files against a fresh generation.

use std::process::{Command, Stdio};

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
    match install::find("cargo-deny") {
        Some(deny) => run::shown(Command::new(deny).args(["check"]).current_dir(&repo.root)),
        None => {
            say::line("cargo-deny is not installed: licences and advisories are not checked (cargo install cargo-deny)");
            Ok(())
        }
    }
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
