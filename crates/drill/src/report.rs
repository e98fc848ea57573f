//! Running the chosen drills and telling what came of each.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::json;

use crate::{
    cli::{Args, Size},
    dice::Dice,
    figures::{Figures, seconds},
    leaks::Snapshot,
    scenario::Scenario,
    site::Site,
};

/// What came of one drill.
enum Outcome {
    Passed(Figures),
    /// With the figures, if it got so far.
    Failed(Option<Figures>, String),
    Skipped(&'static str),
}

/// Runs all, each `repeat` times; whether all passed.
pub async fn run_all(args: &Args, chosen: &[&'static Scenario]) -> Result<bool> {
    let file = args.site.as_deref().context("--site is missing: run it with cargo xtask drill")?;
    let site = Site::open(file, args.size).await?;
    let before = Snapshot::take(&site);
    let (mut passed, mut failed) = (0, 0);
    for round in 0..args.repeat {
        let seed = args.seed.wrapping_add(u64::from(round));
        for scenario in chosen {
            if args.size == Size::Short && !scenario.short && args.only.is_empty() {
                continue;
            }
            let begun = Instant::now();
            let outcome =
                if scenario.apart && !site.is_apart() { Outcome::Skipped("needs root") } else { run(&site, scenario, seed).await };
            match &outcome {
                Outcome::Passed(_) => passed += 1,
                Outcome::Failed(..) => failed += 1,
                Outcome::Skipped(_) => {}
            }
            tell(args, scenario, seed, begun.elapsed(), &outcome);
        }
    }
    match before.compare(&site).await {
        Ok(said) => {
            passed += 1;
            tell_line(args, "leaks", true, &said);
        }
        Err(error) => {
            failed += 1;
            tell_line(args, "leaks", false, &format!("{error:#}"));
        }
    }
    if args.json {
        eprintln!("{passed} passed, {failed} failed");
    } else {
        println!("{passed} passed, {failed} failed");
    }
    Ok(failed == 0)
}

/// Runs one within its time; afterwards the stack must be well again.
async fn run(site: &Site, scenario: &Scenario, seed: u64) -> Outcome {
    let within = scenario.within(site.size);
    let running = tokio::time::timeout(within, (scenario.run)(site, Dice::new(seed, scenario.name)));
    let outcome = running.await.unwrap_or_else(|_| Err(anyhow::anyhow!("not over within {} s", within.as_secs())));
    let healed = site.healed().await;
    match (outcome, healed) {
        (Err(error), _) => Outcome::Failed(None, format!("{error:#}")),
        (Ok(figures), Err(error)) => Outcome::Failed(Some(figures), format!("the stack does not heal: {error:#}")),
        (Ok(figures), Ok(_)) => {
            let broken = figures.broken();
            if broken.is_empty() { Outcome::Passed(figures) } else { Outcome::Failed(Some(figures), broken.join(", ")) }
        }
    }
}

fn tell(args: &Args, scenario: &Scenario, seed: u64, took: Duration, outcome: &Outcome) {
    let Scenario { name, row, expected, .. } = scenario;
    if args.json {
        let (result, figures, error) = match outcome {
            Outcome::Passed(figures) => ("passed", Some(figures), None),
            Outcome::Failed(figures, error) => ("failed", figures.as_ref(), Some(error.as_str())),
            Outcome::Skipped(why) => ("skipped", None, Some(*why)),
        };
        let figures = figures.map(Figures::to_json);
        println!(
            "{}",
            json!({"name": name, "row": row, "size": format!("{:?}", args.size).to_lowercase(), "seed": seed, "result": result,
                "took_s": seconds(took), "figures": figures, "error": error, "expected": expected})
        );
        return;
    }
    let took = seconds(took);
    match outcome {
        Outcome::Passed(figures) => println!("ok      {row} {name} ({took} s): {figures}  | expected: {expected}"),
        Outcome::Failed(Some(figures), error) => {
            println!("FAILED  {row} {name} (seed {seed}, {took} s): {error}  | all: {figures}  | expected: {expected}");
        }
        Outcome::Failed(None, error) => println!("FAILED  {row} {name} (seed {seed}, {took} s): {error}  | expected: {expected}"),
        Outcome::Skipped(why) => println!("skipped {row} {name}: {why}"),
    }
}

fn tell_line(args: &Args, name: &str, passed: bool, said: &str) {
    if args.json {
        println!("{}", json!({"name": name, "result": if passed { "passed" } else { "failed" }, "said": said}));
    } else {
        println!("{}{name}: {said}", if passed { "ok      " } else { "FAILED  " });
    }
}
