//! The structure of an epoch's blob: one SEIPD v2 packet (AES-256, GCM) without any recipient packet.

use sealcast_contracts::limits::EPOCH_BLOB_OCTETS_MAX;

use crate::{
    envelope::{self, Aead, EnvelopeError, EnvelopeInfo},
    framing::{Frame, tag},
    packets,
};

/// Checks a blob without opening it.
///
/// # Errors
/// The first broken rule; [`EnvelopeError::RecipientUnexpected`] when a recipient packet stands in front.
pub fn check(blob: &[u8]) -> Result<EnvelopeInfo, EnvelopeError> {
    envelope::check_size(blob, EPOCH_BLOB_OCTETS_MAX)?;
    let (frame, rest) = Frame::next(blob)?;
    if frame.tag == tag::PKESK {
        return Err(EnvelopeError::RecipientUnexpected);
    }
    let info = envelope::data_packet(&frame, rest)?;
    if info.aead != Aead::Gcm {
        return Err(EnvelopeError::AeadMode);
    }
    packets::confirm_encrypted(blob, &[]).map_err(|_| EnvelopeError::Unparsable)?;
    Ok(info)
}
