//! What the server must refuse, and what it must take twice as once.

use anyhow::{Context, Result, ensure};
use sealcast_client::{Error, NewMessage};
use sealcast_contracts::{
    Base64, ClientMessageId, RoomId,
    audit::{MessageFilter, Order},
    context::{MESSAGE_NOTATION, MessageContext, SeenCheckpoint},
    limits::PKESK_OCTETS,
};
use sealcast_e2e::{People, Person, Stack};
use sealcast_pgp::{
    certificate::{Certificate, EncryptionKey},
    keyring::SecretKey,
    message::{Sealed, seal},
};
use time::OffsetDateTime;

/// Messages that the history is searched for one client message id in.
const RECENT: usize = 200;

/// What a forger works with: somebody's key, and the room's and organisation's certificates.
pub struct Forger {
    key: SecretKey,
    room: EncryptionKey,
    compliance: EncryptionKey,
    room_id: RoomId,
}

impl Forger {
    async fn new(people: &People) -> Result<Self> {
        let (ann, _) = people.pair()?;
        Self::signing_as(ann, ann, people.room_id).await
    }

    /// Signs as somebody, with what a member knows of a room.
    pub async fn signing_as(signer: &Person, member: &Person, room_id: RoomId) -> Result<Self> {
        let now = OffsetDateTime::now_utc();
        let epochs = member.client.session().room_keys(room_id).await?.epochs;
        let room = Certificate::parse_room(epochs.last().context("the room has an epoch")?.cert.as_slice(), now)?;
        let organisation = member.client.session().server().info().await?.organisation;
        let published = organisation.compliance.context("the organisation is set up")?;
        let compliance = Certificate::parse_compliance(published.certificate.as_slice(), now)?;
        Ok(Self { key: signer.key().await?, room: room.encryption, compliance: compliance.encryption, room_id })
    }

    /// A message for a room that nothing is wrong with but, perhaps, who sends it, and where.
    pub fn honest(&self, room_id: RoomId) -> Result<NewMessage> {
        self.message(&self.room, &self.compliance, room_id)
    }

    /// An envelope to two recipients, properly signed for `signed_room`.
    fn message(&self, first: &EncryptionKey, second: &EncryptionKey, signed_room: RoomId) -> Result<NewMessage> {
        self.signed(seal(first, second, b"{}")?, signed_room)
    }

    fn signed(&self, sealed: Sealed, signed_room: RoomId) -> Result<NewMessage> {
        let cid = ClientMessageId::generate();
        let cp = SeenCheckpoint { size: 0, root: [0; 16] };
        let skc = sealed.session_key.commitment();
        let context = MessageContext { room_id: signed_room, epoch: 1, cid, prev: [0; 16], skc, cp };
        let sig = self.key.sign(&sealed.env, MESSAGE_NOTATION, &context.to_string(), OffsetDateTime::now_utc())?;
        Ok(NewMessage { cid, epoch: 1, env: Base64(sealed.env), sig: Base64(sig) })
    }
}

pub async fn replay(_: &Stack, people: &People) -> Result<()> {
    let (ann, _) = people.pair()?;
    let message = ann.client.seal(people.room_id, ClientMessageId::generate(), "twice").await?;
    let first = ann.client.post(people.room_id, &message).await?;
    let again = ann.client.post(people.room_id, &message).await?;
    ensure!(first.id == again.id, "the second time it is {}, the first time it was {}", again.id, first.id);
    let next = ann.client.send(people.room_id, "after").await?;
    // The archive is asked until it has the message after.
    let stored = loop {
        let (stored, up_to) = ann.client.history(people.room_id, &MessageFilter::default(), Order::NewestFirst, RECENT).await?;
        if up_to >= Some(next.id) {
            break stored;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    ensure!(stored.iter().filter(|stored| stored.cid == message.cid).count() == 1, "it is not stored once");
    Ok(())
}

pub async fn no_compliance(_: &Stack, people: &People) -> Result<()> {
    let forger = Forger::new(people).await?;
    let mut sealed = seal(&forger.room, &forger.compliance, b"{}")?;
    // The second of the two recipient packets.
    sealed.env.drain(PKESK_OCTETS..2 * PKESK_OCTETS);
    refused(people, &forger.signed(sealed, forger.room_id)?, &["compliance-recipient-missing"]).await
}

pub async fn stranger(_: &Stack, people: &People) -> Result<()> {
    let forger = Forger::new(people).await?;
    let other = SecretKey::generate_user("nobody", OffsetDateTime::now_utc())?;
    let stranger = &other.certificate().encryption;
    for own in [&forger.room, &forger.compliance] {
        refused(people, &forger.message(own, stranger, forger.room_id)?, &["recipient-unexpected"]).await?;
    }
    let mut sealed = seal(&forger.compliance, &forger.room, b"{}")?;
    sealed.env.drain(PKESK_OCTETS..2 * PKESK_OCTETS);
    refused(people, &forger.signed(sealed, forger.room_id)?, &["room-recipient-missing"]).await
}

pub async fn other_context(_: &Stack, people: &People) -> Result<()> {
    let forger = Forger::new(people).await?;
    let message = forger.message(&forger.room, &forger.compliance, RoomId::generate())?;
    refused(people, &message, &["context-mismatch"]).await?;
    let mut message = forger.message(&forger.room, &forger.compliance, forger.room_id)?;
    if let Some(last) = message.env.0.last_mut() {
        *last ^= 1;
    }
    refused(people, &message, &["signature-invalid"]).await
}

async fn refused(people: &People, message: &NewMessage, slugs: &[&str]) -> Result<()> {
    let (ann, _) = people.pair()?;
    match ann.client.post(people.room_id, message).await {
        Err(Error::Refused(problem)) => {
            ensure!(slugs.contains(&problem.slug()), "it is refused as {}", problem.kind);
            ensure!((400..500).contains(&problem.status), "the status is {}", problem.status);
            ensure!(problem.kind.starts_with("/problems/"), "the type is {}", problem.kind);
            Ok(())
        }
        other => anyhow::bail!("it is not refused: {other:?}"),
    }
}
