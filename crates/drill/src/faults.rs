//! What is done to the stack, each undone when its guard goes.

pub mod disk;
pub mod firewall;
pub mod process;

use std::process::Command;

use anyhow::{Context, Result, bail};

/// Runs a program of the system to its end.
fn tool(program: &str, args: &[&str]) -> Result<()> {
    let output = Command::new(program).args(args).output().with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        bail!("{program} {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
