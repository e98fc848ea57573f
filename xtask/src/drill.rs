//! `cargo xtask drill`: breaks something on purpose, and counts what is lost or goes unnoticed.

mod stack;
mod tamper;

use std::process::ExitCode;

use anyhow::Result;

use crate::{cli::DrillArgs, repo::Repo};

/// The drill of the archive and its exports; it brings engines of its own.
const TAMPER: &str = "tamper";

/// Runs what was asked for.
pub fn run(repo: &Repo, args: &DrillArgs) -> Result<ExitCode> {
    match args.drill.split_first() {
        Some((name, options)) if name == TAMPER => tamper::run(repo, options),
        _ => stack::run(repo, &args.drill),
    }
}
