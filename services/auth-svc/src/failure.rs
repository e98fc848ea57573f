//! How the failures of this service's parts become answers.

use sealcast_bus::ServeError;
use sealcast_contracts::auth::AuthRefusal;
use sealcast_outbox::RecordError;
use sealcast_runtime::postgres::is_unavailable;

use crate::passwords::HashError;

/// What a call answers.
pub type Answer<T> = Result<T, ServeError<AuthRefusal>>;

/// When a caller should come back that found all hashing workers busy.
const BUSY_RETRY_AFTER_S: u32 = 2;

/// A statement failed.
#[derive(Debug, thiserror::Error)]
#[error("{doing}")]
struct StoreError {
    doing: &'static str,
    #[source]
    cause: sqlx::Error,
}

/// Tells a database that is away from a statement that is wrong.
pub(crate) fn store(doing: &'static str) -> impl FnOnce(sqlx::Error) -> ServeError<AuthRefusal> {
    move |cause| {
        let unavailable = is_unavailable(&cause);
        let error = StoreError { doing, cause }.into();
        if unavailable { ServeError::Unavailable(error) } else { ServeError::Bug(error) }
    }
}

/// A commit that failed may have happened.
pub(crate) async fn commit(tx: sqlx::Transaction<'_, sqlx::Postgres>) -> Answer<()> {
    tx.commit().await.map_err(|cause| ServeError::Unknown(StoreError { doing: "committing", cause }.into()))
}

pub(crate) fn outbox(error: RecordError) -> ServeError<AuthRefusal> {
    match error {
        RecordError::Write(cause) => store("recording an event")(cause),
        RecordError::Encode(_) => ServeError::Bug(error.into()),
    }
}

pub(crate) fn hash(error: HashError) -> ServeError<AuthRefusal> {
    match error {
        HashError::Busy => ServeError::Refused(AuthRefusal::Busy { retry_after_s: BUSY_RETRY_AFTER_S }),
        other => ServeError::Bug(other.into()),
    }
}

/// A field that does not follow the contract.
pub(crate) fn malformed(field: &str, reason: &str) -> ServeError<AuthRefusal> {
    ServeError::Refused(AuthRefusal::Malformed { field: field.to_owned(), reason: reason.to_owned() })
}
