//! What can go wrong, and which alert tells the peer.

use crate::wire::Alert;

/// Why an [`Endpoint`](crate::Endpoint) could not go on. All but [`Handshaking`](Error::Handshaking) and
/// [`Closed`](Error::Closed) end the connection: send what `reply` holds, then close the transport.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `send` or `extract` came before the handshake was over. The connection is unharmed.
    #[error("the TLS handshake is not over")]
    Handshaking,
    /// `send` or `extract` came after `close`, or any call after an error.
    #[error("the TLS connection is closed")]
    Closed,
    /// The configuration allows 0-RTT data, which an attacker may replay (RFC 8446, section 8).
    #[error("the TLS configuration allows early data")]
    EarlyData,
    /// The peer ended the connection with this alert (RFC 8446, section 6.2).
    #[error("the TLS peer sent alert {0}")]
    PeerAlert(u8),
    /// The peer broke the record protocol; the text says how.
    #[error("the TLS peer broke the protocol: {0}")]
    Violation(Violation),
    /// An incomplete handshake message or record grew past the limit that one connection may hold.
    #[error("the TLS peer left too many octets undelivered")]
    Backlog,
    /// No further record may be sealed or opened with these keys, and they cannot be replaced.
    #[error("the TLS keys are exhausted")]
    Exhausted,
    /// The cipher itself failed, or rustls handed out keys for a cipher that this crate does not know.
    #[error("the TLS cipher failed")]
    Cipher,
    /// rustls ended the connection.
    #[error("the TLS connection failed")]
    Rustls(#[source] rustls::Error),
}

/// The ways in which a peer can break the record protocol once the handshake is over, and the alert that each one earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A record does not authenticate under the current key and sequence number.
    #[error("a record does not authenticate")]
    BadRecord,
    /// A record is longer than RFC 8446, sections 5.2 and 5.4 allow.
    #[error("a record is too long")]
    Overlong,
    /// A record's type has no place here: not protected, unknown, only padding, or an empty alert or handshake message.
    #[error("a record of an unexpected type")]
    UnexpectedRecord,
    /// A handshake message other than KeyUpdate.
    #[error("an unexpected handshake message")]
    UnexpectedHandshake,
    /// Another record came before a handshake message was complete (RFC 8446, section 5.1).
    #[error("a handshake message is interrupted")]
    Interrupted,
    /// A KeyUpdate does not end its record (RFC 8446, section 5.1: no message may span a change of keys).
    #[error("a change of keys inside a record")]
    Misaligned,
    /// A KeyUpdate or an alert has the wrong length.
    #[error("a malformed message")]
    Malformed,
    /// A KeyUpdate neither asks for an answer nor declines one.
    #[error("an illegal KeyUpdate")]
    IllegalKeyUpdate,
    /// Too many records in a row without application data.
    #[error("too many records without data")]
    Fruitless,
}

impl Violation {
    pub(crate) fn alert(self) -> Alert {
        match self {
            Self::BadRecord => Alert::BadRecordMac,
            Self::Overlong => Alert::RecordOverflow,
            Self::UnexpectedRecord | Self::UnexpectedHandshake | Self::Interrupted | Self::Misaligned | Self::Fruitless => {
                Alert::UnexpectedMessage
            }
            Self::Malformed => Alert::DecodeError,
            Self::IllegalKeyUpdate => Alert::IllegalParameter,
        }
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::Violation(violation)
    }
}

impl From<rustls::Error> for Error {
    fn from(error: rustls::Error) -> Self {
        match error {
            rustls::Error::AlertReceived(alert) => Self::PeerAlert(alert.into()),
            rustls::Error::DecryptError => Self::Violation(Violation::BadRecord),
            rustls::Error::PeerSentOversizedRecord => Self::Violation(Violation::Overlong),
            other => Self::Rustls(other),
        }
    }
}
