//! The operator's check: recomputes the log from the rows and names every row that is not what it was.

mod concerned;
mod content;
mod findings;
mod holds;
mod leaves;

use std::collections::BTreeMap;

pub use findings::{Finding, Report};
use sealcast_contracts::EventId;
use sealcast_merkle::{
    Hash,
    checkpoint::{self, TreeHead},
    leaf,
    tree::{Frontier, stored_count},
};
use sqlx::PgPool;

use self::{content::ContentCheck, holds::HoldCheck, leaves::Leaf};
use crate::{
    data_keys::DataKeys,
    store::{self, StoreError, StoredCheckpoint},
};

/// Leaves that are read at a time.
const CHUNK_LEAVES: u64 = 500;
/// Sizes whose checkpoints are read at a time.
const CHUNK_CHECKPOINTS: i64 = 500;

/// Checks the whole archive. `data_keys` opens the sealed content as well; without it only the digests are checked. `seen` are
/// states of the log that somebody saw: only they find a log that was rolled back, or rewritten by its own key.
///
/// # Errors
/// The database could not be read; what it holds never fails the check, it is a finding.
pub async fn verify(pool: &PgPool, vkey: &str, data_keys: Option<&DataKeys>, seen: &[TreeHead]) -> Result<Report, StoreError> {
    let (report, frontier, signed) = (Report::default(), Frontier::default(), Signed::default());
    let mut check = Check { pool, vkey, seen, report, frontier, signed, newest: None, incomplete: false };
    let size = check.expected_size().await?;
    let mut holds = HoldCheck::default();
    let mut content = data_keys.map(|keys| ContentCheck::new(pool, keys));
    for from in (0..size).step_by(CHUNK_LEAVES as usize) {
        let to = size.min(from + CHUNK_LEAVES);
        let rows = leaves::read(pool, from, to).await?;
        check.rows(from, to, &rows).await?;
        holds.check(pool, &rows, &mut check.report).await?;
        concerned::check(pool, &rows, &mut check.report).await?;
        if let Some(content) = &mut content {
            content.check(&rows, &mut check.report).await?;
        }
    }
    check.beyond(size).await?;
    check.unsigned();
    check.rolled_back();
    check.report.leaves = size;
    Ok(check.report)
}

struct Check<'a> {
    pool: &'a PgPool,
    vkey: &'a str,
    seen: &'a [TreeHead],
    report: Report,
    /// The tree over the stored leaf hashes.
    frontier: Frontier,
    signed: Signed,
    /// The newest message so far.
    newest: Option<EventId>,
    /// Whether a row was missing so far.
    incomplete: bool,
}

/// The checkpoints that lie ahead, and how far the signed roots hold.
#[derive(Default)]
struct Signed {
    ahead: std::collections::VecDeque<StoredCheckpoint>,
    read_up_to: u64,
    holds_up_to: u64,
    broken: bool,
    covers: Option<EventId>,
}

