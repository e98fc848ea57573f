//! Counting what test runners report.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{process, say};

/// What one runner found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl Tally {
    /// A runner that could not run is a failure, never a silence.
    pub const BROKEN: Self = Self { passed: 0, failed: 1 };

    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Runs one named check and counts it; a failure is shown and the next check can go on.
    pub fn check(&mut self, what: &str, work: impl FnOnce() -> Result<()>) {
        match process::check_stop().and_then(|()| work()) {
            Ok(()) => {
                say::line(format_args!("ok      {what}"));
                self.passed += 1;
            }
            Err(error) => {
                say::line(format_args!("FAILED  {what}: {error:#}"));
                self.failed += 1;
            }
        }
    }

    pub fn is_green(self) -> bool {
        self.failed == 0 && self.passed > 0
    }

    /// The failures that a runner did not count: it ended badly, or found no test at all.
    fn judged(mut self, ended_well: bool) -> Self {
        if self.failed == 0 && (!ended_well || self.passed == 0) {
            self.failed = 1;
        }
        self
    }
}

/// One line of the summary.
pub fn report(name: &str, tally: Tally, took: Duration) {
    say::line(format_args!("{name}: {} passed, {} failed in {}", tally.passed, tally.failed, say::seconds(took)));
}

/// Runs `cargo test`, showing what it prints and counting its result lines.
pub fn cargo(command: &mut Command) -> Result<Tally> {
    counted(command, cargo_line)
}

/// Runs a program that ends with `N passed, M failed`.
pub fn summed(command: &mut Command) -> Result<Tally> {
    counted(command, sum_line)
}

fn counted(command: &mut Command, count: impl Fn(&str) -> Option<Tally>) -> Result<Tally> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot run the tests")?;
    let stdout = child.stdout.take().context("the tests have no output")?;
    let mut tally = Tally::default();
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        match count(&line) {
            Some(found) => tally.add(found),
            None => println!("{line}"),
        }
    }
    Ok(tally.judged(child.wait()?.success()))
}

/// Runs a JavaScript runner and counts what its JSON report says.
pub fn reported(command: &mut Command, report: &Path, count: impl Fn(&Value) -> Option<Tally>) -> Result<Tally> {
    crate::files::remove(report)?;
    let ended_well = command.stdin(Stdio::null()).status().context("cannot run npm")?.success();
    let read = fs::read(report).ok().and_then(|json| serde_json::from_slice(&json).ok());
    Ok(read.as_ref().and_then(count).unwrap_or_default().judged(ended_well))
}

/// Counts in Vitest's report.
pub fn vitest(report: &Value) -> Option<Tally> {
    Some(Tally { passed: report.get("numPassedTests")?.as_u64()?, failed: report.get("numFailedTests")?.as_u64()? })
}

/// Counts in Playwright's report; a flaky test has failed.
pub fn playwright(report: &Value) -> Option<Tally> {
    let stats = report.get("stats")?;
    let count = |name: &str| stats.get(name)?.as_u64();
    Some(Tally { passed: count("expected")?, failed: count("unexpected")? + count("flaky")? })
}

fn cargo_line(line: &str) -> Option<Tally> {
    let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let count = |label: &str| counts.split("; ").find_map(|part| part.strip_suffix(label)?.trim().parse().ok());
    Some(Tally { passed: count("passed")?, failed: count("failed")? })
}

fn sum_line(line: &str) -> Option<Tally> {
    let (passed, failed) = line.split_once(" passed, ")?;
    Some(Tally { passed: passed.parse().ok()?, failed: failed.strip_suffix(" failed")?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_result_lines_are_counted() {
        let line = "test result: FAILED. 5 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s";
        assert_eq!(cargo_line(line), Some(Tally { passed: 5, failed: 2 }));
        assert_eq!(cargo_line("test a::b ... ok"), None);
        assert_eq!(sum_line("12 passed, 1 failed"), Some(Tally { passed: 12, failed: 1 }));
    }

    #[test]
    fn a_runner_that_ended_badly_or_ran_nothing_has_failed() {
        assert_eq!(Tally { passed: 3, failed: 0 }.judged(false).failed, 1);
        assert_eq!(Tally::default().judged(true).failed, 1);
        assert!(Tally { passed: 3, failed: 0 }.judged(true).is_green());
    }

    #[test]
    fn reports_of_the_javascript_runners_are_counted() {
        let report = serde_json::json!({"numPassedTests": 4, "numFailedTests": 1});
        assert_eq!(vitest(&report), Some(Tally { passed: 4, failed: 1 }));
        let report = serde_json::json!({"stats": {"expected": 4, "unexpected": 1, "flaky": 1, "skipped": 0}});
        assert_eq!(playwright(&report), Some(Tally { passed: 4, failed: 2 }));
    }
}
