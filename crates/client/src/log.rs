//! Checking the audit log: checkpoints that only grow, and messages that are in it (docs/protocol.md section 8).

use std::time::Duration;

use sealcast_contracts::{
    EventId,
    audit::{Checkpoint, ConsistencyProof, InclusionProof},
    sse,
};
use sealcast_merkle::{
    Hash,
    checkpoint::TreeHead,
    leaf::{self, MessageLeaf},
    tree,
};

use crate::{Error, Problem, Session, trust::Trust};

/// Asked again after these before a roll-back is believed: another edge or a replica may be a moment behind.
const AGAIN: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(6)];

/// Who shows the log, unchecked: a server, or what a test takes for one.
pub(crate) trait Source {
    async fn checkpoint(&self, witnessed: bool) -> Result<Checkpoint, Error>;
    async fn consistency_proof(&self, from: u64, to: u64) -> Result<ConsistencyProof, Error>;
}

impl Source for Session {
    async fn checkpoint(&self, witnessed: bool) -> Result<Checkpoint, Error> {
        Self::checkpoint(self, witnessed).await
    }

    async fn consistency_proof(&self, from: u64, to: u64) -> Result<ConsistencyProof, Error> {
        Self::consistency_proof(self, from, to).await
    }
}

/// A checkpoint that was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    pub head: TreeHead,
    /// The newest message in it, by the server's word: the signature does not cover that.
    pub covers: Option<EventId>,
}

/// What an inclusion proof showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    pub leaf_index: u64,
    pub head: TreeHead,
    /// The leaf's text.
    pub leaf: String,
}

/// Fetches the newest checkpoint, verifies its signature and that it extends the pinned one, and pins it.
///
/// # Errors
/// [`Error::Verification`] when the log was rewritten or rolled back or its key changed; otherwise as every request.
pub async fn refresh_checkpoint(session: &Session, trust: &mut Trust) -> Result<Checked, Error> {
    refresh(session, trust).await
}

pub(crate) async fn refresh(source: &impl Source, trust: &mut Trust) -> Result<Checked, Error> {
    let checkpoint = newest(source, trust, trust.requires_witness()).await?;
    let head = trust.check_note(&checkpoint)?;
    extend(source, trust, head).await?;
    Ok(Checked { head, covers: checkpoint.covers })
}

/// The newest checkpoint, or the newest with cosignatures, unchecked. The former never becomes smaller.
pub(crate) async fn newest(source: &impl Source, trust: &Trust, witnessed: bool) -> Result<Checkpoint, Error> {
    match trust.head() {
        Some(pinned) if !witnessed => {
            insist(async || {
                let checkpoint = source.checkpoint(false).await?;
                Ok((checkpoint.size >= pinned.size).then_some(checkpoint))
            })
            .await
        }
        _ => source.checkpoint(witnessed).await,
    }
}

/// Fetches a message's inclusion proof and verifies it up to a checkpoint that extends the pinned one. With the message
/// at hand the leaf is rebuilt from it; without, the leaf is taken as the log shows it.
///
/// # Errors
/// [`Error::Verification`] when something does not hold; otherwise as every request.
pub async fn prove(session: &Session, trust: &mut Trust, id: EventId, message: Option<&sse::Message>) -> Result<Proven, Error> {
    let InclusionProof { leaf_index, leaf, path, checkpoint } = session.inclusion_proof(id, trust.requires_witness()).await?;
    let head = trust.check_note(&checkpoint)?;
    match message {
        Some(message) if message_leaf(message) != leaf => {
            return Err(Error::Verification("the leaf in the log is not of this message".to_owned()));
        }
        None if !leaf.starts_with(&format!("sealcast/v1/message\nid={id}\n")) => {
            return Err(Error::Verification("the leaf in the log is not of this id".to_owned()));
        }
        _ => {}
    }
    tree::verify_inclusion(leaf_index, head.size, &leaf::hash(&leaf), &hashes(&path)?, &head.root).map_err(verification)?;
    extend(session, trust, head).await?;
    Ok(Proven { leaf_index, head, leaf })
}

/// Pins `head` if it is newer, after checking that the log only grew in between.
async fn extend(source: &impl Source, trust: &mut Trust, head: TreeHead) -> Result<(), Error> {
    let pinned = trust.head();
    if let Some(pinned) = &pinned {
        consistent(source, pinned, &head).await?;
    }
    if pinned.is_none_or(|pinned| pinned.size < head.size) {
        trust.advance(&head);
    }
    Ok(())
}

/// Checks that two verified heads are of one log that only grew.
pub(crate) async fn consistent(source: &impl Source, one: &TreeHead, other: &TreeHead) -> Result<(), Error> {
    let (old, new) = if one.size <= other.size { (one, other) } else { (other, one) };
    if old.size == new.size {
        let same = old.root == new.root;
        let two_faces = || Error::Verification("two checkpoints of the same size differ: the log shows two faces".to_owned());
        return if same { Ok(()) } else { Err(two_faces()) };
    }
    if old.size > 0 {
        let path = consistency_path(source, old.size, new.size).await?;
        tree::verify_consistency(old.size, &old.root, new.size, &new.root, &path).map_err(verification)?;
    }
    Ok(())
}

/// The path between two sizes that the log must have, because this client has seen the larger one.
pub(crate) async fn consistency_path(source: &impl Source, from: u64, to: u64) -> Result<Vec<Hash>, Error> {
    hashes(&insist(async || source.consistency_proof(from, to).await.map(Some)).await?.path)
}

/// Asks for what there must be, because this client has seen it.
///
/// # Errors
/// [`Error::Verification`] when the server goes on having it not.
async fn insist<T>(ask: impl AsyncFn() -> Result<Option<T>, Error>) -> Result<T, Error> {
    for wait in AGAIN.into_iter().map(Some).chain([None]) {
        match ask().await {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => {}
            Err(Error::Refused(problem)) if is_denial(&problem) => {}
            Err(error) => return Err(error),
        }
        if let Some(wait) = wait {
            tokio::time::sleep(wait).await;
        }
    }
    Err(Error::Verification("the log was rolled back: entries that this client has seen are gone".to_owned()))
}

/// The server says that there is no such thing; that the session has ended is another matter.
fn is_denial(problem: &Problem) -> bool {
    !matches!(problem.status, 401 | 403)
}

fn message_leaf(message: &sse::Message) -> String {
    let sse::Message { id, room_id, cid, sender, sender_fp, epoch, env, sig, accepted_at } = message;
    let leaf = MessageLeaf {
        id: *id,
        room_id: *room_id,
        epoch: *epoch,
        cid: *cid,
        sender: *sender,
        sender_fp: *sender_fp,
        accepted_at: *accepted_at,
        env: env.as_slice(),
        sig: sig.as_slice(),
    };
    leaf.to_string()
}

fn hashes(path: &[sealcast_contracts::Base64]) -> Result<Vec<Hash>, Error> {
    let hash = |octets: &sealcast_contracts::Base64| Hash::try_from(octets.as_slice()).ok();
    path.iter().map(hash).collect::<Option<_>>().ok_or_else(|| Error::Protocol("a hash is not 32 octets".to_owned()))
}

pub(crate) fn verification(error: tree::TreeError) -> Error {
    Error::Verification(error.to_string())
}
