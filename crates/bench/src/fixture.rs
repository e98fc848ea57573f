//! What a bench's streams and messages belong to: an organisation, accounts with sessions, rooms, senders, sealed messages.
//!
//! The organisation, its lobby, the first room and the senders are made through the public interface, as real ones are. The
//! ten thousands of other accounts, their sessions and memberships are written into Postgres: registering them would take
//! hours of Argon2, which is not what is measured.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use aws_lc_rs::digest::{SHA256, digest};
use sealcast_client::{
    Client, ComplianceKey, NewMessage, NewRoom, Registration, Server, Session, Url,
    secrets::{Derived, random},
    trust::Trust,
};
use sealcast_contracts::{
    Base64, ClientMessageId, EventId, Fingerprint, RoomId, UserId,
    chat::{Admission, RoomKind},
    context::{MESSAGE_NOTATION, MessageContext, SeenCheckpoint},
    sse,
};
use sealcast_pgp::{
    certificate::{Certificate, EncryptionKey},
    keyring::SecretKey,
    message::seal,
};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    certificates::{self, Published},
    plan::{EdgePlan, Plan},
    progress,
};

const SENDERS: usize = 4;
/// The senders' password.
pub const PASSWORD: &str = "not a secret, this is a bench";
/// The step that plaintexts are padded to (docs/protocol.md, section 3).
const STEP_OCTETS: usize = 256;
/// The low half of a client message id ends with 48 bits of message number.
const NUMBER_BITS: u32 = 48;

/// What is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub accounts: usize,
    pub rooms: u64,
}

/// All that a run's phases share.
pub struct Fixture {
    /// Tokens, accounts and rooms follow from it.
    pub seed: String,
    rooms: u64,
    senders: Vec<Sender>,
    room_key: EncryptionKey,
    compliance: EncryptionKey,
}

struct Sender {
    session: Session,
    key: SecretKey,
}

/// A message that was made before the run.
#[derive(Clone, Debug)]
pub struct Sealed {
    pub room: u64,
    pub room_id: RoomId,
    /// Which of the senders signed it.
    pub sender: usize,
    pub message: NewMessage,
    pub sender_id: UserId,
    pub sender_fp: Fingerprint,
}

impl Sealed {
    /// The `data` that Sealcast's streams carry for it; peers are given the same.
    pub fn as_event(&self, number: u64) -> String {
        let NewMessage { cid, epoch, env, sig } = self.message.clone();
        let Self { room_id, sender_id: sender, sender_fp, .. } = *self;
        let id = EventId { stream_epoch: 1, seq: number };
        let message = sse::Message { id, room_id, cid, sender, sender_fp, epoch, env, sig, accepted_at: OffsetDateTime::now_utc() };
        // A struct of strings and numbers always encodes.
        serde_json::to_string(&message).unwrap_or_default()
    }
}

impl Fixture {
    /// Makes everything; one edge must run.
    ///
    /// # Errors
    /// The cluster refuses something.
    pub async fn make(plan: &Plan, edge: &EdgePlan, size: Size) -> Result<Self> {
        progress::say(format_args!(
            "making an organisation, {SENDERS} senders, {} accounts and {} rooms",
            size.accounts, size.rooms
        ));
        let seed = random::<8>().iter().map(|octet| format!("{octet:02x}")).collect::<String>();
        let server = server(plan, edge)?;
        let token = fs::read_to_string(&plan.bootstrap_token).context("reading the bootstrap token")?;
        let mut senders = Vec::new();
        for number in 0..SENDERS {
            let bootstrap_token = (number == 0).then(|| token.trim());
            let username = sender_name(number);
            let registration = Registration { username: &username, password: PASSWORD, invite: None, bootstrap_token };
            let entered = server.register(registration).await.context("registering a sender")?;
            let stored = entered.to_stored(None);
            let derived = Derived::from_password(PASSWORD, &stored.kdf).await?;
            let key = SecretKey::unlock(stored.locked_key.as_slice(), &derived.passphrase())?;
            if number == 0 {
                organise(&entered.client, &seed).await?;
            }
            // With its first call an account is known to chat-svc.
            entered.client.session().rooms().await?;
            senders.push(Sender { session: entered.client.session().clone(), key });
        }
        let now = OffsetDateTime::now_utc();
        let epochs = senders[0].session.room_keys(room_id(&seed, 0)).await?.epochs;
        let room = Certificate::parse_room(epochs.last().context("the room has no epoch")?.cert.as_slice(), now)?;
        let published = server.info().await?.organisation.compliance.context("the organisation is not set up")?;
        let compliance = Certificate::parse_compliance(published.certificate.as_slice(), now)?.encryption;
        let fixture = Self { seed, rooms: size.rooms, senders, room_key: room.encryption, compliance };
        fixture.fill(plan, size)?;
        Ok(fixture)
    }

