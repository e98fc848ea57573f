//! Breaks a running stack on purpose, and compares what was sent, what was answered, what is stored and what was received.
//!
//! `cargo xtask drill` starts the stack and runs this; the last line says how many drills passed and failed.

mod attempt;
mod cli;
mod dice;
mod faults;
mod figures;
mod leaks;
mod ledger;
mod raw;
mod report;
mod scenario;
mod scenarios;
mod site;
mod traffic;
mod verify;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::cli::Args;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let args = Args::parse();
    if args.list {
        scenario::list(args.size);
        return Ok(ExitCode::SUCCESS);
    }
    let chosen = scenario::choose(&args.only)?;
    if args.needs {
        println!("{}", serde_json::json!({"stack": true}));
        return Ok(ExitCode::SUCCESS);
    }
    let all_passed = report::run_all(&args, &chosen).await?;
    Ok(if all_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
