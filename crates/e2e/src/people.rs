//! People who are registered for one run.

use anyhow::{Context, Result};
use sealcast_client::{
    Client, Entered, InviteLink, InviteTerms, NewRoom, Registration, Server, Session, profile::Stored, secrets::Derived,
    trust::Trust,
};
use sealcast_contracts::{
    RoomId,
    chat::{Admission, RoomKind},
};
use sealcast_pgp::keyring::SecretKey;

use crate::stack::Stack;

/// Writers of the drill.
pub const WRITERS: usize = 5;
const PASSWORD: &str = "not a secret, this is a test";

/// Five people who share a private room, and one who is not in it.
pub struct People {
    pub inside: Vec<Person>,
    pub outside: Person,
    pub room_id: RoomId,
}

/// Somebody with a client through the ingress.
pub struct Person {
    pub client: Client,
    stored: Stored,
}

impl People {
    /// Registers everybody through the stack's invite link.
    pub async fn gather(stack: &Stack) -> Result<Self> {
        let run = RoomId::generate().to_string();
        let run = run.rsplit('-').next().unwrap_or_default();
        let (server, invite) = (stack.ingress()?, stack.invite().parse::<InviteLink>()?);
        let mut inside = Vec::new();
        for index in 0..WRITERS {
            inside.push(Person::register(&server, &invite, &format!("e2e-{run}-{index}")).await?);
        }
        let outside = Person::register(&server, &invite, &format!("e2e-{run}-outside")).await?;
        let owner = &inside.first().context("there are people")?.client;
        let room_id = RoomId::generate();
        let name = format!("e2e {run}");
        owner.create_room(NewRoom { room_id, name: &name, kind: RoomKind::Private, admission: Admission::Invite }).await?;
        let terms = InviteTerms { lifetime: time::Duration::HOUR, uses_max: 100 };
        let (link, _) = owner.create_invite(room_id, terms).await?;
        // The link as somebody would get it: as text.
        let link: InviteLink = link.to_string().parse()?;
        for person in inside.iter().skip(1) {
            person.client.redeem(&link).await?;
        }
        Ok(Self { inside, outside, room_id })
    }

    /// Two who share the room.
    pub fn pair(&self) -> Result<(&Person, &Person)> {
        match self.inside.as_slice() {
            [first, second, ..] => Ok((first, second)),
            _ => anyhow::bail!("there are too few people"),
        }
    }
}

impl Person {
    async fn register(server: &Server, invite: &InviteLink, username: &str) -> Result<Self> {
        let registration = Registration { username, password: PASSWORD, invite: Some(invite), bootstrap_token: None };
        let entered: Entered = server.register(registration).await.with_context(|| format!("registering {username}"))?;
        entered.client.redeem(invite).await.context("following the invite link to the lobby")?;
        Ok(Self { stored: entered.to_stored(None), client: entered.client })
    }

    /// The same session through another server of the stack.
    pub fn through(&self, server: Server) -> Session {
        let session = self.client.session();
        Session::new(server, session.token().clone(), session.info().clone())
    }

    /// A further client of the same account with a session of its own.
    pub async fn log_in(&self, server: &Server) -> Result<Client> {
        Ok(server.log_in(&self.stored.username, PASSWORD, Trust::default()).await?.client)
    }

    /// The account's secret key, for messages that no client would make.
    pub async fn key(&self) -> Result<SecretKey> {
        let derived = Derived::from_password(PASSWORD, &self.stored.kdf).await?;
        Ok(SecretKey::unlock(self.stored.locked_key.as_slice(), &derived.passphrase())?)
    }
}
