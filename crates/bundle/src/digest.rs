//! SHA-256 of what passes by.

use std::io::{self, Read};

use aws_lc_rs::digest::{Context, SHA256};
use sealcast_contracts::Fingerprint;

/// Octets, lines and digest of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    pub octets: u64,
    pub lines: u64,
    pub sha256: Fingerprint,
}

const BUFFER_OCTETS: usize = 64 * 1024;

/// Reads to the end.
pub fn measure(mut reader: impl Read) -> io::Result<Measured> {
    let (mut context, mut octets, mut lines) = (Context::new(&SHA256), 0, 0);
    let mut buffer = vec![0; BUFFER_OCTETS];
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        context.update(&buffer[..read]);
        octets += read as u64;
        lines += buffer[..read].iter().filter(|&&octet| octet == b'\n').count() as u64;
    }
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(context.finish().as_ref());
    Ok(Measured { octets, lines, sha256: Fingerprint(sha256) })
}
