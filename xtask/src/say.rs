//! Progress lines: what is being done, and how long it took.

use std::{
    fmt::Display,
    sync::OnceLock,
    time::{Duration, Instant},
};

static STARTED: OnceLock<Instant> = OnceLock::new();

/// The command begins now.
pub fn start() {
    STARTED.get_or_init(Instant::now);
}

/// Says one line, with the seconds since the command began.
pub fn line(what: impl Display) {
    println!("{:>7.1} s  {what}", STARTED.get_or_init(Instant::now).elapsed().as_secs_f64());
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
