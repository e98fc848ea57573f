//! The command line.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::{
    bench, compose_test, conformance, cost, drill, fuzz, launch, lint, manifests, prepare, process, repo::Repo, say, sbom, testing,
    up,
};

/// Edges that one stack may have.
const EDGES_MAX: i64 = 16;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Starts, tests and checks Sealcast on this machine", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Start everything and print where it is; Ctrl-C stops it
    #[command(
        after_help = "Examples:\n  cargo xtask up\n  cargo xtask up --detach --fresh\n  cargo xtask up --edges 4 --port 9443 --no-seed"
    )]
    Up(UpArgs),
    /// Stop what `up --detach` started
    Down(StateArgs),
    /// Say what runs
    Status {
        /// Print up.json
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        state: StateArgs,
    },
    /// Fill the running stack with demo accounts and messages
    Seed {
        #[command(flatten)]
        seed: SeedArgs,
        #[command(flatten)]
        state: StateArgs,
    },
    /// Run every test there is
    Test {
        /// Only these runners
        #[arg(long, value_enum, value_delimiter = ',')]
        only: Vec<testing::Runner>,
    },
    /// Hold every answer of the API against its OpenAPI document, over thousands of requests
    Conformance(conformance::ConformanceArgs),
    /// Feed hostile octets to every parser of what strangers send
    Fuzz(fuzz::FuzzArgs),
    /// Measure it: streams, logins, sends, resumes
    #[command(after_help = "Examples:\n  cargo xtask bench edge --help\n  cargo xtask bench edge --vs nchan --vs axum --repeat 3")]
    Bench(BenchArgs),
    /// Print what a login and a stored message cost each process of the running stack
    Cost {
        #[command(flatten)]
        cost: cost::CostArgs,
        #[command(flatten)]
        state: StateArgs,
    },
    /// Break a stack on purpose and count what is lost: kills, power cuts, full disks, partitions; `drill tamper`: what goes unnoticed
    #[command(disable_help_flag = true)]
    Drill(DrillArgs),
    /// Build the images, run deploy/compose.yaml and check it: scaled, rolled, restored (needs a Docker engine)
    ComposeTest {
        /// Take the images that are there
        #[arg(long)]
        no_build: bool,
    },
    /// Check formatting, lints, types and generated files
    Lint,
    /// Check the Kubernetes manifests alone
    Manifests,
    /// Write what the programs are made of, as CycloneDX
    Sbom(sbom::SbomArgs),
    /// Write the generated files anew: .sqlx, openapi.json, the front end's API types
    Prepare,
}

/// How a stack is started.
#[derive(Clone, Debug, Args)]
pub struct UpArgs {
    /// Return when everything is ready; `cargo xtask down` stops it
    #[arg(long)]
    pub detach: bool,
    /// Begin with empty data, a new organisation and new secrets
    #[arg(long)]
    pub fresh: bool,
    /// Edge nodes
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=EDGES_MAX))]
    pub edges: u8,
    /// The ingress's port; 0 takes a free one
    #[arg(long, default_value_t = 8443)]
    pub port: u16,
    /// Leave the organisation empty
    #[arg(long)]
    pub no_seed: bool,
    /// Build and run with optimisation
    #[arg(long)]
    pub release: bool,
    /// Where NATS keeps its streams
    #[arg(long, value_name = "DIR")]
    pub nats_store: Option<PathBuf>,
    /// Where Postgres keeps its data
    #[arg(long, value_name = "DIR")]
    pub pg_data: Option<PathBuf>,
    #[command(flatten)]
    pub seed: SeedArgs,
    #[command(flatten)]
    pub state: StateArgs,
    /// Everything is installed and built already
    #[arg(long, hide = true)]
    pub built: bool,
    /// For drills: budgets that a few senders would spend are wide, and a firewall can tell the edges apart
    #[arg(long, hide = true)]
    pub for_drills: bool,
}

/// How much demo content there is.
#[derive(Clone, Debug, Default, Args)]
pub struct SeedArgs {
    /// Demo accounts
    #[arg(long, value_name = "N")]
    pub users: Option<u32>,
    /// Demo messages
    #[arg(long, value_name = "N")]
    pub messages: Option<u32>,
}

/// What is measured.
#[derive(Clone, Debug, Args)]
pub struct BenchArgs {
    /// Measure the services in this directory instead of building them
    #[arg(long, value_name = "DIR")]
    pub services: Option<PathBuf>,
    /// Stay in the machine's own network, with its firewall and congestion control
    #[arg(long)]
    pub shared_network: bool,
    /// The bench and its options; `cargo xtask bench edge --help` shows them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true, value_name = "BENCH")]
    pub bench: Vec<String>,
}

/// What is drilled.
#[derive(Clone, Debug, Args)]
pub struct DrillArgs {
    /// The drill's own options
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTIONS")]
    pub drill: Vec<String>,
}

/// Which stack is meant.
#[derive(Clone, Debug, Default, Args)]
pub struct StateArgs {
    /// Where the stack keeps its state, instead of .local
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
}

pub fn main() -> Result<ExitCode> {
    let cli = Cli::parse();
    let repo = Repo::find()?;
    say::start();
    process::watch_signals();
    match cli.task {
        Task::Up(args) => up::run(&repo, &args)?,
        Task::Down(state) => launch::down(&repo.state(&state)?)?,
        Task::Status { json, state } => return launch::status(&repo.state(&state)?, json),
        Task::Seed { seed, state } => up::seed_again(&repo, &repo.state(&state)?, &seed)?,
        Task::Test { only } => return testing::run(&repo, &only),
        Task::Conformance(args) => return conformance::run(&repo, &args),
        Task::Fuzz(args) => return fuzz::run(&repo, &args),
        Task::Bench(args) => return bench::run(&repo, &args),
        Task::Cost { cost, state } => cost::run(&repo, &repo.state(&state)?, cost)?,
        Task::ComposeTest { no_build } => return compose_test::run(&repo, no_build),
        Task::Drill(args) => return drill::run(&repo, &args),
        Task::Lint => lint::run(&repo)?,
        Task::Manifests => manifests::check(&repo)?,
        Task::Sbom(args) => sbom::write(&repo, &args)?,
        Task::Prepare => prepare::run(&repo)?,
    }
    Ok(ExitCode::SUCCESS)
}
