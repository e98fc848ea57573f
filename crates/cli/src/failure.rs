//! Why a command failed, and with which exit code.

use std::{io, process::ExitCode};

use sealcast_bundle::BundleError;
use sealcast_client::{Error, profile::ProfileError};

/// A failed command.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Client(#[from] Error),
    #[error(transparent)]
    Profile(#[from] ProfileError),
    #[error("{0}")]
    Usage(String),
    #[error("there is no account `{0}`")]
    NoSuchAccount(String),
    #[error("there is no case `{0}`")]
    NoSuchCase(String),
    #[error("{unverified} of {total} messages could not be verified")]
    Unverified { unverified: usize, total: usize },
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error("{0}")]
    NotVerified(String),
    #[error("audit-svc could not check the log; it said why")]
    Live,
    #[error("{doing}")]
    Io { doing: String, source: io::Error },
}

impl Failure {
    /// `map_err` of an operation on a file or stream.
    pub fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }

    /// 1 failed, 2 wrong usage, 3 not found, 4 denied, 5 verification failed.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
    }

    fn code(&self) -> u8 {
        match self {
            // Whoever reads our output has had enough.
            Self::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe => 0,
            Self::Usage(_) | Self::Client(Error::Usage(_)) | Self::Bundle(BundleError::OtherExport(_)) => 2,
            Self::NoSuchAccount(_)
            | Self::NoSuchCase(_)
            | Self::Profile(ProfileError::Missing(_))
            | Self::Client(Error::NoSuchRoom(_) | Error::NoSuchMessage(_)) => 3,
            Self::Client(Error::Refused(problem)) => match problem.status {
                401 | 403 => 4,
                404 => 3,
                _ => 1,
            },
            Self::Client(Error::WrongPassword | Error::NoRoomKey | Error::Revoked(_)) => 4,
            Self::Unverified { .. } | Self::NotVerified(_) | Self::Client(Error::Verification(_)) => 5,
            Self::Client(_) | Self::Profile(_) | Self::Bundle(_) | Self::Live | Self::Io { .. } => 1,
        }
    }

    /// Whether there is anything to say about it.
    pub fn is_silent(&self) -> bool {
        self.code() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16) -> Failure {
        let problem = serde_json::from_value(serde_json::json!({"type": "/problems/x", "title": "x", "status": status}));
        Error::Refused(Box::new(problem.unwrap())).into()
    }

    #[test]
    fn kinds_have_their_codes() {
        assert_eq!([401, 403, 404, 409, 422].map(|status| refused(status).code()), [4, 4, 3, 1, 1]);
        assert_eq!(Failure::from(Error::Verification(String::new())).code(), 5);
        assert_eq!(Failure::from(Error::Usage(String::new())).code(), 2);
        assert_eq!(Failure::from(Error::Unavailable { reason: String::new(), retry_after: None }).code(), 1);
        assert!(Failure::io("x")(io::ErrorKind::BrokenPipe.into()).is_silent());
        assert!(!Failure::io("x")(io::ErrorKind::NotFound.into()).is_silent());
    }
}
