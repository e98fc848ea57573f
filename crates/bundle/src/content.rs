//! What an envelope holds (docs/protocol.md section 3, frontend/docs/content.md), as an export shows it.

use sealcast_contracts::{
    Base64, Fingerprint,
    audit::StoredMessage,
    context::{MESSAGE_NOTATION, MessageContext},
};
use sealcast_pgp::{SessionKey, certificate::Certificate, message::open_disclosed, signature::verify_past};
use serde::Deserialize;

use crate::parts::OpenedText;

const VERSION: u8 = 1;

#[derive(Deserialize)]
struct Body {
    v: u8,
    from: Fingerprint,
    ctx: String,
    t: String,
    b: String,
    re: Option<String>,
}

/// Verifies a message's signature and that its context is the message's.
pub fn signed_context(message: &StoredMessage, sender: &Certificate) -> Result<MessageContext, String> {
    let verified = verify_past(&sender.key, message.sig.as_slice(), message.env.as_slice(), MESSAGE_NOTATION)
        .map_err(|error| format!("the signature: {error}"))?;
    let context: MessageContext = verified.notation.parse().map_err(|error| format!("{error}"))?;
    let same = context.room_id == message.room_id && context.epoch == message.epoch && context.cid == message.cid;
    if same { Ok(context) } else { Err("the signed context is another message's".to_owned()) }
}

/// Opens a message with its session key and compares what is inside with what was signed.
pub fn open(message: &StoredMessage, context: &MessageContext, key: &Base64) -> Result<OpenedText, String> {
    let octets = <[u8; 32]>::try_from(key.as_slice()).map_err(|_| "the session key is not 32 octets".to_owned())?;
    let session_key = SessionKey::from_octets(octets);
    if session_key.commitment() != context.skc {
        return Err("the session key is not the one that the sender's signature commits to".to_owned());
    }
    let plaintext = open_disclosed(message.env.as_slice(), &session_key).map_err(|error| error.to_string())?;
    let body: Body = serde_json::from_slice(&plaintext).map_err(|_| "its content is not of this protocol".to_owned())?;
    if body.v != VERSION {
        return Err("its content is of another version".to_owned());
    }
    if body.from != message.sender_fp || body.ctx != context.inner() {
        return Err("its content has another sender or context than the signature".to_owned());
    }
    Ok(OpenedText { kind: body.t, text: body.b, re: body.re, session_key: key.clone() })
}
