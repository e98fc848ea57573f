//! `cargo xtask test`: every test there is, each runner with engines of its own.

mod browser;
mod command_line;
mod drills;
mod metrics;
mod outside;
pub mod stack;

use std::{path::Path, process::ExitCode, time::Instant};

use anyhow::Result;
use clap::ValueEnum;

pub use command_line::person::Person;

use crate::{
    artefacts,
    fuzz::{self, FuzzArgs},
    install::{self, Programs},
    process,
    repo::Repo,
    say,
    tally::{self, Tally},
    testing::stack::TestStack,
};

/// For each target, as many at a time as there are cores; longer runs are `cargo xtask fuzz --seconds N`.
const FUZZ_S: u64 = 20;

/// What runs tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Runner {
    /// cargo test
    Rust,
    /// Hostile octets for every parser of what strangers send, some seconds each
    Fuzz,
    /// Vitest
    Unit,
    /// The command-line client against a running stack
    Cli,
    /// Dashboards and alerts, asked of a Prometheus that watches a running stack
    Metrics,
    /// Hand-made requests against a running stack
    Outside,
    /// The short drills, with a stack that they break
    Drills,
    /// Playwright against a running stack
    Browser,
}

/// Runs the chosen runners, or all; the last line says how many tests passed and failed.
pub fn run(repo: &Repo, only: &[Runner]) -> Result<ExitCode> {
    let wanted = |runner| only.is_empty() || only.contains(&runner);
    let programs = install::for_stack(repo)?;
    let mut total = Tally::default();
    if wanted(Runner::Rust) {
        total.add(timed("Rust", || rust(repo, &programs)));
    }
    if wanted(Runner::Fuzz) {
        process::check_stop()?;
        total.add(timed("fuzzing", || fuzz::check(repo, &FuzzArgs { seconds: FUZZ_S, only: None, seed: None })));
    }
    if wanted(Runner::Unit) {
        process::check_stop()?;
        total.add(timed("Vitest", || unit(repo, &programs)));
    }
    let against: Vec<_> =
        [Runner::Browser, Runner::Cli, Runner::Metrics, Runner::Outside].into_iter().filter(|&runner| wanted(runner)).collect();
    if !against.is_empty() {
        process::check_stop()?;
        total.add(against_stack(repo, &programs, &against).unwrap_or_else(|error| {
            say::line(format_args!("no stack to test against: {error:#}"));
            Tally::BROKEN
        }));
    }
    if wanted(Runner::Drills) {
        process::check_stop()?;
        total.add(timed("drills", drills::run));
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(if total.is_green() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs one runner; an error counts as a failed test and is shown.
fn timed(name: &str, work: impl FnOnce() -> Result<Tally>) -> Tally {
    say::line(format_args!("testing: {name} ..."));
    let begun = Instant::now();
    let tally = work().unwrap_or_else(|error| {
        say::line(format_args!("{name}: {error:#}"));
        Tally::BROKEN
    });
    tally::report(name, tally, begun.elapsed());
    tally
}

fn rust(repo: &Repo, programs: &Programs) -> Result<Tally> {
    let mut cargo = artefacts::cargo(repo);
    cargo.args(["test", "--workspace", "--no-fail-fast", "--quiet"]).env("SEALCAST_NATS_BIN", &programs.nats);
    tally::cargo(&mut cargo)
}

fn unit(repo: &Repo, programs: &Programs) -> Result<Tally> {
    artefacts::frontend_packages(repo, &programs.node)?;
    let report = repo.cache().join("vitest.json");
    let mut npm = programs.node.npm(&repo.frontend());
    npm.args(["test", "--", "--reporter=default", "--reporter=json"]).arg(json_flag(&report));
    tally::reported(&mut npm, &report, tally::vitest)
}

fn json_flag(report: &Path) -> String {
    format!("--outputFile.json={}", report.display())
}

/// Starts a stack and runs the chosen runners against it.
fn against_stack(repo: &Repo, programs: &Programs, runners: &[Runner]) -> Result<Tally> {
    let chromium = if runners.contains(&Runner::Browser) { Some(install::browser(repo)?) } else { None };
    let watchers = if runners.contains(&Runner::Metrics) { Some(install::watchers(repo)?) } else { None };
    artefacts::build(repo, &programs.node, false)?;
    let stack = say::step("starting a stack of its own", || TestStack::start(repo))?;
    let mut total = Tally::default();
    if let Some(chromium) = &chromium {
        total.add(timed("Playwright", || browser::run(repo, programs, &stack, chromium)));
    }
    if runners.contains(&Runner::Cli) {
        total.add(timed("command line", || command_line::run(repo, &stack)));
    }
    if let Some(watchers) = &watchers {
        total.add(timed("metrics", || metrics::run(repo, &stack, watchers)));
    }
    if runners.contains(&Runner::Outside) {
        total.add(timed("from the outside", || outside::run(repo, &stack)));
    }
    Ok(total)
}
