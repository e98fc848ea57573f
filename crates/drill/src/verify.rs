//! The operator's check of the audit log, as an operator runs it.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::site::Site;

/// What `audit-svc verify` exits with when it found something.
const EXIT_FINDINGS: i32 = 5;

/// Recomputes the log; how many findings there are.
pub fn log(site: &Site) -> Result<usize> {
    let mut verify = Command::new(site.programs.join("audit-svc"));
    verify.arg("verify").env("SEALCAST_CONFIG", site.config.join("audit-svc.toml"));
    let output = verify.output().context("running audit-svc verify")?;
    match output.status.code() {
        Some(0) => Ok(0),
        Some(EXIT_FINDINGS) => Ok(String::from_utf8_lossy(&output.stdout).lines().count().max(1)),
        _ => bail!("audit-svc verify: {}", String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default()),
    }
}
