//! Progress lines: what is being done, and how long it took.

use std::{
    fmt::Display,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

static STARTED: OnceLock<Instant> = OnceLock::new();
static ASIDE: AtomicBool = AtomicBool::new(false);

/// The command begins now.
pub fn start() {
    STARTED.get_or_init(Instant::now);
}

/// From now on stdout belongs to results: what is being done goes to stderr.
pub fn aside() {
    ASIDE.store(true, Ordering::Relaxed);
}

/// Says one line, with the seconds since the command began.
pub fn line(what: impl Display) {
    let seconds = STARTED.get_or_init(Instant::now).elapsed().as_secs_f64();
    if ASIDE.load(Ordering::Relaxed) {
        eprintln!("{seconds:>7.1} s  {what}");
    } else {
        println!("{seconds:>7.1} s  {what}");
    }
}

/// Says that a step begins, runs it, and says how long it took.
pub fn step<T>(what: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    line(format_args!("{what} ..."));
    let begun = Instant::now();
    let value = work()?;
    line(format_args!("{what}: done in {}", seconds(begun.elapsed())));
    Ok(value)
}

/// A duration as people read it.
pub fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