    /// The rooms, in the order of their numbers.
    pub fn rooms(&self) -> impl Iterator<Item = RoomId> {
        (0..self.rooms).map(|room| room_id(&self.seed, room))
    }

    /// How many senders there are.
    pub fn senders(&self) -> usize {
        self.senders.len()
    }

    /// The senders' clients at an edge.
    ///
    /// # Errors
    /// The edge does not answer.
    pub async fn clients(&self, plan: &Plan, edge: &EdgePlan) -> Result<Vec<Client>> {
        let server = server(plan, edge)?;
        let mut clients = Vec::new();
        for sender in &self.senders {
            let session = Session::new(server.clone(), sender.session.token().clone(), sender.session.info().clone());
            let key = SecretKey::from_octets(&sender.key.to_octets()?)?;
            clients.push(Client::new(session, key, Trust::default()).await?);
        }
        Ok(clients)
    }

    /// Seals messages with these numbers, one room after the other in turn.
    ///
    /// # Errors
    /// Sealing fails.
    pub fn seal(&self, base: u64, count: u64, rooms: u64, text: &str) -> Result<Vec<Sealed>> {
        (0..count).map(|nth| self.seal_one(base + nth, nth % rooms.min(self.rooms), text)).collect()
    }

    fn seal_one(&self, number: u64, room: u64, text: &str) -> Result<Sealed> {
        let at = (number % self.senders.len() as u64) as usize;
        let sender = &self.senders[at];
        let (room_id, cid, now) = (room_id(&self.seed, room), numbered(number), OffsetDateTime::now_utc());
        let cp = SeenCheckpoint { size: 0, root: [0; 16] };
        let mut context = MessageContext { room_id, epoch: 1, cid, prev: [0; 16], skc: [0; 32], cp };
        let sealed = seal(&self.room_key, &self.compliance, &plaintext(sender.key.fingerprint(), &context, text))?;
        context.skc = sealed.session_key.commitment();
        let sig = sender.key.sign(&sealed.env, MESSAGE_NOTATION, &context.to_string(), now)?;
        let message = NewMessage { cid, epoch: 1, env: Base64(sealed.env), sig: Base64(sig) };
        let (sender_id, sender_fp) = (sender.session.info().user_id, sender.key.fingerprint());
        Ok(Sealed { room, room_id, sender: at, message, sender_id, sender_fp })
    }

    /// Says that all sessions were just used: else their first use in a phase would be written down, once for each.
    ///
    /// # Errors
    /// Postgres refuses it.
    pub fn refresh(&self, plan: &Plan) -> Result<()> {
        sql(plan, "set statement_timeout = 0; update auth.sessions set last_seen_at = now();")
    }

    fn fill(&self, plan: &Plan, size: Size) -> Result<()> {
        let published = certificates::first(size.accounts, &plan.certificates)?;
        let seed = &self.seed;
        let first = room_id(seed, 0);
        let senders = self.senders.iter().map(|sender| format!("('{}'::uuid)", sender.session.info().user_id)).collect::<Vec<_>>();
        let uuid = |kind: &str| format!("encode(substr(sha256(convert_to('{seed}-{kind}-' || n, 'UTF8')), 1, 16), 'hex')::uuid");
        let (user, session, room) = (uuid("user"), uuid("session"), uuid("room"));
        let hash = |what: &str| format!("sha256(convert_to('{seed}-{what}' || n, 'UTF8'))");
        let (token, key) = (hash(""), hash("key-"));
        let (rooms, senders, certificates) = (size.rooms, senders.join(","), rows(&published));
        sql(
            plan,
            &format!(
                "set statement_timeout = 0; begin;
create temporary table p (n int, username text, fingerprint bytea, certificate bytea);
copy p from stdin;
{certificates}\\.
create temporary table b as select *, {user} as user_id, {session} as session_id, n % {rooms} as room from p;
create temporary table r as select n, {room} as room_id from generate_series(0, {rooms} - 1) n;
create temporary table s (user_id uuid); insert into s values {senders};
insert into auth.accounts (user_id, username, skeleton, role, created_at) select user_id, username, username, 'member', now() from b;
insert into auth.certificates (fingerprint, user_id, certificate, published_at) select fingerprint, user_id, certificate, now() from b;
insert into auth.sessions (session_id, user_id, token_hash, device, address, created_at, last_seen_at, expires_at, ends_at)
    select session_id, user_id, sha256({token}), 'bench', '127.0.0.1', now(), now(), now() + '1 day', now() + '30 days' from b;
insert into chat.people (user_id, username, first_seen_at) select user_id, username, now() from b;
insert into chat.rooms (room_id, name, kind, admission, epoch, member_count, created_by, created_at)
    select r.room_id, 'Bench ' || n, o.kind, o.admission, o.epoch, 0, o.created_by, now() from r, chat.rooms o
    where o.room_id = '{first}' and n > 0;
insert into chat.epochs (room_id, epoch, fingerprint, encryption_fp, cert, blob, sig, opened_by, opener_fp, opened_at)
    select r.room_id, o.epoch, {key}, o.encryption_fp, o.cert, o.blob, o.sig, o.opened_by, o.opener_fp, now()
    from r, chat.epochs o where o.room_id = '{first}' and n > 0;
insert into chat.members (room_id, user_id, role, joined_by, joined_at)
    select r.room_id, b.user_id, 'member', 'invite', now() from b join r on r.n = b.room;
insert into chat.members (room_id, user_id, role, joined_by, joined_at)
    select r.room_id, s.user_id, 'member', 'invite', now() from r, s on conflict do nothing;
insert into chat.members (room_id, user_id, role, joined_by, joined_at)
    select o.lobby, b.user_id, 'member', 'registration', now() from b, chat.organisation o;
update chat.rooms set member_count = c.count from (select room_id, count(*) from chat.members group by room_id) c
    where c.room_id = rooms.room_id;
commit;
analyze auth.accounts; analyze auth.certificates; analyze auth.sessions; analyze chat.people; analyze chat.rooms;
analyze chat.epochs; analyze chat.members;"
            ),
        )
    }
}

