//! The command line.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

use crate::{
    edge::{self, EdgeArgs},
    generator, os,
    plan::Plan,
    report,
};

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask bench",
    about = "Measures Sealcast on this machine, on loopback addresses only",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    bench: Bench,
    /// What runs; `cargo xtask bench` writes it
    #[arg(long, global = true, hide = true)]
    plan: Option<PathBuf>,
    /// Say what must be started, and do nothing
    #[arg(long, global = true, hide = true)]
    needs: bool,
    /// Print the results as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Bench {
    #[command(
        after_help = "Examples:\n  cargo xtask bench edge --streams 10000 --rate 1,5 --vs nchan --vs axum --repeat 3\n  cargo xtask bench edge --streams 100000 --rate 0.5"
    )]
    Edge(EdgeArgs),
    /// A generator's process
    #[command(hide = true)]
    Generate,
}

/// Runs what the command line says.
///
/// # Errors
/// Shown in one line by the caller.
pub fn main() -> Result<ExitCode> {
    let cli = Cli::parse();
    if let Bench::Generate = cli.bench {
        generator::run()?;
        return Ok(ExitCode::SUCCESS);
    }
    if cli.needs {
        let needs = match &cli.bench {
            Bench::Edge(args) => args.needs(),
            Bench::Generate => return Ok(ExitCode::FAILURE),
        };
        println!("{}", serde_json::to_string(&needs)?);
        return Ok(ExitCode::SUCCESS);
    }
    os::watch_signals();
    os::raise_file_limit().context("raising the limit of open files")?;
    // An error means that it is installed already.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let path = cli.plan.context("start it with cargo xtask bench")?;
    let plan: Plan = serde_json::from_slice(&fs::read(&path).with_context(|| format!("reading {}", path.display()))?)?;
    fs::create_dir_all(&plan.dir)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.bench {
            Bench::Edge(args) => {
                let phases = edge::run(&plan, &args).await?;
                if cli.json {
                    println!("{}", serde_json::to_string_pretty(&report::json(&plan, &args, &phases)?)?);
                } else {
                    print!("{}", report::table(&plan, &args, &phases)?);
                }
            }
            Bench::Generate => {}
        }
        Ok(ExitCode::SUCCESS)
    })
}
