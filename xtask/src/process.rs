//! The few Unix calls that the standard library lacks.
#![allow(unsafe_code, reason = "prctl, kill, setsid and signal handlers have no safe form in the standard library")]

use std::{
    fs, io,
    os::unix::process::CommandExt,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::{Context, Result, bail};

pub use libc::{SIGINT, SIGKILL, SIGTERM};

static STOP: AtomicBool = AtomicBool::new(false);

/// The account that a child runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    pub uid: u32,
    pub gid: u32,
}

/// Turns SIGINT, SIGTERM and SIGHUP into a flag.
pub fn watch_signals() {
    extern "C" fn note(_: libc::c_int) {
        STOP.store(true, Ordering::SeqCst);
    }
    let handler: extern "C" fn(libc::c_int) = note;
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // SAFETY: the handler only stores to an atomic.
        unsafe { libc::signal(signal, handler as libc::sighandler_t) };
    }
}

/// Whether we were asked to stop.
pub fn stop_asked() -> bool {
    STOP.load(Ordering::SeqCst)
}

/// Fails when we were asked to stop.
pub fn check_stop() -> Result<()> {
    if stop_asked() { bail!("interrupted") } else { Ok(()) }
}

/// Makes a child get `signal` when this process dies, however it dies, and keeps it out of the terminal's Ctrl-C.
///
/// The kernel forgets the wish on a change of uid, so it is made last; and it follows the spawning *thread*: spawn from main.
pub fn die_with_us(command: &mut Command, signal: i32) {
    let us = std::process::id();
    command.process_group(0);
    // SAFETY: prctl, getppid and raise are async-signal-safe.
    unsafe {
        command.pre_exec(move || {
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::c_ulong::from(signal.unsigned_abs())) != 0 {
                return Err(io::Error::last_os_error());
            }
            if libc::getppid().unsigned_abs() != us {
                return Err(io::Error::other("the launcher is gone"));
            }
            Ok(())
        });
    }
}

/// Puts a child into a session of its own, away from our terminal and without the files that our caller left open: a lock
/// among them would be held as long as the child lives.
pub fn leave_session(command: &mut Command) {
    const FIRST_OF_OTHERS: libc::c_uint = 3;
    // SAFETY: setsid and close_range are async-signal-safe; nothing is closed before the exec.
    unsafe {
        command.pre_exec(|| {
            libc::close_range(FIRST_OF_OTHERS, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC as libc::c_int);
            if libc::setsid() < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
        });
    }
}

/// Moves this process, which must not have threads, and its children to a network of their own, where nothing is up yet.
pub fn leave_network() -> io::Result<()> {
    // SAFETY: unshare takes a flag and touches no memory of ours.
    if unsafe { libc::unshare(libc::CLONE_NEWNET) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Moves this process, which must not have threads, and its children to mounts of their own: what they mount goes with them.
pub fn leave_mounts() -> io::Result<()> {
    let root = c"/".as_ptr();
    // SAFETY: unshare takes a flag; mount reads one string that outlives the call, and null where it needs none.
    let left = unsafe {
        libc::unshare(libc::CLONE_NEWNS) == 0
            && libc::mount(std::ptr::null(), root, std::ptr::null(), libc::MS_REC | libc::MS_PRIVATE, std::ptr::null()) == 0
    };
    if left { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Sends a signal to one process; whether it was there.
pub fn send(pid: u32, signal: i32) -> bool {
    let Ok(pid) = libc::pid_t::try_from(pid) else { return false };
    // SAFETY: kill has no memory effects; pid is positive, so no group is meant.
    pid > 0 && unsafe { libc::kill(pid, signal) } == 0
}

/// Whether this process runs as root.
pub fn is_root() -> bool {
    // SAFETY: geteuid cannot fail.
    unsafe { libc::geteuid() == 0 }
}

/// Looks an account up in /etc/passwd.
pub fn account(name: &str) -> Result<Owner> {
    let passwd = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
    let found = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then_some(())?;
        Some(Owner { uid: fields.nth(1)?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    });
    found.with_context(|| format!("there is no user {name}"))
}
