//! A stack on small disks in a network of its own, and `sealcast-drill` that breaks it.
//!
//! What the options mean is known to `sealcast-drill` alone: it says with `--needs` whether it wants a stack.

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    thread,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::json;

use crate::{
    artefacts,
    disk::Disk,
    engines::postgres,
    files, install, process,
    repo::{Repo, State},
    run, say,
    supervisor::TICK,
    testing::stack::TestStack,
};

/// Large enough for every drill, small enough to be filled and copied in a moment.
const NATS_DISK_OCTETS: u64 = 192 * 1024 * 1024;
const POSTGRES_DISK_OCTETS: u64 = 768 * 1024 * 1024;

/// What `sealcast-drill` wants to find.
#[derive(Debug, Deserialize)]
struct Needs {
    stack: bool,
}

/// Builds, starts a stack, drills it, stops it.
pub fn run(repo: &Repo, options: &[String]) -> Result<ExitCode> {
    say::aside();
    let program = say::step("building the drills", || drill_program(repo))?;
    let Some(needs) = needs(&program, options)? else { return Ok(ExitCode::SUCCESS) };
    if !needs.stack {
        return drill(Command::new(&program).args(options));
    }
    install::for_stack(repo)?;
    artefacts::programs(repo, false)?;
    let state = State { dir: repo.cache().join("drill") };
    let disks = match apart(repo, &state) {
        Ok(disks) => Some(disks),
        Err(error) => {
            say::line(format_args!("no disks and no network of its own, the drills that need them are left out: {error:#}"));
            None
        }
    };
    let mut up = vec!["--no-seed".to_owned(), "--for-drills".to_owned()];
    for (flag, disk) in ["--nats-store", "--pg-data"].iter().zip(disks.iter().flatten()) {
        up.extend([(*flag).to_owned(), disk.mounted_at.display().to_string()]);
    }
    let stack = say::step("starting a stack of its own", || TestStack::start_with(state.clone(), &up))?;
    for disk in disks.iter().flatten() {
        // The launcher's own files lie there too, and nobody syncs those: a power cut comes long after an installation.
        run::captured(Command::new("sync").arg("-f").arg(&disk.mounted_at))?;
    }
    let site = site_file(repo, &stack.state, disks.as_ref())?;
    drill(Command::new(&program).args(options).arg("--site").arg(site))
}

fn drill_program(repo: &Repo) -> Result<PathBuf> {
    artefacts::binaries(repo, false, &["sealcast-drill"])?;
    Ok(repo.binary("sealcast-drill", false))
}

/// Asks the drills; `None` when they were asked for help or a list and gave it.
fn needs(program: &Path, args: &[String]) -> Result<Option<Needs>> {
    let said =
        Command::new(program).args(args).arg("--needs").stderr(Stdio::inherit()).output().context("cannot run the drills")?;
    let text = String::from_utf8(said.stdout).context("the drills said no text")?;
    if !said.status.success() {
        bail!("the drills do not know what to do");
    }
    match serde_json::from_str(&text) {
        Ok(needs) => Ok(Some(needs)),
        Err(_) => {
            print!("{text}");
            Ok(None)
        }
    }
}

/// Leaves the machine's network and mounts, and makes the two disks.
fn apart(repo: &Repo, state: &State) -> Result<[Disk; 2]> {
    if !process::is_root() {
        bail!("they need root");
    }
    install::drill(repo)?;
    // Mounts first: a stack without a network is worse than one in the machine's own.
    process::leave_mounts().context("mounts of its own")?;
    let ip = install::find("ip").context("ip is missing")?;
    process::leave_network().context("a network of its own")?;
    run::captured(Command::new(ip).args(["link", "set", "lo", "up"]))?;
    let dir = state.dir.join("disks");
    // A place that the account of Postgres can reach, apart from the state that `--fresh` wipes.
    let postgres = postgres::default_dir(&State { dir: dir.clone() })?;
    Ok([
        Disk::make(dir.join("nats.img"), dir.join("nats"), NATS_DISK_OCTETS)?,
        Disk::make(dir.join("postgres.img"), postgres, POSTGRES_DISK_OCTETS)?,
    ])
}

/// Says where the stack and its disks are.
fn site_file(repo: &Repo, state: &State, disks: Option<&[Disk; 2]>) -> Result<PathBuf> {
    let disk = |disk: &Disk| json!({"image": disk.image, "mounted_at": disk.mounted_at});
    let path = state.dir.join("site.json");
    let site = json!({
        "up": state.record(),
        "programs": repo.binary("", false),
        "config": state.config(),
        "apart": disks.map(|[nats, postgres]| json!({"nats": disk(nats), "postgres": disk(postgres)})),
    });
    files::write_private(&path, serde_json::to_string_pretty(&site)?)?;
    Ok(path)
}

/// Runs the drills to their end, or until we are asked to stop.
fn drill(command: &mut Command) -> Result<ExitCode> {
    command.stdin(Stdio::null());
    process::die_with_us(command, process::SIGTERM);
    let mut child = command.spawn().context("cannot run the drills")?;
    let mut told = false;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        if process::stop_asked() && !told {
            process::send(child.id(), process::SIGTERM);
            told = true;
        }
        thread::sleep(TICK);
    }
}
