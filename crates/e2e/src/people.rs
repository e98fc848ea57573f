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

use crate::stack::{Account, Stack};

const PASSWORD: &str = "not a secret, this is a test";

/// Two people who share a private room, and one who is not in it.
pub struct People {
    pub inside: Vec<Person>,
    pub outside: Person,
    pub room_id: RoomId,
}

/// Somebody with a client through the ingress.
pub struct Person {
    pub client: Client,
    stored: Stored,
    password: String,
}

impl People {
    /// Registers everybody through the stack's invite link.
    pub async fn gather(stack: &Stack) -> Result<Self> {
        let mut inside = Person::gather(stack, 3).await?;
        let outside = inside.pop().context("there are people")?;
        let room_id = share_room(&inside.iter().collect::<Vec<_>>()).await?;
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

/// Makes a private room of the first person's; the others follow an invite link.
pub async fn share_room(people: &[&Person]) -> Result<RoomId> {
    let owner = &people.first().context("a room needs somebody")?.client;
    let room_id = RoomId::generate();
    let name = format!("room {room_id}");
    owner.create_room(NewRoom { room_id, name: &name, kind: RoomKind::Private, admission: Admission::Invite }).await?;
    let terms = InviteTerms { lifetime: time::Duration::HOUR, uses_max: 10_000 };
    let (link, _) = owner.create_invite(room_id, terms).await?;
    // The link as somebody would get it: as text.
    let link: InviteLink = link.to_string().parse()?;
    for person in people.iter().skip(1) {
        person.client.redeem(&link).await?;
    }
    Ok(room_id)
}

impl Person {
    /// Registers some people through the stack's invite link, under names that nobody has.
    pub async fn gather(stack: &Stack, count: usize) -> Result<Vec<Self>> {
        let run = RoomId::generate().to_string();
        let run = run.rsplit('-').next().unwrap_or_default();
        let (server, invite) = (stack.ingress()?, stack.invite().parse::<InviteLink>()?);
        let mut people = Vec::new();
        for index in 0..count {
            people.push(Self::register(&server, &invite, &format!("e2e-{run}-{index}")).await?);
        }
        Ok(people)
    }

    async fn register(server: &Server, invite: &InviteLink, username: &str) -> Result<Self> {
        let registration = Registration { username, password: PASSWORD, invite: Some(invite), bootstrap_token: None };
        let entered: Entered = server.register(registration).await.with_context(|| format!("registering {username}"))?;
        entered.client.redeem(invite).await.context("following the invite link to the lobby")?;
        Ok(Self { stored: entered.to_stored(None), client: entered.client, password: PASSWORD.to_owned() })
    }

    /// Somebody who is registered already.
    pub async fn enter(server: &Server, account: &Account) -> Result<Self> {
        let Account { username, password, .. } = account;
        let entered =
            server.log_in(username, password, Trust::default()).await.with_context(|| format!("letting {username} in"))?;
        Ok(Self { stored: entered.to_stored(None), client: entered.client, password: password.clone() })
    }

    /// What the account logs in with.
    pub fn credentials(&self) -> (&str, &str) {
        (&self.stored.username, &self.password)
    }

    /// The same session through another server of the stack.
    pub fn through(&self, server: Server) -> Session {
        let session = self.client.session();
        Session::new(server, session.token().clone(), session.info().clone())
    }

    /// A further client of the same account with a session of its own.
    pub async fn log_in(&self, server: &Server) -> Result<Client> {
        server.remember(&self.stored);
        Ok(server.log_in(&self.stored.username, &self.password, Trust::default()).await?.client)
    }

    /// The account's secret key, for messages that no client would make.
    pub async fn key(&self) -> Result<SecretKey> {
        let derived = Derived::from_password(&self.password, &self.stored.kdf).await?;
        Ok(SecretKey::unlock(self.stored.locked_key.as_slice(), &derived.passphrase())?)
    }
}
