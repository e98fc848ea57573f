//! The children of one launcher: started in order, restarted when they die, stopped in the opposite order.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{self, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use std::os::unix::process::CommandExt;

use crate::{
    probe,
    process::{self as unix, Owner},
    run, say,
};

/// How often children are looked at.
pub const TICK: Duration = Duration::from_millis(50);
const RESTART_DELAY_MIN: Duration = Duration::from_millis(200);
const RESTART_DELAY_MAX: Duration = Duration::from_secs(10);
/// A child that lived longer than this starts again at once.
const STEADY_AFTER: Duration = Duration::from_secs(30);
/// Between two questions whether a child lives.
const LIVENESS_INTERVAL: Duration = Duration::from_secs(1);
/// A log that is longer is put aside at the next start, octets.
const LOG_OCTETS_MAX: u64 = 32 * 1024 * 1024;

/// A question that a child must answer as long as it lives: one that does not is killed, and starts again.
#[derive(Clone, Copy, Debug)]
pub struct Liveness {
    pub port: u16,
    pub path: &'static str,
    /// How long it may fail to answer, and how long after its start.
    pub patience: Duration,
    pub start_patience: Duration,
}

/// How to start and stop one child.
#[derive(Clone, Debug)]
pub struct Spec {
    pub name: String,
    pub program: PathBuf,
    pub args: Vec<String>,
    pub env: Vec<(String, String)>,
    pub run_as: Option<Owner>,
    pub stop_signal: i32,
    pub stop_grace: Duration,
    pub liveness: Option<Liveness>,
}

impl Spec {
    pub fn new(name: &str, program: &Path) -> Self {
        Self {
            name: name.to_owned(),
            program: program.to_owned(),
            args: Vec::new(),
            env: Vec::new(),
            run_as: None,
            stop_signal: unix::SIGTERM,
            stop_grace: Duration::from_secs(10),
            liveness: None,
        }
    }

    pub fn args<A: Into<String>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.env.push((name.to_owned(), value.into()));
        self
    }
}

#[derive(Debug)]
struct Child {
    spec: Spec,
    process: Option<process::Child>,
    started: Instant,
    delay: Duration,
    /// When a dead child starts again.
    due: Instant,
    /// When it answered last, and when it was asked last.
    answered: Option<Instant>,
    asked: Instant,
}

/// All children, in the order of their start.
#[derive(Debug)]
pub struct Supervisor {
    log_dir: PathBuf,
    children: Vec<Child>,
}

impl Supervisor {
    pub fn new(log_dir: PathBuf) -> Self {
        Self { log_dir, children: Vec::new() }
    }

    /// Starts a child and waits until `ready` says so.
    pub fn start(&mut self, spec: Spec, within: Duration, ready: impl Fn() -> bool) -> Result<()> {
        let name = spec.name.clone();
        self.launch(spec)?;
        self.wait_ready(&name, within, ready)
    }

    /// Starts a child without waiting.
    pub fn launch(&mut self, spec: Spec) -> Result<()> {
        let process = Some(self.spawn(&spec)?);
        let now = Instant::now();
        let delay = RESTART_DELAY_MIN;
        self.children.push(Child { spec, process, started: now, delay, due: now, answered: None, asked: now });
        Ok(())
    }

    /// Waits for a child; its early end is an error that shows the end of its log.
    pub fn wait_ready(&mut self, name: &str, within: Duration, ready: impl Fn() -> bool) -> Result<()> {
        let deadline = Instant::now() + within;
        while !ready() {
            unix::check_stop()?;
            if let Some(status) = self.ended(name)? {
                bail!("{name} ended with {status}:\n{}", run::tail(&self.log_of(name)));
            }
            if Instant::now() > deadline {
                bail!("{name} was not ready within {}:\n{}", say::seconds(within), run::tail(&self.log_of(name)));
            }
            thread::sleep(TICK);
        }
        Ok(())
    }

    pub fn pid(&self, name: &str) -> Option<u32> {
        self.children.iter().find(|child| child.spec.name == name)?.process.as_ref().map(process::Child::id)
    }

