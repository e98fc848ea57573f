//! How one compliance certificate names the next: docs/protocol.md, "Rotation of the compliance key".

use aws_lc_rs::digest::{SHA256, digest};
use sealcast_contracts::{
    Fingerprint,
    context::{COMPLIANCE_NOTATION, compliance_statement},
};
use time::OffsetDateTime;

use crate::{
    certificate::VerifyingKey,
    signature::{self, SignatureError},
};

/// The value of the signature's notation.
pub const VERSION: &str = "v1";

/// What the old key signs; `certificate` is the octets of the new one.
pub fn statement(old_fp: &Fingerprint, new_fp: &Fingerprint, certificate: &[u8], effective_at: OffsetDateTime) -> String {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, certificate).as_ref());
    compliance_statement(old_fp, new_fp, &hash, effective_at)
}

/// Verifies that the old key named the new certificate and this time; answers with the signature's own time.
///
/// # Errors
/// The first rule of signatures that it breaks.
pub fn verify(
    old: &VerifyingKey,
    (new_fp, certificate): (&Fingerprint, &[u8]),
    effective_at: OffsetDateTime,
    sig: &[u8],
) -> Result<OffsetDateTime, SignatureError> {
    let statement = statement(&old.fingerprint, new_fp, certificate, effective_at);
    let verified = signature::verify_past(old, sig, statement.as_bytes(), COMPLIANCE_NOTATION)?;
    if verified.notation == VERSION { Ok(verified.created) } else { Err(SignatureError::NotationForm) }
}
