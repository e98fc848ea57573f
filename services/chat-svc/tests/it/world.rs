//! The engines, chat-svc itself, a directory in auth-svc's place, and people with real keys.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use sealcast_bus::{Bus, CallError, Received};
use sealcast_chat_svc::{
    AttachmentsConfig, Clock, Config, Loss, OrganisationConfig, RateConfig, StreamConfig, migrate, provision, start_at,
};
use sealcast_contracts::{
    Base64, Call, Caller, ClientMessageId, Fingerprint, RoomId, SessionId, UserId,
    auth::{Account, AccountKey, AuthRefusal, GetAccount, Role},
    chat::{
        AcceptMessage, Admission, ChatRefusal, CreateRoom, GetRoom, NewEpoch, NewGrant, Organisation, Room, RoomKind, SetCompliance,
    },
    context::{EPOCH_NOTATION, GRANT_NOTATION, MESSAGE_NOTATION, MessageContext, SeenCheckpoint, epoch_statement, grant_statement},
};
use sealcast_pgp::{
    SessionKey,
    epoch::{grant, seal_blob},
    keyring::SecretKey,
    message::seal,
};
use sealcast_runtime::{AdminConfig, LogConfig, Runtime};
use sealcast_testkit::{Database, Nats, Postgres, Redis};
use time::OffsetDateTime;

/// As long as an edge waits for a message.
pub const PATIENCE: Duration = Duration::from_secs(15);

pub type Outcome<C> = Result<<C as Call>::Reply, CallError<<C as Call>::Refusal>>;

static POSTGRES: LazyLock<Postgres> = LazyLock::new(Postgres::start);

pub struct World {
    pub nats: Nats,
    pub redis: Redis,
    pub database: Database,
    pub config: Config,
    pub runtime: Runtime<Config>,
    /// The edge's connection.
    pub bus: Bus,
    accounts: Arc<Mutex<HashMap<UserId, Account>>>,
    directory: Runtime<()>,
}

impl World {
    pub async fn start() -> Self {
        Self::start_at(OffsetDateTime::now_utc, RateConfig { messages: 1_000, read_markers: 1_000, window_s: 60 }).await
    }

    pub async fn start_at(clock: Clock, rate: RateConfig) -> Self {
        let database = tokio::task::spawn_blocking(|| LazyLock::force(&POSTGRES)).await.expect("Postgres").database().await;
        Self::start_on(database, clock, rate).await
    }

    pub async fn start_on(database: Database, clock: Clock, rate: RateConfig) -> Self {
        sealcast_testkit::install_crypto_provider();
        let (nats, redis) = (Nats::start(), Redis::start());
        let config = Config {
            log: LogConfig { level: "info".into(), ..LogConfig::default() },
            admin: AdminConfig { listen: ([127, 0, 0, 1], 0).into(), drain_grace_s: 1 },
            postgres: database.config("chat_svc"),
            nats: nats.config(),
            redis: redis.config(),
            rate,
            attachments: AttachmentsConfig { mib_per_day: 1 },
            organisation: OrganisationConfig { rotation_delay_s: 3_600 },
            stream: StreamConfig { replicas: 1 },
        };
        let accounts: Arc<Mutex<HashMap<UserId, Account>>> = Arc::default();
        let directory = Runtime::detached(());
        serve_directory(&nats, &directory, accounts.clone()).await;
        let mut world = Self {
            bus: nats.bus("edge-svc").await,
            runtime: Runtime::detached(config.clone()),
            nats,
            redis,
            database,
            config,
            accounts,
            directory,
        };
        migrate(&world.owner()).await.expect("migrated");
        provision(&world.owner(), Loss::Refuse).await.expect("provisioned");
        world.serve(clock).await.expect("serving");
        world
    }

    /// The configuration of the schema's owner.
    pub fn owner(&self) -> Config {
        Config { postgres: self.database.config("chat_owner"), ..self.config.clone() }
    }

    async fn serve(&mut self, clock: Clock) -> anyhow::Result<()> {
        start_at(&self.runtime, clock).await
    }

    pub async fn stop(&mut self) {
        self.runtime.stop().await;
    }