    /// Looks after the children once; whether a pid has changed.
    pub fn tend(&mut self) -> Result<bool> {
        let mut changed = false;
        for at in 0..self.children.len() {
            changed |= self.tend_one(at)?;
        }
        Ok(changed)
    }

    /// Stops all, last started first; each gets its grace.
    pub fn stop(&mut self) {
        while let Some(mut child) = self.children.pop() {
            let Some(mut process) = child.process.take() else { continue };
            unix::send(process.id(), child.spec.stop_signal);
            let deadline = Instant::now() + child.spec.stop_grace;
            while matches!(process.try_wait(), Ok(None)) {
                if Instant::now() > deadline {
                    say::line(format_args!("{} did not stop in {}: killed", child.spec.name, say::seconds(child.spec.stop_grace)));
                    let _ = process.kill();
                    let _ = process.wait();
                    break;
                }
                thread::sleep(TICK);
            }
        }
    }

    fn tend_one(&mut self, at: usize) -> Result<bool> {
        let child = &mut self.children[at];
        if let Some(process) = &mut child.process {
            let Some(status) = process.try_wait()? else {
                child.require_life();
                return Ok(false);
            };
            if child.started.elapsed() > STEADY_AFTER {
                child.delay = RESTART_DELAY_MIN;
            }
            say::line(format_args!("{} ended with {status}; it starts again in {}", child.spec.name, say::seconds(child.delay)));
            child.process = None;
            child.due = Instant::now() + child.delay;
            child.delay = (child.delay * 2).min(RESTART_DELAY_MAX);
            return Ok(true);
        }
        if Instant::now() < child.due {
            return Ok(false);
        }
        let spec = child.spec.clone();
        let process = self.spawn(&spec)?;
        say::line(format_args!("{} started again, process {}", spec.name, process.id()));
        let child = &mut self.children[at];
        child.process = Some(process);
        child.started = Instant::now();
        child.answered = None;
        Ok(true)
    }

    fn spawn(&self, spec: &Spec) -> Result<process::Child> {
        let log = self.log_of(&spec.name);
        if fs::metadata(&log).is_ok_and(|log| log.len() > LOG_OCTETS_MAX) {
            fs::rename(&log, log.with_extension("log.old"))?;
        }
        let out =
            File::options().create(true).append(true).open(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut command = Command::new(&spec.program);
        command
            .args(&spec.args)
            .envs(spec.env.iter().map(|(name, value)| (name, value)))
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out);
        if let Some(Owner { uid, gid }) = spec.run_as {
            command.uid(uid).gid(gid);
        }
        unix::die_with_us(&mut command, spec.stop_signal);
        command.spawn().with_context(|| format!("cannot start {}", spec.program.display()))
    }

    fn ended(&mut self, name: &str) -> Result<Option<ExitStatus>> {
        let process = self.children.iter_mut().find(|child| child.spec.name == name).and_then(|child| child.process.as_mut());
        Ok(process.with_context(|| format!("{name} is not running"))?.try_wait()?)
    }

    fn log_of(&self, name: &str) -> PathBuf {
        self.log_dir.join(format!("{name}.log"))
    }
}

impl Child {
    /// Asks a child whether it lives, when it is time; kills one that has not answered for too long.
    fn require_life(&mut self) {
        let Some(Liveness { port, path, patience, start_patience }) = self.spec.liveness else { return };
        if self.asked.elapsed() < LIVENESS_INTERVAL {
            return;
        }
        self.asked = Instant::now();
        if probe::http_ok(port, path) {
            self.answered = Some(self.asked);
            return;
        }
        let silent = match self.answered {
            Some(answered) => answered.elapsed() > patience,
            None => self.started.elapsed() > start_patience,
        };
        if let (true, Some(process)) = (silent, &mut self.process) {
            say::line(format_args!("{} is not well: it is killed", self.spec.name));
            let _ = process.kill();
            self.answered = None;
        }
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.stop();
    }
}
