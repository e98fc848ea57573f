//! What can go wrong, in the kinds that a caller handles differently.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// Why an operation failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server said no; repeating the same request gives the same answer.
    #[error("{0}")]
    Refused(Box<Problem>),
    /// The server cannot be reached, is overloaded or did not answer: try again later.
    #[error("the server is not available: {reason}")]
    Unavailable { reason: String, retry_after: Option<Duration> },
    /// A message was sent and the server never said whether it stored it.
    #[error("it is not known whether message {cid} was stored: {reason}")]
    Unknown { cid: sealcast_contracts::ClientMessageId, reason: String },
    /// Something that the server handed out does not hold: a signature, a fingerprint, a proof.
    #[error("verification failed: {0}")]
    Verification(String),
    /// The server's answer is not of this protocol.
    #[error("unexpected answer: {0}")]
    Protocol(String),
    /// The session was ended while its stream was open.
    #[error("the session has ended: {0}")]
    Revoked(String),
    /// What the caller asked for cannot be done.
    #[error("{0}")]
    Usage(String),
    /// No room of the account has this id or name.
    #[error("there is no room `{0}`")]
    NoSuchRoom(String),
    /// The archive holds no such message of the room.
    #[error("there is no message {0} in this room")]
    NoSuchMessage(sealcast_contracts::EventId),
    /// The room's key was not granted to this account.
    #[error("the key of this room was not granted to this account yet; ask a member to approve it or use an invite link")]
    NoRoomKey,
    /// The password or the recovery key does not unlock the secret key.
    #[error("the password does not unlock the secret key")]
    WrongPassword,
    /// A key operation failed for a reason of its own.
    #[error("key operation: {0}")]
    Key(String),
}

impl Error {
    /// Whether the server refused with this slug, such as `username-taken`.
    pub fn is_refusal(&self, slug: &str) -> bool {
        matches!(self, Self::Refused(problem) if problem.slug() == slug)
    }

    /// Whether it is worth trying the same again.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

/// An error body (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// A part of the request that is at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    pub pointer: String,
    pub detail: String,
}

impl Problem {
    /// The last part of `type`: the refusal's code with dashes.
    pub fn slug(&self) -> &str {
        self.kind.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.detail.as_deref().unwrap_or(&self.title);
        write!(f, "{text} ({}, {})", self.slug(), self.status)?;
        for FieldError { pointer, detail } in &self.errors {
            write!(f, "; {pointer}: {detail}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, "; request {id}")?;
        }
        Ok(())
    }
}
