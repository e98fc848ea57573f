//! The numbers of RFC 8446 that the record layer needs.

use crate::error::Violation;

/// Octets before a record's body: type, legacy version, length (section 5.2).
pub(crate) const HEADER_LEN: usize = 5;
/// Octets that authenticate a record; the same for all three ciphers (section 5.2, appendix B.4).
pub(crate) const TAG_LEN: usize = 16;
/// Most octets of content in one record (section 5.1).
pub(crate) const CONTENT_MAX: usize = 1 << 14;
/// Most octets of content, type and padding together (section 5.4).
pub(crate) const INNER_MAX: usize = CONTENT_MAX + 1;
/// Most octets of a protected record's body (section 5.2).
pub(crate) const BODY_MAX: usize = CONTENT_MAX + 256;

/// The content types of section 5.1 that may be inside a protected record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Content {
    Alert = 21,
    Handshake = 22,
    ApplicationData = 23,
}

impl Content {
    pub(crate) fn from_octet(octet: u8) -> Option<Self> {
        [Self::Alert, Self::Handshake, Self::ApplicationData].into_iter().find(|content| *content as u8 == octet)
    }
}

/// The alerts of section 6 that this crate sends or tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Alert {
    CloseNotify = 0,
    UnexpectedMessage = 10,
    BadRecordMac = 20,
    RecordOverflow = 22,
    IllegalParameter = 47,
    DecodeError = 50,
    InternalError = 80,
    UserCanceled = 90,
}

impl Alert {
    /// The alert's two octets. Its level says nothing any more (section 6), but peers expect the customary one.
    pub(crate) fn encode(self) -> [u8; 2] {
        const WARNING: u8 = 1;
        const FATAL: u8 = 2;
        let level = if self == Self::CloseNotify { WARNING } else { FATAL };
        [level, self as u8]
    }
}

/// A KeyUpdate message up to its last octet: type 24, length 1 (section 4.6.3).
pub(crate) const KEY_UPDATE: [u8; 4] = [24, 0, 0, 1];
/// The last octet of a KeyUpdate that wants no answer.
pub(crate) const UPDATE_NOT_REQUESTED: u8 = 0;
/// The last octet of a KeyUpdate that wants one in return.
pub(crate) const UPDATE_REQUESTED: u8 = 1;

/// The header of a protected record whose body has `body_len` octets.
pub(crate) fn header(body_len: usize) -> [u8; HEADER_LEN] {
    let [.., high, low] = body_len.to_be_bytes();
    [Content::ApplicationData as u8, 3, 3, high, low]
}

/// How many octets `start`, the beginning of a protected record, needs before one can go on: those of the header,
/// or, once that is known, those of the whole record.
///
/// # Errors
/// A type or a length that no protected record can have is refused here, before anything is stored.
pub(crate) fn wanted(start: &[u8]) -> Result<usize, Violation> {
    if start.first().is_some_and(|kind| *kind != Content::ApplicationData as u8) {
        return Err(Violation::UnexpectedRecord);
    }
    let Some([_, _, _, high, low]) = start.first_chunk() else {
        return Ok(HEADER_LEN);
    };
    match usize::from(u16::from_be_bytes([*high, *low])) {
        ..TAG_LEN => Err(Violation::BadRecord),
        body_len @ TAG_LEN..=BODY_MAX => Ok(HEADER_LEN + body_len),
        _ => Err(Violation::Overlong),
    }
}
