use sealcast_merkle::{
    Hash, leaf,
    tree::{Frontier, StoredHashes, TreeError, stored_count},
};
use sqlx::{PgConnection, PgExecutor, PgTransaction};

use super::{StoreError, from_bigint, to_bigint, to_hash};

/// Advisory lock of whoever appends to the log, held to the end of its transaction.
const APPEND_LOCK: i64 = 0x6175_6469_7400_0002;

/// A transaction that appends leaves: nobody else appends until it ends.
pub struct Append<'c> {
    tx: PgTransaction<'c>,
    frontier: Frontier,
    made: Vec<(u64, Hash)>,
}

impl<'c> Append<'c> {
    /// Waits for its turn and reads the log's right edge.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn begin(mut tx: PgTransaction<'c>) -> Result<Self, StoreError> {
        sqlx::query!("select pg_advisory_xact_lock($1)", APPEND_LOCK).execute(&mut *tx).await?;
        let size = log_size(&mut *tx).await?;
        let stored = read_hashes(&mut *tx, &Frontier::indexes(size)).await?;
        Ok(Self { tx, frontier: Frontier::restore(size, &stored)?, made: Vec::new() })
    }

    /// Appends a leaf by its text and returns its index.
    pub fn push(&mut self, text: &str) -> u64 {
        let index = self.frontier.size();
        self.made.extend(self.frontier.append(leaf::hash(text)));
        index
    }

    /// The transaction's connection, for the rows that the leaves speak of.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// Writes the hashes and commits; returns the log's size.
    ///
    /// # Errors
    /// See [`StoreError`]; after [`StoreError::Unavailable`] it may have been committed.
    pub async fn commit(mut self) -> Result<u64, StoreError> {
        let indexes = self.made.iter().map(|(index, _)| to_bigint(*index)).collect::<Result<Vec<_>, _>>()?;
        let hashes: Vec<Vec<u8>> = self.made.iter().map(|(_, hash)| hash.to_vec()).collect();
        sqlx::query!("insert into audit.log_hashes (idx, hash) select * from unnest($1::bigint[], $2::bytea[])", &indexes, &hashes)
            .execute(&mut *self.tx)
            .await?;
        self.tx.commit().await?;
        Ok(self.frontier.size())
    }
}

/// Leaves of the log.
///
/// # Errors
/// See [`StoreError`].
pub async fn log_size(conn: impl PgExecutor<'_>) -> Result<u64, StoreError> {
    let last = sqlx::query_scalar!("select max(idx) from audit.log_hashes").fetch_one(conn).await?;
    read_size(last.map_or(Ok(0), |last| from_bigint(last).map(|last| last + 1))?).ok_or(StoreError::Tree(TreeError::OutOfRange))
}

/// How many leaves a tree with `count` stored hashes has; `None` when no tree has that many.
fn read_size(count: u64) -> Option<u64> {
    // Each leaf stores one hash and, all told, less than one more.
    let (mut low, mut high) = (count / 2, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if stored_count(middle) < count { low = middle + 1 } else { high = middle }
    }
    (stored_count(low) == count).then_some(low)
}

/// The stored hashes at these indexes; what is not there is absent from the answer.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_hashes(conn: impl PgExecutor<'_>, indexes: &[u64]) -> Result<StoredHashes, StoreError> {
    let indexes = indexes.iter().map(|index| to_bigint(*index)).collect::<Result<Vec<_>, _>>()?;
    let rows = sqlx::query!("select idx, hash from audit.log_hashes where idx = any($1)", &indexes).fetch_all(conn).await?;
    rows.into_iter().map(|row| Ok((from_bigint(row.idx)?, to_hash(&row.hash)?))).collect()
}

/// The stored hashes from index `from` on, at most `limit`, in order.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_hash_range(conn: impl PgExecutor<'_>, from: u64, limit: i64) -> Result<Vec<(u64, Hash)>, StoreError> {
    let rows =
        sqlx::query!("select idx, hash from audit.log_hashes where idx >= $1 order by idx limit $2", to_bigint(from)?, limit)
            .fetch_all(conn)
            .await?;
    rows.into_iter().map(|row| Ok((from_bigint(row.idx)?, to_hash(&row.hash)?))).collect()
}

/// Where a hash is stored, if it is; reads the whole table.
///
/// # Errors
/// See [`StoreError`].
pub async fn find_hash(conn: impl PgExecutor<'_>, hash: &Hash) -> Result<Option<u64>, StoreError> {
    let index = sqlx::query_scalar!("select idx from audit.log_hashes where hash = $1 order by idx limit 1", hash.as_slice())
        .fetch_optional(conn)
        .await?;
    index.map(from_bigint).transpose()
}

/// The leaf that a stored index belongs to; `None` for an inner node.
pub fn leaf_of_hash(index: u64) -> Option<u64> {
    // A leaf is stored first, right behind all that the leaves before it gave.
    read_size(index)
}

/// The leaves that rows claim: one more than the highest index of any.
///
/// # Errors
/// See [`StoreError`].
pub async fn claimed_leaves(conn: impl PgExecutor<'_>) -> Result<u64, StoreError> {
    let last = sqlx::query_scalar!(
        "select greatest((select max(leaf_index) from audit.records), (select max(leaf_index) from audit.events))"
    )
    .fetch_one(conn)
    .await?;
    last.map_or(Ok(0), |last| from_bigint(last).map(|last| last + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_follows_from_the_stored_count() {
        let mut next = 0;
        for size in 0..2_000 {
            let count = stored_count(size);
            for between in next..count {
                assert_eq!(read_size(between), None, "{between}");
            }
            assert_eq!(read_size(count), Some(size));
            next = count + 1;
        }
    }
}
