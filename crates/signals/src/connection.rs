use std::{future::Future, path::PathBuf, time::Duration};

use anyhow::Context as _;
use redis::{
    Client, IntoConnectionInfo as _, ProtocolVersion, RedisResult, TlsCertificates,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use sealcast_runtime::SecretFile;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use tokio::sync::mpsc;

/// No caller waits longer for Redis.
pub const CALL_TIMEOUT: Duration = Duration::from_millis(250);
/// A command this often notices a dead connection: without one a subscriber stays deaf after an outage.
const WATCHDOG_INTERVAL: Duration = Duration::from_secs(1);
const RECONNECT_DELAY_MAX: Duration = Duration::from_secs(1);
/// Signals that wait for their reader; beyond it they are dropped.
const PUSH_CAPACITY: usize = 4_096;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalsConfig {
    /// `redis://host:port` or `rediss://host:port`, without credentials.
    pub url: String,
    /// Empty: no authentication.
    #[serde(default)]
    pub user: String,
    #[serde(default)]
    pub password_file: Option<SecretFile>,
    /// The authority that the server's certificate must come from; needs `rediss://`.
    #[serde(default)]
    pub ca: Option<PathBuf>,
}

/// Redis is away, or too slow to wait for. What it was asked may or may not have happened.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    #[error("Redis failed")]
    Failed(#[source] redis::RedisError),
    #[error("Redis did not answer in time")]
    TimedOut,
}

/// A connection to Redis. Cheap to clone; reconnects by itself, and does not need Redis to start.
#[derive(Clone)]
pub struct Signals {
    pub(crate) connection: ConnectionManager,
    pub(crate) client: Client,
}

impl Signals {
    /// Prepares the connection; Redis may be away.
    ///
    /// # Errors
    /// The configuration is unusable.
    pub fn connect(config: &SignalsConfig) -> anyhow::Result<Self> {
        let mut info = config.url.as_str().into_connection_info().context("redis.url")?;
        let mut settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        if !config.user.is_empty() {
            let file = config.password_file.as_ref().context("redis.user needs redis.password_file")?;
            settings = settings.set_username(&config.user).set_password(file.read()?.expose_secret());
        }
        info = info.set_redis_settings(settings);
        let client = match &config.ca {
            Some(ca) => {
                let root_cert = Some(std::fs::read(ca).with_context(|| format!("redis.ca {}", ca.display()))?);
                Client::build_with_tls(info, TlsCertificates { client_tls: None, root_cert }).context("redis.url with redis.ca")?
            }
            None => Client::open(info).context("redis.url")?,
        };
        let connection = ConnectionManager::new_lazy_with_config(client.clone(), manager_config()).context("preparing Redis")?;
        Ok(Self { connection, client })
    }

    /// Whether Redis answers now.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), Unavailable> {
        let mut connection = self.connection.clone();
        within(redis::cmd("PING").exec_async(&mut connection)).await
    }

    /// A second connection that receives pushes; it is watched, so that it notices a dead peer.
    pub(crate) fn pushes(&self) -> anyhow::Result<(ConnectionManager, mpsc::Receiver<redis::PushInfo>)> {
        let (sender, receiver) = mpsc::channel(PUSH_CAPACITY);
        // A full channel drops the signal: typing and presence are sampled.
        let push = move |info| sender.try_send(info).map_err(|_| redis::aio::SendError);
        let config = manager_config().set_push_sender(push).set_automatic_resubscription();
        let connection = ConnectionManager::new_lazy_with_config(self.client.clone(), config).context("preparing Redis")?;
        let mut watched = connection.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(WATCHDOG_INTERVAL).await;
                // Only the attempt matters: it makes the manager see a broken connection and make a new one.
                let _ = within(redis::cmd("PING").exec_async(&mut watched)).await;
            }
        });
        Ok((connection, receiver))
    }
}

impl std::fmt::Debug for Signals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signals")
    }
}

fn manager_config() -> ConnectionManagerConfig {
    ConnectionManagerConfig::new()
        .set_max_delay(RECONNECT_DELAY_MAX)
        .set_connection_timeout(Some(Duration::from_secs(2)))
        .set_response_timeout(Some(Duration::from_millis(500)))
}

/// Bounds a call: `response_timeout` does not bound the wait for a reconnect.
pub(crate) async fn within<T>(call: impl Future<Output = RedisResult<T>>) -> Result<T, Unavailable> {
    match tokio::time::timeout(CALL_TIMEOUT, call).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Unavailable::Failed(error)),
        Err(_) => Err(Unavailable::TimedOut),
    }
}
