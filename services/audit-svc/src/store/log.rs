use std::collections::BTreeMap;

use sealcast_merkle::{
    Hash,
    checkpoint::TreeHead,
    leaf,
    tree::{Frontier, StoredHashes, TreeError, stored_count},
};
use sqlx::{PgConnection, PgExecutor, PgTransaction};

use super::{StoreError, checkpoint_of_size, from_bigint, to_bigint, to_hash};
use crate::appends::AppendKey;

/// Advisory lock of whoever appends to the log, held to the end of its transaction.
const APPEND_LOCK: i64 = 0x6175_6469_7400_0002;

/// A transaction that appends leaves: nobody else appends until it ends.
pub struct Append<'c> {
    tx: PgTransaction<'c>,
    key: AppendKey,
    frontier: Frontier,
    made: Vec<(u64, Hash)>,
}

impl<'c> Append<'c> {
    /// Waits for its turn and reads the log's right edge. Nothing is appended to a state that audit-svc did not make.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn begin(mut tx: PgTransaction<'c>, key: &AppendKey) -> Result<Self, StoreError> {
        sqlx::query!("select pg_advisory_xact_lock($1)", APPEND_LOCK).execute(&mut *tx).await?;
        let frontier = own_edge(&mut tx, key).await?;
        Ok(Self { tx, key: key.clone(), frontier, made: Vec::new() })
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
        let head = TreeHead { size: self.frontier.size(), root: self.frontier.root() };
        if !self.made.is_empty() {
            let mac = self.key.mac(&head);
            sqlx::query!("insert into audit.appends (size, mac) values ($1, $2)", to_bigint(head.size)?, mac)
                .execute(&mut *self.tx)
                .await?;
        }
        self.tx.commit().await?;
        Ok(head.size)
    }
}

/// The log's right edge, once it is certain that audit-svc made it.
///
/// # Errors
/// [`StoreError::Foreign`] when somebody else wrote it, and see there.
pub async fn own_edge(conn: &mut PgConnection, key: &AppendKey) -> Result<Frontier, StoreError> {
    let size = log_size(&mut *conn).await?;
    let stored = read_hashes(&mut *conn, &Frontier::indexes(size)).await?;
    let frontier = Frontier::restore(size, &stored)?;
    if size > 0 {
        let head = TreeHead { size, root: frontier.root() };
        let mac = sqlx::query_scalar!("select mac from audit.appends where size = $1", to_bigint(size)?);
        let is_ours = mac.fetch_optional(&mut *conn).await?.is_some_and(|mac| key.is_ours(&head, &mac));
        if !is_ours && !checkpoint_of_size(conn, size).await?.is_some_and(|signed| key.is_signed(&head, &signed.note)) {
            metrics::counter!("audit_foreign_states_total").increment(1);
            return Err(StoreError::Foreign { size });
        }
    }
    Ok(frontier)
}

/// What is stored with the states of more than `after` leaves, up to `to`.
///
/// # Errors
/// See [`StoreError`].
pub async fn read_appends(conn: impl PgExecutor<'_>, after: u64, to: u64) -> Result<BTreeMap<u64, Vec<u8>>, StoreError> {
    let rows =
        sqlx::query!("select size, mac from audit.appends where size > $1 and size <= $2", to_bigint(after)?, to_bigint(to)?)
            .fetch_all(conn)
            .await?;
    rows.into_iter().map(|row| Ok((from_bigint(row.size)?, row.mac))).collect()
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

/// The first leaf from `from` on that a row claims.
///
/// # Errors
/// See [`StoreError`].
pub async fn next_claimed(conn: impl PgExecutor<'_>, from: u64) -> Result<Option<u64>, StoreError> {
    let next = sqlx::query_scalar!(
        "select least((select min(leaf_index) from audit.records where leaf_index >= $1),
                      (select min(leaf_index) from audit.events where leaf_index >= $1))",
        to_bigint(from)?
    )
    .fetch_one(conn)
    .await?;
    next.map(from_bigint).transpose()
}

/// The leaves that rows claim: one more than the highest index of any, or the largest state that was made.
///
/// # Errors
/// See [`StoreError`].
pub async fn claimed_leaves(conn: impl PgExecutor<'_>) -> Result<u64, StoreError> {
    let last = sqlx::query_scalar!(
        "select greatest((select max(leaf_index) from audit.records), (select max(leaf_index) from audit.events),
                         (select max(size) - 1 from audit.appends))"
    )
    .fetch_one(conn)
    .await?;
    last.map_or(Ok(0), |last| Ok(from_bigint(last)?.saturating_add(1)))
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
