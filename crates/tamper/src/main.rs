//! The tamper drill: somebody with superuser rights on Postgres and on every file changes something at random, round after
//! round, and the operator's and the auditor's checks must find it and name it.
//!
//! The checks are the programs themselves, `audit-svc verify` and `sealcast audit verify`; what is tampered with is a real
//! archive that audit-svc wrote, and exports of it.

mod archive;
mod chance;
mod conversation;
mod damage;
mod export;
mod score;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::Parser;

use crate::{archive::Archive, chance::Chance, damage::Damage, score::Score};

/// Tamper with an archive and its exports, and count what is found.
#[derive(Parser)]
#[command(name = "sealcast-tamper")]
struct Args {
    /// Changes to be made, each to a fresh copy
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rounds: u32,
    /// Repeats the same changes
    #[arg(long)]
    seed: Option<u64>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Where audit-svc and sealcast lie
    #[arg(long, value_name = "DIR")]
    bin: PathBuf,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let args = Args::parse();
    sealcast_testkit::install_crypto_provider();
    let seed = args.seed.unwrap_or_else(chance::seed);
    let archive = Archive::make(&args.bin).await.context("making an archive")?;
    let mut chance = Chance::new(seed);
    let mut score = Score::new(seed);
    for round in 0..args.rounds {
        // Each kind in turn, so that few rounds see all of them.
        let damage = Damage::ALL[round as usize % Damage::ALL.len()];
        let outcome = damage.round(&archive, &mut chance, round).await.with_context(|| format!("round {round}: {damage:?}"))?;
        if !args.json && !outcome.named {
            println!("{}  {}", if outcome.detected { "not named" } else { "NOT FOUND" }, outcome.what);
        }
        score.add(damage, outcome);
    }
    if args.json {
        println!("{}", score.to_json())
    } else {
        println!("{score}")
    }
    Ok(if score.is_perfect() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
