//! Playwright in Debian's Chromium.

use std::path::Path;

use anyhow::{Context, Result};

use crate::{
    artefacts,
    install::Programs,
    organisation::compliance_key,
    repo::Repo,
    tally::{self, Tally},
    testing::stack::TestStack,
};

const CROWD: &str = "sealcast-crowd";

/// Runs the end-to-end tests of the front end against the stack.
pub fn run(repo: &Repo, programs: &Programs, stack: &TestStack, chromium: &Path) -> Result<Tally> {
    // Who talks while a browser listens, faster than browsers could.
    artefacts::binaries(repo, false, &[CROWD])?;
    let record = stack.record().context("the stack is gone")?;
    let report = repo.cache().join("playwright.json");
    let mut npm = programs.node.npm(&repo.frontend());
    npm.args(["run", "e2e", "--", "--reporter=list,json"])
        .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report)
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &report)
        .env("CHROMIUM_BIN", chromium)
        .env("E2E_URL", &record.url)
        .env("E2E_CA", &record.ca)
        .env("E2E_SPKI", &record.spki)
        .env("E2E_INVITE", &record.invite)
        .env("E2E_COMPLIANCE_KEY", compliance_key(&stack.state))
        .env("E2E_UP", stack.state.record())
        .env("E2E_CROWD", repo.binary(CROWD, false));
    tally::reported(&mut npm, &report, tally::playwright)
}
