//! The command-line client against a running stack.

use anyhow::Result;

use crate::{install::Programs, repo::Repo, tally::Tally, testing::stack::TestStack};

pub fn run(_repo: &Repo, _programs: &Programs, _stack: &TestStack) -> Result<Tally> {
    Ok(Tally::BROKEN)
}
