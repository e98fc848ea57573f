//! `cargo xtask drill` in its short size.

use std::process::Command;

use anyhow::{Context, Result};

use crate::{
    process,
    tally::{self, Tally},
};

pub fn run() -> Result<Tally> {
    // A process of its own: a drill leaves the machine's network, and the other runners need it.
    let mut drill = Command::new(std::env::current_exe().context("cannot find this program")?);
    drill.args(["drill", "--size", "short"]);
    process::die_with_us(&mut drill, process::SIGTERM);
    tally::summed(&mut drill)
}
