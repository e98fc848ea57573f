//! Crowds that log in and crowds that guess, beside people who read.

use std::{
    collections::BTreeSet,
    net::Ipv4Addr,
    sync::Mutex,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use futures::future::join_all;
use sealcast_e2e::Person;
use serde_json::Value;

use crate::{
    dice::Dice,
    faults::process::{Frozen, resident_kib},
    figures::{Figures, percentile, seconds, to_f64},
    raw::{Answer, Dialler},
    site::Site,
    traffic::{Load, Traffic},
};

const PROGRESS: usize = 40;
const PROGRESS_WITHIN: Duration = Duration::from_secs(60);
const LOGIN: &str = "/api/v1/auth/login";
const JSON: [(&str, &str); 2] = [("Content-Type", "application/json"), ("Accept", "application/json")];
/// Addresses that a guesser has.
const NETWORKS: usize = 200;
/// Logins that are timed, to accounts that exist and to as many that do not: no more of each than one account allows from
/// everywhere together.
const TIMED_EACH: usize = 200;
const TIMED_NAMES: usize = 6;

/// What a crowd was answered.
#[derive(Default)]
struct Answers {
    /// The password was compared.
    evaluated: usize,
    /// 429 and 503, and how long they took.
    refused: Vec<Duration>,
    without_retry_after: usize,
    failed: usize,
}

/// S2: unknown names from everywhere, all at once.
pub async fn logins(site: &Site, _: Dice) -> Result<Figures> {
    let load = Load { readers: site.size.pick(30, 200), writers: 4, pace: Duration::from_millis(100) };
    let traffic = Traffic::open(site, load).await?;
    let (at_once, lasts) = (site.size.pick(100, 500), Duration::from_secs(site.size.pick(8, 30)));
    let pid = site.stack.pid("auth-svc").context("auth-svc runs")?;
    let (mut begun, mut storm, mut over) = (Instant::now(), Instant::now(), Instant::now());
    let answers = Mutex::new(Answers::default());
    let (mut inflight, mut growth) = (0.0, 0);
    let faulting = async {
        begun = Instant::now();
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await?;
        let memory = resident_kib(pid);
        storm = Instant::now();
        let dialler = Dialler::new(site)?;
        let guessers = (0..at_once).map(|number| {
            let (mut dice, dialler, answers) = (Dice::new(number as u64, "login storm"), dialler.clone(), &answers);
            async move {
                while storm.elapsed() < lasts {
                    let name = format!("nobody-{number}-{}", dice.below(1_000_000));
                    attempt(site, &dialler, &name, Some(anywhere(&mut dice)), answers).await;
                }
            }
        });
        let watching = async {
            while storm.elapsed() < lasts {
                inflight = f64::max(inflight, site.metric("auth-svc", "auth_hash_inflight", "").await?);
                growth = growth.max(resident_kib(pid).saturating_sub(memory));
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            anyhow::Ok(())
        };
        tokio::join!(join_all(guessers), watching).1.context("watching auth-svc")?;
        over = Instant::now();
        traffic.progress(PROGRESS, PROGRESS_WITHIN).await
    };
    traffic.during(faulting).await?;
    let p99 = |from, to| percentile(&traffic.latencies(from, to), 99);
    let (before, meanwhile) = (p99(begun, storm), p99(storm, over));
    let outcome = traffic.settle().await?;
    let answers = answers.into_inner().unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut figures = Figures::default();
    figures.count("at once", at_once);
    figures.count("evaluated", answers.evaluated);
    figures.count("refused", answers.refused.len());
    figures.none("failed", answers.failed);
    figures.none("without Retry-After", answers.without_retry_after);
    figures.at_most("refused p99 s", seconds(percentile(&answers.refused, 99)), 0.2);
    figures.at_most("hashes at once", inflight, to_f64(cores));
    figures.at_most("memory +MiB", to_f64(growth) / 1024.0, 128.0);
    figures.tell("delivery p99 before s", seconds(before));
    figures.at_most("delivery p99 meanwhile s", seconds(meanwhile), f64::max(0.5, 2.0 * seconds(before)));
    outcome.tell(&mut figures);
    Ok(figures)
}

/// S1 and R7: one account, many addresses, and Redis does not answer; the owner comes in meanwhile.
pub async fn guesses(site: &Site, dice: Dice) -> Result<Figures> {
    let victim = site.person(3)?;
    let (name, _) = victim.credentials();
    let (dialler, answers) = (Dialler::new(site)?, Mutex::new(Answers::default()));
    let lasts = Duration::from_secs(site.size.pick(8, 60));
    let hashed = || site.metric("auth-svc", "auth_hash_verify_total", "mismatch");
    let before = hashed().await?;
    let frozen = Frozen::new(site, "redis")?;
    let begun = Instant::now();
    let guessers = (0..16).map(|number| {
        let (mut dice, dialler, answers) = (dice.clone(), dialler.clone(), &answers);
        for _ in 0..number {
            dice.below(NETWORKS);
        }
        async move {
            while begun.elapsed() < lasts {
                // The owner's own address among them.
                if number % 4 == 0 {
                    attempt(site, &dialler, name, None, answers).await;
                    continue;
                }
                // Four neighbourhoods with fifty addresses each.
                let network = dice.below(NETWORKS);
                let from = Ipv4Addr::new(
                    198,
                    51,
                    u8::try_from(network / 50).unwrap_or_default(),
                    u8::try_from(network % 50 + 1).unwrap_or_default(),
                );
                attempt(site, &dialler, name, Some(from), answers).await;
            }
        }
    });
    let mut entered = Vec::new();
    let owner = async {
        let ingress = site.stack.ingress()?;
        while begun.elapsed() < lasts {
            let began = Instant::now();
            let client = victim.log_in(&ingress).await.context("the owner is locked out")?;
            entered.push(began.elapsed());
            client.session().log_out().await.context("the owner cannot log out")?;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        anyhow::Ok(())
    };
    let (_, owner) = tokio::join!(join_all(guessers), owner);
    drop(frozen);
    owner?;
    let compared = hashed().await? - before;
    let answers = answers.into_inner().unwrap_or_default();
    let mut figures = Figures::default();
    figures.count("guesses", answers.evaluated + answers.refused.len());
    // The account's budget of 5, and 3 for each of four neighbourhoods; twice that while Redis is away. What its own network
    // has comes on top, and is halved like the others: together it stays within that.
    figures.at_most("evaluated", compared, 2.0 * (5.0 + 4.0 * 3.0));
    figures.none("failed", answers.failed);
    figures.none("without Retry-After", answers.without_retry_after);
    figures.count("owner's logins", entered.len());
    figures.at_most("owner p95 s", seconds(percentile(&entered, 95)), 2.0);
    Ok(figures)
}

/// S1: whether a name belongs to somebody shows in no answer and in no time.
pub async fn names(site: &Site, _: Dice) -> Result<Figures> {
    let (dialler, people) = (Dialler::new(site)?, Person::gather(&site.stack, TIMED_NAMES).await?);
    let known: Vec<_> = people.iter().map(|person| person.credentials().0).collect();
    let (mut figures, mut differing) = (Figures::default(), 0);
    for (path, of_known, of_unknown, difference) in [
        ("/api/v1/auth/login", "login, known: median ms", "unknown: median ms", "medians differ %"),
        ("/api/v1/auth/prelogin", "prelogin, known: median ms", "prelogin, unknown: median ms", "prelogin medians differ %"),
    ] {
        let (mut times, mut said) = ([Vec::new(), Vec::new()], BTreeSet::new());
        for turn in 0..TIMED_EACH {
            let name = known.get(turn % known.len()).context("somebody is known")?;
            // Of the same length, and nobody's.
            let nobody = name.replacen("e2e", "e2f", 1);
            // Neighbourhoods that nobody has logged in from: no budget is spent.
            let from =
                |kind: usize| Ipv4Addr::new(203, u8::try_from(kind).unwrap_or_default(), u8::try_from(turn).unwrap_or_default(), 7);
            let mut pair = [(0, *name), (1, nobody.as_str())];
            if turn % 2 == 1 {
                pair.reverse();
            }
            for (kind, name) in pair {
                let body = guess(name).to_string();
                let mut raw = dialler.dial(site, 0, Some(from(kind)), None).await?;
                let begun = Instant::now();
                let answer = raw.ask("POST", path, &JSON, body.as_bytes()).await?;
                if let Some(times) = times.get_mut(kind) {
                    times.push(begun.elapsed());
                }
                said.insert(shape(&answer)?);
            }
        }
        differing += said.len() - 1;
        let [known, unknown] = times.map(|times| 1_000.0 * percentile(&times, 50).as_secs_f64());
        figures.tell(of_known, known);
        figures.tell(of_unknown, unknown);
        figures.at_most(difference, 100.0 * (known - unknown).abs() / known.min(unknown), 5.0);
    }
    figures.count("of each", TIMED_EACH);
    figures.none("answers that differ", differing);
    Ok(figures)
}

/// What an answer looks like but for what is its own: the request's number, the salt.
fn shape(answer: &Answer) -> Result<(u16, String)> {
    let mut body: Value = serde_json::from_slice(&answer.body).context("the answer is no JSON")?;
    for own in ["request_id", "salt"] {
        if let Some(Value::String(text)) = body.get_mut(own) {
            *text = format!("{} characters", text.len());
        }
    }
    Ok((answer.status, body.to_string()))
}

/// One login with a wrong secret, from this machine if from nowhere else.
async fn attempt(site: &Site, dialler: &Dialler, name: &str, from: Option<Ipv4Addr>, answers: &Mutex<Answers>) {
    let body = guess(name);
    let begun = Instant::now();
    let answer = async {
        let edge = from.map_or(0, |from| from.octets()[3] as usize % 2);
        let mut raw = dialler.dial(site, edge, from, None).await?;
        raw.ask("POST", LOGIN, &JSON, body.to_string().as_bytes()).await
    };
    let answer = answer.await;
    let mut answers = answers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    match answer {
        Ok(answer) if answer.status == 401 => answers.evaluated += 1,
        Ok(answer) if matches!(answer.status, 429 | 503) => {
            answers.refused.push(begun.elapsed());
            answers.without_retry_after += usize::from(!answer.head.to_ascii_lowercase().contains("retry-after:"));
        }
        Ok(_) | Err(_) => answers.failed += 1,
    }
}

fn guess(name: &str) -> Value {
    // 32 octets in base64.
    let auth = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    serde_json::json!({"username": name, "session": "token", "proof": {"kind": "password", "auth": auth}})
}

/// Some address of the world.
fn anywhere(dice: &mut Dice) -> Ipv4Addr {
    let mut octet = |least: usize| u8::try_from(least + dice.below(200)).unwrap_or(1);
    Ipv4Addr::new(octet(11), octet(1), octet(1), octet(1))
}
