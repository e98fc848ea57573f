//! Encrypting and strictly opening the one SEIPD v2 packet that envelopes and blobs are made of.

use std::io::{Read as _, Write as _};

use sequoia_openpgp::{
    Packet,
    packet::{Key, PKESK, key, key::Key6, pkesk::PKESK6},
    parse::{Dearmor, PacketParserBuilder, PacketParserResult, Parse as _},
    serialize::{
        Serialize as _,
        stream::{Encryptor, LiteralWriter, Message},
    },
    types::{AEADAlgorithm, DataFormat, SymmetricAlgorithm},
};
use zeroize::Zeroizing;

use crate::{
    SessionKey,
    certificate::EncryptionKey,
    framing::{Frame, tag},
    packets::system_time,
};

/// Why the inside of an envelope or blob is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// The session key does not fit, or the ciphertext was altered.
    #[error("it does not decrypt")]
    Undecryptable,
    #[error("its content is compressed")]
    Compressed,
    #[error("it contains another encrypted message")]
    Nested,
    #[error("it contains a signature")]
    Signed,
    #[error("its content is not exactly one binary literal packet")]
    Content,
    /// Random numbers or the crypto library failed.
    #[error("the OpenPGP library failed to {0}")]
    Library(&'static str),
}

/// Encrypts `plaintext` as one literal packet with AES-256-GCM and appends the SEIPD v2 packet to `out`.
pub(crate) fn encrypt(plaintext: &[u8], session_key: &SessionKey, out: &mut Vec<u8>) -> Result<(), PayloadError> {
    let failed = |_| PayloadError::Library("encrypt");
    let message = Encryptor::with_session_key(Message::new(out), SymmetricAlgorithm::AES256, session_key.to_sequoia())
        .map_err(failed)?
        .aead_algo(AEADAlgorithm::GCM)
        .build()
        .map_err(failed)?;
    let mut literal = LiteralWriter::new(message).format(DataFormat::Binary).build().map_err(failed)?;
    literal.write_all(plaintext).map_err(|_| PayloadError::Library("encrypt"))?;
    literal.finalize().map_err(failed)
}

/// A fresh session key.
pub(crate) fn new_session_key() -> Result<SessionKey, PayloadError> {
    let mut octets = Zeroizing::new([0; 32]);
    aws_lc_rs::rand::fill(&mut *octets).map_err(|_| PayloadError::Library("make a session key"))?;
    Ok(SessionKey::from_octets(*octets))
}

/// Appends a PKESK v6 of the session key to `to`.
pub(crate) fn wrap(session_key: &SessionKey, to: &EncryptionKey, out: &mut Vec<u8>) -> Result<(), PayloadError> {
    let failed = |_| PayloadError::Library("wrap a session key");
    let key: Key<key::PublicParts, key::SubordinateRole> =
        Key6::import_public_x25519(&to.x25519, system_time(to.created)).map_err(failed)?.into();
    let pkesk = PKESK6::for_recipient(&session_key.to_sequoia(), &key).map_err(failed)?;
    Packet::PKESK(PKESK::V6(pkesk)).serialize(out).map_err(failed)
}

/// Decrypts `message` (recipient packets are skipped) and returns its one literal. Nothing is looked at before all of it
/// has been authenticated.
pub(crate) fn open(message: &[u8], session_key: &SessionKey) -> Result<Zeroizing<Vec<u8>>, PayloadError> {
    literal(&decrypt(message, session_key)?)
}

fn decrypt(message: &[u8], session_key: &SessionKey) -> Result<Zeroizing<Vec<u8>>, PayloadError> {
    let failed = |_| PayloadError::Undecryptable;
    let mut result = PacketParserBuilder::from_bytes(message)
        .and_then(|builder| builder.max_recursion_depth(0).dearmor(Dearmor::Disabled).drop_unread_content().build())
        .map_err(failed)?;
    while let PacketParserResult::Some(mut parser) = result {
        if matches!(parser.packet, Packet::SEIP(_)) {
            parser.decrypt(SymmetricAlgorithm::AES256, &session_key.to_sequoia()).map_err(failed)?;
            // Reserved at once, because growing would leave copies behind that nobody wipes.
            let mut inner = Zeroizing::new(Vec::with_capacity(message.len()));
            parser.read_to_end(&mut inner).map_err(|_| PayloadError::Undecryptable)?;
            return Ok(inner);
        }
        result = parser.next().map_err(failed)?.1;
    }
    Err(PayloadError::Undecryptable)
}

/// The body of the one literal packet that `inner` must be: binary, and whatever name and date.
fn literal(inner: &[u8]) -> Result<Zeroizing<Vec<u8>>, PayloadError> {
    let (frame, rest) = Frame::next(inner).map_err(|_| PayloadError::Content)?;
    match frame.tag {
        tag::LITERAL if rest.is_empty() => {}
        tag::COMPRESSED => return Err(PayloadError::Compressed),
        tag::SEIPD | tag::PKESK | tag::SKESK => return Err(PayloadError::Nested),
        tag::ONE_PASS_SIGNATURE | tag::SIGNATURE => return Err(PayloadError::Signed),
        _ => return Err(PayloadError::Content),
    }
    // Format, length of the name, name, four octets of date.
    let &[b'b', name_len, ..] = frame.head() else { return Err(PayloadError::Content) };
    let mut skip = 2 + usize::from(name_len) + 4;
    if frame.len() < skip {
        return Err(PayloadError::Content);
    }
    let mut body = Zeroizing::new(Vec::with_capacity(frame.len() - skip));
    for part in frame.parts() {
        let part_skip = skip.min(part.len());
        skip -= part_skip;
        body.extend_from_slice(&part[part_skip..]);
    }
    Ok(body)
}