    /// Starts chat-svc again, as after a crash.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.runtime.stop().await;
        self.runtime = Runtime::detached(self.config.clone());
        self.serve(OffsetDateTime::now_utc).await
    }

    pub async fn stop_directory(&self) {
        self.directory.stop().await;
    }

    pub async fn call<C: Call>(&self, call: &C) -> Outcome<C> {
        self.bus.call_within(call, PATIENCE).await
    }

    pub async fn ok<C: Call>(&self, call: &C) -> C::Reply {
        self.call(call).await.unwrap_or_else(|error| panic!("{}: {error:?}", C::SUBJECT))
    }

    pub async fn refused<C: Call<Refusal = ChatRefusal>>(&self, call: &C) -> ChatRefusal {
        match self.call(call).await {
            Err(CallError::Refused(refusal)) => refusal,
            Ok(_) => panic!("{}: accepted", C::SUBJECT),
            Err(error) => panic!("{}: {error:?}", C::SUBJECT),
        }
    }

    /// Registers an account with a key of its own.
    pub fn person(&self, username: &str) -> Person {
        self.person_with(username, Role::Member, SecretKey::generate_user(username, an_hour_ago()).expect("a key"))
    }

    pub fn admin(&self) -> Person {
        self.person_with("root", Role::Admin, SecretKey::generate_user("root", an_hour_ago()).expect("a key"))
    }

    pub fn person_with(&self, username: &str, role: Role, key: SecretKey) -> Person {
        let certificate = key.certificate_octets().expect("a certificate");
        self.person_with_certificate(username, role, key, certificate)
    }

    pub fn person_with_certificate(&self, username: &str, role: Role, key: SecretKey, certificate: Vec<u8>) -> Person {
        let caller = Caller {
            user_id: UserId::generate(),
            username: username.to_owned(),
            role,
            fingerprint: key.fingerprint(),
            session_id: SessionId::generate(),
        };
        let account = Account {
            user_id: caller.user_id,
            username: username.to_owned(),
            role,
            fingerprint: key.fingerprint(),
            certificate: Base64(certificate),
            created_at: OffsetDateTime::now_utc(),
        };
        self.accounts.lock().expect("accounts").insert(caller.user_id, account);
        Person { caller, key }
    }

    /// An organisation with its admin and its compliance key.
    pub async fn organisation(&self) -> (Person, SecretKey) {
        let (admin, compliance) = (self.admin(), SecretKey::generate_user("Compliance", an_hour_ago()).expect("a key"));
        let certificate = Base64(compliance.certificate_octets().expect("a certificate"));
        let organisation: Organisation = self.ok(&SetCompliance { caller: admin.caller.clone(), certificate }).await;
        assert_eq!(organisation.compliance.map(|compliance| compliance.fingerprint), Some(compliance.fingerprint()));
        (admin, compliance)
    }

    /// An organisation with a room that `admin` created.
    pub async fn room(&self, kind: RoomKind, admission: Admission) -> Scene {
        let (admin, compliance) = self.organisation().await;
        let keys = RoomKeys::generate(RoomId::generate(), 1, None);
        self.ok(&keys.creation(&admin, "Room", kind, admission)).await;
        Scene { admin, compliance, keys }
    }

    pub async fn view(&self, person: &Person, room_id: RoomId) -> sealcast_contracts::chat::RoomKeys {
        self.ok(&GetRoom { caller: person.caller.clone(), room_id }).await
    }

    /// The kinds of the events that reached the stream, with their bodies.
    pub async fn events(&self, wanted: &str) -> Vec<serde_json::Value> {
        let parse = |received: &Received| serde_json::from_slice::<serde_json::Value>(&received.payload).expect("an event");
        let read = self.bus.read("EVENTS", &format!("event.{wanted}"), 1, 500).await.expect("the stream EVENTS");
        read.iter().map(parse).collect()
    }

    /// Waits until so many events of a kind reached the stream.
    pub async fn wait_for_events(&self, kind: &str, count: usize) -> Vec<serde_json::Value> {
        sealcast_testkit::eventually(kind, async || {
            let events = self.events(kind).await;
            (events.len() >= count).then_some(events)
        })
        .await
    }
}

async fn serve_directory(nats: &Nats, runtime: &Runtime<()>, accounts: Arc<Mutex<HashMap<UserId, Account>>>) {
    let bus = nats.bus("auth-svc").await;
    let server = bus.server("0.1.0", &runtime.tasks, &runtime.shutdown).await.expect("a responder");
    server
        .serve::<GetAccount, _, _>(move |call| {
            let found = match call.key {
                AccountKey::UserId(user_id) => accounts.lock().expect("accounts").get(&user_id).cloned(),
                _ => None,
            };
            async move { found.ok_or_else(|| AuthRefusal::NotFound.into()) }
        })
        .await
        .expect("a responder");
}

pub fn an_hour_ago() -> OffsetDateTime {
    OffsetDateTime::now_utc() - time::Duration::hours(1)
}

pub struct Person {
    pub caller: Caller,
    pub key: SecretKey,
}

impl Person {
    pub fn id(&self) -> UserId {
        self.caller.user_id
    }
}

/// A room with its admin, and the organisation's compliance key.
pub struct Scene {
    pub admin: Person,
    pub compliance: SecretKey,
    pub keys: RoomKeys,
}

impl Scene {
    pub fn room_id(&self) -> RoomId {
        self.keys.room_id
    }

    pub fn message(&self, sender: &Person, text: &str) -> AcceptMessage {
        Draft::new(self, sender, text).sign()
    }
}

/// An epoch's keys as its opener holds them.
pub struct RoomKeys {
    pub room_id: RoomId,
    pub epoch: u32,
    pub prev_fp: Option<Fingerprint>,
    pub key: SecretKey,
    pub blob: Vec<u8>,
    pub blob_key: SessionKey,
}