/// A sender's user name.
pub fn sender_name(number: usize) -> String {
    format!("sender-{number}")
}

/// Certificates in the form of `copy`.
fn rows(certificates: &[Published]) -> String {
    let mut rows = String::new();
    for (number, Published { fingerprint, octets }) in certificates.iter().enumerate() {
        let username = certificates::username(number);
        // Writing to a string cannot fail.
        let _ = write!(rows, "{number}\t{username}\t\\\\x{fingerprint}\t\\\\x");
        for octet in octets {
            let _ = write!(rows, "{octet:02x}");
        }
        rows.push('\n');
    }
    rows
}

async fn organise(client: &Client, seed: &str) -> Result<()> {
    client.publish_compliance(&ComplianceKey::generate("Bench compliance")?).await.context("publishing the compliance key")?;
    let lobby = NewRoom { room_id: RoomId::generate(), name: "Lobby", kind: RoomKind::Lobby, admission: Admission::Invite };
    client.create_room(lobby).await.context("making the lobby")?;
    let room = NewRoom { room_id: room_id(seed, 0), name: "Bench 0", kind: RoomKind::Private, admission: Admission::Invite };
    client.create_room(room).await.context("making a room")?;
    Ok(())
}

fn server(plan: &Plan, edge: &EdgePlan) -> Result<Server> {
    let url: Url = format!("https://localhost:{}", edge.port).parse()?;
    Ok(Server::new(&url, Some(&fs::read(&plan.ca)?))?)
}

/// The SQL in [`Fixture::fill`] computes the same.
fn room_id(seed: &str, room: u64) -> RoomId {
    let mut octets = [0; 16];
    octets.copy_from_slice(&digest(&SHA256, format!("{seed}-room-{room}").as_bytes()).as_ref()[..16]);
    RoomId(Uuid::from_bytes(octets))
}

/// A client message id (UUIDv7) that ends with a message's number.
fn numbered(number: u64) -> ClientMessageId {
    let (high, low) = Uuid::now_v7().as_u64_pair();
    ClientMessageId(Uuid::from_u64_pair(high, low >> NUMBER_BITS << NUMBER_BITS | number))
}

/// Of the form that readers expect (docs/protocol.md, section 3).
fn plaintext(from: Fingerprint, context: &MessageContext, text: &str) -> Vec<u8> {
    let body = |pad: usize| {
        json!({"v": 1, "from": from, "ctx": context.inner(), "t": "text", "b": text, "pad": " ".repeat(pad)}).to_string()
    };
    let bare = body(0).len();
    body(bare.next_multiple_of(STEP_OCTETS) - bare).into_bytes()
}

/// Runs statements as the superuser.
///
/// # Errors
/// Postgres refuses one.
pub fn sql(plan: &Plan, statements: &str) -> Result<()> {
    let (program, args) = plan.psql.split_first().context("no psql")?;
    let mut psql = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("running psql")?;
    psql.stdin.take().context("psql without stdin")?.write_all(statements.as_bytes())?;
    let output = psql.wait_with_output()?;
    ensure!(output.status.success(), "psql: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_at_the_end_of_an_id_that_is_still_one() {
        let cid = numbered(0x2a);
        assert!(cid.to_string().ends_with("00000000002a"), "{cid}");
        assert_eq!(cid.0.get_version_num(), 7);
    }

    #[test]
    fn plaintexts_are_padded() {
        let cp = SeenCheckpoint { size: 0, root: [0; 16] };
        let context = MessageContext { room_id: RoomId::generate(), epoch: 1, cid: numbered(1), prev: [0; 16], skc: [0; 32], cp };
        for length in [1, 200, 300] {
            assert_eq!(plaintext(Fingerprint([1; 32]), &context, &"x".repeat(length)).len() % STEP_OCTETS, 0);
        }
    }
}
