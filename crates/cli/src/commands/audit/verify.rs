//! Checking what the log has said: an export by itself, or the running log against its database.

use std::{
    env,
    path::PathBuf,
    process::{Command, Stdio},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sealcast_bundle::{Anchors, verify};
use sealcast_client::trust::Trust;

use crate::{
    args::AuditVerify,
    failure::Failure,
    output::{Output, plain},
    workplace::Workplace,
};

const PROGRAM: &str = "audit-svc";
/// What audit-svc ends with when it found something.
const EXIT_FINDINGS: i32 = 5;

/// Checks an export without any network.
pub fn bundle(args: &AuditVerify, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let Some(file) = &args.bundle else { return Err(Failure::Usage("which export?".to_owned())) };
    let trust = pinned(workplace)?;
    let log_vkey = args.log_key.clone().or_else(|| trust.log_vkey.clone()).filter(|_| !args.any_log_key);
    if log_vkey.is_none() && !args.any_log_key {
        let text = "which log? give --log-key, or --any-log-key to believe the key in the export itself";
        return Err(Failure::Usage(text.to_owned()));
    }
    // A pinned state is of the pinned log.
    let is_pinned = log_vkey.is_some() && log_vkey == trust.log_vkey;
    let seen = trust.head().filter(|_| is_pinned);
    // So are the witnesses that this profile requires.
    let required = trust.witnesses.iter().filter(|_| is_pinned);
    let witnesses = required.chain(&args.witness).cloned().collect();
    let anchors = Anchors { log_vkey, witnesses, exporter: args.exporter, seen };
    let report = verify(file, &anchors).map_err(Failure::io(format!("reading {}", file.display())))?;
    output.line(|| plain(&report.to_string()), &report)?;
    match report.faults.first() {
        None => Ok(()),
        Some(first) => Err(Failure::NotVerified(plain(&first.to_string()))),
    }
}

/// Lets audit-svc compare the log with its database, under the keys and the state that this profile has pinned.
pub fn live(args: &AuditVerify, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let trust = pinned(workplace)?;
    let mut command = Command::new(program(args));
    command.arg("verify").stdin(Stdio::null());
    if let Some(key) = args.log_key.as_ref().or(trust.log_vkey.as_ref()) {
        command.args(["--vkey", key]);
    }
    // What is pinned is of the pinned log.
    let head = trust.head().filter(|_| args.log_key.is_none() || args.log_key == trust.log_vkey);
    let pinned = head.map(|head| format!("{}:{}", head.size, BASE64_STANDARD.encode(head.root)));
    for seen in args.seen.iter().chain(&pinned) {
        command.args(["--seen", seen]);
    }
    if args.no_content {
        command.arg("--no-content");
    }
    let ran = command.stderr(Stdio::inherit()).output().map_err(Failure::io("running audit-svc"))?;
    let text = String::from_utf8_lossy(&ran.stdout);
    for line in text.lines() {
        output.line(|| line.to_owned(), &serde_json::json!({"finding": line}))?;
    }
    match ran.status.code() {
        Some(0) => Ok(()),
        Some(EXIT_FINDINGS) => Err(Failure::NotVerified("the database is not what the log signed".to_owned())),
        _ => Err(Failure::Live),
    }
}

/// The pins of the profile; none without a profile.
fn pinned(workplace: &Workplace) -> Result<Trust, Failure> {
    if workplace.profile.exists() { Ok(workplace.profile.load()?.trust) } else { Ok(Trust::default()) }
}

/// The program beside this one, or the one that PATH knows.
fn program(args: &AuditVerify) -> PathBuf {
    if let Some(program) = &args.audit_svc {
        return program.clone();
    }
    let beside = env::current_exe().ok().map(|program| program.with_file_name(PROGRAM)).filter(|program| program.is_file());
    beside.unwrap_or_else(|| PathBuf::from(PROGRAM))
}
