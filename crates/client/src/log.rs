//! Checking the audit log: checkpoints that only grow, and messages that are in it (docs/protocol.md section 8).

use sealcast_contracts::{EventId, audit::InclusionProof, sse};
use sealcast_merkle::{
    Hash,
    checkpoint::TreeHead,
    leaf::{self, MessageLeaf},
    tree,
};

use crate::{Error, Session, trust::Trust};

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
/// [`Error::Verification`] when the log was rewritten or its key changed; otherwise as every request.
pub async fn refresh_checkpoint(session: &Session, trust: &mut Trust) -> Result<TreeHead, Error> {
    let head = trust.check_note(&session.checkpoint(trust.requires_witness()).await?)?;
    extend(session, trust, head).await?;
    Ok(head)
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
async fn extend(session: &Session, trust: &mut Trust, head: TreeHead) -> Result<(), Error> {
    let Some(pinned) = trust.head() else {
        trust.advance(&head);
        return Ok(());
    };
    let (old, new) = if pinned.size <= head.size { (&pinned, &head) } else { (&head, &pinned) };
    if old.size == new.size {
        if old.root != new.root {
            return Err(Error::Verification("two checkpoints of the same size differ: the log shows two faces".to_owned()));
        }
        return Ok(());
    }
    if old.size > 0 {
        let proof = session.consistency_proof(old.size, new.size).await?;
        let path = hashes(&proof.path)?;
        tree::verify_consistency(old.size, &old.root, new.size, &new.root, &path).map_err(verification)?;
    }
    let new = *new;
    trust.advance(&new);
    Ok(())
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

fn verification(error: tree::TreeError) -> Error {
    Error::Verification(error.to_string())
}
