//! `cargo xtask fuzz`: the parsers of what strangers send, on mutations of their corpora.

use std::process::{Command, ExitCode};

use anyhow::Result;
use clap::Args;

use crate::{artefacts, repo::Repo, say, tally};

/// How long, and what.
#[derive(Clone, Debug, Args)]
pub struct FuzzArgs {
    /// For each target
    #[arg(long, default_value_t = 20)]
    pub seconds: u64,
    /// Only this target
    #[arg(long, value_name = "TARGET")]
    pub only: Option<String>,
    /// Makes the same inputs again
    #[arg(long)]
    pub seed: Option<u64>,
}

pub fn run(repo: &Repo, args: &FuzzArgs) -> Result<ExitCode> {
    let tally = check(repo, args)?;
    Ok(if tally.is_green() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds the targets with optimisation and runs them.
pub fn check(repo: &Repo, args: &FuzzArgs) -> Result<tally::Tally> {
    say::step("building the targets", || artefacts::binaries(repo, false, &["sealcast-fuzz"]))?;
    let mut fuzz = Command::new(repo.binary("sealcast-fuzz", false));
    fuzz.arg("--root").arg(&repo.root).arg("--artifacts").arg(repo.cache().join("fuzz"));
    fuzz.arg("--seconds").arg(args.seconds.to_string());
    if let Some(only) = &args.only {
        fuzz.arg("--only").arg(only);
    }
    if let Some(seed) = args.seed {
        fuzz.arg("--seed").arg(seed.to_string());
    }
    tally::summed(&mut fuzz)
}
