//! Opaque page cursors: a position, bound to the query that it continues.

use aws_lc_rs::digest;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sealcast_contracts::{EventId, audit::AuditRefusal};
use serde::Serialize;

/// Leads every cursor: an old form is refused, not misread.
const VERSION: u8 = 1;
/// Octets of the query's hash that a cursor carries.
const BINDING_OCTETS: usize = 8;
const POSITION_OCTETS: usize = 12;

/// What a cursor belongs to: filter and order.
#[derive(Clone, Copy, Debug)]
pub struct Cursors {
    binding: [u8; BINDING_OCTETS],
}

impl Cursors {
    /// The cursors of one query, whoever asks it and whatever the page's size.
    ///
    /// # Errors
    /// Never in practice: filters have a JSON form.
    pub fn of(query: &impl Serialize) -> anyhow::Result<Self> {
        let hash = digest::digest(&digest::SHA256, &serde_json::to_vec(query)?);
        let mut binding = [0; BINDING_OCTETS];
        binding.copy_from_slice(&hash.as_ref()[..BINDING_OCTETS]);
        Ok(Self { binding })
    }

    /// The cursor behind a message.
    pub fn after_message(&self, id: EventId) -> String {
        self.encode(id.stream_epoch, id.seq)
    }

    /// The cursor behind a leaf.
    pub fn after_leaf(&self, leaf_index: u64) -> String {
        self.encode(0, leaf_index)
    }

    /// The message that a cursor stands behind.
    ///
    /// # Errors
    /// It is not a cursor of this query.
    pub fn read_message(&self, cursor: &str) -> Result<EventId, AuditRefusal> {
        let (stream_epoch, seq) = self.decode(cursor)?;
        Ok(EventId { stream_epoch, seq })
    }

    /// The leaf that a cursor stands behind.
    ///
    /// # Errors
    /// It is not a cursor of this query.
    pub fn read_leaf(&self, cursor: &str) -> Result<u64, AuditRefusal> {
        self.decode(cursor).map(|(_, leaf_index)| leaf_index)
    }

    fn encode(&self, high: u32, low: u64) -> String {
        BASE64_URL_SAFE_NO_PAD.encode([&[VERSION], &self.binding[..], &high.to_be_bytes()[..], &low.to_be_bytes()[..]].concat())
    }

    fn decode(&self, cursor: &str) -> Result<(u32, u64), AuditRefusal> {
        let malformed =
            || AuditRefusal::Malformed { field: "cursor".to_owned(), reason: "it does not belong to this query".to_owned() };
        let octets = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| malformed())?;
        let position = octets
            .strip_prefix(&[VERSION])
            .and_then(|rest| rest.strip_prefix(&self.binding))
            .filter(|position| position.len() == POSITION_OCTETS)
            .ok_or_else(malformed)?;
        let (high, low) = position.split_first_chunk::<4>().ok_or_else(malformed)?;
        let low = low.try_into().map_err(|_| malformed())?;
        Ok((u32::from_be_bytes(*high), u64::from_be_bytes(low)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_belongs_to_its_query() {
        let (mine, other) = (Cursors::of(&("room", 1)).unwrap(), Cursors::of(&("room", 2)).unwrap());
        let id = EventId { stream_epoch: 3, seq: u64::MAX };
        assert_eq!(mine.read_message(&mine.after_message(id)), Ok(id));
        assert_eq!(mine.read_leaf(&mine.after_leaf(7)), Ok(7));
        for bad in [other.after_message(id), String::new(), "AQ".to_owned(), "é".to_owned(), mine.after_message(id) + "AA"] {
            assert!(mine.read_message(&bad).is_err(), "{bad}");
        }
    }
}
