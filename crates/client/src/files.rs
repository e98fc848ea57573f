//! Attachments (docs/protocol.md section 3): sealed in chunks before they leave, checked and opened after they came.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use reqwest::Method;
use sealcast_contracts::{
    AttachmentId, Base64, RoomId,
    limits::{ATTACHMENT_CHUNK_OCTETS, ATTACHMENT_CHUNKS_MAX, ATTACHMENT_TAG_OCTETS},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Client, Error, Session, rings::sha256, secrets::random};

const CHUNK: usize = ATTACHMENT_CHUNK_OCTETS as usize;
/// Octets of one file.
pub const FILE_OCTETS_MAX: u64 = ATTACHMENT_CHUNK_OCTETS * ATTACHMENT_CHUNKS_MAX as u64;

/// A file as a message names it, with what opens it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    pub id: AttachmentId,
    pub name: String,
    #[serde(rename = "type")]
    pub media_type: String,
    pub size: u64,
    /// Of AES-256-GCM; [`Base64`] prints its length only.
    pub key: Base64,
    /// SHA-256 over the SHA-256 of each sealed chunk.
    pub sum: Base64,
}

/// A file that is going to be sent.
#[derive(Clone, Copy, Debug)]
pub struct NewFile<'a> {
    pub name: &'a str,
    pub media_type: &'a str,
    pub octets: &'a [u8],
}

impl Client {
    /// Seals and uploads a file, to be named by a message of the same room.
    ///
    /// # Errors
    /// [`Error::Usage`] when it is too large; else as every request.
    pub async fn upload(&self, room_id: RoomId, file: NewFile<'_>) -> Result<FileRef, Error> {
        let size = file.octets.len() as u64;
        if size > FILE_OCTETS_MAX {
            return Err(Error::Usage(format!("`{}` has more than {} MiB", file.name, FILE_OCTETS_MAX / 1_048_576)));
        }
        let at = Place { room_id, id: AttachmentId::generate(), chunks: chunk_count(size) };
        let key = Zeroizing::new(random::<32>());
        let cipher = cipher(&key)?;
        self.session.begin_attachment(at, size + u64::from(at.chunks) * ATTACHMENT_TAG_OCTETS).await?;
        let mut hashes = Vec::with_capacity(at.chunks as usize * 32);
        for index in 0..at.chunks {
            let from = index as usize * CHUNK;
            let sealed = seal(&cipher, at, index, &file.octets[from..file.octets.len().min(from + CHUNK)])?;
            hashes.extend(sha256(&sealed));
            self.session.put_chunk(at, index, sealed).await?;
        }
        let sum = Base64(sha256(&hashes).to_vec());
        self.session.complete_attachment(at, &sum).await?;
        let (name, media_type) = (file.name.to_owned(), file.media_type.to_owned());
        Ok(FileRef { id: at.id, name, media_type, size, key: Base64(key.to_vec()), sum })
    }
}

impl Session {
    /// Fetches a file that a message names, and checks that it is that file. Auditors may, and it is recorded.
    ///
    /// # Errors
    /// [`Error::Verification`] when it is another one; else as every request.
    pub async fn fetch_file(&self, room_id: RoomId, file: &FileRef) -> Result<Vec<u8>, Error> {
        let at = Place { room_id, id: file.id, chunks: chunk_count(file.size) };
        if file.size > FILE_OCTETS_MAX {
            return Err(Error::Verification("the message names a file that is too large to be one".to_owned()));
        }
        let key: &[u8; 32] = file.key.as_slice().try_into().map_err(|_| changed())?;
        let cipher = cipher(key)?;
        let (mut octets, mut hashes) = (Vec::new(), Vec::new());
        for index in 0..at.chunks {
            let sealed = self.chunk(at, index).await?;
            hashes.extend(sha256(&sealed));
            octets.extend(open(&cipher, at, index, sealed)?);
        }
        let same = sha256(&hashes) == *file.sum.as_slice() && octets.len() as u64 == file.size;
        if same { Ok(octets) } else { Err(changed()) }
    }

    async fn begin_attachment(&self, at: Place, octets: u64) -> Result<(), Error> {
        let body = serde_json::json!({"attachment_id": at.id, "octets": octets});
        self.server.done(Method::POST, &format!("rooms/{}/attachments", at.room_id), Some(&body), Some(&self.token)).await
    }

