//! What is going on, on stderr: one line that changes on a terminal, a line now and then elsewhere.

use std::{
    fmt::Display,
    io::{self, IsTerminal as _, Write as _},
    sync::Mutex,
    time::{Duration, Instant},
};

const ON_TERMINAL: Duration = Duration::from_millis(200);
const ELSEWHERE: Duration = Duration::from_secs(5);

static SHOWN: Mutex<Option<Instant>> = Mutex::new(None);

/// A step begins or ends.
pub fn say(what: impl Display) {
    clear();
    eprintln!("  {what}");
}

/// How far a step is; most calls show nothing.
pub fn show(what: impl Display) {
    let terminal = io::stderr().is_terminal();
    let Ok(mut shown) = SHOWN.lock() else { return };
    if shown.is_some_and(|at| at.elapsed() < if terminal { ON_TERMINAL } else { ELSEWHERE }) {
        return;
    }
    *shown = Some(Instant::now());
    drop(shown);
    if terminal {
        eprint!("\r\x1b[K    {what}");
        let _ = io::stderr().flush();
    } else {
        eprintln!("    {what}");
    }
}

fn clear() {
    if io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
    if let Ok(mut shown) = SHOWN.lock() {
        *shown = Some(Instant::now());
    }
}
