//! What processes and the kernel say that they use, from `/proc`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
};

use anyhow::{Context as _, Result};

const PAGE_OCTETS: u64 = 4_096;
/// Caches whose objects belong to connections.
const SLABS: [&str; 13] = [
    "TCP",
    "TCPv6",
    "tw_sock_TCP",
    "tw_sock_TCPv6",
    "request_sock_TCP",
    "request_sock_TCPv6",
    "sock_inode_cache",
    "eventpoll_epi",
    "ep_head",
    "filp",
    "dentry",
    "skbuff_head_cache",
    "skbuff_small_head",
];

/// These processes and all that they started.
pub fn family(roots: &[u32]) -> Vec<u32> {
    let mut parents = Vec::new();
    for pid in pids() {
        // The name stands in parentheses and may hold anything.
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse::<u32>().ok());
        parents.extend(parent.map(|parent| (pid, parent)));
    }
    let mut family: BTreeSet<u32> = roots.iter().copied().collect();
    loop {
        let before = family.len();
        let children = parents.iter().filter(|(_, parent)| family.contains(parent)).map(|(pid, _)| *pid).collect::<Vec<_>>();
        family.extend(children);
        if family.len() == before {
            return family.into_iter().collect();
        }
    }
}

/// On-CPU time of all live threads of these processes, nanoseconds. Threads that ended in between are not in it.
pub fn cpu_ns(pids: &[u32]) -> u64 {
    pids.iter().flat_map(|pid| tasks(*pid)).filter_map(|task| first_number(&(task + "/schedstat"))).sum()
}

/// User and system time of all live threads of these processes, in the kernel's ticks.
fn ticks(pids: &[u32]) -> (u64, u64) {
    let of = |task: String| {
        let stat = fs::read_to_string(task + "/stat").ok()?;
        // The name stands in parentheses and may hold anything; utime and stime are the fields 14 and 15.
        let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
        Some((fields.next()?.parse::<u64>().ok()?, fields.next()?.parse::<u64>().ok()?))
    };
    let each = pids.iter().flat_map(|pid| tasks(*pid)).filter_map(of);
    each.fold((0, 0), |(user, system), (more_user, more_system)| (user + more_user, system + more_system))
}

/// Proportional set size of these processes, octets. The memory of our services is nobody's business but root's: for others it is
/// the resident set, which counts what processes share more than once.
///
/// # Errors
/// A process is gone, or not ours to look at.
pub fn pss(pids: &[u32]) -> Result<u64> {
    let of = |pid: &u32| {
        let path = format!("/proc/{pid}/status");
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).or_else(|_| fs::read_to_string(&path));
        let text = text.with_context(|| format!("reading {path}"))?;
        let sizes = ["Pss:", "VmRSS:"].map(|name| text.lines().find_map(|line| line.strip_prefix(name)));
        let line = sizes.into_iter().flatten().next().context("no size")?;
        Ok(line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).context("no number")? * 1_024)
    };
    pids.iter().map(of).sum()
}

/// Memory that the kernel holds for connections, octets; both ends, as both are on this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kernel {
    /// Sockets, files and the like. 0 for who may not read `/proc/slabinfo`.
    pub slab: u64,
    /// Data in send and receive buffers.
    pub tcp: u64,
}

impl Kernel {
    /// As it is now.
    pub fn now() -> Self {
        Self { slab: slab(), tcp: tcp() }
    }
}

/// What the sockets that a server's port accepted hold for sending and receiving: the count, the sum and the largest, octets.
///
/// # Errors
/// `ss` is not there.
pub fn socket_memory(ports: &[u16]) -> Result<Vec<u64>> {
    let mut sockets = Vec::new();
    for port in ports {
        let said = Command::new("ss")
            .args(["-tmnHO", "state", "established", &format!("( sport = :{port} )")])
            .output()
            .context("running ss (package iproute2)")?;
        sockets.extend(String::from_utf8_lossy(&said.stdout).lines().filter_map(skmem));
    }
    Ok(sockets)
}

/// `skmem:(r<rmem>,rb<..>,t<wmem>,tb<..>,f<fwd>,w<queued>,...)`: received, queued to be sent, and reserved ahead.
fn skmem(line: &str) -> Option<u64> {
    let fields = line.split_once("skmem:(")?.1.split_once(')')?.0;
    let of = |name: &str| {
        let value = fields.split(',').find_map(|field| field.strip_prefix(name)?.parse::<u64>().ok());
        value.unwrap_or(0)
    };
    Some(of("r") + of("w") + of("f"))
}

