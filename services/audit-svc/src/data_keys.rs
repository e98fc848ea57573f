//! Data keys, opened and cached. A key is used for sealing only when its row is committed.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::{
    sealing::{DataKey, Keks, KeyScope, OpenError, WrappedKey},
    store::{self, StoreError},
};

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum DataKeyError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("data key {dek_id} does not open")]
    Open {
        dek_id: Uuid,
        #[source]
        cause: OpenError,
    },
    #[error("making a data key")]
    Generate(#[source] anyhow::Error),
}

/// Opens data keys and keeps the last ones.
#[derive(Debug)]
pub struct DataKeys {
    keks: Keks,
    cached_max: usize,
    cache: Mutex<Cache>,
}

#[derive(Debug, Default)]
struct Cache {
    by_id: HashMap<Uuid, Arc<DataKey>>,
    /// Oldest first; the first one goes when the cache is full.
    order: VecDeque<Uuid>,
}

impl DataKeys {
    pub fn new(keks: Keks, cached_max: usize) -> Self {
        Self { keks, cached_max: cached_max.max(1), cache: Mutex::default() }
    }

    /// The keys to seal with: makes those that are missing, outside any transaction that could take them back.
    ///
    /// # Errors
    /// See [`DataKeyError`].
    pub async fn ensure(
        &self,
        conn: &mut PgConnection,
        scopes: &BTreeSet<KeyScope>,
    ) -> Result<HashMap<KeyScope, Arc<DataKey>>, DataKeyError> {
        let wanted: Vec<KeyScope> = scopes.iter().copied().collect();
        let mut rows = store::find_data_keys(&mut *conn, &wanted).await?;
        let missing = wanted.iter().filter(|scope| !rows.iter().any(|row| row.scope == **scope));
        let new: Vec<WrappedKey> =
            missing.map(|scope| self.keks.generate(*scope)).collect::<Result<_, _>>().map_err(DataKeyError::Generate)?;
        if !new.is_empty() {
            store::insert_data_keys(&mut *conn, &new).await?;
            // Read again: another writer's key stays where there was one.
            rows = store::find_data_keys(&mut *conn, &wanted).await?;
        }
        rows.iter().map(|row| Ok((row.scope, self.open(row)?))).collect()
    }

    /// The keys with these identities; shredded ones are absent.
    ///
    /// # Errors
    /// See [`DataKeyError`].
    pub async fn read(&self, pool: &PgPool, dek_ids: &BTreeSet<Uuid>) -> Result<HashMap<Uuid, Arc<DataKey>>, DataKeyError> {
        let wanted: Vec<Uuid> = dek_ids.iter().copied().collect();
        // Asked each time, so that a shredded key stops opening rows at once.
        let rows = store::read_data_keys(pool, &wanted).await?;
        self.forget(wanted.iter().filter(|dek_id| !rows.iter().any(|row| row.dek_id == **dek_id)));
        rows.iter().map(|row| Ok((row.dek_id, self.open(row)?))).collect()
    }

    /// Shredded keys do not stay in memory either.
    fn forget<'a>(&self, dek_ids: impl Iterator<Item = &'a Uuid>) {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        for dek_id in dek_ids {
            if cache.by_id.remove(dek_id).is_some() {
                cache.order.retain(|kept| kept != dek_id);
            }
        }
    }

    fn open(&self, row: &WrappedKey) -> Result<Arc<DataKey>, DataKeyError> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = cache.by_id.get(&row.dek_id) {
            return Ok(key.clone());
        }
        let key = self.keks.unwrap_key(row).map_err(|cause| DataKeyError::Open { dek_id: row.dek_id, cause })?;
        let key = Arc::new(key);
        if cache.order.len() >= self.cached_max
            && let Some(oldest) = cache.order.pop_front()
        {
            cache.by_id.remove(&oldest);
        }
        cache.order.push_back(row.dek_id);
        cache.by_id.insert(row.dek_id, key.clone());
        Ok(key)
    }
}
