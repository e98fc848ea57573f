//! One direction of a TLS 1.3 connection: its key, its sequence number, and the protection of single records.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use rustls::ConnectionTrafficSecrets;
use zeroize::Zeroizing;

use crate::error::{Error, Violation};
use crate::wire::{Content, HEADER_LEN, TAG_LEN, header};

/// The longest key among the three ciphers, in octets.
const KEY_MAX: usize = 32;

/// Raw traffic key, IV and next sequence number (RFC 8446, section 5.3). The cipher's own state, five times as large, is
/// built from them by [`Direction::cipher`] for as long as one call lasts. Key and IV are wiped when the value is dropped.
pub(crate) struct Direction {
    algorithm: &'static Algorithm,
    key: Zeroizing<[u8; KEY_MAX]>,
    iv: Zeroizing<[u8; NONCE_LEN]>,
    sequence: u64,
}

impl Direction {
    /// Without a key, and without a sequence number: it protects nothing.
    pub(crate) fn without_key() -> Self {
        Self { algorithm: &AES_256_GCM, key: Zeroizing::default(), iv: Zeroizing::default(), sequence: u64::MAX }
    }

    /// Takes a key in place of the one before.
    ///
    /// # Errors
    /// [`Error::Cipher`] for a cipher that is not one of TLS 1.3's three.
    pub(crate) fn set_key(&mut self, (sequence, secrets): (u64, ConnectionTrafficSecrets)) -> Result<(), Error> {
        let (algorithm, key, iv) = match &secrets {
            ConnectionTrafficSecrets::Aes128Gcm { key, iv } => (&AES_128_GCM, key, iv),
            ConnectionTrafficSecrets::Aes256Gcm { key, iv } => (&AES_256_GCM, key, iv),
            ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv } => (&CHACHA20_POLY1305, key, iv),
            _ => return Err(Error::Cipher),
        };
        self.key.get_mut(..algorithm.key_len()).ok_or(Error::Cipher)?.copy_from_slice(key.as_ref());
        self.iv.copy_from_slice(iv.as_ref());
        (self.algorithm, self.sequence) = (algorithm, sequence);
        Ok(())
    }

    /// The sequence number of the next record.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The cipher under this direction's key, valid until the key is replaced. aws-lc wipes it when it is dropped.
    pub(crate) fn cipher(&self) -> Result<LessSafeKey, Error> {
        let key = &self.key[..self.algorithm.key_len()];
        Ok(LessSafeKey::new(UnboundKey::new(self.algorithm, key).map_err(|_| Error::Cipher)?))
    }

    /// Appends one protected record to `out` (section 5.2). `content` has at most 2^14 octets; no padding is added.
    ///
    /// # Errors
    /// [`Error::Exhausted`] rather than a repeated nonce. `out` is then as it was.
    pub(crate) fn seal(&mut self, cipher: &LessSafeKey, kind: Content, content: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let nonce = self.next_nonce()?;
        let start = out.len();
        let header = header(content.len() + 1 + TAG_LEN);
        out.extend_from_slice(&header);
        out.extend_from_slice(content);
        out.push(kind as u8);
        match cipher.seal_in_place_separate_tag(nonce, Aad::from(header), &mut out[start + HEADER_LEN..]) {
            Ok(tag) => {
                out.extend_from_slice(tag.as_ref());
                Ok(())
            }
            Err(_) => {
                out.truncate(start);
                Err(Error::Cipher)
            }
        }
    }

    /// Opens the body of one record in place. What comes back is its content, its type and its padding.
    ///
    /// # Errors
    /// [`Violation::BadRecord`] when it does not authenticate.
    pub(crate) fn open<'a>(&mut self, cipher: &LessSafeKey, header: &[u8], body: &'a mut [u8]) -> Result<&'a [u8], Error> {
        let nonce = self.next_nonce()?;
        cipher.open_in_place(nonce, Aad::from(header), body).map(|inner| &*inner).map_err(|_| Violation::BadRecord.into())
    }

    /// The nonce of the next record: the sequence number, padded on the left, XOR the IV (section 5.3).
    fn next_nonce(&mut self) -> Result<Nonce, Error> {
        let next = self.sequence.checked_add(1).ok_or(Error::Exhausted)?;
        let mut nonce = *self.iv;
        for (octet, sequence) in nonce[NONCE_LEN - size_of::<u64>()..].iter_mut().zip(self.sequence.to_be_bytes()) {
            *octet ^= sequence;
        }
        self.sequence = next;
        Ok(Nonce::assume_unique_for_key(nonce))
    }
}
