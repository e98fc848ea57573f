//! `cargo xtask drill`: breaks something on purpose, and counts what is lost.

mod stack;

use std::process::ExitCode;

use anyhow::Result;

use crate::{cli::DrillArgs, repo::Repo};

/// Runs what was asked for.
pub fn run(repo: &Repo, args: &DrillArgs) -> Result<ExitCode> {
    stack::run(repo, &args.drill)
}