    async fn put_chunk(&self, at: Place, index: u32, sealed: Vec<u8>) -> Result<(), Error> {
        self.server.put_octets(&at.chunk_path(index), sealed.into(), &self.token).await
    }

    async fn complete_attachment(&self, at: Place, sum: &Base64) -> Result<(), Error> {
        let body = serde_json::json!({"sha256": sum});
        self.server.done(Method::PUT, &format!("{}/completion", at.path()), Some(&body), Some(&self.token)).await
    }

    async fn chunk(&self, at: Place, index: u32) -> Result<Vec<u8>, Error> {
        self.server.get_octets(&at.chunk_path(index), &self.token).await
    }
}

/// What a chunk is bound to, besides its index.
#[derive(Clone, Copy)]
struct Place {
    room_id: RoomId,
    id: AttachmentId,
    chunks: u32,
}

impl Place {
    fn path(self) -> String {
        format!("rooms/{}/attachments/{}", self.room_id, self.id)
    }

    fn chunk_path(self, index: u32) -> String {
        format!("{}/chunks/{index}", self.path())
    }

    fn aad(self, index: u32) -> Vec<u8> {
        format!("sealcast/v1/file\nroom={}\nid={}\nchunk={index}\nof={}\n", self.room_id, self.id, self.chunks).into_bytes()
    }
}

/// An empty file has one empty chunk.
fn chunk_count(size: u64) -> u32 {
    u32::try_from(size.div_ceil(ATTACHMENT_CHUNK_OCTETS)).unwrap_or(u32::MAX).max(1)
}

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey, Error> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| Error::Key("a file key".to_owned()))
}

fn seal(cipher: &LessSafeKey, at: Place, index: u32, octets: &[u8]) -> Result<Vec<u8>, Error> {
    let mut sealed = octets.to_vec();
    cipher
        .seal_in_place_append_tag(nonce(index), Aad::from(at.aad(index)), &mut sealed)
        .map_err(|_| Error::Key("sealing a file".to_owned()))?;
    Ok(sealed)
}

fn open(cipher: &LessSafeKey, at: Place, index: u32, mut sealed: Vec<u8>) -> Result<Vec<u8>, Error> {
    let opened = cipher.open_in_place(nonce(index), Aad::from(at.aad(index)), &mut sealed).map_err(|_| changed())?.len();
    sealed.truncate(opened);
    Ok(sealed)
}

/// A key serves one file, so that its chunks can be counted.
fn nonce(index: u32) -> Nonce {
    let mut octets = [0; NONCE_LEN];
    octets[NONCE_LEN - 4..].copy_from_slice(&index.to_be_bytes());
    Nonce::assume_unique_for_key(octets)
}

fn changed() -> Error {
    Error::Verification("this is not the file that was sent: it was changed on the server or on the way".to_owned())
}

#[cfg(test)]
mod tests {
    use sealcast_contracts::RoomId;
    use uuid::uuid;

    use super::*;

    fn place() -> Place {
        let room_id = RoomId(uuid!("01890a5d-ac96-774b-bcce-b302099a8057"));
        Place { room_id, id: AttachmentId(uuid!("01890a5d-ac96-774b-bcce-b302099a8058")), chunks: 2 }
    }

    /// The front end's tests open the same chunk.
    #[test]
    fn a_chunk_has_the_form_that_other_clients_know() {
        let cipher = cipher(&[7; 32]).unwrap();
        let sealed = seal(&cipher, place(), 1, b"Sealcast").unwrap();
        assert_eq!(serde_json::to_string(&Base64(sealed.clone())).unwrap(), format!("\"{VECTOR}\""));
        assert_eq!(open(&cipher, place(), 1, sealed).unwrap(), b"Sealcast");
    }

    const VECTOR: &str = "Yy3YDFchkXOeR6kN5FHRPoRJo088zgWi";

    #[test]
    fn a_chunk_opens_in_its_place_only() {
        let cipher = cipher(&[7; 32]).unwrap();
        let sealed = seal(&cipher, place(), 1, b"Sealcast").unwrap();
        for (at, index) in
            [(place(), 0), (Place { chunks: 3, ..place() }, 1), (Place { id: AttachmentId::generate(), ..place() }, 1)]
        {
            assert!(open(&cipher, at, index, sealed.clone()).is_err());
        }
        assert_eq!([0, 1, 131_072, 131_073].map(chunk_count), [1, 1, 1, 2]);
    }
}
