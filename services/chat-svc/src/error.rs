//! Why a call has no success to answer with.

use sealcast_bus::ServeError;
use sealcast_contracts::chat::ChatRefusal;
use sqlx::{Postgres, Transaction};

/// Three kinds, told apart up to the boundary, and the one outcome that nobody knows.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("refused")]
    Refused(#[from] ChatRefusal),
    /// Certainly not done.
    #[error("unavailable")]
    Unavailable(#[source] anyhow::Error),
    /// Perhaps done: the same request may be sent again.
    #[error("unknown outcome")]
    Unknown(#[source] anyhow::Error),
    #[error("bug")]
    Bug(#[source] anyhow::Error),
}

impl From<Failure> for ServeError<ChatRefusal> {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::Refused(refusal),
            Failure::Unavailable(error) => Self::Unavailable(error),
            Failure::Unknown(error) => Self::Unknown(error),
            Failure::Bug(error) => Self::Bug(error),
        }
    }
}

impl From<sqlx::Error> for Failure {
    /// For everything but a commit: what was not committed is not done.
    fn from(error: sqlx::Error) -> Self {
        if sealcast_runtime::postgres::is_unavailable(&error) {
            Self::Unavailable(anyhow::Error::new(error).context("asking Postgres"))
        } else {
            Self::Bug(anyhow::Error::new(error).context("asking Postgres"))
        }
    }
}

impl From<sealcast_outbox::RecordError> for Failure {
    fn from(error: sealcast_outbox::RecordError) -> Self {
        match error {
            sealcast_outbox::RecordError::Write(error) => error.into(),
            error @ sealcast_outbox::RecordError::Encode(_) => Self::Bug(error.into()),
        }
    }
}

/// Commits. When the answer is lost, the outcome is unknown.
pub(crate) async fn commit(tx: Transaction<'_, Postgres>) -> Result<(), Failure> {
    tx.commit().await.map_err(|error| match Failure::from(error) {
        Failure::Unavailable(error) => Failure::Unknown(error.context("committing")),
        other => other,
    })
}

/// A field of a request that does not have its form.
pub(crate) fn malformed(field: &str, reason: impl Into<String>) -> Failure {
    ChatRefusal::Malformed { field: field.to_owned(), reason: reason.into() }.into()
}
