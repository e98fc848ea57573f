//! One launcher per state directory: claiming it, leaving it to the background, finding and stopping it.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    process::{Child, Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    files,
    process::{self, SIGKILL, SIGTERM},
    record::Record,
    repo::State,
    say,
    supervisor::TICK,
};

/// How long a launcher may take to stop its children.
const STOP_WITHIN: Duration = Duration::from_secs(90);

/// Held as long as this launcher lives; the kernel lets go of it with the process.
#[derive(Debug)]
pub struct Claim {
    _lock: File,
}

/// Makes this process the launcher of the state directory.
pub fn claim(state: &State) -> Result<Claim> {
    let lock = open_lock(state)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => bail!("a stack is already starting, running or stopping in {}", state.dir.display()),
        Err(TryLockError::Error(error)) => return Err(error).context("cannot lock the state directory"),
    }
    files::remove(&state.record())?;
    files::write_private(&state.launcher_pid(), std::process::id().to_string())?;
    Ok(Claim { _lock: lock })
}

/// Whether a launcher lives.
pub fn is_running(state: &State) -> Result<bool> {
    Ok(state.dir.is_dir() && matches!(open_lock(state)?.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Starts the launcher again in a session of its own, shows what it says, and returns when it is ready or has failed.
pub fn detach(state: &State, args: &[String]) -> Result<()> {
    fs::create_dir_all(state.log()).with_context(|| format!("cannot make {}", state.log().display()))?;
    let path = state.log().join("up.log");
    let log = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut command = Command::new(std::env::current_exe().context("cannot find this program")?);
    command.args(args).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    process::leave_session(&mut command);
    let mut launcher = command.spawn().context("cannot start the launcher")?;
    let mut said = File::open(&path)?;
    loop {
        let ready = Record::read(state).is_some_and(|record| record.pid == launcher.id());
        let ended = launcher.try_wait()?.is_some();
        relay(&mut said)?;
        if ready {
            return Ok(());
        }
        if ended {
            bail!("nothing was started (log: {})", path.display());
        }
        if process::stop_asked() {
            return give_up(&mut launcher);
        }
        thread::sleep(TICK);
    }
}

/// Stops the launcher and with it everything that it started.
pub fn down(state: &State) -> Result<()> {
    if !is_running(state)? {
        say::line("nothing is running");
        return Ok(());
    }
    let pid = fs::read_to_string(state.launcher_pid()).ok().and_then(|text| text.trim().parse().ok());
    let pid: u32 = pid.with_context(|| format!("{} names no process", state.launcher_pid().display()))?;
    say::line("stopping");
    process::send(pid, SIGTERM);
    let deadline = Instant::now() + STOP_WITHIN;
    while is_running(state)? {
        if Instant::now() > deadline {
            say::line("the launcher does not stop: killed, and its children with it");
            process::send(pid, SIGKILL);
            break;
        }
        thread::sleep(TICK);
    }
    files::remove(&state.record())?;
    say::line("stopped; the data is kept");
    Ok(())
}

/// Says what runs; exit code 1 when nothing does.
pub fn status(state: &State, json: bool) -> Result<ExitCode> {
    match Record::read(state).filter(|_| is_running(state).unwrap_or(false)) {
        Some(record) if json => println!("{}", serde_json::to_string_pretty(&record)?),
        Some(record) => record.print(),
        None => {
            say::line("nothing is running");
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn open_lock(state: &State) -> Result<File> {
    fs::create_dir_all(&state.dir).with_context(|| format!("cannot make {}", state.dir.display()))?;
    let path = state.lock();
    File::options().create(true).append(true).open(&path).with_context(|| format!("cannot open {}", path.display()))
}

/// Prints what was added to a log since the last look.
fn relay(log: &mut File) -> Result<()> {
    let from = log.stream_position()?;
    let mut text = Vec::new();
    log.read_to_end(&mut text)?;
    log.seek(SeekFrom::Start(from + text.len() as u64))?;
    io::stdout().write_all(&text)?;
    Ok(io::stdout().flush()?)
}

fn give_up(launcher: &mut Child) -> Result<()> {
    process::send(launcher.id(), SIGTERM);
    launcher.wait()?;
    bail!("interrupted")
}
