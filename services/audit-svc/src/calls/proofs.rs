use sealcast_bus::ServeError;
use sealcast_contracts::{
    Base64, Caller, EventId,
    audit::{
        AuditRefusal, Checkpoint, ConsistencyProof, GetCheckpoint, GetConsistencyProof, GetInclusionProof, InclusionProof,
        MessageFilter,
    },
};
use sealcast_merkle::{
    Hash,
    tree::{self, TreeError},
};

use super::{Archive, CallFailure, access, access::Scope, malformed, store_failure};
use crate::{
    checkpoints,
    store::{self, SealedRecord, StoreError, StoredCheckpoint},
};

/// A checkpoint follows at the latest after this long.
const CHECKPOINT_WAIT_S: u32 = 1;

/// The newest checkpoint.
pub async fn checkpoint(archive: &Archive, _: GetCheckpoint) -> Result<Checkpoint, CallFailure> {
    let latest = latest(archive).await?.ok_or(AuditRefusal::NotFound)?;
    Ok(checkpoints::to_contract(latest, &archive.vkey))
}

/// The proof that a message is in the log, for whoever may see the message.
pub async fn inclusion(archive: &Archive, call: GetInclusionProof) -> Result<InclusionProof, CallFailure> {
    let scope = access::scope(archive, &call.caller).await?;
    let record = store::find_record(&archive.pool, call.id).await.map_err(store_failure)?.ok_or(AuditRefusal::NotFound)?;
    admit(archive, &call.caller, &scope, &record).await?;
    let not_yet = AuditRefusal::NotYetLogged { retry_after_s: CHECKPOINT_WAIT_S };
    let latest = latest(archive).await?.filter(|latest| latest.size > record.leaf_index).ok_or(not_yet)?;
    let indexes = tree::inclusion_indexes(record.leaf_index, latest.size).map_err(tree_failure)?;
    let stored = store::read_hashes(&archive.pool, &indexes).await.map_err(store_failure)?;
    let path = tree::inclusion_proof(record.leaf_index, latest.size, &stored).map_err(tree_failure)?;
    Ok(InclusionProof {
        leaf_index: record.leaf_index,
        leaf: record.digests.to_string(),
        path: to_contract(path),
        checkpoint: checkpoints::to_contract(latest, &archive.vkey),
    })
}

/// The proof that a later log extends an earlier one; it says nothing of any message.
pub async fn consistency(archive: &Archive, call: GetConsistencyProof) -> Result<ConsistencyProof, CallFailure> {
    let GetConsistencyProof { from, to } = call;
    if from > to {
        return Err(malformed("to", "it must not be less than `from`"));
    }
    if latest(archive).await?.is_none_or(|latest| latest.size < to) {
        return Err(AuditRefusal::NotFound.into());
    }
    let indexes = tree::consistency_indexes(from, to).map_err(tree_failure)?;
    let stored = store::read_hashes(&archive.pool, &indexes).await.map_err(store_failure)?;
    let path = tree::consistency_proof(from, to, &stored).map_err(tree_failure)?;
    Ok(ConsistencyProof { from, to, path: to_contract(path) })
}

/// A leaf tells who wrote when in which room: an auditor's look at another's is in the log like a query.
async fn admit(archive: &Archive, caller: &Caller, scope: &Scope, record: &SealedRecord) -> Result<(), CallFailure> {
    let digests = &record.digests;
    match scope {
        Scope::Rooms(rooms) if rooms.contains(&digests.room_id) => Ok(()),
        Scope::Rooms(_) => Err(AuditRefusal::NotFound.into()),
        Scope::All if digests.sender == caller.user_id => Ok(()),
        Scope::All => {
            let near = |seq| EventId { stream_epoch: digests.id.stream_epoch, seq };
            let filter = MessageFilter {
                room_id: Some(digests.room_id),
                after: Some(near(digests.id.seq.saturating_sub(1))),
                before: Some(near(digests.id.seq.saturating_add(1))),
                ..MessageFilter::default()
            };
            access::record_messages(archive, caller, filter, 1).await
        }
    }
}

async fn latest(archive: &Archive) -> Result<Option<StoredCheckpoint>, CallFailure> {
    store::latest_checkpoint(&archive.pool).await.map_err(store_failure)
}

fn tree_failure(error: TreeError) -> CallFailure {
    ServeError::Bug(StoreError::from(error).into())
}

fn to_contract(path: Vec<Hash>) -> Vec<Base64> {
    path.into_iter().map(|hash| Base64(hash.to_vec())).collect()
}
