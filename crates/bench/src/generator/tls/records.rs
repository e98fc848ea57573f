//! Records of TLS 1.3 (RFC 8446, section 5) after the handshake.

use anyhow::{Context as _, Result, bail, ensure};
use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce, UnboundKey};
use rustls::ConnectionTrafficSecrets;

const HEADER_OCTETS: usize = 5;
/// 2^14 octets of content, its type, padding and tag.
const BODY_OCTETS_MAX: usize = (1 << 14) + 256;
const APPLICATION_DATA: u8 = 23;

/// What a record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Data,
    Handshake,
    Alert,
}

/// The octets of the first record in `octets`, header included, once its header is there.
///
/// # Errors
/// It is no record of a TLS 1.3 connection.
pub fn record_len(octets: &[u8]) -> Result<Option<usize>> {
    let [kind, 3, 3, high, low, ..] = *octets else {
        ensure!(octets.len() < HEADER_OCTETS, "no TLS record");
        return Ok(None);
    };
    let body = usize::from(u16::from_be_bytes([high, low]));
    ensure!(kind == APPLICATION_DATA && body <= BODY_OCTETS_MAX, "a record of type {kind} with {body} octets");
    Ok(Some(HEADER_OCTETS + body))
}

/// One direction's key.
struct Key {
    key: LessSafeKey,
    iv: [u8; NONCE_LEN],
    seq: u64,
}

impl Key {
    fn new((seq, secrets): (u64, ConnectionTrafficSecrets)) -> Result<Self> {
        let (algorithm, key, iv) = match &secrets {
            ConnectionTrafficSecrets::Aes128Gcm { key, iv } => (&AES_128_GCM, key, iv),
            ConnectionTrafficSecrets::Aes256Gcm { key, iv } => (&AES_256_GCM, key, iv),
            ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv } => (&CHACHA20_POLY1305, key, iv),
            _ => bail!("a cipher suite that this client does not know"),
        };
        let unbound = UnboundKey::new(algorithm, key.as_ref()).context("a key of another length")?;
        Ok(Self { key: LessSafeKey::new(unbound), iv: iv.as_ref().try_into()?, seq })
    }

    fn nonce(&mut self) -> Nonce {
        let mut nonce = self.iv;
        for (octet, count) in nonce[NONCE_LEN - 8..].iter_mut().zip(self.seq.to_be_bytes()) {
            *octet ^= count;
        }
        self.seq += 1;
        Nonce::assume_unique_for_key(nonce)
    }
}

/// Opens what the server sends.
pub struct Opener(Key);

impl Opener {
    /// From the secrets of the receiving direction.
    ///
    /// # Errors
    /// An unknown cipher suite.
    pub fn new(secrets: (u64, ConnectionTrafficSecrets)) -> Result<Self> {
        Key::new(secrets).map(Self)
    }

    /// Opens one whole record in its place.
    ///
    /// # Errors
    /// It is not authentic.
    pub fn open<'a>(&mut self, record: &'a mut [u8]) -> Result<(Kind, &'a mut [u8])> {
        let (header, body) = record.split_at_mut_checked(HEADER_OCTETS).context("a cut record")?;
        let nonce = self.0.nonce();
        let plain = self.0.key.open_in_place(nonce, Aad::from(&*header), body).ok().context("a record is not authentic")?;
        let end = plain.iter().rposition(|&octet| octet != 0).context("a record without type")?;
        let kind = match plain[end] {
            21 => Kind::Alert,
            22 => Kind::Handshake,
            APPLICATION_DATA => Kind::Data,
            other => bail!("a record of inner type {other}"),
        };
        Ok((kind, &mut plain[..end]))
    }
}

/// Seals what is sent: the request.
pub struct Sealer(Key);

impl Sealer {
    /// From the secrets of the sending direction.
    ///
    /// # Errors
    /// An unknown cipher suite.
    pub fn new(secrets: (u64, ConnectionTrafficSecrets)) -> Result<Self> {
        Key::new(secrets).map(Self)
    }

    /// Appends `data` as one record.
    ///
    /// # Errors
    /// It is longer than a record.
    pub fn seal(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let body = u16::try_from(data.len() + 1 + MAX_TAG_LEN)?;
        let [high, low] = body.to_be_bytes();
        let header = [APPLICATION_DATA, 3, 3, high, low];
        out.extend_from_slice(&header);
        let begin = out.len();
        out.extend_from_slice(data);
        out.push(APPLICATION_DATA);
        let nonce = self.0.nonce();
        let sealed = self.0.key.seal_in_place_separate_tag(nonce, Aad::from(header), &mut out[begin..]);
        out.extend_from_slice(sealed.ok().context("the request cannot be sealed")?.as_ref());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rustls::crypto::cipher::{AeadKey, Iv};

    use super::*;

    fn secrets(seq: u64) -> (u64, ConnectionTrafficSecrets) {
        (seq, ConnectionTrafficSecrets::Chacha20Poly1305 { key: AeadKey::from([7; 32]), iv: Iv::from([9; NONCE_LEN]) })
    }

    #[test]
    fn what_is_sealed_opens_once_and_in_order() {
        let (mut sealer, mut opener) = (Sealer::new(secrets(3)).unwrap(), Opener::new(secrets(3)).unwrap());
        let mut wire = Vec::new();
        sealer.seal(b"first", &mut wire).unwrap();
        let second = wire.len();
        sealer.seal(b"second", &mut wire).unwrap();
        assert_eq!(record_len(&wire).unwrap(), Some(second));
        let (first, rest) = wire.split_at_mut(second);
        let mut again = first.to_vec();
        assert_eq!(opener.open(first).unwrap(), (Kind::Data, b"first".to_vec().as_mut_slice()));
        assert!(opener.open(&mut again).is_err());
        let mut opener = Opener::new(secrets(4)).unwrap();
        assert_eq!(opener.open(rest).unwrap().1, b"second");
    }

    #[test]
    fn only_records_are_records() {
        assert_eq!(record_len(&[23, 3, 3, 0]).unwrap(), None);
        assert!(record_len(b"HTTP/1.1 400").is_err());
        assert!(record_len(&[22, 3, 3, 0, 5, 0]).is_err());
        assert!(record_len(&[23, 3, 3, 0xff, 0xff]).is_err());
    }
}
