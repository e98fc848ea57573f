//! A stack for tests: own state, free ports, gone with the test run.

use std::{
    ffi::OsStr,
    fs::{self, File},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    process,
    record::Record,
    repo::{Repo, State},
    run,
    supervisor::TICK,
};

/// How long the stack may take to start and seed.
const READY_WITHIN: Duration = Duration::from_secs(300);
const STOP_WITHIN: Duration = Duration::from_secs(60);

/// A running stack.
#[derive(Debug)]
pub struct TestStack {
    pub state: State,
    launcher: Child,
}

impl TestStack {
    /// Starts the stack with two edges and little demo content.
    pub fn start(repo: &Repo) -> Result<Self> {
        let seed = ["--users", "4", "--messages", "40"];
        Self::start_with(State { dir: repo.cache().join("test") }, &seed)
    }

    /// Starts a stack with two edges and further arguments of `up`.
    pub fn start_with(state: State, args: &[impl AsRef<OsStr>]) -> Result<Self> {
        fs::create_dir_all(state.log()).with_context(|| format!("cannot make {}", state.log().display()))?;
        let path = state.log().join("up.log");
        let log = File::create(&path)?;
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["up", "--built", "--fresh", "--port", "0", "--edges", "2", "--state"])
            .arg(&state.dir)
            .args(args)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        process::die_with_us(&mut command, process::SIGTERM);
        let launcher = command.spawn().context("cannot start the launcher")?;
        let mut stack = Self { state, launcher };
        let deadline = Instant::now() + READY_WITHIN;
        while stack.record().is_none() {
            process::check_stop()?;
            if stack.launcher.try_wait()?.is_some() || Instant::now() > deadline {
                bail!("the stack did not start:\n{}", run::tail(&path));
            }
            thread::sleep(TICK);
        }
        Ok(stack)
    }

    /// What runs now; absent until it is ready.
    pub fn record(&self) -> Option<Record> {
        Record::read(&self.state).filter(|record| record.pid == self.launcher.id())
    }
}

impl Drop for TestStack {
    fn drop(&mut self) {
        process::send(self.launcher.id(), process::SIGTERM);
        let deadline = Instant::now() + STOP_WITHIN;
        while matches!(self.launcher.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(TICK);
        }
        let _ = self.launcher.kill();
        let _ = self.launcher.wait();
    }
}
