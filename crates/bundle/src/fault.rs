//! What is wrong with a bundle, and where.

use std::{fmt, io, path::Path};

use serde::Serialize;

/// Something in a bundle that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The part of the bundle, such as `messages.ndjson`.
    pub part: String,
    /// The line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    pub reason: String,
}

impl Fault {
    /// A fault of a whole part.
    pub fn part(part: &str, reason: impl fmt::Display) -> Self {
        Self { part: part.to_owned(), line: None, reason: reason.to_string() }
    }

    /// A fault of one line.
    pub fn line(part: &str, line: u64, reason: impl fmt::Display) -> Self {
        Self { part: part.to_owned(), line: Some(line), reason: reason.to_string() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.part, self.reason),
            None => write!(f, "{}: {}", self.part, self.reason),
        }
    }
}

/// Why a bundle could not be written or read at all.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error("{doing}")]
    Io { doing: String, source: io::Error },
    /// What was collected before belongs to another export.
    #[error("{0} holds another export; give another --out, or remove it")]
    OtherExport(String),
    /// The server's answer does not go on where the last one ended, or is not of this protocol.
    #[error("the server's answer does not fit: {0}")]
    Server(String),
    /// Signing the manifest failed.
    #[error("signing the manifest: {0}")]
    Sign(String),
    #[error("encoding: {0}")]
    Encode(#[from] serde_json::Error),
}

impl BundleError {
    /// `map_err` of an operation on a file.
    pub(crate) fn at(doing: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let doing = format!("{doing} {}", path.display());
        move |source| Self::Io { doing, source }
    }
}
