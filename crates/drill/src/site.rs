//! What a drill works on: the stack, its disks, and people in two rooms.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use sealcast_contracts::RoomId;
use sealcast_e2e::{Person, Stack, people::share_room};
use serde::Deserialize;

use crate::cli::Size;

/// People of one run; each writes, and has streams.
const PEOPLE_SHORT: usize = 6;
const PEOPLE_NIGHTLY: usize = 16;
/// How long the stack may take to be itself again after a fault, beyond what a drill measures.
const HEALED_WITHIN: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);
/// How long an admin port may take to answer.
const ADMIN_TIMEOUT: Duration = Duration::from_secs(2);

/// What the launcher wrote.
#[derive(Deserialize)]
struct SiteFile {
    up: PathBuf,
    programs: PathBuf,
    config: PathBuf,
    apart: Option<Apart>,
}

/// Disks and a network of the stack's own.
#[derive(Deserialize)]
pub struct Apart {
    pub nats: Disk,
    pub postgres: Disk,
}

/// A file system in a file.
#[derive(Deserialize)]
pub struct Disk {
    pub image: PathBuf,
    pub mounted_at: PathBuf,
}

/// The stack and its people.
pub struct Site {
    pub stack: Stack,
    pub size: Size,
    /// Where our programs and their configuration lie.
    pub programs: PathBuf,
    pub config: PathBuf,
    pub people: Vec<Person>,
    /// Everybody is in it.
    pub common: RoomId,
    /// Every second person is in it.
    pub half: RoomId,
    apart: Option<Apart>,
    http: reqwest::Client,
}

impl Site {
    /// Finds the stack and registers people.
    pub async fn open(file: &Path, size: Size) -> Result<Self> {
        let text = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        let SiteFile { up, programs, config, apart } =
            serde_json::from_slice(&text).context("the site file is not what the launcher writes")?;
        let stack = Stack::read(&up)?;
        let people = Person::gather(&stack, size.pick(PEOPLE_SHORT, PEOPLE_NIGHTLY)).await.context("registering people")?;
        let common = share_room(&people.iter().collect::<Vec<_>>()).await?;
        let half = share_room(&people.iter().step_by(2).collect::<Vec<_>>()).await?;
        let http = reqwest::Client::builder()
            .tls_built_in_root_certs(false)
            .add_root_certificate(reqwest::Certificate::from_pem(stack.ca())?)
            .no_proxy()
            .build()?;
        Ok(Self { stack, size, programs, config, people, common, half, apart, http })
    }

    /// The disks, where there are some.
    pub fn disks(&self) -> Result<&Apart> {
        self.apart.as_ref().context("there are no disks and no network of its own: run it as root")
    }

    pub fn is_apart(&self) -> bool {
        self.apart.is_some()
    }

    /// The rooms of a person, by their place among the people.
    pub fn rooms_of(&self, person: usize) -> BTreeSet<RoomId> {
        if person.is_multiple_of(2) { [self.common, self.half].into() } else { [self.common].into() }
    }

    pub fn person(&self, index: usize) -> Result<&Person> {
        self.people.get(index % self.people.len().max(1)).context("there are people")
    }

    /// For requests that no client makes.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The sum of a metric's samples whose labels contain a text. A metric that the process does not have is an error; a label
    /// that has not occurred yet counts as 0.
    pub async fn metric(&self, process: &str, name: &str, labels: &str) -> Result<f64> {
        let url = self.stack.admin(process).with_context(|| format!("{process} has no admin port"))?.join("metrics")?;
        let answer = self.http.get(url).timeout(ADMIN_TIMEOUT).send().await?.error_for_status()?;
        sum(&answer.text().await?, name, labels).with_context(|| format!("{process} has no metric {name}"))
    }

    /// Whether a service says that it is ready.
    pub async fn is_ready(&self, process: &str) -> bool {
        let Some(url) = self.stack.admin(process).and_then(|url| url.join("ready").ok()) else { return true };
        self.http.get(url).timeout(ADMIN_TIMEOUT).send().await.is_ok_and(|answer| answer.status().is_success())
    }

    /// Waits until every process runs and is ready, and a message is accepted through each edge.
    pub async fn healed(&self) -> Result<Duration> {
        let begun = Instant::now();
        let names = self.process_names();
        loop {
            let mut missing = Vec::new();
            for name in &names {
                if self.stack.pid(name).is_none() || !self.is_ready(name).await {
                    missing.push(name.as_str());
                }
            }
            if missing.is_empty() {
                break;
            }
            if begun.elapsed() > HEALED_WITHIN {
                bail!("not ready again: {}", missing.join(", "));
            }
            tokio::time::sleep(POLL).await;
        }
        let left = HEALED_WITHIN.saturating_sub(begun.elapsed());
        let sending = self.person(0)?.client.send(self.common, "is everything well?");
        let sent = tokio::time::timeout(left, sending).await.context("nothing is accepted any more")?;
        sent.context("sending after the fault")?;
        Ok(begun.elapsed())
    }

    /// Every process that the launcher keeps alive.
    pub fn process_names(&self) -> Vec<String> {
        let services = self.stack.edges().chain(self.stack.services()).map(str::to_owned);
        services.chain(["nats", "redis", "postgres", "haproxy"].map(str::to_owned)).collect()
    }

    /// Waits until a condition holds; how long it took.
    pub async fn until(&self, what: &str, within: Duration, mut holds: impl AsyncFnMut() -> bool) -> Result<Duration> {
        let begun = Instant::now();
        while !holds().await {
            ensure!(begun.elapsed() < within, "{what}: not within {:.0} s", within.as_secs_f64());
            tokio::time::sleep(POLL).await;
        }
        Ok(begun.elapsed())
    }
}

/// The sum of the samples of a metric; `None` when there is no sample of it, with whatever labels.
fn sum(exposition: &str, name: &str, labels: &str) -> Option<f64> {
    let samples = exposition.lines().filter_map(|line| {
        let (key, value) = line.rsplit_once(' ')?;
        let rest = key.strip_prefix(name).filter(|rest| rest.is_empty() || rest.starts_with('{'))?;
        Some((rest, value.parse::<f64>().ok()?))
    });
    samples.fold(None, |sum, (rest, value)| Some(sum.unwrap_or_default() + if rest.contains(labels) { value } else { 0.0 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_that_is_not_there_is_no_zero() {
        let text = "# HELP a what\na 3\nab 7\nb{reason=\"slow\"} 2\nb{reason=\"slow\",node=\"1\"} 3\nb{reason=\"age\"} 4\n";
        assert_eq!(sum(text, "a", ""), Some(3.0));
        assert_eq!(sum(text, "b", "reason=\"slow\""), Some(5.0));
        assert_eq!(sum(text, "b", ""), Some(9.0));
        assert_eq!(sum(text, "b", "reason=\"drain\""), Some(0.0));
        assert_eq!(sum(text, "c", ""), None);
    }
}
