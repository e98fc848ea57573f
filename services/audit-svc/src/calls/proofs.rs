use std::time::Instant;

use sealcast_bus::ServeError;
use sealcast_contracts::{
    Base64, Caller, EventId,
    audit::{
        AccessAction, AuditRefusal, Checkpoint, ConsistencyProof, Cosignature, GetCheckpoint, GetConsistencyProof,
        GetInclusionProof, InclusionProof, MessageFilter,
    },
    auth::Role,
    events::AuditEventKind,
};
use sealcast_merkle::{
    Hash,
    tree::{self, TreeError},
};

use super::{
    Archive, CallFailure,
    access::{self, Concerned, Reach},
    malformed,
    narrowed::covers,
    store_failure,
};
use crate::{
    checkpoints,
    store::{self, SealedRecord, StoreError, StoredCheckpoint},
    witnesses::is_cosigned,
};

/// A checkpoint follows at the latest after this long.
const CHECKPOINT_WAIT_S: u32 = 1;
/// Checkpoints that are tried for one that every witness signed: lines that are no signatures must not hide it for ever.
const WITNESSED_LOOK_MAX: i64 = 8;

/// The newest checkpoint.
pub async fn checkpoint(archive: &Archive, call: GetCheckpoint) -> Result<Checkpoint, CallFailure> {
    let newest = newest(archive, call.witnessed).await?.ok_or(AuditRefusal::NotFound)?;
    with_cosignatures(archive, newest).await
}

/// The proof that a message is in the log, for whoever may see the message.
pub async fn inclusion(archive: &Archive, call: GetInclusionProof) -> Result<InclusionProof, CallFailure> {
    let reach = access::reach(archive, &call.caller, call.case_id).await?;
    let found = store::find_record(&archive.pool, call.id).await.map_err(store_failure)?;
    let Some(record) = found else { return Err(unknown(&reach, &call.caller)) };
    admit(archive, &call.caller, &reach, &record).await?;
    of_leaf(archive, record.leaf_index, record.digests.to_string(), call.witnessed).await
}

/// The proof that a leaf is in the log.
pub async fn of_leaf(archive: &Archive, leaf_index: u64, leaf: String, witnessed: bool) -> Result<InclusionProof, CallFailure> {
    let began = Instant::now();
    let not_yet = AuditRefusal::NotYetLogged { retry_after_s: CHECKPOINT_WAIT_S };
    let latest = if witnessed { newest(archive, true).await? } else { with_leaf(archive, leaf_index).await? };
    let latest = latest.filter(|latest| latest.size > leaf_index).ok_or(not_yet)?;
    let indexes = tree::inclusion_indexes(leaf_index, latest.size).map_err(tree_failure)?;
    let hashes = async { store::read_hashes(&archive.pool, &indexes).await.map_err(store_failure) };
    let (stored, cosignatures) = tokio::try_join!(hashes, cosignatures(archive, &latest))?;
    let path = tree::inclusion_proof(leaf_index, latest.size, &stored).map_err(tree_failure)?;
    let checkpoint = checkpoints::to_contract(latest, &archive.vkey, cosignatures);
    metrics::histogram!("audit_proof_seconds").record(began.elapsed().as_secs_f64());
    Ok(InclusionProof { leaf_index, leaf, path: to_contract(path), checkpoint })
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

/// A leaf tells who wrote when in which room: a look at another's outside of one's rooms is in the log like a query.
async fn admit(archive: &Archive, caller: &Caller, reach: &Reach, record: &SealedRecord) -> Result<(), CallFailure> {
    let digests = &record.digests;
    if digests.sender == caller.user_id {
        return Ok(());
    }
    match reach {
        Reach::Rooms(rooms) if rooms.contains(&digests.room_id) => Ok(()),
        Reach::Rooms(_) => Err(unknown(reach, caller)),
        Reach::Case(case) if !covers(&case.scope, digests) => Err(AuditRefusal::OutOfScope { field: "id".to_owned() }.into()),
        Reach::Case(case) => {
            let near = |seq| EventId { stream_epoch: digests.id.stream_epoch, seq };
            let filter = MessageFilter {
                room_id: Some(digests.room_id),
                after: Some(near(digests.id.seq.saturating_sub(1))),
                before: Some(near(digests.id.seq.saturating_add(1))),
                ..MessageFilter::default()
            };
            let concerned = Concerned::of(std::slice::from_ref(record), caller);
            let what = |access| AuditEventKind::MessagesQueried { filter, limit: 1, access: Some(access) };
            access::record_in_case(archive, caller, case.case_id, AccessAction::Query, concerned, what).await.map(drop)
        }
    }
}

/// Whether a message exists is nobody's business outside of its room; an auditor is told what to name.
fn unknown(reach: &Reach, caller: &Caller) -> CallFailure {
    match (reach, caller.role) {
        (Reach::Rooms(_), Role::Auditor) => AuditRefusal::CaseRequired.into(),
        _ => AuditRefusal::NotFound.into(),
    }
}

/// The newest checkpoint, or the newest that every witness has cosigned.
async fn newest(archive: &Archive, witnessed: bool) -> Result<Option<StoredCheckpoint>, CallFailure> {
    let witnesses = &archive.policy.witnesses;
    if !witnessed || witnesses.is_empty() {
        return latest(archive).await;
    }
    for size in store::cosigned_by_all(&archive.pool, witnesses, WITNESSED_LOOK_MAX).await.map_err(store_failure)? {
        let Some(stored) = store::checkpoint_of_size(&archive.pool, size).await.map_err(store_failure)? else { continue };
        let cosigned = cosignatures(archive, &stored).await?;
        if witnesses.iter().all(|witness| cosigned.iter().any(|cosignature| cosignature.vkey == *witness)) {
            return Ok(Some(stored));
        }
    }
    Ok(None)
}

pub(super) async fn with_cosignatures(archive: &Archive, stored: StoredCheckpoint) -> Result<Checkpoint, CallFailure> {
    let cosignatures = cosignatures(archive, &stored).await?;
    Ok(checkpoints::to_contract(stored, &archive.vkey, cosignatures))
}

/// What witnesses signed of a checkpoint; other lines that stand in the database are left out.
async fn cosignatures(archive: &Archive, stored: &StoredCheckpoint) -> Result<Vec<Cosignature>, CallFailure> {
    if archive.policy.witnesses.is_empty() {
        return Ok(Vec::new());
    }
    let found = store::read_cosignatures(&archive.pool, &archive.policy.witnesses, stored.size).await.map_err(store_failure)?;
    Ok(found.into_iter().filter(|found| is_cosigned(&stored.note, found)).collect())
}

/// A checkpoint of a moment ago that has the leaf, or else the newest one.
async fn with_leaf(archive: &Archive, leaf_index: u64) -> Result<Option<StoredCheckpoint>, CallFailure> {
    if let Some(recent) = archive.recent.get(leaf_index) {
        return Ok(Some(recent));
    }
    let latest = latest(archive).await?;
    if let Some(latest) = &latest {
        archive.recent.keep(latest.clone());
    }
    Ok(latest)
}

async fn latest(archive: &Archive) -> Result<Option<StoredCheckpoint>, CallFailure> {
    store::latest_checkpoint(&archive.pool).await.map_err(store_failure)
}

pub(super) fn tree_failure(error: TreeError) -> CallFailure {
    ServeError::Bug(StoreError::from(error).into())
}

pub(super) fn to_contract(path: Vec<Hash>) -> Vec<Base64> {
    path.into_iter().map(|hash| Base64(hash.to_vec())).collect()
}
