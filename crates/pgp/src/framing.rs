//! OpenPGP packet framing by hand (RFC 9580 section 4.2): cheap, without allocation on the common path, and stricter than
//! any general parser. It runs before sequoia sees an octet.

/// RFC 9580 section 4.2.1.4: the first part of a partial body has at least so many octets.
const FIRST_PART_OCTETS_MIN: usize = 512;

/// Packet types of RFC 9580 section 5.
pub(crate) mod tag {
    pub(crate) const PKESK: u8 = 1;
    pub(crate) const SIGNATURE: u8 = 2;
    pub(crate) const SKESK: u8 = 3;
    pub(crate) const ONE_PASS_SIGNATURE: u8 = 4;
    pub(crate) const COMPRESSED: u8 = 8;
    pub(crate) const LITERAL: u8 = 11;
    pub(crate) const SEIPD: u8 = 18;
}

/// Why octets are not a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FramingError {
    /// Not a new-format packet header: armor, the old format, or something else.
    Header,
    /// A partial body length where the profile has none, or one that is shorter than the RFC allows.
    PartialLength,
    Truncated,
}

/// One packet: its type and its body, in parts when it came with partial lengths.
pub(crate) struct Frame<'a> {
    pub(crate) tag: u8,
    parts: Parts<'a>,
}

/// Nearly every body is one part; only long SEIPD and literal packets come in several.
enum Parts<'a> {
    One(&'a [u8]),
    Many(Vec<&'a [u8]>),
}

impl<'a> Frame<'a> {
    /// Takes the next packet off `octets` and returns it with the rest.
    pub(crate) fn next(octets: &'a [u8]) -> Result<(Self, &'a [u8]), FramingError> {
        let (&header, rest) = octets.split_first().ok_or(FramingError::Truncated)?;
        if header & 0xC0 != 0xC0 {
            return Err(FramingError::Header);
        }
        let tag = header & 0x3F;
        let (part, partial, mut rest) = body_part(rest)?;
        if !partial {
            return Ok((Self { tag, parts: Parts::One(part) }, rest));
        }
        if !matches!(tag, tag::SEIPD | tag::LITERAL) || part.len() < FIRST_PART_OCTETS_MIN {
            return Err(FramingError::PartialLength);
        }
        let mut parts = vec![part];
        loop {
            let (part, partial, after) = body_part(rest)?;
            parts.push(part);
            rest = after;
            if !partial {
                return Ok((Self { tag, parts: Parts::Many(parts) }, rest));
            }
        }
    }

    /// The body when it is in one part.
    pub(crate) fn body(&self) -> Option<&'a [u8]> {
        match self.parts {
            Parts::One(body) => Some(body),
            Parts::Many(_) => None,
        }
    }

    /// Octets of the body.
    pub(crate) fn len(&self) -> usize {
        self.parts().iter().map(|part| part.len()).sum()
    }

    /// The parts of the body, in order.
    pub(crate) fn parts(&self) -> &[&'a [u8]] {
        match &self.parts {
            Parts::One(body) => std::slice::from_ref(body),
            Parts::Many(parts) => parts,
        }
    }

    /// The first part; a later part never holds a packet's fixed fields, because the first has at least 512 octets.
    pub(crate) fn head(&self) -> &'a [u8] {
        self.parts().first().copied().unwrap_or_default()
    }
}

/// One length and the octets that it counts: the part, whether another follows, and the rest.
fn body_part(octets: &[u8]) -> Result<(&[u8], bool, &[u8]), FramingError> {
    let (len, partial, rest) = match *octets {
        [len @ 0..=191, ref rest @ ..] => (usize::from(len), false, rest),
        [high @ 192..=223, low, ref rest @ ..] => (((usize::from(high) - 192) << 8) + usize::from(low) + 192, false, rest),
        [power @ 224..=254, ref rest @ ..] => (1_usize << (power & 0x1F), true, rest),
        [255, a, b, c, d, ref rest @ ..] => {
            let len = u32::from_be_bytes([a, b, c, d]);
            (usize::try_from(len).map_err(|_| FramingError::Truncated)?, false, rest)
        }
        _ => return Err(FramingError::Truncated),
    };
    let (part, rest) = rest.split_at_checked(len).ok_or(FramingError::Truncated)?;
    Ok((part, partial, rest))
}
