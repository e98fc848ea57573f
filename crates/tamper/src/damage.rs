//! What is done to the archive, one change a round.

mod aside;
mod bundle;
mod checkpoints;
mod history;
mod rows;
mod tree;

use anyhow::{Context, Result};
use sqlx::PgConnection;

use crate::{
    archive::{Archive, Said},
    chance::Chance,
};

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Damage {
    RowFlipped,
    ContentFlipped,
    EventFlipped,
    RowDeleted,
    RowsSwapped,
    ContentsSwapped,
    RowForged,
    RowsTruncated,
    HashFlipped,
    HashDeleted,
    HashesSwapped,
    CheckpointFlipped,
    CheckpointsDeleted,
    CoversMoved,
    RolledBack,
    Forked,
    KeyExchanged,
    AccessSilenced,
    AccessInvented,
    HoldFreed,
    CosignatureForged,
    CheckpointReplayed,
    ExportUnsigned,
    LeafAppended,
    QuarantineEmptied,
    GuardDisarmed,
    BundleFlipped,
    BundleLineDeleted,
    BundleLinesSwapped,
    BundleCut,
    BundlePartExchanged,
}

/// What came of it.
pub struct Outcome {
    /// What was done, for people.
    pub what: String,
    pub detected: bool,
    /// Whether the check said where.
    pub named: bool,
}

/// What was done, and how the check may name it: any of these.
pub struct Done {
    what: String,
    names: Vec<String>,
}

impl Damage {
    pub const ALL: [Self; 31] = [
        Self::RowFlipped,
        Self::ContentFlipped,
        Self::EventFlipped,
        Self::RowDeleted,
        Self::RowsSwapped,
        Self::ContentsSwapped,
        Self::RowForged,
        Self::RowsTruncated,
        Self::HashFlipped,
        Self::HashDeleted,
        Self::HashesSwapped,
        Self::CheckpointFlipped,
        Self::CheckpointsDeleted,
        Self::CoversMoved,
        Self::RolledBack,
        Self::Forked,
        Self::KeyExchanged,
        Self::AccessSilenced,
        Self::AccessInvented,
        Self::HoldFreed,
        Self::CosignatureForged,
        Self::CheckpointReplayed,
        Self::ExportUnsigned,
        Self::LeafAppended,
        Self::QuarantineEmptied,
        Self::GuardDisarmed,
        Self::BundleFlipped,
        Self::BundleLineDeleted,
        Self::BundleLinesSwapped,
        Self::BundleCut,
        Self::BundlePartExchanged,
    ];

