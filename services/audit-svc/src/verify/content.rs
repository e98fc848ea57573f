use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest;
use sqlx::PgPool;
use uuid::Uuid;

use super::{Finding, Report, leaves::Leaf};
use crate::{
    data_keys::{DataKeyError, DataKeys},
    sealing::DataKey,
    store::{SealedRecord, StoreError},
};

/// Opens sealed rows and compares them with their digests.
pub struct ContentCheck<'a> {
    pool: &'a PgPool,
    data_keys: &'a DataKeys,
}

impl<'a> ContentCheck<'a> {
    pub fn new(pool: &'a PgPool, data_keys: &'a DataKeys) -> Self {
        Self { pool, data_keys }
    }

    pub async fn check(&self, rows: &BTreeMap<u64, Vec<Leaf>>, report: &mut Report) -> Result<(), StoreError> {
        for leaf in rows.values().flatten() {
            let Some(record) = &leaf.record else { continue };
            match self.record(record).await? {
                Ok(opened) => report.opened += u64::from(opened),
                Err(reason) => report.push(Finding::Content { row: leaf.name.clone(), reason }),
            }
        }
        Ok(())
    }

    /// Whether the content is there; a reason when it is not what the leaf says.
    async fn record(&self, record: &SealedRecord) -> Result<Result<bool, String>, StoreError> {
        match self.data_keys.read(self.pool, &BTreeSet::<Uuid>::from([record.dek_id])).await {
            Ok(keys) => Ok(keys.get(&record.dek_id).map_or(Ok(false), |key| compare(record, key).map(|()| true))),
            Err(DataKeyError::Store(error)) => Err(error),
            Err(DataKeyError::Open { cause, .. }) => Ok(Err(format!("its data key does not open: {cause}"))),
            Err(DataKeyError::Generate(error)) => Ok(Err(error.to_string())),
        }
    }
}

fn compare(record: &SealedRecord, key: &DataKey) -> Result<(), String> {
    let (sig, env) = key.open_message(record.digests.id, &record.sealed).map_err(|error| error.to_string())?;
    let is = |octets: &[u8], hash: &[u8; 32]| digest::digest(&digest::SHA256, octets).as_ref() == hash;
    if !is(&env, &record.digests.env_sha256) {
        return Err("the envelope is another one".to_owned());
    }
    if !is(&sig, &record.digests.sig_sha256) {
        return Err("the signature is another one".to_owned());
    }
    Ok(())
}
