//! The drills: what each does, what the study expects of it, and how long it may take.

use std::time::Duration;

use anyhow::{Result, bail};
use futures::future::LocalBoxFuture;

use crate::{cli::Size, dice::Dice, figures::Figures, scenarios as all, site::Site};

/// What a drill is given and what it gives.
type Run = for<'a> fn(&'a Site, Dice) -> LocalBoxFuture<'a, Result<Figures>>;

/// One drill.
pub struct Scenario {
    pub name: &'static str,
    /// The row of the study that it stands for.
    pub row: &'static str,
    pub fault: &'static str,
    /// The study's expected column.
    pub expected: &'static str,
    /// Whether the short size has it.
    pub short: bool,
    /// Whether it needs the disks or the network of the stack's own.
    pub apart: bool,
    /// How long it may take, in the short and in the nightly size, seconds.
    pub within_s: (u64, u64),
    pub run: Run,
}

impl Scenario {
    pub fn within(&self, size: Size) -> Duration {
        Duration::from_secs(size.pick(self.within_s.0, self.within_s.1))
    }
}

/// All of them, in the order in which they run.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "edge-killed",
        row: "R1",
        fault: "kill -9 of an edge under streams",
        expected: "reconnect p99 ≤ 5 s, all ≤ 10 s; 0 lost, out of order, duplicate; raw duplicates ≤ 1 %",
        short: true,
        apart: false,
        within_s: (60, 300),
        run: |site, dice| Box::pin(all::kills::edge(site, dice)),
    },
    Scenario {
        name: "chat-killed",
        row: "R1/A4",
        fault: "kill -9 of chat-svc",
        expected: "client ledger − audit = ∅, audit − client ledger ⊆ unknown",
        short: true,
        apart: false,
        within_s: (60, 300),
        run: |site, dice| Box::pin(all::kills::service(site, dice, "chat-svc")),
    },
    Scenario {
        name: "auth-killed",
        row: "A4",
        fault: "kill -9 of auth-svc",
        expected: "client ledger − audit = ∅, audit − client ledger ⊆ unknown",
        short: false,
        apart: false,
        within_s: (60, 300),
        run: |site, dice| Box::pin(all::kills::service(site, dice, "auth-svc")),
    },
    Scenario {
        name: "audit-killed",
        row: "A4",
        fault: "kill -9 of audit-svc",
        expected: "client ledger − audit = ∅, audit − client ledger ⊆ unknown",
        short: false,
        apart: false,
        within_s: (60, 300),
        run: |site, dice| Box::pin(all::kills::service(site, dice, "audit-svc")),
    },
    Scenario {
        name: "nats-killed",
        row: "R3",
        fault: "kill -9 of nats-server, again and again",
        expected: "0 acked missing, 0 stored twice; first acked send ≤ 5 s after NATS is back",
        short: true,
        apart: false,
        within_s: (90, 600),
        run: |site, dice| Box::pin(all::kills::nats(site, dice)),
    },
    Scenario {
        name: "postgres-killed",
        row: "R6",
        fault: "kill -9 of Postgres, again and again",
        expected: "audit_lag 0 ≤ 30 s after return; 0 lost, 0 double",
        short: false,
        apart: false,
        within_s: (120, 600),
        run: |site, dice| Box::pin(all::kills::postgres(site, dice)),
    },
    Scenario {
        name: "redis-killed",
        row: "R7",
        fault: "kill -9 of redis-server",
        expected: "0 message loss; streams stay",
        short: false,
        apart: false,
        within_s: (60, 300),
        run: |site, dice| Box::pin(all::kills::redis(site, dice)),
    },
    Scenario {
        name: "message-ids",
        row: "R16",
        fault: "one message id many times over two edges, in another room, by somebody else",
        expected: "1 stored and delivered for the owner; the others are not swallowed",
        short: true,
        apart: false,
        within_s: (60, 120),
        run: |site, dice| Box::pin(all::duplicates::ids(site, dice)),
    },
    Scenario {
        name: "hostile-cursors",
        row: "R15",
        fault: "200 forms of Last-Event-ID",
        expected: "0 × 5xx, each resumes exactly or says gap or reset",
        short: true,
        apart: false,
        within_s: (60, 60),
        run: |site, dice| Box::pin(all::readers::hostile_cursors(site, dice)),
    },
    Scenario {
        name: "resume-storm",
        row: "R14",
        fault: "everybody comes back at once, each with a Last-Event-ID",
        expected: "all streaming ≤ 15 s; ≤ 1 Postgres query per 100 reconnects",
        short: true,
        apart: false,
        within_s: (60, 120),
        run: |site, dice| Box::pin(all::readers::storm(site, dice)),
    },
    Scenario {
        name: "slow-readers",
        row: "R12",
        fault: "readers that never read, while much is said",
        expected: "each closed ≤ 30 s with reason slow; RSS ≤ 300 KiB each; honest p99 ≤ 1.2×",
        short: false,
        apart: false,
        within_s: (120, 180),
        run: |site, dice| Box::pin(all::readers::slow(site, dice)),
    },
    Scenario {
        name: "reader-vanished",
        row: "R13",
        fault: "the network of a reader is gone",
        expected: "the server closes ≤ 45 s",
        short: false,
        apart: true,
        within_s: (150, 150),
        run: |site, dice| Box::pin(all::readers::vanished(site, dice)),
    },
    Scenario {
        name: "session-revoked",
        row: "S3",
        fault: "sessions end while Redis stands still",
        expected: "streams closed p99 ≤ 1 s on both edges, REST 401 ≤ 1 s; with Redis dead ≤ 30 s; 0 events after the close",
        short: true,
        apart: false,
        within_s: (60, 180),
        run: |site, dice| Box::pin(all::sessions::revoked(site, dice)),
    },
    Scenario {
        name: "login-storm",
        row: "S2",
        fault: "many logins at once beside a broadcast",
        expected: "hashes at once ≤ cores; memory + ≤ 128 MiB; excess 429/503 with Retry-After; delivery p99 ≤ max(500 ms, 2×)",
        short: false,
        apart: false,
        within_s: (90, 180),
        run: |site, dice| Box::pin(all::storms::logins(site, dice)),
    },
    Scenario {
        name: "guesses",
        row: "S1/R7",
        fault: "one account guessed from 200 addresses while Redis stands still and its owner logs in",
        expected: "the limiter stays closed: ≤ 2× the normal number of evaluated guesses; the owner comes in, p95 ≤ 2 s",
        short: false,
        apart: false,
        within_s: (90, 180),
        run: |site, dice| Box::pin(all::storms::guesses(site, dice)),
    },
    Scenario {
        name: "unknown-names",
        row: "S1",
        fault: "200 wrong passwords for accounts, 200 for names that nobody has",
        expected: "unknown vs known user: same status, same body, medians differ ≤ 5 %",
        short: false,
        apart: false,
        within_s: (120, 120),
        run: |site, dice| Box::pin(all::storms::names(site, dice)),
    },
    Scenario {
        name: "rolling-restart",
        row: "R2",
        fault: "SIGTERM of each edge, then of each service",
        expected: "0 failed POST, gone ≤ 35 s, longest send pause ≤ 2 s, 0 lost",
        short: false,
        apart: false,
        within_s: (180, 300),
        run: |site, dice| Box::pin(all::drains::rolling(site, dice)),
    },
    Scenario {
        name: "nats-frozen",
        row: "R5",
        fault: "nats-server stands still",
        expected: "sends answer 503 rejected or unknown ≤ 10 s, never 2xx; 0 stream disconnects; delivered ≤ 10 s after return; RSS + ≤ 10 %",
        short: false,
        apart: false,
        within_s: (120, 240),
        run: |site, dice| Box::pin(all::stalls::nats(site, dice)),
    },
    Scenario {
        name: "postgres-frozen",
        row: "R6",
        fault: "Postgres stands still",
        expected: "0 sends refused; audit_lag 0 ≤ 30 s after return; 0 lost, 0 double",
        short: false,
        apart: false,
        within_s: (120, 240),
        run: |site, dice| Box::pin(all::stalls::postgres(site, dice)),
    },
    Scenario {
        name: "redis-frozen",
        row: "R7",
        fault: "redis-server stands still",
        expected: "0 message loss, delivery p99 ≤ 1.2×",
        short: false,
        apart: false,
        within_s: (120, 240),
        run: |site, dice| Box::pin(all::stalls::redis(site, dice)),
    },
    Scenario {
        name: "audit-frozen",
        row: "R8",
        fault: "audit-svc stands still",
        expected: "0 messages dropped; after its return 0 lost",
        short: false,
        apart: false,
        within_s: (120, 300),
        run: |site, dice| Box::pin(all::stalls::audit(site, dice)),
    },
    Scenario {
        name: "power-cut",
        row: "R4",
        fault: "power cut of NATS and Postgres at a random moment (crash image)",
        expected: "0 of N acked missing; the log verifies",
        short: true,
        apart: true,
        within_s: (120, 600),
        run: |site, dice| Box::pin(all::disks::power_cut(site, dice)),
    },
    Scenario {
        name: "nats-disk-full",
        row: "R9",
        fault: "the disk of NATS is full, then free again",
        expected: "never 2xx without storage; 503 ≤ 3 s after the first time-out; sending again ≤ 30 s after space is free; 0 acked lost",
        short: false,
        apart: true,
        within_s: (180, 240),
        run: |site, dice| Box::pin(all::disks::nats_full(site, dice)),
    },
    Scenario {
        name: "postgres-disk-full",
        row: "R9",
        fault: "the disk of Postgres is full, then free again",
        expected: "as R6; 0 lost, the log verifies",
        short: false,
        apart: true,
        within_s: (180, 240),
        run: |site, dice| Box::pin(all::disks::postgres_full(site, dice)),
    },
    Scenario {
        name: "edge-partitioned",
        row: "R10",
        fault: "an edge cannot reach NATS",
        expected: "not ready ≤ 10 s; clients moved or gap and refetch; 0 silent gaps",
        short: false,
        apart: true,
        within_s: (150, 200),
        run: |site, dice| Box::pin(all::partitions::both_ways(site, dice)),
    },
    Scenario {
        name: "edge-deaf",
        row: "R10",
        fault: "an edge does not hear NATS, but is heard",
        expected: "not ready ≤ 10 s; clients moved or gap and refetch; 0 silent gaps",
        short: false,
        apart: true,
        within_s: (150, 200),
        run: |site, dice| Box::pin(all::partitions::deaf(site, dice)),
    },
    Scenario {
        name: "edge-mute",
        row: "R10",
        fault: "an edge hears NATS, but is not heard",
        expected: "not ready ≤ 10 s; clients moved or gap and refetch; 0 silent gaps",
        short: false,
        apart: true,
        within_s: (150, 200),
        run: |site, dice| Box::pin(all::partitions::mute(site, dice)),
    },
    Scenario {
        name: "log-grants",
        row: "A3",
        fault: "each service's role tries to rewrite the log",
        expected: "all refused (SQLSTATE 42501)",
        short: true,
        apart: false,
        within_s: (60, 60),
        run: |site, dice| Box::pin(all::grants::log(site, dice)),
    },
    Scenario {
        name: "lossy-network",
        row: "R11",
        fault: "5 % of the packets between the edges and their clients vanish",
        expected: "100 % delivered, p99 ≤ 2 s, 0 spurious disconnects (the study adds a delay, which this kernel cannot)",
        short: false,
        apart: true,
        within_s: (120, 420),
        run: |site, dice| Box::pin(all::partitions::lossy(site, dice)),
    },
    Scenario {
        name: "soak",
        row: "R18",
        fault: "streams come and go",
        expected: "RSS slope ≤ 1 MiB in 10 min; files, threads and subscriptions as before",
        short: false,
        apart: false,
        within_s: (120, 1_000),
        run: |site, dice| Box::pin(all::readers::soak(site, dice)),
    },
];

/// Prints what there is.
pub fn list(size: Size) {
    for scenario in SCENARIOS.iter().filter(|scenario| size == Size::Nightly || scenario.short) {
        println!("{:<20} {:<6} {}\n{:27} expected: {}", scenario.name, scenario.row, scenario.fault, "", scenario.expected);
    }
}

/// The drills with these names; without any name, all.
pub fn choose(only: &[String]) -> Result<Vec<&'static Scenario>> {
    if let Some(unknown) = only.iter().find(|name| SCENARIOS.iter().all(|scenario| scenario.name != **name)) {
        bail!("there is no drill `{unknown}`; `--size nightly --list` shows all");
    }
    Ok(SCENARIOS.iter().filter(|scenario| only.is_empty() || only.iter().any(|name| name == scenario.name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_unknown_ones_are_refused() {
        let names: std::collections::BTreeSet<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        assert_eq!(names.len(), SCENARIOS.len());
        assert!(choose(&["nothing".to_owned()]).is_err());
        assert_eq!(choose(&["nats-killed".to_owned()]).unwrap().len(), 1);
        assert_eq!(choose(&[]).unwrap().len(), SCENARIOS.len());
    }
}
