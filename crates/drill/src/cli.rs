//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Repetitions of one run.
const REPEAT_MAX: i64 = 1_000;

/// Break a stack on purpose and count what is lost, doubled or out of order
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask drill",
    after_help = "Examples:\n  cargo xtask drill --list\n  cargo xtask drill --only edge-killed --seed 7 --repeat 3\n  \
                  cargo xtask drill --size nightly --json"
)]
pub struct Args {
    /// Show the drills and what each expects
    #[arg(long)]
    pub list: bool,
    /// Only these drills
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub only: Vec<String>,
    /// Where the moments and the victims come from; the same seed gives the same choices
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How often, each time with the next seed
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=REPEAT_MAX))]
    pub repeat: u32,
    /// How much load, and how often a fault is repeated
    #[arg(long, value_enum, default_value_t = Size::Short)]
    pub size: Size,
    /// One JSON object for each drill
    #[arg(long)]
    pub json: bool,
    /// What the launcher says of the stack
    #[arg(long, hide = true, value_name = "FILE")]
    pub site: Option<PathBuf>,
    /// Say what must be there, and end
    #[arg(long, hide = true)]
    pub needs: bool,
}

/// How much of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Size {
    /// All drills marked so within three minutes
    Short,
    /// Every drill, with the load of the study
    Nightly,
}

impl Size {
    /// The value for this size.
    pub fn pick<T>(self, short: T, nightly: T) -> T {
        match self {
            Self::Short => short,
            Self::Nightly => nightly,
        }
    }
}
