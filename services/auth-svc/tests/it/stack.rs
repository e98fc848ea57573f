//! The service with its engines, and people who use it.

use std::{io::Write as _, net::IpAddr, sync::LazyLock};

use sealcast_auth_svc::{Clock, Config, META, config::DEFAULTS, passwords::Costs};
use sealcast_bus::{Bus, CallError};
use sealcast_contracts::{
    Base64, Call, Caller,
    auth::{AuthRefusal, Kdf, LogIn, Login, Origin, Proof, Recovery, RegisterAccount},
};
use sealcast_pgp::keyring::SecretKey;
use sealcast_runtime::{Runtime, SecretFile};
use sealcast_testkit::{Database, Nats, Postgres, Redis};
use tempfile::NamedTempFile;
use time::OffsetDateTime;

/// One cluster for all tests, one database for each.
static POSTGRES: LazyLock<Postgres> = LazyLock::new(Postgres::start);
pub const BOOTSTRAP_TOKEN: &str = "a token from a file";
/// Hashing that takes no time; what it costs is not what is tested.
pub const CHEAP: Costs = Costs { m_kib: 64, t: 1, p: 1 };

pub struct Stack {
    pub database: Database,
    _nats: Nats,
    pub redis: Redis,
    /// The connection of a caller.
    pub bus: Bus,
    pub clock: Clock,
    pub config: Config,
    runtime: Runtime<Config>,
    _secrets: [NamedTempFile; 2],
}

impl Stack {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let database = POSTGRES.database().await;
        Self::start_on(database, change).await
    }

    pub async fn start_on(database: Database, change: impl FnOnce(&mut Config)) -> Self {
        sealcast_testkit::install_crypto_provider();
        let (nats, redis) = (Nats::start(), Redis::start());
        let secrets = [secret("0123456789abcdef0123456789abcdef"), secret(BOOTSTRAP_TOKEN)];
        let mut config: Config = sealcast_runtime::load(DEFAULTS).expect("defaults");
        config.passwords.costs = CHEAP;
        config.passwords.prelogin_key_file = SecretFile(secrets[0].path().to_owned());
        config.accounts.bootstrap_token_file = Some(SecretFile(secrets[1].path().to_owned()));
        config.nats = nats.config();
        config.redis = redis.config();
        config.postgres = database.config("auth_owner");
        sealcast_auth_svc::migrate(config.clone(), Vec::new()).await.expect("migrations");
        config.postgres = database.config("auth_svc");
        change(&mut config);
        let bus = nats.provisioned("edge-svc").await;
        let clock = Clock::default();
        let runtime = serve(&config, &clock).await;
        Self { database, _nats: nats, redis, bus, clock, config, runtime, _secrets: secrets }
    }

    /// Ends the service and starts it with another configuration.
    pub async fn restart_with(&mut self, change: impl FnOnce(&mut Config)) {
        self.runtime.stop().await;
        change(&mut self.config);
        self.runtime = serve(&self.config, &self.clock).await;
    }

    pub async fn call<C: Call>(&self, call: &C) -> Result<C::Reply, CallError<C::Refusal>> {
        self.bus.call(call).await
    }

    /// A call that must succeed.
    pub async fn ok<C: Call>(&self, call: &C) -> C::Reply {
        match self.call(call).await {
            Ok(reply) => reply,
            Err(error) => panic!("{}: {error:?}", C::SUBJECT),
        }
    }

    /// A call that must be refused.
    pub async fn refusal<C: Call>(&self, call: &C) -> C::Refusal {
        match self.call(call).await {
            Err(CallError::Refused(refusal)) => refusal,
            Err(error) => panic!("{}: {error:?}", C::SUBJECT),
            Ok(_) => panic!("{} was not refused", C::SUBJECT),
        }
    }

    pub async fn register(&self, username: &str) -> (Person, Login) {
        let person = Person::new(username);
        let login = self.ok(&person.registration(HOME)).await;
        (person, login)
    }
}

async fn serve(config: &Config, clock: &Clock) -> Runtime<Config> {
    let runtime = Runtime::detached(config.clone());
    sealcast_auth_svc::start_at(&runtime, clock.clone()).await.expect(META.name);
    runtime
}

fn secret(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("a secret");
    file
}

/// Where people register from, unless a test says otherwise.
pub const HOME: &str = "192.0.2.10";

/// Somebody with a password, a recovery key and an OpenPGP key.
pub struct Person {
    pub username: String,
    pub key: SecretKey,
    pub password: Base64,
    pub recovery: Base64,
}

impl Person {
    pub fn new(username: &str) -> Self {
        let now = OffsetDateTime::now_utc();
        let key = SecretKey::generate_user(username, now).expect("a key");
        Self { username: username.to_owned(), key, password: vec![1; 32].into(), recovery: vec![2; 32].into() }
    }

    pub fn registration(&self, address: &str) -> RegisterAccount {
        RegisterAccount {
            username: self.username.clone(),
            auth: self.password.clone(),
            kdf: kdf(),
            certificate: self.key.certificate_octets().expect("a certificate").into(),
            locked_key: b"locked by the password".to_vec().into(),
            recovery: Recovery { auth: self.recovery.clone(), locked_key: b"locked by the recovery key".to_vec().into() },
            bootstrap_token: None,
            origin: origin(address),
        }
    }

    pub fn login(&self, address: &str) -> LogIn {
        log_in(&self.username, Proof::Password(self.password.clone()), address)
    }

    pub fn wrong_login(&self, address: &str) -> LogIn {
        log_in(&self.username, Proof::Password(vec![9; 32].into()), address)
    }
}

pub fn log_in(username: &str, proof: Proof, address: &str) -> LogIn {
    LogIn { username: username.to_owned(), proof, origin: origin(address), device: None, code: None }
}

pub fn origin(address: &str) -> Origin {
    Origin { address: address.parse::<IpAddr>().expect("an address"), device: "a test".to_owned() }
}

pub fn kdf() -> Kdf {
    Kdf { m_kib: 65_536, t: 3, p: 1, salt: vec![5; 16].into() }
}

pub fn caller(login: &Login) -> Caller {
    Caller::from(&login.session)
}

pub fn is_throttled(refusal: &AuthRefusal) -> bool {
    matches!(refusal, AuthRefusal::Throttled { retry_after_s } if *retry_after_s > 0)
}
