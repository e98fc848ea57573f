//! Sending: seal, sign, post, and post again until the answer is certain.

use std::time::{Duration, Instant};

use sealcast_contracts::{
    Base64, ClientMessageId, RoomId,
    audit::{MessageFilter, Order},
    chat::AcceptedMessage,
    context::{MESSAGE_NOTATION, MessageContext},
    sse,
};
use sealcast_pgp::message::{SealError, seal};
use time::OffsetDateTime;

use crate::{
    Client, Content, Error,
    account::key_error,
    answers::{Failure, unavailable},
    backoff::Backoff,
    bodies::NewMessage,
    plaintext,
    rings::sha256,
};

/// How long an answer is asked for. It is less than a signature's 300 s.
const DEADLINE: Duration = Duration::from_secs(120);
/// The first wait between two attempts.
const RETRY_WAIT: Duration = Duration::from_millis(200);
/// How often a message is sealed again because the room changed its key meanwhile.
const SEALS_MAX: u32 = 4;

impl Client {
    /// Sends a text and returns it as it was accepted: durable, with its identity.
    ///
    /// # Errors
    /// [`Error::Unknown`] when the server never said whether it stored it; everything else means that it did not.
    pub async fn send(&self, room_id: RoomId, text: &str) -> Result<sse::Message, Error> {
        self.send_as(room_id, ClientMessageId::generate(), text).await
    }

    /// Sends a text under a client message id of the caller's choice.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_as(&self, room_id: RoomId, cid: ClientMessageId, text: &str) -> Result<sse::Message, Error> {
        self.send_content(room_id, cid, &Content { text: text.to_owned(), files: Vec::new() }).await
    }

    /// Sends a text, files that were uploaded to the room, or both.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_content(&self, room_id: RoomId, cid: ClientMessageId, content: &Content) -> Result<sse::Message, Error> {
        let _turn = self.sending.lock().await;
        let (mut seals, mut asked) = (0, false);
        loop {
            let message = self.seal_content(room_id, cid, content).await?;
            seals += 1;
            match self.post(room_id, &message).await {
                Ok(accepted) => return Ok(self.accepted(room_id, message, &accepted)),
                Err(error) if error.is_refusal("epoch-stale") && seals < SEALS_MAX => {
                    self.rings.reload(room_id).await?;
                }
                // The compliance key has changed since this client asked.
                Err(error) if error.is_refusal("compliance-recipient-missing") && !asked => {
                    asked = true;
                    self.reload_compliance().await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Posts a sealed message until the answer is certain: the same key and the same octets each time.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn post(&self, room_id: RoomId, message: &NewMessage) -> Result<AcceptedMessage, Error> {
        let (path, key) = (format!("rooms/{room_id}/messages"), message.cid.to_string());
        let body = bytes::Bytes::from(serde_json::to_vec(message).map_err(|error| Error::Key(error.to_string()))?);
        let (begin, mut backoff, mut unknown) = (Instant::now(), Backoff::new(RETRY_WAIT), false);
        loop {
            let posted = self.session.server.post_once::<AcceptedMessage>(&path, &key, body.clone(), &self.session.token).await;
            let Failure { error, certain } = match posted {
                Ok(accepted) if accepted.cid == message.cid => return Ok(accepted),
                Ok(_) => Failure { error: unavailable("the answer is of another message".to_owned()), certain: false },
                Err(failure) => failure,
            };
            unknown |= !certain;
            let retry_after = match &error {
                Error::Unavailable { retry_after, .. } => *retry_after,
                // A refusal of this attempt says nothing of an earlier one that nobody answered.
                _ if unknown => return Err(Error::Unknown { cid: message.cid, reason: error.to_string() }),
                _ => return Err(error),
            };
            let wait = backoff.next(retry_after);
            if begin.elapsed() + wait > DEADLINE {
                let reason = error.to_string();
                return Err(if unknown { Error::Unknown { cid: message.cid, reason } } else { error });
            }
            tracing::debug!(%error, unknown, "sending again");
            tokio::time::sleep(wait).await;
        }
    }

    /// Encrypts and signs a text for a room as it is now. Nothing is sent.
    ///
    /// # Errors
    /// [`Error::NoRoomKey`]; [`Error::Usage`] when the text is empty or too long.
    pub async fn seal(&self, room_id: RoomId, cid: ClientMessageId, text: &str) -> Result<NewMessage, Error> {
        self.seal_content(room_id, cid, &Content { text: text.to_owned(), files: Vec::new() }).await
    }

    async fn seal_content(&self, room_id: RoomId, cid: ClientMessageId, content: &Content) -> Result<NewMessage, Error> {
        if content.text.is_empty() && content.files.is_empty() {
            return Err(Error::Usage("there is nothing to send".to_owned()));
        }
        let ring = self.rings.get(room_id).await?;
        // A grant may have come since.
        let ring = if ring.current().is_err() { self.rings.reload(room_id).await? } else { ring };
        let (epoch, key, _) = ring.current()?;
        let compliance = self.compliance()?;
        let prev = self.prev(room_id).await?;
        let cp = self.trust_mut().seen_checkpoint();
        let mut context = MessageContext { room_id, epoch, cid, prev, skc: [0; 32], cp };
        let plaintext = plaintext::write(self.key.fingerprint(), &context, content)?;
        let sealed = seal(&key.certificate.encryption, &compliance.encryption, &plaintext).map_err(|error| match error {
            SealError::TooLarge => Error::Usage("the text is too long for one message".to_owned()),
            other @ SealError::Payload(_) => key_error(other),
        })?;
        context.skc = sealed.session_key.commitment();
        let sig =
            self.key.sign(&sealed.env, MESSAGE_NOTATION, &context.to_string(), OffsetDateTime::now_utc()).map_err(key_error)?;
        Ok(NewMessage { cid, epoch, env: Base64(sealed.env), sig: Base64(sig) })
    }

    fn accepted(&self, room_id: RoomId, message: NewMessage, accepted: &AcceptedMessage) -> sse::Message {
        let NewMessage { cid, epoch, env, sig } = message;
        self.trust_mut().set_prev(room_id, envelope_hash(env.as_slice()));
        let (sender, sender_fp) = (self.session.info().user_id, self.key.fingerprint());
        sse::Message { id: accepted.id, room_id, cid, sender, sender_fp, epoch, env, sig, accepted_at: accepted.accepted_at }
    }

    /// The envelope before: remembered, or looked up once by a client that is new to the room. An archive that cannot say
    /// does not keep anybody from writing: the chain then begins again with zeros.
    async fn prev(&self, room_id: RoomId) -> Result<[u8; 16], Error> {
        if let Some(prev) = self.trust_mut().prev(room_id) {
            return Ok(prev);
        }
        let filter =
            MessageFilter { room_id: Some(room_id), sender: Some(self.session.info().user_id), ..MessageFilter::default() };
        let prev = match self.session.audit_messages(&filter, Order::NewestFirst, None, 1).await {
            Ok(page) => page.items.first().map_or([0; 16], |newest| envelope_hash(newest.env.as_slice())),
            Err(Error::Unavailable { .. }) => [0; 16],
            Err(error) => return Err(error),
        };
        self.trust_mut().set_prev(room_id, prev);
        Ok(prev)
    }
}

fn envelope_hash(env: &[u8]) -> [u8; 16] {
    let mut hash = [0; 16];
    hash.copy_from_slice(&sha256(env)[..16]);
    hash
}
