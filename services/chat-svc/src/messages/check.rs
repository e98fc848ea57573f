//! The checks of docs/protocol.md section 3, each with its refusal.

use sealcast_contracts::{
    Fingerprint,
    chat::{AcceptMessage, ChatRefusal, RoomKind},
    context::{MESSAGE_NOTATION, MessageContext},
    limits::ENVELOPE_OCTETS_MAX,
};
use sealcast_pgp::{
    envelope::{self, EnvelopeError},
    signature::{self, SignatureError},
};
use time::OffsetDateTime;

use super::store::{RoomStanding, Standing};
use crate::{directory::Person, organisation::succession};

/// No key has it: it stands for the recipient that a sender cannot know.
const NO_RECIPIENT: Fingerprint = Fingerprint([0; 32]);

pub(super) fn size(call: &AcceptMessage) -> Result<(), ChatRefusal> {
    if call.env.0.len() > ENVELOPE_OCTETS_MAX {
        return Err(ChatRefusal::EnvelopeTooLarge { limit: ENVELOPE_OCTETS_MAX as u32 });
    }
    Ok(())
}

/// Exactly the room of the named epoch and a compliance certificate of this time as recipients, and nothing but the profile's packets.
///
/// Who is not in the room, or names an epoch that is not there, learns nothing from the recipients: that fault comes later.
pub(super) fn structure(call: &AcceptMessage, standing: &Standing, now: OffsetDateTime) -> Result<(), ChatRefusal> {
    let accepted = succession::accepted(&standing.compliance, now);
    let (current, others) = accepted.split_first().ok_or(ChatRefusal::OrganisationNotReady)?;
    let known = standing.room.as_ref().filter(|room| room.is_member).and_then(|room| room.encryption_fp);
    let room = known.unwrap_or(NO_RECIPIENT);
    let check = |compliance: &Fingerprint| envelope::check(call.env.as_slice(), &room, compliance);
    match check(current) {
        Ok(_) => Ok(()),
        Err(error) if known.is_none() && is_about_recipients(error) => Ok(()),
        Err(EnvelopeError::RecipientUnexpected) if others.iter().any(|other| check(other).is_ok()) => Ok(()),
        Err(EnvelopeError::ComplianceRecipientMissing) => Err(ChatRefusal::ComplianceRecipientMissing),
        // Encrypted to a compliance certificate whose time is over or has not come: its sender has to learn which it is now.
        Err(EnvelopeError::RecipientUnexpected) if standing.compliance.iter().any(|any| check(&any.encryption_fp).is_ok()) => {
            Err(ChatRefusal::ComplianceRecipientMissing)
        }
        Err(EnvelopeError::RoomRecipientMissing) => Err(ChatRefusal::RoomRecipientMissing),
        // One recipient too many is unexpected; another room's in place of this one's means that this one's is missing.
        Err(EnvelopeError::RecipientUnexpected) => Err(ChatRefusal::RecipientUnexpected),
        Err(error) => Err(ChatRefusal::EnvelopeMalformed { rule: error.rule().to_owned() }),
    }
}

/// The sender's signature over the envelope's octets; answers with the signed context.
pub(super) fn signed_context(call: &AcceptMessage, sender: &Person, now: OffsetDateTime) -> Result<MessageContext, ChatRefusal> {
    let key = &sender.certificate.key;
    let verified = signature::verify(key, call.sig.as_slice(), call.env.as_slice(), MESSAGE_NOTATION, now)
        .map_err(|error| ChatRefusal::SignatureInvalid { rule: error.rule().to_owned() })?;
    verified.notation.parse().map_err(|_| ChatRefusal::SignatureInvalid { rule: "context-form".to_owned() })
}

/// The context that was signed is the one that the request names.
pub(super) fn context(call: &AcceptMessage, signed: &MessageContext) -> Result<(), ChatRefusal> {
    let differs = if signed.room_id != call.room_id {
        "room"
    } else if signed.epoch != call.epoch {
        "epoch"
    } else if signed.cid != call.cid {
        "cid"
    } else {
        return Ok(());
    };
    Err(ChatRefusal::ContextMismatch { field: differs.to_owned() })
}

/// The sender is in the room, and the epoch is the current one.
pub(super) fn membership(call: &AcceptMessage, room: Option<&RoomStanding>) -> Result<(), ChatRefusal> {
    match room {
        Some(room) if room.is_member && room.epoch == call.epoch => Ok(()),
        Some(room) if room.is_member => Err(ChatRefusal::EpochStale { current: room.epoch }),
        Some(room) if room.kind != RoomKind::Private => Err(ChatRefusal::Forbidden),
        _ => Err(ChatRefusal::NotFound),
    }
}

/// Whether time alone can turn an accepted message into this refusal: its sender heard nothing and repeats it.
pub(super) fn can_follow_acceptance(refusal: &ChatRefusal) -> bool {
    match refusal {
        ChatRefusal::RateLimited { .. }
        | ChatRefusal::ComplianceRecipientMissing
        | ChatRefusal::EpochStale { .. }
        | ChatRefusal::Forbidden
        | ChatRefusal::NotFound => true,
        ChatRefusal::SignatureInvalid { rule } => {
            [SignatureError::TimeSkew, SignatureError::KeyExpired, SignatureError::KeyRevoked]
                .iter()
                .any(|error| error.rule() == rule)
        }
        _ => false,
    }
}

fn is_about_recipients(error: EnvelopeError) -> bool {
    matches!(error, EnvelopeError::RecipientUnexpected | EnvelopeError::RoomRecipientMissing)
}