impl Check<'_> {
    /// The leaves that there ought to be, by whatever claims the most: rows, hashes or checkpoints.
    async fn expected_size(&mut self) -> Result<u64, StoreError> {
        let rows = leaves::count(self.pool).await?;
        let hashes = match store::log_size(self.pool).await {
            Ok(size) => size,
            Err(StoreError::Tree(_)) => {
                self.report.push(Finding::HashesIncomplete);
                0
            }
            Err(error) => return Err(error),
        };
        let signed = store::latest_checkpoint(self.pool).await?.map_or(0, |checkpoint| checkpoint.size);
        Ok(rows.max(hashes).max(signed))
    }

    async fn rows(&mut self, from: u64, to: u64, rows: &BTreeMap<u64, Vec<Leaf>>) -> Result<(), StoreError> {
        let first = stored_count(from);
        let stored: BTreeMap<u64, Hash> =
            store::read_hash_range(self.pool, first, (stored_count(to) - first) as i64).await?.into_iter().collect();
        for index in from..to {
            let stored_leaf = stored.get(&stored_count(index)).copied();
            let computed = self.row(index, rows.get(&index).map_or(&[], Vec::as_slice), stored_leaf).await?;
            // The tree goes on over what is stored, so that one bad row is one finding.
            let Some(hash) = stored_leaf.or(computed) else { continue };
            for (position, hash) in self.frontier.append(hash) {
                if stored.get(&position) != Some(&hash) {
                    self.report.push(Finding::HashChanged { index: position });
                }
            }
            let record = rows.get(&index).and_then(|rows| rows.first()?.record.as_ref());
            self.newest = self.newest.max(record.map(|record| record.digests.id));
            self.compare_seen();
            self.checkpoints().await?;
        }
        Ok(())
    }

    /// Compares the tree, as far as it has come, with what somebody saw of it.
    fn compare_seen(&mut self) {
        let size = self.frontier.size();
        if self.seen.iter().any(|seen| seen.size == size && seen.root != self.frontier.root()) {
            self.report.push(Finding::Forked { size });
        }
    }

    /// Somebody saw a signed state that no checkpoint of the archive vouches for any more.
    fn unsigned(&mut self) {
        let (from, to) = (self.signed.holds_up_to, self.frontier.size());
        let seen = self.seen.iter().map(|seen| seen.size).max().unwrap_or_default();
        if seen > from && seen <= to && !self.signed.broken {
            self.report.push(Finding::Unsigned { from, to: seen });
        }
    }

    /// A state that was seen, and that this log does not reach.
    fn rolled_back(&mut self) {
        let size = self.frontier.size();
        if let Some(seen) = self.seen.iter().map(|seen| seen.size).max().filter(|seen| *seen > size) {
            self.report.push(Finding::RolledBack { size, seen });
        }
    }

    async fn row(&mut self, index: u64, rows: &[Leaf], stored: Option<Hash>) -> Result<Option<Hash>, StoreError> {
        let [row, rest @ ..] = rows else {
            self.incomplete = true;
            self.report.push(Finding::Removed { leaf_index: index });
            return Ok(None);
        };
        for extra in rest {
            self.report.push(Finding::Added { row: extra.name.clone(), leaf_index: index });
        }
        let hash = leaf::hash(&row.text);
        if stored == Some(hash) {
            return Ok(Some(hash));
        }
        let elsewhere = store::find_hash(self.pool, &hash).await?.and_then(store::leaf_of_hash);
        self.report.push(match elsewhere {
            Some(belongs) => Finding::Moved { row: row.name.clone(), leaf_index: index, belongs },
            None => Finding::Changed { row: row.name.clone(), leaf_index: index },
        });
        Ok(Some(hash))
    }

    /// Compares the tree, as far as it has come, with the checkpoints of this size.
    async fn checkpoints(&mut self) -> Result<(), StoreError> {
        let size = self.frontier.size();
        if self.signed.ahead.is_empty() && self.signed.read_up_to < size {
            let read = store::read_checkpoints(self.pool, size - 1, CHUNK_CHECKPOINTS).await?;
            self.signed.read_up_to = read.last().map_or(u64::MAX, |last| last.size);
            self.signed.ahead.extend(read);
        }
        while self.signed.ahead.front().is_some_and(|checkpoint| checkpoint.size <= size) {
            let Some(checkpoint) = self.signed.ahead.pop_front() else { break };
            if checkpoint.size == size {
                self.checkpoint(&checkpoint);
            }
        }
        Ok(())
    }

    fn checkpoint(&mut self, stored: &StoredCheckpoint) {
        self.report.checkpoints += 1;
        match checkpoint::verify(&stored.note, self.vkey) {
            Ok(head) if head.size == stored.size && head.root == stored.root => {}
            _ => return self.report.push(Finding::CheckpointForged { size: stored.size }),
        }
        // What it covers is not signed: it must lie in the log of that size, and never go back.
        // When rows are missing, the one that it covers may be among them.
        let beyond = stored.covers > self.newest && !self.incomplete;
        if beyond || stored.covers < self.signed.covers {
            self.report.push(Finding::CoversChanged { size: stored.size });
        }
        self.signed.covers = self.signed.covers.max(stored.covers);
        if stored.root == self.frontier.root() {
            self.signed.holds_up_to = stored.size;
        } else if !self.signed.broken {
            // Every later root differs too; the first one tells where.
            self.signed.broken = true;
            self.report.push(Finding::HistoryRewritten { from: self.signed.holds_up_to, to: stored.size });
        }
    }

    /// Stored hashes or checkpoints beyond the last leaf.
    /// A log that runs may have grown meanwhile; hashes that no leaf gives are another matter.
    async fn beyond(&mut self, size: u64) -> Result<(), StoreError> {
        if store::read_hash_range(self.pool, stored_count(size), 1).await?.is_empty() {
            return Ok(());
        }
        match store::log_size(self.pool).await {
            Ok(_) => Ok(()),
            Err(StoreError::Tree(_)) => {
                self.report.push(Finding::HashesIncomplete);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}
