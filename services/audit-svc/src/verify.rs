//! The operator's check: recomputes the log from the rows and names every row that is not what it was.

mod aside;
mod concerned;
mod content;
mod findings;
mod guards;
mod holds;
mod keys;
mod leaves;
mod officers;

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
use time::{Duration, OffsetDateTime};

use self::{
    aside::AsideCheck, concerned::ConcernedCheck, content::ContentCheck, holds::HoldCheck, keys::KeyCheck, leaves::Leaf,
    officers::OfficerCheck,
};
use crate::{
    appends::AppendKey,
    data_keys::DataKeys,
    store::{self, StoreError, StoredCheckpoint},
};

/// Leaves that are read at a time.
const CHUNK_LEAVES: u64 = 500;
/// Sizes whose checkpoints are read at a time.
const CHUNK_CHECKPOINTS: i64 = 500;
/// Findings of one kind, where one change could give any number of them.
const FINDINGS_MAX: i64 = 1_000;
/// A checkpoint follows each append within a second; leaves that span more than this have seen many.
const UNSIGNED_SPAN_MAX: Duration = Duration::minutes(1);
/// Twice as long as the checkpoint of leaves that were just appended can take.
const SIGNED_WITHIN: std::time::Duration = std::time::Duration::from_secs(2);
/// More leaves than any log has.
const LEAVES_MAX: u64 = 1 << 48;

/// What somebody brings who checks an archive.
#[derive(Clone, Copy, Debug, Default)]
pub struct Means<'a> {
    /// Opens sealed content, to compare it with its digests.
    pub data_keys: Option<&'a DataKeys>,
    /// Tells states that audit-svc made from others.
    pub append_key: Option<&'a AppendKey>,
    /// States of the log that somebody saw: only they find a log that was rolled back, or rewritten by its own key.
    pub seen: &'a [TreeHead],
}

/// Checks the whole archive with the means at hand.
///
/// # Errors
/// The database could not be read; what it holds never fails the check, it is a finding.
pub async fn verify(pool: &PgPool, vkey: &str, means: Means<'_>) -> Result<Report, StoreError> {
    let mut check = Check {
        pool,
        vkey,
        means,
        report: Report::default(),
        frontier: Frontier::default(),
        signed: Signed::default(),
        newest: None,
        incomplete: false,
    };
    guards::check(pool, &mut check.report).await?;
    let mut aside = AsideCheck::begin(pool).await?;
    let size = check.expected_size().await?;
    let (mut keys, mut holds, mut concerned) = (KeyCheck::default(), HoldCheck::default(), ConcernedCheck::default());
    let mut officers = OfficerCheck::default();
    let content = means.data_keys.map(|keys| ContentCheck::new(pool, keys));
    let mut from = 0;
    while from < size {
        let to = size.min(from + CHUNK_LEAVES);
        let rows = leaves::read(pool, from, to).await?;
        if rows.is_empty() && check.has_no_hashes(from).await? {
            from = check.gone(from, size).await?;
            continue;
        }
        check.rows(from, to, &rows).await?;
        keys.check(pool, &rows, &mut check.report).await?;
        holds.check(pool, &rows, &mut check.report).await?;
        concerned.check(pool, &rows, &mut check.report).await?;
        if let Some(content) = &content {
            content.check(&rows, &mut check.report).await?;
        }
        officers.note(&rows);
        aside.note(&rows);
        from = to;
    }
    check.beyond(size).await?;
    check.unsigned().await?;
    check.rolled_back();
    check.foreign_end().await?;
    let (covers, report) = (check.signed.covers, &mut check.report);
    keys::returned(pool, report).await?;
    holds.finish(pool, size, report).await?;
    concerned::surplus(pool, size, report).await?;
    officers.finish(report);
    aside.finish(pool, covers, report).await?;
    check.report.leaves = size;
    Ok(check.report)
}

