//! Reading: verify, open, and compare inside and outside.

use sealcast_contracts::{
    EventId, Fingerprint, RoomId,
    audit::{MessageFilter, Order},
    context::{MESSAGE_NOTATION, MessageContext},
    limits::PAGE_ITEMS_MAX,
    sse,
};
use sealcast_pgp::{keyring::SecretKey, message::open, signature::verify_past};

use crate::{Client, Content, Error, FileRef, compliance::other_recipient, directory::Known, feed::live, plaintext, rings::Ring};

/// A message as a reader sees it.
#[derive(Clone, Debug)]
pub struct Reading {
    pub message: sse::Message,
    /// The sender's name, as its verified certificate says; absent when there is none.
    pub sender: Option<String>,
    pub text: Result<String, Unreadable>,
    /// What goes with the text.
    pub files: Vec<FileRef>,
}

impl Reading {
    pub(crate) fn new(message: sse::Message, sender: Option<String>, content: Result<Content, Unreadable>) -> Self {
        let (text, files) = match content {
            Ok(Content { text, files }) => (Ok(text), files),
            Err(unreadable) => (Err(unreadable), Vec::new()),
        };
        Self { message, sender, text, files }
    }
}

/// Why a message shows no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// This account holds no grant of the epoch.
    #[error("no key of this epoch was granted to this account")]
    NoKey,
    /// It is for an earlier or later compliance key than those at hand.
    #[error("encrypted to the compliance key {0}, which is not loaded")]
    OtherKey(Fingerprint),
    /// A check of docs/protocol.md section 3 failed.
    #[error("verification failed: {0}")]
    Refused(String),
}

impl Client {
    /// Verifies and opens a message. What its sender has seen of the log waits for [`Client::compare_next`].
    ///
    /// # Errors
    /// Only when a key or certificate could not be fetched; what does not hold is [`Unreadable`].
    pub async fn read(&self, message: sse::Message) -> Result<Reading, Error> {
        let mut ring = self.rings.get(message.room_id).await?;
        if ring.epochs.get(&message.epoch).is_none_or(|key| key.opened.is_none()) {
            ring = self.rings.reload(message.room_id).await?;
        }
        let sender = match self.directory.by_fingerprint(message.sender_fp).await {
            Ok(known) => known,
            Err(Error::Verification(what)) => return Ok(Reading::new(message, None, Err(Unreadable::Refused(what)))),
            Err(error) => return Err(error),
        };
        let content = self.open(&message, &ring, &sender).await?;
        Ok(Reading::new(message, Some(sender.username.clone()), content))
    }

    /// Something about a room has changed: its keys are read again when they are needed.
    pub async fn forget_room(&self, room_id: RoomId) {
        self.rings.forget(room_id).await;
    }

    /// A room's stored messages, at most `limit`, and the newest message that the archive holds.
    ///
    /// # Errors
    /// As every request.
    pub async fn history(
        &self,
        room_id: RoomId,
        filter: &MessageFilter,
        order: Order,
        limit: usize,
    ) -> Result<(Vec<sse::Message>, Option<EventId>), Error> {
        let (mut messages, mut cursor, mut stored_up_to) = (Vec::new(), None, None);
        while messages.len() < limit {
            let items = u32::try_from(limit - messages.len()).unwrap_or(u32::MAX).min(PAGE_ITEMS_MAX);
            let page = self.session.history_page(room_id, filter, order, cursor, items).await?;
            // The first page's: what came in later is not in the pages before.
            stored_up_to = stored_up_to.or(page.stored_up_to);
            messages.extend(page.items.into_iter().map(live));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        Ok((messages, stored_up_to))
    }

    async fn open(&self, message: &sse::Message, ring: &Ring, sender: &Known) -> Result<Result<Content, Unreadable>, Error> {
        let Some(key) = ring.epochs.get(&message.epoch) else {
            return Ok(Err(Unreadable::Refused("it is of an epoch that the room does not have".to_owned())));
        };
        let context = match signed_context(message, sender) {
            Ok(context) => context,
            Err(what) => return Ok(Err(Unreadable::Refused(what))),
        };
        self.gossip.hear(sender, context.cp);
        let Some(opened) = &key.opened else { return Ok(Err(Unreadable::NoKey)) };
        let room = key.certificate.encryption.fingerprint;
        let compliance = self.compliance_recipient(other_recipient(message.env.as_slice(), &room)).await?;
        Ok(open_with(message, &context, (&room, &compliance), &opened.secret).map_err(Unreadable::Refused))
    }
}

/// Verifies a message's signature and that its context is the message's.
pub(crate) fn signed_context(message: &sse::Message, sender: &Known) -> Result<MessageContext, String> {
    if sender.user_id != message.sender {
        return Err("the sender's certificate is another account's".to_owned());
    }
    let verified = verify_past(&sender.certificate.key, message.sig.as_slice(), message.env.as_slice(), MESSAGE_NOTATION)
        .map_err(|error| format!("the signature: {error}"))?;
    let context: MessageContext = verified.notation.parse().map_err(|error| format!("{error}"))?;
    let same = context.room_id == message.room_id && context.epoch == message.epoch && context.cid == message.cid;
    if same { Ok(context) } else { Err("the signed context is another message's".to_owned()) }
}

/// Opens a message whose signature was verified and compares inside and outside.
pub(crate) fn open_with(
    message: &sse::Message,
    context: &MessageContext,
    (room, compliance): (&Fingerprint, &Fingerprint),
    key: &SecretKey,
) -> Result<Content, String> {
    let opened = open(message.env.as_slice(), room, compliance, key).map_err(|error| error.to_string())?;
    if opened.session_key.commitment() != context.skc {
        return Err("the session key is not the one that the signature commits to".to_owned());
    }
    plaintext::read(&opened.plaintext, message.sender_fp, context).map_err(str::to_owned)
}