    /// Its name in the score.
    pub fn name(self) -> &'static str {
        match self {
            Self::RowFlipped => "row: a field changed",
            Self::ContentFlipped => "row: a bit of the content flipped",
            Self::EventFlipped => "event: a field changed",
            Self::RowDeleted => "row: deleted",
            Self::RowsSwapped => "rows: places exchanged",
            Self::ContentsSwapped => "rows: contents exchanged",
            Self::RowForged => "row: added",
            Self::RowsTruncated => "rows: table emptied",
            Self::HashFlipped => "tree: a bit of a hash flipped",
            Self::HashDeleted => "tree: a hash deleted",
            Self::HashesSwapped => "tree: hashes exchanged",
            Self::CheckpointFlipped => "checkpoint: a field changed",
            Self::CheckpointsDeleted => "checkpoints: the newest deleted",
            Self::CoversMoved => "checkpoint: what it covers moved",
            Self::RolledBack => "log: rolled back as a whole",
            Self::Forked => "log: forked with the stolen key",
            Self::KeyExchanged => "key: of another day",
            Self::AccessSilenced => "concerned: told later or never",
            Self::AccessInvented => "concerned: told of nothing",
            Self::HoldFreed => "hold: ended or narrowed in its table",
            Self::CosignatureForged => "cosignature: invented",
            Self::CheckpointReplayed => "checkpoint: an old one as the newest",
            Self::ExportUnsigned => "checkpoint: that of an export deleted",
            Self::LeafAppended => "log: a leaf appended with its hashes",
            Self::QuarantineEmptied => "quarantine: emptied",
            Self::GuardDisarmed => "guard: replaced",
            Self::BundleFlipped => "bundle: a bit flipped",
            Self::BundleLineDeleted => "bundle: a line deleted",
            Self::BundleLinesSwapped => "bundle: lines exchanged",
            Self::BundleCut => "bundle: cut off",
            Self::BundlePartExchanged => "bundle: a part of another export",
        }
    }

    /// Does it to a fresh copy and lets the check look.
    pub async fn round(self, archive: &Archive, chance: &mut Chance, round: u32) -> Result<Outcome> {
        if let Some(done) = bundle::apply(self, archive, chance)? {
            return Ok(outcome(done, &archive.check_export(&bundle::file(archive))?));
        }
        let (copy, mut conn) = archive.copy(round).await?;
        let done = self.apply(archive, &mut conn, chance).await?;
        sqlx::Connection::close(conn).await?;
        Ok(outcome(done, &archive.check(&copy).await?))
    }

    async fn apply(self, archive: &Archive, conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
        match self {
            Self::RowFlipped => rows::flip(conn, chance).await,
            Self::ContentFlipped => rows::flip_content(conn, chance).await,
            Self::EventFlipped => rows::flip_event(conn, chance).await,
            Self::RowDeleted => rows::delete(conn, chance).await,
            Self::RowsSwapped => rows::swap(conn, chance).await,
            Self::ContentsSwapped => rows::swap_contents(conn, chance).await,
            Self::RowForged => rows::forge(conn, chance).await,
            Self::RowsTruncated => rows::truncate(conn, chance).await,
            Self::HashFlipped => tree::flip(conn, chance).await,
            Self::HashDeleted => tree::delete(conn, chance).await,
            Self::HashesSwapped => tree::swap(conn, chance).await,
            Self::CheckpointFlipped => checkpoints::flip(conn, chance).await,
            Self::CheckpointsDeleted => checkpoints::delete(conn, chance).await,
            Self::CoversMoved => checkpoints::move_covers(conn, chance).await,
            Self::RolledBack => history::roll_back(conn, chance).await,
            Self::Forked => history::fork(archive, conn, chance).await,
            Self::KeyExchanged => aside::exchange_key(conn, chance).await,
            Self::AccessSilenced => aside::silence(conn, chance).await,
            Self::AccessInvented => aside::alarm(conn, chance).await,
            Self::HoldFreed => aside::free_hold(conn, chance).await,
            Self::CosignatureForged => aside::forge_cosignature(conn, chance).await,
            Self::CheckpointReplayed => aside::replay_checkpoint(conn, chance).await,
            Self::ExportUnsigned => aside::delete_exported(conn, chance).await,
            Self::LeafAppended => aside::append(conn, chance).await,
            Self::QuarantineEmptied => aside::empty_quarantine(conn).await,
            Self::GuardDisarmed => aside::disarm(conn, chance).await,
            _ => anyhow::bail!("not a change of the database"),
        }
    }
}

fn outcome(done: Done, said: &Said) -> Outcome {
    let named = said.found && done.names.iter().any(|name| said.text.contains(name.as_str()));
    Outcome { what: done.what, detected: said.found, named }
}

/// A statement that must change something.
async fn execute(conn: &mut PgConnection, statement: &str) -> Result<()> {
    let changed = sqlx::query(statement).execute(conn).await.with_context(|| statement.to_owned())?;
    anyhow::ensure!(changed.rows_affected() > 0, "nothing was changed by: {statement}");
    Ok(())
}

/// All rows' leaves of a table, in order.
async fn leaves(conn: &mut PgConnection, table: &str) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar(&format!("select leaf_index from audit.{table} order by leaf_index")).fetch_all(conn).await?)
}
