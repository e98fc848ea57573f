//! `sealcast-e2e`: what the server must refuse, and what streams promise.

use std::process::Command;

use anyhow::Result;

use crate::{
    artefacts,
    repo::Repo,
    tally::{self, Tally},
    testing::stack::TestStack,
};

pub fn run(repo: &Repo, stack: &TestStack) -> Result<Tally> {
    artefacts::binaries(repo, false, &["sealcast-e2e"])?;
    tally::summed(Command::new(repo.binary("sealcast-e2e", false)).arg("--up").arg(stack.state.record()))
}
