//! What a compliance officer does: make a key, export, verify, decrypt, watch.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::person::{Person, until};
use crate::{files, organisation::compliance_key, record::Record, repo::Repo, run, testing::stack::TestStack};

/// `sealcast`'s exit codes.
const EXIT_USAGE: i32 = 2;
const EXIT_UNVERIFIED: i32 = 5;

/// From the signature until the next key is in force; the stack asks for less than half of it.
const ROTATED_IN: &str = "12s";
const FOLLOWED_WITHIN: Duration = Duration::from_secs(40);

/// The two officers' profiles, and their case.
const FIRST: &str = "first";
const SECOND: &str = "second";
const CASE: &str = "2026-17";

/// The stack's auditor, with the compliance key; a second one consents.
#[derive(Debug)]
pub struct Officer {
    dir: PathBuf,
    program: PathBuf,
    key: PathBuf,
    /// The configuration that the running audit-svc has.
    service_config: PathBuf,
}

impl Officer {
    /// Logs both auditors in.
    pub fn log_in(repo: &Repo, stack: &TestStack, record: &Record, server: &str) -> Result<Self> {
        let dir = stack.state.dir.join("people/officer");
        files::remove(&dir)?;
        files::private_dir(&dir)?;
        let mut auditors = record.accounts.iter().filter(|account| account.role == "auditor");
        let service_config = stack.state.config().join("audit-svc.toml");
        let officer = Self { program: repo.binary("sealcast", false), key: compliance_key(&stack.state), service_config, dir };
        for who in [FIRST, SECOND] {
            let auditor = auditors.next().context("the stack has not two auditors")?;
            files::write_private(&officer.dir.join(format!("{who}.password")), &auditor.password)?;
            let login = ["login", "--server", server, "--username", &auditor.username, "--ca", &record.ca.display().to_string()];
            run::captured(&mut officer.as_one(who, &login))?;
        }
        Ok(officer)
    }

    /// A case for a room, with the second officer's consent to what the policy asks it for.
    pub fn opens_a_case(&self, room: &str) -> Result<()> {
        let opened = ["case", "open", CASE, "--reason", "a complaint", "--legal-basis", "GDPR 6(1)(c)", "--room", room];
        self.says(&opened)?;
        for action in ["query", "export"] {
            let asked = self.says(&["case", "ask", CASE, action, "--reason", "to find out"])?;
            let approval = asked.first().and_then(|asked| asked["approval_id"].as_str()).context("no request was made")?;
            run::captured(&mut self.as_one(SECOND, &["case", "approve", CASE, approval, "--reason", "it is needed"]))?;
        }
        Ok(())
    }

    /// Exports the room with its texts; the file verifies with the profile's pins.
    pub fn exports(&self, room: &str) -> Result<PathBuf> {
        let file = self.dir.join("export.tar");
        files::remove(&file)?;
        let (key, out) = (self.key.display().to_string(), file.display().to_string());
        let said = self.says(&["audit", "export", "--case", CASE, "--room", room, "--compliance-key", &key, "--out", &out])?;
        let exported = said.first().context("the export said nothing")?;
        let counts = &exported["manifest"]["counts"];
        ensure!(counts["messages"].as_u64() > Some(0) && counts["views"] == counts["messages"], "it exported {counts}");
        ensure!(exported["report"]["verified"] == true, "it does not verify: {}", exported["report"]);
        let verified = self.says(&["audit", "verify", &out, "--any-log-key"])?;
        ensure!(verified.first().is_some_and(|report| report["verified"] == true), "it does not verify again");
        Ok(file)
    }

    /// One changed letter in a message: the check fails, and names the line.
    pub fn finds_a_changed_line(&self, export: &Path) -> Result<()> {
        let mut octets = fs::read(export)?;
        let place = octets.windows(7).position(|window| window == b"\"env\":\"").context("the export has no envelope")? + 60;
        octets[place] = if octets[place] == b'A' { b'B' } else { b'A' };
        let changed = self.dir.join("changed.tar");
        fs::write(&changed, octets)?;
        let ended = self.sealcast(&["audit", "verify", &changed.display().to_string(), "--any-log-key"]).output()?;
        ensure!(ended.status.code() == Some(EXIT_UNVERIFIED), "it ended with {}", ended.status);
        let report: Value = serde_json::from_slice(&ended.stdout)?;
        let named = |fault: &Value| fault["part"] == "messages.ndjson" && fault["line"].as_u64() == Some(1);
        ensure!(report["faults"].as_array().is_some_and(|faults| faults.iter().any(named)), "it says {report}");
        Ok(())
    }

    /// The running log against its database, with what this profile has seen.
    pub fn verifies_live(&self) -> Result<()> {
        self.says(&["audit", "checkpoint"])?;
        let mut live = self.sealcast(&["audit", "verify", "--live"]);
        run::captured(live.env("SEALCAST_CONFIG", &self.service_config)).map(drop)
    }