fn slab() -> u64 {
    let text = fs::read_to_string("/proc/slabinfo").unwrap_or_default();
    let of = |line: &str| {
        let mut fields = line.split_whitespace();
        let name = fields.next()?;
        let (_, objects, size) = (fields.next()?, fields.next()?.parse::<u64>().ok()?, fields.next()?.parse::<u64>().ok()?);
        SLABS.contains(&name).then_some(objects * size)
    };
    text.lines().filter_map(of).sum()
}

fn tcp() -> u64 {
    let text = fs::read_to_string("/proc/net/sockstat").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("TCP:")).unwrap_or_default();
    let pages = line.split_once(" mem ").and_then(|(_, mem)| mem.split_whitespace().next()?.parse::<u64>().ok());
    pages.unwrap_or(0) * PAGE_OCTETS
}

/// On-CPU time by name, nanoseconds.
pub type Cpu = BTreeMap<String, u64>;

/// Processes by name, and what they have used.
#[derive(Clone, Debug, Default)]
pub struct Groups(BTreeMap<String, Vec<u32>>);

impl Groups {
    /// Adds processes and all that they started so far.
    pub fn add(&mut self, name: &str, roots: &[u32]) {
        self.0.entry(name.to_owned()).or_default().extend(family(roots));
    }

    /// The processes of one name.
    pub fn pids(&self, name: &str) -> &[u32] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// What all have used so far.
    pub fn cpu(&self) -> Cpu {
        self.0.iter().map(|(name, pids)| (name.clone(), cpu_ns(pids))).collect()
    }

    /// The time of one name in both modes so far.
    pub fn modes(&self, name: &str) -> Modes {
        let (user, system) = ticks(self.pids(name));
        Modes { user, system }
    }
}

/// The user and system time of one name's processes so far.
#[derive(Clone, Copy, Debug)]
pub struct Modes {
    user: u64,
    system: u64,
}

impl Modes {
    /// The kernel's part of what was used since; the shorter the time, the coarser: a tick has 10 ms.
    pub fn kernel_share(self, now: Self) -> f64 {
        let (user, system) = (now.user.saturating_sub(self.user), now.system.saturating_sub(self.system));
        system as f64 / (user + system).max(1) as f64
    }
}

/// What was used between two looks.
pub fn used(before: &Cpu, after: &Cpu) -> Cpu {
    let of = |name: &String| after.get(name).copied().unwrap_or(0).saturating_sub(before.get(name).copied().unwrap_or(0));
    after.keys().map(|name| (name.clone(), of(name))).collect()
}

fn pids() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn tasks(pid: u32) -> Vec<String> {
    let entries = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path().display().to_string()).collect()
}

fn first_number(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_and_time() {
        let us = [std::process::id()];
        assert!(pss(&us).unwrap() > 0);
        assert!(cpu_ns(&us) > 0);
        assert!(family(&us).contains(&us[0]));
    }

    #[test]
    fn the_kernels_share_is_of_what_was_used_since() {
        let (before, after) = (Modes { user: 10, system: 10 }, Modes { user: 11, system: 13 });
        assert!((before.kernel_share(after) - 0.75).abs() < 1e-9);
        assert!(before.kernel_share(before).abs() < 1e-9);
        let (user, system) = ticks(&[1]);
        assert!(user + system > 0, "the first process has worked");
    }

    #[test]
    fn socket_memory_is_what_is_held_not_what_is_allowed() {
        let line = "0 0 127.0.0.1:443 127.0.0.1:5 skmem:(r10,rb131072,t0,tb2626560,f4096,w200,o0,bl0,d0)";
        assert_eq!(skmem(line), Some(4_306));
        assert_eq!(skmem("nothing"), None);
    }

    #[test]
    fn differences_are_by_name() {
        let cpu = |edge: u64| Cpu::from([("edge".to_owned(), edge)]);
        assert_eq!(used(&cpu(5), &cpu(9)), cpu(4));
        assert_eq!(used(&Cpu::new(), &cpu(9)), cpu(9));
    }
}
