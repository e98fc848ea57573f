//! The command line.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

use crate::{
    audit::{self, AuditArgs},
    edge::{self, EdgeArgs},
    figures, generator,
    http2::{self, Http2Args},
    login::{self, LoginArgs},
    os,
    plan::Plan,
    plot::{self, PlotArgs},
    report,
    resume::{self, ResumeArgs},
    send::{self, SendArgs},
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
    /// Another setting of the edges than their default, as streams.io_uring=false
    #[arg(long, global = true, value_name = "SECTION.KEY=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
}

#[derive(Debug, Subcommand)]
enum Bench {
    #[command(
        after_help = "Examples:\n  cargo xtask bench edge --streams 10000 --rate 1,5 --vs nchan --vs axum --repeat 3\n  cargo xtask bench edge --streams 100000 --rate 0.5"
    )]
    Edge(EdgeArgs),
    #[command(after_help = "Example:\n  cargo xtask bench resume --streams 10000 --survivors 2")]
    Resume(ResumeArgs),
    #[command(after_help = "Example:\n  cargo xtask bench http2 --streams 1000")]
    Http2(Http2Args),
    #[command(after_help = "Example:\n  cargo xtask bench login --logins 200 --concurrency 4")]
    Login(LoginArgs),
    #[command(after_help = "Example:\n  cargo xtask bench send --rate 50,200,800")]
    Send(SendArgs),
    #[command(after_help = "Example:\n  cargo xtask bench audit --leaves 10000000")]
    Audit(AuditArgs),
    #[command(after_help = "Example:\n  cargo xtask bench edge --json > edge.json && cargo xtask bench plot edge.json --out plots")]
    Plot(PlotArgs),
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
            Bench::Edge(args) => Some(args.needs()),
            Bench::Resume(args) => Some(args.needs()),
            Bench::Http2(args) => Some(args.needs()),
            Bench::Login(args) => Some(args.needs()),
            Bench::Send(args) => Some(args.needs()),
            Bench::Audit(args) => Some(args.needs()),
            Bench::Plot(_) | Bench::Generate => None,
        };
        println!("{}", serde_json::to_string(&needs)?);
        return Ok(ExitCode::SUCCESS);
    }
    if let Bench::Plot(args) = cli.bench {
        plot::draw(&args)?;
        return Ok(ExitCode::SUCCESS);
    }
    os::watch_signals();
    os::raise_file_limit().context("raising the limit of open files")?;
    // An error means that it is installed already.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let path = cli.plan.context("start it with cargo xtask bench")?;
    let mut plan: Plan = serde_json::from_slice(&fs::read(&path).with_context(|| format!("reading {}", path.display()))?)?;
    plan.settings = cli.set;
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
            Bench::Resume(args) => print!("{}", figures::show(&plan, &resume::run(&plan, &args).await?, cli.json)?),
            Bench::Http2(args) => print!("{}", figures::show(&plan, &http2::run(&plan, &args).await?, cli.json)?),
            Bench::Login(args) => print!("{}", figures::show(&plan, &login::run(&plan, &args).await?, cli.json)?),
            Bench::Send(args) => print!("{}", figures::show(&plan, &send::run(&plan, &args).await?, cli.json)?),
            Bench::Audit(args) => print!("{}", figures::show(&plan, &audit::run(&plan, &args).await?, cli.json)?),
            Bench::Plot(_) | Bench::Generate => {}
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// `section.key=value` as the variable that edge-svc reads, and its value.
fn setting(text: &str) -> Result<(String, String)> {
    let (key, value) = text.split_once('=').context("write it as section.key=value")?;
    let (section, key) = key.split_once('.').context("write it as section.key=value")?;
    Ok((format!("SEALCAST_{}__{}", section.to_uppercase(), key.to_uppercase()), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_become_variables() {
        let variable = setting("streams.io_uring=false").unwrap();
        assert_eq!(variable, ("SEALCAST_STREAMS__IO_URING".to_owned(), "false".to_owned()));
        assert!(setting("streams=false").is_err());
    }
}
