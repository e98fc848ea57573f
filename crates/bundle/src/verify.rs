//! Checking a bundle, completely and offline. Nothing that it says of itself is believed: leaves are rebuilt from messages and
//! events, the root from the leaves, and the root is compared with what the log's key signed.

mod events;
mod log;
mod messages;
mod seal;
mod view;

use std::{
    fmt,
    fs::File,
    io::{self, BufReader, Take},
    path::Path,
};

use sealcast_contracts::Fingerprint;
use sealcast_merkle::checkpoint::TreeHead;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    fault::Fault,
    lines::Lines,
    manifest::Manifest,
    ustar::{self, Entry},
};

/// Faults that are told; more say nothing new.
pub const FAULTS_MAX: usize = 100;

/// What the verifier knows from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Anchors {
    /// The log's verifier key. Without it the bundle's own is believed, and the report says so.
    pub log_vkey: Option<String>,
    /// Witnesses whose cosignatures the checkpoint must carry.
    pub witnesses: Vec<String>,
    /// The certificate of the officer who must have signed it.
    pub exporter: Option<Fingerprint>,
    /// A state of the log that was seen before: the bundle's must not contradict it.
    pub seen: Option<TreeHead>,
}

/// What a check found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    pub verified: bool,
    /// What was checked and holds, in order.
    pub steps: Vec<Step>,
    /// What no check can show, or what was taken from the bundle itself.
    pub caveats: Vec<String>,
    pub faults: Vec<Fault>,
}

/// One thing that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    pub name: &'static str,
    pub detail: String,
}

/// Checks the bundle at `path`.
///
/// # Errors
/// The file cannot be read; whatever is wrong with its content is a fault of the report.
pub fn verify(path: &Path, anchors: &Anchors) -> io::Result<Report> {
    let mut report = Report::default();
    match ustar::index(path)? {
        Err(fault) => report.faults.push(fault),
        Ok(entries) => check(&Bundle { path, entries }, anchors, &mut report)?,
    }
    report.faults.truncate(FAULTS_MAX);
    report.verified = report.faults.is_empty();
    Ok(report)
}

fn check(bundle: &Bundle<'_>, anchors: &Anchors, report: &mut Report) -> io::Result<()> {
    let Some(sealed) = seal::check(bundle, anchors, report)? else { return Ok(()) };
    let contexts = messages::check(bundle, &sealed, report)?;
    log::check(bundle, &sealed, anchors, &contexts, report)?;
    events::check(bundle, &sealed, report)?;
    view::check(bundle, &sealed, report)
}

/// The parts of the file.
struct Bundle<'a> {
    path: &'a Path,
    entries: Vec<Entry>,
}

impl Bundle<'_> {
    fn entry(&self, part: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == part)
    }

    /// The octets of a small part; `None` when it is not there or larger than `max`.
    fn octets(&self, part: &str, max: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(entry) = self.entry(part).filter(|entry| entry.octets <= max) else { return Ok(None) };
        let mut octets = Vec::new();
        io::Read::read_to_end(&mut ustar::open(self.path, entry)?, &mut octets)?;
        Ok(Some(octets))
    }

    /// The lines of a part; that it is there was checked with the manifest.
    fn lines<T: DeserializeOwned>(&self, part: &'static str) -> io::Result<Lines<BufReader<Take<File>>, T>> {
        let missing = || io::Error::other(format!("{part} is missing"));
        Ok(Lines::new(part, ustar::open(self.path, self.entry(part).ok_or_else(missing)?)?))
    }
}

/// A bundle whose manifest is what its exporter signed.
struct Sealed {
    manifest: Manifest,
    certificates: seal::Certificates,
    range: crate::parts::RangePart,
}

impl Report {
    fn step(&mut self, name: &'static str, detail: impl Into<String>) {
        self.steps.push(Step { name, detail: detail.into() });
    }

    /// A step that counts only when nothing was found since there were `before` faults.
    fn step_since(&mut self, before: usize, name: &'static str, detail: impl Into<String>) {
        if self.faults.len() == before {
            self.step(name, detail);
        }
    }

    fn fault(&mut self, fault: Fault) {
        if self.faults.len() <= FAULTS_MAX {
            self.faults.push(fault);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Step { name, detail } in &self.steps {
            writeln!(f, "holds   {name:<12} {detail}")?;
        }
        for caveat in &self.caveats {
            writeln!(f, "note    {caveat}")?;
        }
        for fault in &self.faults {
            writeln!(f, "FAILS   {fault}")?;
        }
        write!(f, "{}", if self.verified { "verified" } else { "NOT VERIFIED" })
    }
}
