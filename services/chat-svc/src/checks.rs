//! What can be checked of keys and signatures without any secret, as this service's refusals.

use aws_lc_rs::digest::{SHA256, digest};
use sealcast_contracts::{
    Fingerprint,
    chat::{ChatRefusal, ComplianceRotation},
    context::{EPOCH_NOTATION, GRANT_NOTATION},
    limits::SIGNATURE_SKEW_S,
};
use sealcast_pgp::{
    blob as pgp_blob,
    certificate::{Certificate, CertificateError},
    pkesk as pgp_pkesk, rotation,
    signature::{self, SignatureError},
};
use time::{Duration, OffsetDateTime};

use crate::{directory::Person, error::Failure};

/// The value of an epoch's and a grant's notation.
const STATEMENT_VERSION: &str = "v1";

pub(crate) fn sha256(octets: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, octets).as_ref());
    hash
}

pub(crate) fn sha256_hex(octets: &[u8]) -> String {
    Fingerprint(sha256(octets)).to_string()
}

pub(crate) fn room_certificate(octets: &[u8], now: OffsetDateTime) -> Result<Certificate, Failure> {
    Certificate::parse_room(octets, now).map_err(refuse_certificate)
}

pub(crate) fn compliance_certificate(octets: &[u8], now: OffsetDateTime) -> Result<Certificate, Failure> {
    Certificate::parse_compliance(octets, now).map_err(refuse_certificate)
}

/// The older compliance key's word for the newer certificate. It is made offline, so it may be days old, but not of the future.
pub(crate) fn rotation_signature(
    old: &[u8],
    new: &Certificate,
    octets: &[u8],
    rotation: &ComplianceRotation,
    now: OffsetDateTime,
) -> Result<(), Failure> {
    let old = Certificate::parse_past_compliance(old, now).map_err(|error| Failure::Bug(anyhow::Error::new(error)))?;
    let new = (&new.key.fingerprint, octets);
    let refuse = |error: SignatureError| ChatRefusal::SignatureInvalid { rule: error.rule().to_owned() };
    let created = rotation::verify(&old.key, new, rotation.effective_at, rotation.sig.as_slice()).map_err(refuse)?;
    if created > now + Duration::seconds(SIGNATURE_SKEW_S.cast_signed()) {
        return Err(refuse(SignatureError::TimeSkew).into());
    }
    Ok(())
}

pub(crate) fn blob(octets: &[u8]) -> Result<(), String> {
    pgp_blob::check(octets).map(drop).map_err(|error| error.rule().to_owned())
}

pub(crate) fn pkesk(octets: &[u8], to: &Fingerprint) -> Result<(), String> {
    pgp_pkesk::check(octets, to).map_err(|error| error.rule().to_owned())
}

pub(crate) fn epoch_signature(sig: &[u8], statement: &str, opener: &Person, now: OffsetDateTime) -> Result<(), Failure> {
    verify_statement(sig, statement, EPOCH_NOTATION, opener, now).map_err(|rule| ChatRefusal::SignatureInvalid { rule }.into())
}

pub(crate) fn grant_signature(sig: &[u8], statement: &str, granter: &Person, now: OffsetDateTime) -> Result<(), String> {
    verify_statement(sig, statement, GRANT_NOTATION, granter, now).map_err(|rule| format!("the signature: {rule}"))
}

fn verify_statement(sig: &[u8], statement: &str, notation: &str, signer: &Person, now: OffsetDateTime) -> Result<(), String> {
    let verified = signature::verify(&signer.certificate.key, sig, statement.as_bytes(), notation, now);
    match verified {
        Ok(verified) if verified.notation == STATEMENT_VERSION => Ok(()),
        Ok(_) => Err("notation-value".to_owned()),
        Err(error) => Err(error.rule().to_owned()),
    }
}

fn refuse_certificate(error: CertificateError) -> Failure {
    ChatRefusal::CertificateRefused { reason: error.to_string() }.into()
}
