//! What a witness decides (C2SP tlog-witness `add-checkpoint`): it cosigns a log that only grows, and nothing else.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::{
    Hash,
    checkpoint::{self, CheckpointError, TreeHead},
    tree::{self, EMPTY_ROOT},
};

/// Hashes of one request: more than a log of 2^63 leaves needs for one proof.
pub const PROOF_HASHES_MAX: usize = 63;

/// A request: the size that the log believes the witness has seen, the proof from there, and the new checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    pub old_size: u64,
    pub proof: Vec<Hash>,
    /// The signed note, with its signatures.
    pub note: String,
}

/// Why a witness does not cosign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 400.
    #[error("the request is malformed")]
    Malformed,
    /// 403.
    #[error("the checkpoint carries no valid signature of the log's key")]
    Signature,
    /// 409: a log that lost its tail, or a caller that is behind. The answer's body is the size that the witness has seen.
    #[error("the witness has seen {seen} leaves")]
    OtherSize { seen: u64 },
    /// 409: two checkpoints of one size. Somebody shows two faces.
    #[error("the witness has seen another tree of {size} leaves")]
    Fork { size: u64 },
    /// 422.
    #[error("the proof does not lead from what the witness has seen to the checkpoint")]
    Inconsistent,
}

impl AddCheckpoint {
    /// Reads a request's body.
    ///
    /// # Errors
    /// [`Refusal::Malformed`].
    pub fn parse(body: &str) -> Result<Self, Refusal> {
        let (head, note) = body.split_once("\n\n").ok_or(Refusal::Malformed)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).ok_or(Refusal::Malformed)?;
        let old_size: u64 = old.parse().map_err(|_| Refusal::Malformed)?;
        if old_size.to_string() != old {
            return Err(Refusal::Malformed);
        }
        let hash = |line: &str| BASE64_STANDARD.decode(line).ok().and_then(|octets| Hash::try_from(octets).ok());
        let proof = lines.map(hash).collect::<Option<Vec<_>>>().ok_or(Refusal::Malformed)?;
        if proof.len() > PROOF_HASHES_MAX {
            return Err(Refusal::Malformed);
        }
        Ok(Self { old_size, proof, note: note.to_owned() })
    }

    /// The request's body.
    pub fn to_body(&self) -> String {
        let mut body = format!("old {}\n", self.old_size);
        for hash in &self.proof {
            body.push_str(&BASE64_STANDARD.encode(hash));
            body.push('\n');
        }
        body.push('\n');
        body.push_str(&self.note);
        body
    }

    /// The tree head that may be cosigned; it must be kept, durably, before the cosignature goes out.
    ///
    /// `seen` is the last head that this witness cosigned for the log.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn admit(&self, seen: Option<TreeHead>, vkey: &str) -> Result<TreeHead, Refusal> {
        let head = checkpoint::verify(&self.note, vkey).map_err(|error| match error {
            CheckpointError::Signature | CheckpointError::Origin => Refusal::Signature,
            _ => Refusal::Malformed,
        })?;
        if self.old_size > head.size {
            return Err(Refusal::Malformed);
        }
        let seen = seen.unwrap_or(TreeHead { size: 0, root: EMPTY_ROOT });
        if self.old_size != seen.size {
            return Err(Refusal::OtherSize { seen: seen.size });
        }
        if head.size == seen.size && head.root != seen.root {
            return Err(Refusal::Fork { size: seen.size });
        }
        tree::verify_consistency(seen.size, &seen.root, head.size, &head.root, &self.proof).map_err(|_| Refusal::Inconsistent)?;
        Ok(head)
    }
}
