//! The answer to a stream's request: its head, and a body that is chunked or ends with the connection (RFC 9112).

use anyhow::{Context as _, Result, bail, ensure};

const HEAD_OCTETS_MAX: usize = 16_384;
const HEADERS_MAX: usize = 64;
const CHUNK_LINE_OCTETS_MAX: usize = 64;

/// What a head says of the answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    pub status: u16,
    /// Where the body begins.
    pub octets: usize,
    pub framing: Framing,
}

/// How far the body has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    UntilClose,
    Chunked(Chunk),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// In the line with the size: what was read of it, and how many octets the line has so far.
    Size { so_far: usize, line: usize, extension: bool },
    /// In the data.
    Data { left: usize },
    /// In the line end behind the data.
    End,
    /// Behind the last chunk.
    Over,
}

const SIZE: Chunk = Chunk::Size { so_far: 0, line: 0, extension: false };

/// Reads a head, once it is whole.
///
/// # Errors
/// It is not one of HTTP/1.1, or longer than 16 KiB.
pub fn head(octets: &[u8]) -> Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(end) = response.parse(octets).context("no HTTP/1.1 answer")? else {
        ensure!(octets.len() <= HEAD_OCTETS_MAX, "an answer's head is too long");
        return Ok(None);
    };
    let chunked = response.headers.iter().any(|header| {
        header.name.eq_ignore_ascii_case("transfer-encoding") && header.value.to_ascii_lowercase().ends_with(b"chunked")
    });
    let framing = if chunked { Framing::Chunked(SIZE) } else { Framing::UntilClose };
    Ok(Some(Head { status: response.code.context("an answer without status")?, octets: end, framing }))
}

impl Framing {
    /// The next piece of the body in `wire`, which moves behind it. `None` when `wire` holds no more.
    ///
    /// # Errors
    /// The chunks are malformed, or the body is over.
    pub fn next<'a>(&mut self, wire: &mut &'a [u8]) -> Result<Option<&'a [u8]>> {
        match self {
            Self::UntilClose => Ok(take(wire, usize::MAX)),
            Self::Chunked(chunk) => chunk.next(wire),
        }
    }
}

impl Chunk {
    fn next<'a>(&mut self, wire: &mut &'a [u8]) -> Result<Option<&'a [u8]>> {
        loop {
            if let Self::Data { left } = self {
                let Some(piece) = take(wire, *left) else { return Ok(None) };
                *left -= piece.len();
                if *left == 0 {
                    *self = Self::End;
                }
                return Ok(Some(piece));
            }
            let Some((&octet, rest)) = wire.split_first() else { return Ok(None) };
            *wire = rest;
            *self = self.framed(octet)?;
        }
    }

    /// The state behind one octet outside of the data.
    fn framed(self, octet: u8) -> Result<Self> {
        Ok(match (self, octet) {
            (Self::Size { so_far: 0, .. }, b'\n') => Self::Over,
            (Self::Size { so_far, .. }, b'\n') => Self::Data { left: so_far },
            (Self::Size { line, .. }, _) if line == CHUNK_LINE_OCTETS_MAX => bail!("a chunk's line is too long"),
            (Self::Size { so_far, line, extension }, _) => {
                let extension = extension || matches!(octet, b';' | b'\r' | b' ');
                let digit = if extension { None } else { Some(char::from(octet).to_digit(16).context("no chunk size")?) };
                let so_far = match digit {
                    Some(digit) => so_far.checked_mul(16).context("a chunk is too long")? + digit as usize,
                    None => so_far,
                };
                Self::Size { so_far, line: line + 1, extension }
            }
            (Self::End, b'\r') => Self::End,
            (Self::End, b'\n') => SIZE,
            (Self::Over, b'\r' | b'\n') => Self::Over,
            _ => bail!("octets where a chunk ends"),
        })
    }
}

fn take<'a>(wire: &mut &'a [u8], most: usize) -> Option<&'a [u8]> {
    let (piece, rest) = wire.split_at(wire.len().min(most));
    *wire = rest;
    (!piece.is_empty()).then_some(piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(framing: Framing, wire: &[u8], step: usize) -> Result<Vec<u8>> {
        let (mut framing, mut body) = (framing, Vec::new());
        for mut part in wire.chunks(step) {
            while let Some(piece) = framing.next(&mut part)? {
                body.extend_from_slice(piece);
            }
        }
        Ok(body)
    }

    #[test]
    fn chunks_read_the_same_however_they_are_cut() {
        let wire = b"5;x=y\r\nhello\r\n1\r\n \r\nA\r\n0123456789\r\n0\r\n\r\n";
        for step in 1..=wire.len() {
            assert_eq!(read(Framing::Chunked(SIZE), wire, step).unwrap(), b"hello 0123456789", "in steps of {step}");
        }
    }

    #[test]
    fn malformed_chunks_are_errors() {
        for wire in [&b"zz\r\n"[..], b"1\r\nab\r\n", b"0\r\n\r\nx", b"fffffffffffffffff\r\n"] {
            assert!(read(Framing::Chunked(SIZE), wire, 1).is_err(), "{}", wire.escape_ascii());
        }
    }

    #[test]
    fn a_head_says_status_and_framing() {
        let octets = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nrest";
        let read = head(octets).unwrap().unwrap();
        assert_eq!((read.status, read.framing, &octets[read.octets..]), (200, Framing::Chunked(SIZE), &b"rest"[..]));
        assert_eq!(head(&octets[..20]).unwrap(), None);
        let until_close = head(b"HTTP/1.1 503 x\r\nconnection: close\r\n\r\n").unwrap().unwrap();
        assert_eq!((until_close.status, until_close.framing), (503, Framing::UntilClose));
        assert!(head(b"SSH-2.0\r\n\r\n").is_err());
    }
}