struct Check<'a> {
    pool: &'a PgPool,
    vkey: &'a str,
    means: Means<'a>,
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
    /// When the first and the last happened of what came since.
    since: Option<(OffsetDateTime, OffsetDateTime)>,
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
        // Whoever claims more than any log has is told of by what is missing up to there.
        Ok(rows.max(hashes).max(signed).min(LEAVES_MAX))
    }

    async fn has_no_hashes(&self, from: u64) -> Result<bool, StoreError> {
        let first = stored_count(from);
        let next = store::read_hash_range(self.pool, first, 1).await?;
        Ok(next.first().is_none_or(|(index, _)| *index >= stored_count(from + CHUNK_LEAVES)))
    }

    /// Nothing is left of some leaves: one finding for all, up to the next one that a row claims. Gives where to go on.
    async fn gone(&mut self, from: u64, size: u64) -> Result<u64, StoreError> {
        let to = store::next_claimed(self.pool, from).await?.unwrap_or(size).min(size);
        self.incomplete = true;
        self.report.push(Finding::AllRemoved { from, to });
        Ok(to)
    }

    async fn rows(&mut self, from: u64, to: u64, rows: &BTreeMap<u64, Vec<Leaf>>) -> Result<(), StoreError> {
        let first = stored_count(from);
        let stored: BTreeMap<u64, Hash> =
            store::read_hash_range(self.pool, first, (stored_count(to) - first) as i64).await?.into_iter().collect();
        let appends = match self.means.append_key {
            Some(_) => store::read_appends(self.pool, from, to).await?,
            None => BTreeMap::new(),
        };
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
            let row = rows.get(&index).and_then(|rows| rows.first());
            self.newest = self.newest.max(row.and_then(|row| Some(row.record.as_ref()?.digests.id)));
            if let Some(at) = row.and_then(Leaf::at) {
                let (first, last) = self.signed.since.unwrap_or((at, at));
                self.signed.since = Some((first.min(at), last.max(at)));
            }
            self.compare_seen();
            if let Some(mac) = appends.get(&self.frontier.size()) {
                self.compare_append(mac);
            }
            self.checkpoints().await?;
        }
        Ok(())
    }

    /// Compares the tree, as far as it has come, with what somebody saw of it.
    fn compare_seen(&mut self) {
        let size = self.frontier.size();
        if self.means.seen.iter().any(|seen| seen.size == size && seen.root != self.frontier.root()) {
            self.report.push(Finding::Forked { size });
        }
    }

    /// Compares the tree, as far as it has come, with what audit-svc says that it made.
    fn compare_append(&mut self, mac: &[u8]) {
        let head = TreeHead { size: self.frontier.size(), root: self.frontier.root() };
        if self.means.append_key.is_some_and(|key| !key.is_ours(&head, mac)) {
            self.report.push(Finding::Foreign { size: head.size });
        }
    }

    /// Whatever somebody else appended last has nothing that says it is audit-svc's.
    async fn foreign_end(&mut self) -> Result<(), StoreError> {
        let size = self.frontier.size();
        // A checkpoint says it as well, and of older logs only that does.
        if self.means.append_key.is_none() || size == self.signed.holds_up_to || self.incomplete {
            return Ok(());
        }
        if store::read_appends(self.pool, size - 1, size).await?.is_empty() {
            self.report.push(Finding::Foreign { size });
        }
        Ok(())
    }

    /// No checkpoint of the archive vouches any more for what somebody saw signed, or for what was signed long ago.
    async fn unsigned(&mut self) -> Result<(), StoreError> {
        let (from, to) = (self.signed.holds_up_to, self.frontier.size());
        if self.signed.broken || from >= to {
            return Ok(());
        }
        let seen = self.means.seen.iter().map(|seen| seen.size).max().filter(|seen| *seen > from && *seen <= to);
        let is_old = self.signed.since.is_some_and(|(first, last)| last - first > UNSIGNED_SPAN_MAX);
        if let Some(seen) = seen {
            self.report.push(Finding::Unsigned { from, to: seen });
        } else if is_old && !self.is_signed_soon(to).await? {
            self.report.push(Finding::Unsigned { from, to });
        }
        Ok(())
    }

    /// Old messages that came just now, after an outage, are signed in a moment.
    async fn is_signed_soon(&self, size: u64) -> Result<bool, StoreError> {
        tokio::time::sleep(SIGNED_WITHIN).await;
        let latest = store::latest_checkpoint(self.pool).await?.filter(|latest| latest.size >= size);
        Ok(latest.is_some_and(|latest| checkpoint::verify(&latest.note, self.vkey).is_ok_and(|head| head.size == latest.size)))
    }

    /// A state that was seen, and that this log does not reach.
    fn rolled_back(&mut self) {
        let size = self.frontier.size();
        if let Some(seen) = self.means.seen.iter().map(|seen| seen.size).max().filter(|seen| *seen > size) {
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
            (self.signed.holds_up_to, self.signed.since) = (stored.size, None);
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
