//! The exact packets of a certificate: what, how many, in which order, with which algorithms.

use sequoia_openpgp::{
    Packet,
    packet::Signature,
    types::{HashAlgorithm, PublicKeyAlgorithm, SignatureType},
};

use super::CertificateError;

/// Primary key, direct-key signature, (User ID, binding), subkey, binding. Key revocations may stand beside the
/// self-signature of what they revoke: such a certificate is well-formed, and refused or dated as revoked afterwards.
pub(super) fn check(packets: &[Packet], with_user_id: bool) -> Result<(), CertificateError> {
    let (primary, rest) = packets.split_first().ok_or(CertificateError::Malformed)?;
    check_key(primary, Place::Primary)?;
    let mut rest = check_signatures(rest, &[SignatureType::DirectKey], Some(SignatureType::KeyRevocation))?;
    if with_user_id {
        let [Packet::UserID(_), after @ ..] = rest else { return Err(CertificateError::Packets) };
        rest = check_signatures(
            after,
            &[
                SignatureType::GenericCertification,
                SignatureType::PersonaCertification,
                SignatureType::CasualCertification,
                SignatureType::PositiveCertification,
            ],
            None,
        )?;
    }
    let (subkey, rest) = rest.split_first().ok_or(CertificateError::Packets)?;
    check_key(subkey, Place::Subkey)?;
    let rest = check_signatures(rest, &[SignatureType::SubkeyBinding], Some(SignatureType::SubkeyRevocation))?;
    if rest.is_empty() { Ok(()) } else { Err(CertificateError::Packets) }
}

#[derive(Clone, Copy)]
enum Place {
    Primary,
    Subkey,
}

fn check_key(packet: &Packet, place: Place) -> Result<(), CertificateError> {
    let (version, algorithm) = match (packet, place) {
        (Packet::PublicKey(key), Place::Primary) => (key.version(), key.pk_algo()),
        (Packet::PublicSubkey(key), Place::Subkey) => (key.version(), key.pk_algo()),
        (Packet::SecretKey(_) | Packet::SecretSubkey(_), _) => return Err(CertificateError::SecretKey),
        _ => return Err(CertificateError::Packets),
    };
    let expected = match place {
        Place::Primary => PublicKeyAlgorithm::Ed25519,
        Place::Subkey => PublicKeyAlgorithm::X25519,
    };
    match (version, algorithm) {
        (6, algorithm) if algorithm == expected => Ok(()),
        (6, _) => Err(CertificateError::Algorithm),
        _ => Err(CertificateError::Version),
    }
}

/// Takes exactly one signature of `kinds` and at most one `revocation` off the front.
fn check_signatures<'p>(
    mut packets: &'p [Packet],
    kinds: &[SignatureType],
    revocation: Option<SignatureType>,
) -> Result<&'p [Packet], CertificateError> {
    let (mut bindings, mut revocations) = (0, 0);
    while let [Packet::Signature(signature), rest @ ..] = packets {
        check_signature(signature)?;
        if kinds.contains(&signature.typ()) {
            bindings += 1;
        } else if revocation == Some(signature.typ()) {
            revocations += 1;
        } else {
            return Err(CertificateError::Packets);
        }
        packets = rest;
    }
    if bindings == 1 && revocations <= 1 { Ok(packets) } else { Err(CertificateError::Packets) }
}

fn check_signature(signature: &Signature) -> Result<(), CertificateError> {
    if signature.version() != 6 {
        return Err(CertificateError::Version);
    }
    if signature.pk_algo() != PublicKeyAlgorithm::Ed25519 || signature.hash_algo() != HashAlgorithm::SHA512 {
        return Err(CertificateError::Algorithm);
    }
    Ok(())
}
