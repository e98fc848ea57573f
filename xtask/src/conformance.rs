//! `cargo xtask conformance`: hostile and honest requests made from the OpenAPI document, and every answer held against it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};
use clap::Args;
use serde_json::Value;

use crate::{
    artefacts, files,
    install::{self, wheel},
    record::Record,
    repo::{Repo, State},
    run, say,
    tally::Tally,
    testing::stack::TestStack,
};

const REQUIREMENTS: &str = include_str!("conformance/requirements.txt");
/// What an answer must keep: no 5xx, a documented status, a documented type, the documented schema.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
/// The live stream never ends; the others end the session that the run is made with.
const NEVER_ENDING: &str = "stream_events";
const SESSION_ENDING: [&str; 6] =
    ["log_out", "refresh", "revoke_session", "revoke_sessions", "revoke_account_session", "revoke_account_sessions"];
/// A run makes more requests in a minute than an account may.
const STACK: [&str; 5] = ["--for-drills", "--users", "4", "--messages", "40"];

/// How much is tried.
#[derive(Clone, Debug, Args)]
pub struct ConformanceArgs {
    /// Requests made up for each operation, beside those that the schemas' corners give
    #[arg(long, default_value_t = 130, value_name = "N")]
    pub cases: u32,
    /// Makes the same requests again
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Only this operation
    #[arg(long, value_name = "ID")]
    pub only: Option<String>,
}

/// One run of schemathesis.
struct Pass {
    what: &'static str,
    session: Login,
    /// Which operations.
    choice: Vec<String>,
    /// Whether its session must be open when it is over: without one every answer is 401, and nothing was tried.
    stays: bool,
}

/// A session that `sealcast` has opened.
struct Login {
    profile: PathBuf,
    token: String,
}

/// Starts a stack and tries every operation as an admin, the archive's as an auditor too.
pub fn run(repo: &Repo, args: &ConformanceArgs) -> Result<ExitCode> {
    let programs = install::for_stack(repo)?;
    let schemathesis = say::step("schemathesis", || schemathesis(repo))?;
    artefacts::build(repo, &programs.node, false)?;
    let state = State { dir: repo.cache().join("conformance") };
    let stack = say::step("starting a stack of its own", || TestStack::start_with(state, &STACK))?;
    let record = stack.record().context("the stack is gone")?;
    let mut tally = Tally::default();
    for pass in passes(repo, &stack, &record, args)? {
        tally.check(pass.what, || {
            run::shown(&mut command(&schemathesis, &record, args, &pass))?;
            if pass.stays { still_open(repo, &pass.session) } else { Ok(()) }
        });
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(if tally.is_green() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn passes(repo: &Repo, stack: &TestStack, record: &Record, args: &ConformanceArgs) -> Result<Vec<Pass>> {
    let login = |role: &str| login(repo, stack, record, role);
    let one = |name: &str, id: &str| [format!("--{name}-operation-id"), id.to_owned()];
    if let Some(id) = &args.only {
        let choice = one("include", id).to_vec();
        return Ok(vec![Pass { what: "one operation", session: login("admin")?, choice, stays: false }]);
    }
    let others = SESSION_ENDING.iter().chain([&NEVER_ENDING]).flat_map(|id| one("exclude", id)).collect();
    let ending = SESSION_ENDING.iter().flat_map(|id| one("include", id)).collect();
    let archive = vec!["--include-tag".to_owned(), "audit".to_owned()];
    let pass = |what, role, choice, stays| anyhow::Ok(Pass { what, session: login(role)?, choice, stays });
    // An admin's requests lock accounts and change roles: it comes last.
    Ok(vec![
        pass("the archive, as an auditor", "auditor", archive, true)?,
        pass("what ends a session", "member", ending, false)?,
        pass("every operation that leaves the session, as an admin", "admin", others, true)?,
    ])
}

fn command(program: &Path, record: &Record, args: &ConformanceArgs, pass: &Pass) -> Command {
    let mut command = Command::new(program);
    // It leaves notes where it runs.
    command.current_dir(program.parent().unwrap_or(program));
    command.args(["run", "--no-color", "--mode", "all", "--phases", "examples,coverage,fuzzing", "--checks", CHECKS]);
    command.args(["--generation-database", "none", "--suppress-health-check", "all", "--continue-on-failure", "--warnings", "off"]);
    command.arg("--max-examples").arg(args.cases.to_string()).arg("--seed").arg(args.seed.to_string());
    command.arg("--tls-verify").arg(&record.ca).arg("--header").arg(format!("Authorization: Bearer {}", pass.session.token));
    command.args(&pass.choice).arg(format!("{}/api/openapi.json", record.url.trim_end_matches('/')));
    command
}

/// Whether the requests of a pass were somebody's until its end.
fn still_open(repo: &Repo, session: &Login) -> Result<()> {
    let mut asking = Command::new(repo.binary("sealcast", false));
    asking.arg("--json").arg("--profile").arg(&session.profile).args(["sessions", "list"]);
    run::captured(&mut asking).map(drop).context("the session has ended meanwhile: nothing was tried after that")
}

/// A session that `sealcast` opens for the first demo account of a role.
fn login(repo: &Repo, stack: &TestStack, record: &Record, role: &str) -> Result<Login> {
    let account = record.accounts.iter().find(|account| account.role == role).with_context(|| format!("no demo {role}"))?;
    let dir = stack.state.dir.join("conformance").join(role);
    files::remove(&dir)?;
    files::private_dir(&dir)?;
    let (profile, password) = (dir.join("profile"), dir.join("password"));
    files::write_private(&password, &account.password)?;
    let mut entering = Command::new(repo.binary("sealcast", false));
    entering.arg("--json").arg("--profile").arg(&profile).arg("--password-file").arg(&password);
    entering.args(["login", "--server", &record.url, "--username", &account.username, "--ca"]).arg(&record.ca);
    run::captured(&mut entering)?;
    let stored: Value = serde_json::from_slice(&fs::read(profile.join("profile.json")).context("reading the profile")?)?;
    let token = stored["token"].as_str().context("the profile has no token")?.to_owned();
    Ok(Login { profile, token })
}

/// Installs the pinned packages into an environment of their own, unless they are there.
fn schemathesis(repo: &Repo) -> Result<PathBuf> {
    let home = repo.cache().join("schemathesis");
    let (program, stamp) = (home.join("bin/st"), home.join("requirements.txt"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == REQUIREMENTS) {
        return Ok(program);
    }
    files::remove(&home)?;
    let log = repo.cache().join("install.log");
    run::logged(Command::new(wheel::python(repo)?).args(["-m", "venv"]).arg(&home), &log)?;
    let wanted = home.join("wanted.txt");
    fs::write(&wanted, REQUIREMENTS)?;
    let mut pip = Command::new(home.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", "-r"]).arg(&wanted);
    run::logged(&mut pip, &log).context("cannot install schemathesis")?;
    fs::rename(&wanted, &stamp)?;
    Ok(program)
}
