//! What an envelope holds (docs/protocol.md section 3, "Plaintext").

use sealcast_contracts::{Fingerprint, context::MessageContext};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::Error;

const STEP_OCTETS: usize = 256;
const VERSION: u8 = 1;
const TEXT: &str = "text";

#[derive(Serialize, Deserialize)]
struct Body {
    v: u8,
    from: Fingerprint,
    ctx: String,
    t: String,
    b: String,
    pad: String,
}

/// A text as it is encrypted: with its sender and context, padded so that its length says little.
pub(crate) fn write(from: Fingerprint, context: &MessageContext, text: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut body = Body { v: VERSION, from, ctx: context.inner(), t: TEXT.to_owned(), b: text.to_owned(), pad: String::new() };
    let json = |body: &Body| serde_json::to_vec(body).map(Zeroizing::new).map_err(|error| Error::Key(error.to_string()));
    let bare = json(&body)?.len();
    // Spaces are one octet each in JSON.
    body.pad = " ".repeat(bare.next_multiple_of(STEP_OCTETS) - bare);
    json(&body)
}

/// Reads a text and compares what it says of sender and context with what the signature says.
pub(crate) fn read(plaintext: &[u8], from: Fingerprint, context: &MessageContext) -> Result<String, &'static str> {
    let body: Body = serde_json::from_slice(plaintext).map_err(|_| "its content is not of this protocol")?;
    if body.v != VERSION || body.t != TEXT {
        return Err("its content is of a kind that this client does not know");
    }
    if body.from != from {
        return Err("its content names another sender than the signature");
    }
    if body.ctx != context.inner() {
        return Err("its content has another context than the signature");
    }
    Ok(body.b)
}

#[cfg(test)]
mod tests {
    use sealcast_contracts::{ClientMessageId, RoomId, context::SeenCheckpoint};

    use super::*;

    fn context() -> MessageContext {
        MessageContext {
            room_id: RoomId::generate(),
            epoch: 1,
            cid: ClientMessageId::generate(),
            prev: [0; 16],
            skc: [1; 32],
            cp: SeenCheckpoint { size: 0, root: [2; 16] },
        }
    }

    #[test]
    fn every_length_is_padded_to_a_step() {
        let (from, context) = (Fingerprint([3; 32]), context());
        for len in 0..600 {
            let text = "é".repeat(len);
            let plaintext = write(from, &context, &text).unwrap();
            assert_eq!(plaintext.len() % STEP_OCTETS, 0);
            assert_eq!(read(&plaintext, from, &context), Ok(text));
        }
    }

    #[test]
    fn another_sender_context_or_kind_is_refused() {
        let (from, signed) = (Fingerprint([3; 32]), context());
        let plaintext = write(from, &signed, "hi").unwrap();
        // The inside cannot know the session key's commitment, so that one is not compared here.
        assert!(read(&plaintext, from, &MessageContext { skc: [9; 32], ..signed.clone() }).is_ok());
        assert!(read(&plaintext, Fingerprint([4; 32]), &signed).is_err());
        assert!(read(&plaintext, from, &MessageContext { prev: [9; 16], ..signed.clone() }).is_err());
        assert!(read(&plaintext, from, &MessageContext { epoch: 2, ..signed.clone() }).is_err());
        let other = String::from_utf8(plaintext.to_vec()).unwrap().replace("\"t\":\"text\"", "\"t\":\"file\"");
        assert!(read(other.as_bytes(), from, &signed).is_err());
        assert!(read(b"hi", from, &signed).is_err());
    }
}
