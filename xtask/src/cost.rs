//! `cargo xtask cost`: what a login and a stored message cost each process of a running stack, from the kernel's own books.

use std::{collections::BTreeMap, fs, time::Duration};

use anyhow::{Context, Result, ensure};

use crate::{
    record::Record,
    repo::{Repo, State},
    say,
    testing::Person,
};

/// After the last of it: acknowledgements, batches of the archive and checkpoints.
const SETTLE: Duration = Duration::from_secs(3);

/// How often each thing is done.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct CostArgs {
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..))]
    pub logins: u32,
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub messages: u32,
}

/// Prints CPU milliseconds of each process for one login and for one message, without the client's own work.
pub fn run(repo: &Repo, state: &State, args: CostArgs) -> Result<()> {
    let record = Record::read(state).context("nothing runs here: cargo xtask up --detach")?;
    let edge = record.edges.first().context("the stack has no edge")?.url.clone();
    let name = format!("cost-{}", std::process::id());
    let person = Person::new(&state.dir.join("people"), repo, &record, &name)?;
    person.register(&edge)?;
    let processes = processes(&record);
    let idle = spent(&processes, || {
        std::thread::sleep(SETTLE);
        Ok(())
    })?;
    let logins = say::step("logging in", || spent(&processes, || (0..args.logins).try_for_each(|_| person.log_in(&edge))))?;
    let messages = say::step("sending", || {
        spent(&processes, || {
            (0..args.messages).try_for_each(|_| person.send("what does a message cost").map(drop))?;
            std::thread::sleep(SETTLE);
            Ok(())
        })
    })?;
    println!("{:<12} {:>16} {:>18}", "CPU, ms", "a login", "a stored message");
    for (name, _) in &processes {
        let per = |Spent { cpu_ms, took }: &Spent, count: u32| {
            let background = idle.cpu_ms[name] / idle.took.as_secs_f64() * took.as_secs_f64();
            (cpu_ms[name] - background).max(0.0) / f64::from(count)
        };
        println!("{name:<12} {:>16.2} {:>18.2}", per(&logins, args.logins), per(&messages, args.messages));
    }
    Ok(())
}

/// CPU of each process during some work.
struct Spent {
    cpu_ms: BTreeMap<String, f64>,
    took: Duration,
}

fn processes(record: &Record) -> Vec<(String, u32)> {
    let engines = &record.engines;
    let named = [
        ("nats", engines.nats.pid),
        ("redis", engines.redis.pid),
        ("postgres", engines.postgres.pid),
        ("haproxy", engines.haproxy.pid),
    ];
    let edges = record.edges.iter().map(|edge| (edge.name.clone(), edge.pid));
    let services = record.services.iter().map(|service| (service.name.clone(), service.pid));
    edges.chain(services).chain(named.map(|(name, pid)| (name.to_owned(), pid))).collect()
}

fn spent(processes: &[(String, u32)], work: impl FnOnce() -> Result<()>) -> Result<Spent> {
    let look = || processes.iter().map(|(name, pid)| Ok((name.clone(), cpu_ms(*pid)?))).collect::<Result<BTreeMap<_, _>>>();
    let (before, begun) = (look()?, std::time::Instant::now());
    work()?;
    let (after, took) = (look()?, begun.elapsed());
    let cpu_ms = after.into_iter().map(|(name, ms)| (name.clone(), ms - before[&name])).collect();
    Ok(Spent { cpu_ms, took })
}

/// CPU of a process and of all its children, those that ended among them: Postgres has one for each connection.
fn cpu_ms(pid: u32) -> Result<f64> {
    const TICK_MS: f64 = 10.0;
    let mut ticks = 0;
    let mut open = vec![pid];
    while let Some(pid) = open.pop() {
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        // The name may hold anything; the fields begin behind its bracket.
        let fields: Vec<&str> = stat.rsplit_once(')').context("a strange /proc")?.1.split_whitespace().collect();
        ensure!(fields.len() > 15, "a strange /proc");
        // utime, stime, and those of children that were waited for.
        ticks += fields[11..15].iter().map(|field| field.parse::<u64>().unwrap_or_default()).sum::<u64>();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        open.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
    }
    Ok(ticks as f64 * TICK_MS)
}