    /// A key in five shares: three open it, two do not.
    pub fn splits_a_key(&self) -> Result<()> {
        let key = self.dir.join("split.key");
        let path = |name: &str| self.dir.join(name).display().to_string();
        let made = self.says(&["compliance", "init", "--out", &path("split.key"), "--shares", "5", "--threshold", "3"])?;
        let share = |number: u8| format!("{}.share-{number}", key.display());
        let (one, two, three) = (share(1), share(3), share(5));
        let with = |shares: &[&String], out: &str| {
            let mut args = vec!["compliance".to_owned(), "unlock".to_owned(), "--key".to_owned(), path("split.key")];
            shares.iter().for_each(|share| args.extend(["--share".to_owned(), (*share).clone()]));
            args.extend(["--out".to_owned(), path(out)]);
            self.sealcast(&args.iter().map(String::as_str).collect::<Vec<_>>()).output()
        };
        let few = with(&[&one, &two], "few.key")?;
        ensure!(few.status.code() == Some(EXIT_USAGE) && !self.dir.join("few.key").exists(), "two shares: {few:?}");
        let enough = with(&[&one, &two, &three], "open.key")?;
        ensure!(enough.status.success(), "three shares: {enough:?}");
        let opened: Value = serde_json::from_slice(&enough.stdout)?;
        ensure!(made.first().is_some_and(|made| made["fingerprint"] == opened["fingerprint"]), "another key came out");
        Ok(())
    }

    /// The canary opens everything; with a key that is not the organisation's, it names senders.
    pub fn keeps_a_canary(&self) -> Result<()> {
        let key = self.key.display().to_string();
        let said = self.says(&["compliance", "canary", "--case", CASE, "--compliance-key", &key, "--once", "--all"])?;
        let summary = said.last().context("the canary said nothing")?;
        ensure!(summary["opened"].as_u64() > Some(0) && summary["broken"] == 0, "it says {summary}");
        let other = self.dir.join("open.key").display().to_string();
        let ended = self.sealcast(&["compliance", "canary", "--compliance-key", &other, "--once", "--all"]).output()?;
        ensure!(ended.status.code() == Some(EXIT_UNVERIFIED), "with another key it ended with {}", ended.status);
        let broken = String::from_utf8_lossy(&ended.stdout).lines().filter(|line| line.contains("\"broken\"")).count();
        ensure!(broken > 1, "it names nobody");
        Ok(())
    }

    /// The key of today signs for another one, an admin publishes that; answers with the new fingerprint.
    pub fn names_the_next_key(&self, admin: &Person) -> Result<String> {
        let path = |name: &str| self.dir.join(name).display().to_string();
        self.says(&["compliance", "init", "--out", &path("next.key")])?;
        let rotate = |key: &str, delay: &str, out: &str| {
            let (certificate, out) = (path("next.key.cert"), path(out));
            self.says(&["compliance", "rotate", "--key", key, "--certificate", &certificate, "--in", delay, "--out", &out])
        };
        let publish = |statement: &str| admin.says(&["org", "rotate-compliance", "--statement", &path(statement)]);
        let is_refused = |statement: &str, why: &str| match publish(statement) {
            Ok(said) => bail!("{statement} was published: {said:?}"),
            Err(error) if format!("{error:#}").contains(why) => Ok(()),
            Err(error) => Err(error.context(format!("{statement} is not refused because of {why}"))),
        };
        rotate(&path("open.key"), "9s", "stranger.json")?;
        is_refused("stranger.json", "the newest compliance key is")?;
        let key = self.key.display().to_string();
        rotate(&key, "2s", "early.json")?;
        is_refused("early.json", "effective_at")?;
        let named = rotate(&key, ROTATED_IN, "rotation.json")?.pop().context("it named nothing")?;
        let published = publish("rotation.json")?;
        ensure!(published.first().is_some_and(|said| said["fingerprint"] == named["fingerprint"]), "{published:?}");
        named["fingerprint"].as_str().map(str::to_owned).context("a key without fingerprint")
    }

    /// Sends until a message is for the next key. The canary opens it with both keys, and with the old one says which it lacks.
    pub fn opens_with_both(&self, send: impl Fn() -> Result<Value>, next: &str) -> Result<Value> {
        let (old, new) = (self.key.display().to_string(), self.dir.join("next.key").display().to_string());
        let canary = |keys: &[&str]| -> Result<Value> {
            let mut args = vec!["compliance", "canary", "--case", CASE, "--once", "--all"];
            keys.iter().for_each(|key| args.extend(["--compliance-key", key]));
            let summary = self.says(&args)?.pop().context("the canary said nothing")?;
            ensure!(summary["broken"] == 0, "it says {summary}");
            Ok(summary)
        };
        let mut sent = Value::Null;
        until(FOLLOWED_WITHIN, || {
            sent = send()?;
            let lacking = canary(&[&old])?;
            ensure!(lacking["not_loaded"][next].as_u64() > Some(0), "with the old key it says {lacking}");
            Ok(())
        })?;
        let whole = canary(&[&old, &new])?;
        ensure!(whole["not_loaded"].as_object().is_some_and(serde_json::Map::is_empty), "with both keys it says {whole}");
        Ok(sent)
    }

    fn says(&self, args: &[&str]) -> Result<Vec<Value>> {
        let said = run::captured(&mut self.sealcast(args))?;
        said.lines().map(|line| serde_json::from_str(line).with_context(|| format!("not JSON: {line}"))).collect()
    }

    fn sealcast(&self, args: &[&str]) -> Command {
        self.as_one(FIRST, args)
    }

    fn as_one(&self, who: &str, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        let password = self.dir.join(format!("{who}.password"));
        command.arg("--json").arg("--profile").arg(self.dir.join(who)).arg("--password-file").arg(password).args(args);
        command
    }
}
