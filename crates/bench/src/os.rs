//! The few Unix calls that the standard library lacks.
#![allow(unsafe_code, reason = "limits, clocks and signals have no safe form in the standard library")]

use std::{
    io,
    os::unix::process::CommandExt as _,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

static STOP: AtomicBool = AtomicBool::new(false);

/// Nanoseconds on the clock that all processes of a machine share (`CLOCK_MONOTONIC`).
pub fn now_ns() -> u64 {
    let mut at = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `at` is a valid timespec, and the call writes nothing else.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut at) };
    at.tv_sec.unsigned_abs() * 1_000_000_000 + at.tv_nsec.unsigned_abs()
}

/// Raises the soft limit of open files to the hard one, and gives it.
pub fn raise_file_limit() -> io::Result<u64> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid rlimit for both calls.
    let done = unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) == 0 && {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) == 0
        }
    };
    if done { Ok(limit.rlim_cur) } else { Err(io::Error::last_os_error()) }
}

/// Makes a child end with this process, however it ends, and keeps it out of the terminal's Ctrl-C.
pub fn die_with_us(command: &mut Command) {
    let us = std::process::id();
    command.process_group(0);
    // SAFETY: prctl and getppid are async-signal-safe.
    unsafe {
        command.pre_exec(move || {
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong) != 0 {
                return Err(io::Error::last_os_error());
            }
            if libc::getppid().unsigned_abs() != us {
                return Err(io::Error::other("the bench is gone"));
            }
            Ok(())
        });
    }
}

/// Sends a signal to one process that we started; whether it was there.
pub fn send(pid: u32, signal: i32) -> bool {
    let Ok(pid) = libc::pid_t::try_from(pid) else { return false };
    // SAFETY: kill touches no memory of ours; pid is positive, so no group is meant.
    pid > 0 && unsafe { libc::kill(pid, signal) } == 0
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

/// Ends once we were asked to stop.
pub async fn stopped() {
    while !stop_asked() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
