//! What must be as before when all drills are over: processes, open files, threads, streams.

use std::{collections::BTreeMap, fs, time::Duration};

use anyhow::{Result, ensure};

use crate::{faults::process::children, site::Site};

/// Pools grow under load and keep a few connections.
const FILES_MORE_MAX: usize = 48;
const THREADS_MORE_MAX: usize = 24;
/// How long what is not needed any more may stay.
const GONE_WITHIN: Duration = Duration::from_secs(30);

/// How the stack looks while nothing happens.
#[derive(Debug)]
pub struct Snapshot {
    children: usize,
    processes: BTreeMap<String, Process>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Process {
    files: usize,
    threads: usize,
}

impl Snapshot {
    pub fn take(site: &Site) -> Self {
        let processes = site.stack.pids().into_iter().map(|(name, pid)| (name, Process::of(pid))).collect();
        Self { children: children(site.stack.launcher()).len(), processes }
    }

    /// Compares the stack with what it was, until it is that again.
    pub async fn compare(&self, site: &Site) -> Result<String> {
        let mut found = Vec::new();
        let clean = site
            .until("leaks", GONE_WITHIN, async || {
                found = self.leaks(site).await;
                found.is_empty()
            })
            .await;
        ensure!(clean.is_ok(), "{}", found.join("; "));
        let now = Self::take(site);
        let sum = |snapshot: &Self, of: fn(&Process) -> usize| snapshot.processes.values().map(of).sum::<usize>();
        Ok(format!(
            "{} processes, {} open files (before: {}), {} threads (before: {}), no stream open",
            now.children,
            sum(&now, |process| process.files),
            sum(self, |process| process.files),
            sum(&now, |process| process.threads),
            sum(self, |process| process.threads),
        ))
    }

    async fn leaks(&self, site: &Site) -> Vec<String> {
        let (now, mut found) = (Self::take(site), Vec::new());
        if now.children != self.children {
            found.push(format!("{} processes instead of {}", now.children, self.children));
        }
        for (name, before) in &self.processes {
            let Some(process) = now.processes.get(name) else {
                found.push(format!("{name} is gone"));
                continue;
            };
            if process.files > before.files + FILES_MORE_MAX {
                found.push(format!("{name} has {} files open instead of {}", process.files, before.files));
            }
            if process.threads > before.threads + THREADS_MORE_MAX {
                found.push(format!("{name} has {} threads instead of {}", process.threads, before.threads));
            }
        }
        for edge in site.stack.edges() {
            match site.metric(edge, "edge_sse_connections", "").await {
                Ok(0.0) => {}
                Ok(open) => found.push(format!("{edge} has {open} streams open")),
                Err(error) => found.push(format!("{edge} does not say how many streams are open: {error:#}")),
            }
        }
        found
    }
}

impl Process {
    fn of(pid: u32) -> Self {
        let count = |dir: &str| fs::read_dir(format!("/proc/{pid}/{dir}")).map(Iterator::count).unwrap_or_default();
        Self { files: count("fd"), threads: count("task") }
    }
}