impl RoomKeys {
    pub fn generate(room_id: RoomId, epoch: u32, prev_fp: Option<Fingerprint>) -> Self {
        Self::of(room_id, epoch, prev_fp, SecretKey::generate_room(an_hour_ago()).expect("a key"))
    }

    pub fn of(room_id: RoomId, epoch: u32, prev_fp: Option<Fingerprint>, key: SecretKey) -> Self {
        let (blob, blob_key) = seal_blob(&key).expect("a blob");
        Self { room_id, epoch, prev_fp, key, blob, blob_key }
    }

    pub fn next(&self) -> Self {
        Self::generate(self.room_id, self.epoch + 1, Some(self.key.fingerprint()))
    }

    pub fn creation(&self, creator: &Person, name: &str, kind: RoomKind, admission: Admission) -> CreateRoom {
        CreateRoom {
            caller: creator.caller.clone(),
            room_id: self.room_id,
            name: name.to_owned(),
            kind,
            admission,
            epoch: self.opening(creator),
            grant: self.grant(creator, creator),
        }
    }

    pub fn opening(&self, opener: &Person) -> NewEpoch {
        self.opening_at(opener, OffsetDateTime::now_utc())
    }

    pub fn opening_at(&self, opener: &Person, at: OffsetDateTime) -> NewEpoch {
        let statement =
            epoch_statement(self.room_id, self.epoch, &self.key.fingerprint(), &sha256(&self.blob), self.prev_fp.as_ref());
        NewEpoch {
            epoch: self.epoch,
            cert: Base64(self.key.certificate_octets().expect("a certificate")),
            blob: Base64(self.blob.clone()),
            prev_fp: self.prev_fp,
            sig: Base64(opener.key.sign(statement.as_bytes(), EPOCH_NOTATION, "v1", at).expect("a signature")),
        }
    }

    pub fn grant(&self, granter: &Person, to: &Person) -> NewGrant {
        self.grant_at(granter, to, OffsetDateTime::now_utc())
    }

    pub fn grant_at(&self, granter: &Person, to: &Person, at: OffsetDateTime) -> NewGrant {
        let pkesk = grant(&self.blob_key, &to.key.certificate().encryption).expect("a grant");
        let to_fp = to.key.fingerprint();
        let statement = grant_statement(self.room_id, self.epoch, to.id(), &to_fp, &sha256(&pkesk), &sha256(&self.blob));
        let sig = granter.key.sign(statement.as_bytes(), GRANT_NOTATION, "v1", at).expect("a signature");
        NewGrant { epoch: self.epoch, to: to.id(), to_fp, pkesk: Base64(pkesk), sig: Base64(sig) }
    }
}

/// A message whose parts a test can spoil before it is signed.
pub struct Draft<'a> {
    pub sender: &'a Person,
    pub signer: &'a SecretKey,
    pub room_id: RoomId,
    pub epoch: u32,
    pub cid: ClientMessageId,
    pub env: Vec<u8>,
    pub context: MessageContext,
    pub at: OffsetDateTime,
}

impl<'a> Draft<'a> {
    pub fn new(scene: &Scene, sender: &'a Person, text: &str) -> Self {
        let sealed = seal(&scene.keys.key.certificate().encryption, &scene.compliance.certificate().encryption, text.as_bytes());
        let sealed = sealed.expect("an envelope");
        let mut draft = Self::with_env(scene.keys.room_id, scene.keys.epoch, sender, sealed.env);
        draft.context.skc = sealed.session_key.commitment();
        draft
    }

    pub fn with_env(room_id: RoomId, epoch: u32, sender: &'a Person, env: Vec<u8>) -> Self {
        let cid = ClientMessageId::generate();
        let cp = SeenCheckpoint { size: 0, root: [0; 16] };
        let context = MessageContext { room_id, epoch, cid, prev: [0; 16], skc: [0; 32], cp };
        Self { sender, signer: &sender.key, room_id, epoch, cid, env, context, at: OffsetDateTime::now_utc() }
    }

    pub fn sign(&self) -> AcceptMessage {
        self.sign_with(MESSAGE_NOTATION, &self.context.to_string())
    }

    pub fn sign_with(&self, notation: &str, value: &str) -> AcceptMessage {
        let sig = self.signer.sign(&self.env, notation, value, self.at).expect("a signature");
        AcceptMessage {
            caller: self.sender.caller.clone(),
            room_id: self.room_id,
            cid: self.cid,
            epoch: self.epoch,
            env: Base64(self.env.clone()),
            sig: Base64(sig),
        }
    }
}

pub fn sha256(octets: &[u8]) -> [u8; 32] {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, octets).as_ref().try_into().expect("32 octets")
}

/// The room as a person sees it in its list.
pub async fn listed(world: &World, person: &Person, room_id: RoomId) -> Option<Room> {
    let rooms = world.ok(&sealcast_contracts::chat::ListRooms { caller: person.caller.clone() }).await;
    rooms.into_iter().find(|room| room.room_id == room_id)
}
