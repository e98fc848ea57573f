//! Processes that die or stand still.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::site::Site;

/// How long the launcher may take to start a process again.
const STARTED_WITHIN: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);

/// `kill -9`; returns when the launcher has started another process of that name.
pub async fn kill(site: &Site, name: &str) -> Result<Duration> {
    end(site, name, libc::SIGKILL).await
}

/// SIGTERM; returns when the process is gone and the launcher has started another one: how long that took.
pub async fn terminate(site: &Site, name: &str) -> Result<Duration> {
    end(site, name, libc::SIGTERM).await
}

async fn end(site: &Site, name: &str, with: libc::c_int) -> Result<Duration> {
    let pid = site.stack.pid(name).with_context(|| format!("{name} does not run"))?;
    signal(pid, with)?;
    let begun = Instant::now();
    while site.stack.pid(name).is_none_or(|now| now == pid) {
        ensure!(begun.elapsed() < STARTED_WITHIN, "{name} was not started again");
        tokio::time::sleep(POLL).await;
    }
    Ok(begun.elapsed())
}

/// A process and all that it started stand still as long as this lives.
pub struct Frozen(Vec<u32>);

impl Frozen {
    pub fn new(site: &Site, name: &str) -> Result<Self> {
        let pid = site.stack.pid(name).with_context(|| format!("{name} does not run"))?;
        // The parent first: it starts nothing new while its children are stopped.
        let mut frozen = Self(Vec::new());
        frozen.stop(pid)?;
        for child in children(pid) {
            // It may have ended meanwhile.
            let _ = frozen.stop(child);
        }
        Ok(frozen)
    }

    /// The launcher alone: what dies meanwhile is not started again.
    pub fn launcher(site: &Site) -> Result<Self> {
        let mut frozen = Self(Vec::new());
        frozen.stop(site.stack.launcher())?;
        Ok(frozen)
    }

    fn stop(&mut self, pid: u32) -> Result<()> {
        signal(pid, libc::SIGSTOP)?;
        self.0.push(pid);
        Ok(())
    }

    /// Kills what stands still; nothing of it moves again.
    pub fn kill(mut self) {
        for pid in self.0.drain(..) {
            let _ = signal(pid, libc::SIGKILL);
        }
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        for pid in self.0.iter().rev() {
            let _ = signal(*pid, libc::SIGCONT);
        }
    }
}

/// The memory that a process has, KiB.
pub fn resident_kib(pid: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

/// The processes that a process started.
pub fn children(pid: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|child| parent(*child) == Some(pid)).collect()
}

fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may hold anything; state and parent follow.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

#[allow(unsafe_code, reason = "there is no kill(2) in the standard library")]
fn signal(pid: u32, signal: libc::c_int) -> Result<()> {
    let pid = libc::pid_t::try_from(pid).context("a process id")?;
    ensure!(pid > 1, "{pid} is not a process of the stack");
    // SAFETY: kill(2) takes two integers and touches no memory of ours.
    let outcome = unsafe { libc::kill(pid, signal) };
    ensure!(outcome == 0, "signal {signal} to {pid}: {}", std::io::Error::last_os_error());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_parent_has_us_as_a_child() {
        let us = std::process::id();
        let parent = parent(us).unwrap();
        assert!(children(parent).contains(&us));
    }
}
