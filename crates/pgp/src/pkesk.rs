//! One recipient packet of the profile: PKESK v6 with X25519, 111 octets.

use sealcast_contracts::{Fingerprint, limits::PKESK_OCTETS};

use crate::{
    framing::{Frame, tag},
    packets,
};

/// Version, length of key version and fingerprint, key version, fingerprint, algorithm, ephemeral key, length, wrapped key.
const BODY_OCTETS: usize = 1 + 1 + 1 + 32 + 1 + 32 + 1 + 40;
/// X25519 in RFC 9580 section 9.1.
const ALGORITHM_X25519: u8 = 25;

/// Why a recipient packet is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PkeskError {
    #[error("it is not one PKESK packet of 111 octets with X25519")]
    Form,
    #[error("it is not version 6")]
    Version,
    #[error("the recipient is anonymous")]
    Anonymous,
    #[error("it is made for another key")]
    Recipient,
    /// Framing found nothing wrong, sequoia did.
    #[error("it does not parse as OpenPGP")]
    Unparsable,
}

impl PkeskError {
    /// A stable name for refusals, logs and metrics.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Form => "pkesk-form",
            Self::Version => "pkesk-version",
            Self::Anonymous => "pkesk-anonymous",
            Self::Recipient => "pkesk-recipient",
            Self::Unparsable => "pkesk-unparsable",
        }
    }
}

/// Checks that `pkesk` is exactly one packet for the encryption subkey `to`. What it wraps only the recipient can know.
///
/// # Errors
/// The first broken rule.
pub fn check(pkesk: &[u8], to: &Fingerprint) -> Result<(), PkeskError> {
    if pkesk.len() != PKESK_OCTETS {
        return Err(PkeskError::Form);
    }
    let (frame, rest) = Frame::next(pkesk).map_err(|_| PkeskError::Form)?;
    if frame.tag != tag::PKESK || !rest.is_empty() {
        return Err(PkeskError::Form);
    }
    if recipient(&frame)? != *to {
        return Err(PkeskError::Recipient);
    }
    packets::read(pkesk).map_err(|_| PkeskError::Unparsable).map(drop)
}

/// The subkey that a PKESK packet names, with the packet's form checked.
pub(crate) fn recipient(frame: &Frame<'_>) -> Result<Fingerprint, PkeskError> {
    let body = frame.body().ok_or(PkeskError::Form)?;
    match body {
        [6, 0, ..] => return Err(PkeskError::Anonymous),
        [6, 33, 6, ..] => {}
        [6, ..] => return Err(PkeskError::Form),
        _ => return Err(PkeskError::Version),
    }
    if body.len() != BODY_OCTETS || body[35] != ALGORITHM_X25519 || body[68] != 40 {
        return Err(PkeskError::Form);
    }
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(&body[3..35]);
    Ok(Fingerprint(fingerprint))
}
