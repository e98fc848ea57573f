//! One account with a profile of its own, used through `sealcast --json`.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{files, process, record::Record, repo::Repo, run, supervisor::TICK};

/// `sealcast`'s exit code for "denied".
const EXIT_DENIED: i32 = 4;

#[derive(Debug)]
pub struct Person {
    name: String,
    dir: PathBuf,
    program: PathBuf,
    ca: PathBuf,
    invite: String,
}

impl Person {
    /// Somebody who has no account yet.
    pub fn new(people: &Path, repo: &Repo, record: &Record, name: &str) -> Result<Self> {
        let dir = people.join(name);
        files::remove(&dir)?;
        files::private_dir(&dir)?;
        files::write_private(&dir.join("password"), format!("{name} keeps seven grey herons"))?;
        files::write_private(&dir.join("wrong"), "something else entirely")?;
        files::write_private(&dir.join("invite"), &record.invite)?;
        Ok(Self {
            name: name.to_owned(),
            program: repo.binary("sealcast", false),
            ca: record.ca.clone(),
            invite: format!("@{}", dir.join("invite").display()),
            dir,
        })
    }

    /// Somebody of the demo organisation, logged in.
    pub fn known(people: &Path, repo: &Repo, record: &Record, name: &str, server: &str) -> Result<Self> {
        let account = record.accounts.iter().find(|account| account.username == name).with_context(|| format!("no {name}"))?;
        let person = Self::new(people, repo, record, name)?;
        files::write_private(&person.dir.join("password"), &account.password)?;
        person.log_in_as("profile", server)?;
        Ok(person)
    }

    pub fn register(&self, server: &str) -> Result<()> {
        let mut register = self.sealcast("profile", "password");
        register.args(["register", "--server", server, "--username", &self.name, "--invite", &self.invite, "--ca"]).arg(&self.ca);
        run::captured(&mut register).map(drop)
    }

    /// Logs in anew, beside the profile that registered.
    pub fn log_in(&self, server: &str) -> Result<()> {
        self.log_in_as("another", server)
    }

    /// Logs in anew after its sessions were ended.
    pub fn come_back(&self, server: &str) -> Result<()> {
        self.log_in_as("profile", server)
    }

    fn log_in_as(&self, profile: &str, server: &str) -> Result<()> {
        let mut login = self.sealcast(profile, "password");
        login.args(["login", "--server", server, "--username", &self.name, "--ca"]).arg(&self.ca);
        run::captured(&mut login).map(drop)
    }

    /// Logs in with a wrong password, which must be denied.
    pub fn is_denied(&self, server: &str) -> Result<()> {
        self.is_denied_with("wrong", server)
    }

    /// Logs in with the right password, which must be denied.
    pub fn is_locked_out(&self, server: &str) -> Result<()> {
        self.is_denied_with("password", server)
    }

    fn is_denied_with(&self, password: &str, server: &str) -> Result<()> {
        let mut login = self.sealcast("stranger", password);
        login.args(["login", "--server", server, "--username", &self.name, "--ca"]).arg(&self.ca);
        let ended = login.stdin(Stdio::null()).output()?.status;
        ensure!(ended.code() == Some(EXIT_DENIED), "the login ended with {ended}");
        Ok(())
    }

    /// Sends to the lobby; the answer names the accepted message.
    pub fn send(&self, text: &str) -> Result<Value> {
        self.says(&["send", "--room", "lobby", text])?.pop().context("send said nothing")
    }

    /// Runs a command and returns its lines.
    pub fn says(&self, args: &[&str]) -> Result<Vec<Value>> {
        let said = run::captured(self.sealcast("profile", "password").args(args))?;
        said.lines().map(|line| serde_json::from_str(line).with_context(|| format!("not JSON: {line}"))).collect()
    }

    /// Follows the lobby until it is dropped.
    pub fn tail(&self) -> Result<Tail> {
        let path = self.dir.join("tail.jsonl");
        let out = File::create(&path)?;
        let err = File::create(self.dir.join("tail.log"))?;
        let mut tail = self.sealcast("profile", "password");
        tail.args(["tail", "--room", "lobby", "--events"]).stdin(Stdio::null()).stdout(out).stderr(err);
        process::die_with_us(&mut tail, process::SIGTERM);
        Ok(Tail { client: tail.spawn().context("cannot run sealcast tail")?, path, name: self.name.clone() })
    }

    fn sealcast(&self, profile: &str, password: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--json").arg("--profile").arg(self.dir.join(profile)).arg("--password-file").arg(self.dir.join(password));
        command
    }
}

/// A client that follows the lobby.
#[derive(Debug)]
pub struct Tail {
    name: String,
    client: Child,
    path: PathBuf,
}

impl Tail {
    /// What it has printed so far, without the line that it may be printing.
    pub fn lines(&self) -> Result<Vec<Value>> {
        let text = fs::read_to_string(&self.path)?;
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| serde_json::from_str(line).with_context(|| format!("not JSON: {line}"))).collect()
    }

    /// Waits until what it has printed satisfies.
    pub fn wait_for(&self, what: &str, within: Duration, satisfied: impl Fn(&[Value]) -> bool) -> Result<()> {
        until(within, || {
            let lines = self.lines()?;
            ensure!(satisfied(&lines), "{} waits for {what}; it has {} lines", self.name, lines.len());
            Ok(())
        })
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        let _ = self.client.kill();
        let _ = self.client.wait();
    }
}

/// Tries until it succeeds; past the time, the last failure counts.
pub fn until(within: Duration, mut attempt: impl FnMut() -> Result<()>) -> Result<()> {
    let deadline = Instant::now() + within;
    loop {
        process::check_stop()?;
        match attempt() {
            Ok(()) => return Ok(()),
            Err(error) if Instant::now() > deadline => bail!("{error:#} (waited {within:?})"),
            Err(_) => thread::sleep(TICK),
        }
    }
}
