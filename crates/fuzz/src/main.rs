//! `sealcast-fuzz`: runs targets for a time, on mutations of their corpora.

use std::{
    fs,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use sealcast_fuzz::{
    TARGETS, Target,
    mutator::{Random, mutate},
};

/// A little more than the largest envelope.
const INPUT_OCTETS_MAX: usize = 70_000;
/// One input that takes longer is a finding.
const SLOW: Duration = Duration::from_secs(1);
/// Between two looks at the clock.
const BATCH: u32 = 64;

/// Run the targets on mutations of their corpora
#[derive(Parser)]
#[command(name = "sealcast-fuzz")]
struct Args {
    /// The checkout, for the corpora
    #[arg(long, default_value = ".")]
    root: PathBuf,
    /// Where inputs that fail are kept
    #[arg(long, default_value = "fuzz/artifacts")]
    artifacts: PathBuf,
    /// For each target
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Only this target
    #[arg(long)]
    only: Option<String>,
    /// Makes the same inputs again; otherwise it is the time
    #[arg(long)]
    seed: Option<u64>,
    /// Run a target once, on this input
    #[arg(long, requires = "only")]
    input: Option<PathBuf>,
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let chosen: Vec<_> = TARGETS.iter().filter(|target| args.only.as_ref().is_none_or(|only| *only == target.name)).collect();
    ensure!(!chosen.is_empty(), "there is no such target: {:?}", TARGETS.map(|target| target.name));
    if let Some(input) = &args.input {
        let octets = fs::read(input).with_context(|| format!("reading {}", input.display()))?;
        chosen.iter().for_each(|target| (target.run)(&octets));
        return Ok(ExitCode::SUCCESS);
    }
    let seed = args.seed.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs());
    panic::set_hook(Box::new(|_| {}));
    // As many at a time as there are cores; each alone with its random numbers, so that a seed means the same on any machine.
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores.min(chosen.len()) {
            scope.spawn(|| {
                while let Some(target) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match fuzz(target, &args, seed) {
                        Ok(runs) => println!("ok      {}: {runs} inputs, seed {seed}", target.name),
                        Err(error) => {
                            failed.fetch_add(1, Ordering::Relaxed);
                            println!("FAILED  {}: {error:#}, seed {seed}", target.name);
                        }
                    }
                }
            });
        }
    });
    let failed = failed.into_inner();
    println!("{} passed, {failed} failed", chosen.len() - failed);
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn fuzz(target: &Target, args: &Args, seed: u64) -> Result<u64> {
    let corpus = corpus(target, &args.root)?;
    for octets in &corpus {
        attempt(target, octets, &args.artifacts)?;
    }
    let (mut random, mut runs) = (Random::new(seed), corpus.len() as u64);
    let end = Instant::now() + Duration::from_secs(args.seconds);
    while Instant::now() < end {
        for _ in 0..BATCH {
            attempt(target, &mutate(&corpus, INPUT_OCTETS_MAX, &mut random), &args.artifacts)?;
            runs += 1;
        }
    }
    Ok(runs)
}

fn corpus(target: &Target, root: &Path) -> Result<Vec<Vec<u8>>> {
    let mut corpus = vec![Vec::new()];
    for folder in target.corpora {
        let folder = root.join(folder);
        let mut files: Vec<_> = fs::read_dir(&folder)
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
            .with_context(|| format!("reading {}", folder.display()))?;
        // In one order, or a seed would mean nothing.
        files.sort();
        for file in files.iter().filter(|file| file.is_file()) {
            corpus.push(fs::read(file).with_context(|| format!("reading {}", file.display()))?);
        }
    }
    Ok(corpus)
}

fn attempt(target: &Target, octets: &[u8], artifacts: &Path) -> Result<()> {
    let begun = Instant::now();
    let ended = panic::catch_unwind(AssertUnwindSafe(|| (target.run)(octets)));
    let slow = begun.elapsed() > SLOW;
    if ended.is_ok() && !slow {
        return Ok(());
    }
    fs::create_dir_all(artifacts)?;
    let file = artifacts.join(format!("{}-{}", target.name, if slow { "slow" } else { "crash" }));
    fs::write(&file, octets)?;
    let said = ended.err().map_or_else(|| format!("it took {:?}", begun.elapsed()), |panic| message(&*panic));
    anyhow::bail!("{said}; the input is {}", file.display())
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_else(|| "it panicked".to_owned())
}
