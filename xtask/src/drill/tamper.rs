//! `cargo xtask drill tamper`: `sealcast-tamper`, which brings its own engines, beside the programs that it tests.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::{artefacts, install, process, repo::Repo, say};

/// What is tampered with, what checks it, and what tampers.
const PROGRAMS: [&str; 3] = ["audit-svc", "sealcast", "sealcast-tamper"];

/// Builds and runs it; the options are its own.
pub fn run(repo: &Repo, options: &[String]) -> Result<ExitCode> {
    let programs = install::for_stack(repo)?;
    say::step("building the drill", || artefacts::binaries(repo, false, &PROGRAMS))?;
    let program = repo.binary("sealcast-tamper", false);
    let mut drill = Command::new(&program);
    drill.args(options).arg("--bin").arg(program.parent().context("the program lies nowhere")?);
    drill.env("SEALCAST_NATS_BIN", &programs.nats);
    process::die_with_us(&mut drill, process::SIGTERM);
    let ended = drill.status().context("cannot run the drill")?;
    Ok(if ended.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
