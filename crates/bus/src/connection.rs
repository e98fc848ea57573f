use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context as _;
use async_nats::{Client, ConnectError, ConnectErrorKind, ConnectOptions, Event, HeaderMap};
use bytes::Bytes;
use futures::StreamExt as _;
use sealcast_contracts::control::Signal;
use sealcast_runtime::SecretFile;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use tokio::sync::watch;

use crate::absence::Absences;

/// Three missed pings end a dead connection: after six seconds.
const PING_INTERVAL: Duration = Duration::from_secs(2);
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(2);
const RECONNECT_DELAY_MAX: Duration = Duration::from_secs(1);
/// How long an echo may take before another one is sent, and how long all of them may.
const ECHO_TIMEOUT: Duration = Duration::from_millis(500);
const SETTLE_TIMEOUT: Duration = Duration::from_secs(10);
/// Messages that wait in one subscription; beyond it they are dropped and `reconnections` says so.
const SUBSCRIPTION_CAPACITY: usize = 65_536;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusConfig {
    /// `nats://host:port`, one or more.
    pub urls: Vec<String>,
    /// Empty: no authentication.
    #[serde(default)]
    pub user: String,
    #[serde(default)]
    pub password_file: Option<SecretFile>,
    /// The authority that the server's certificate must come from; without it the connection is not encrypted.
    #[serde(default)]
    pub ca: Option<PathBuf>,
}

/// A connection to NATS. Cheap to clone; reconnects by itself.
#[derive(Clone, Debug)]
pub struct Bus {
    pub(crate) client: Client,
    pub(crate) service: &'static str,
    pub(crate) absences: Arc<Absences>,
    reconnections: watch::Receiver<u64>,
}

impl Bus {
    /// Connects as a service. Waits for a server that is not there yet.
    ///
    /// # Errors
    /// The configuration is unusable, or the server is older than [`crate::SERVER_VERSION_MIN`].
    pub async fn connect(config: &BusConfig, service: &'static str) -> anyhow::Result<Self> {
        let (changed, reconnections) = watch::channel(0);
        let client = connect_when_there(config, service, &changed).await?;
        let version = client.server_info().version;
        let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
        let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        let (major, minor) = crate::SERVER_VERSION_MIN;
        anyhow::ensure!(found >= (major, minor), "nats-server {version} is too old: {major}.{minor} or newer is needed");
        Ok(Self { client, service, absences: Arc::default(), reconnections })
    }

    /// Sends a signal: at most once, to whoever listens.
    ///
    /// # Errors
    /// It could not be handed to the connection.
    pub async fn signal<S: Signal>(&self, signal: &S) -> anyhow::Result<()> {
        let payload = serde_json::to_vec(signal).context("encoding a signal")?;
        self.client.publish(S::SUBJECT, payload.into()).await.with_context(|| format!("signalling {}", S::SUBJECT))
    }

    /// Subscribes; the subscription survives reconnects, what was sent meanwhile does not.
    ///
    /// # Errors
    /// The connection is closed for good.
    pub async fn subscribe(&self, subject: &'static str) -> anyhow::Result<Subscription> {
        let inner = self.client.subscribe(subject).await.with_context(|| format!("subscribing to {subject}"))?;
        settle(&self.client).await.with_context(|| format!("subscribing to {subject}"))?;
        Ok(Subscription { inner })
    }

    /// Changes whenever messages may have been missed: after each reconnect and each overflow.
    pub fn reconnections(&self) -> watch::Receiver<u64> {
        self.reconnections.clone()
    }

    pub fn is_connected(&self) -> bool {
        matches!(self.client.connection_state(), async_nats::connection::State::Connected)
    }
}

/// Returns when the server has taken everything that was sent before: it takes a connection's lines in their order, so an
/// octet of ours that has come back has overtaken nothing. Flushing alone says only that they have left.
///
/// # Errors
/// The connection is closed for good, or does not come back in time.
pub(crate) async fn settle(client: &Client) -> anyhow::Result<()> {
    let echo = async {
        let inbox = client.new_inbox();
        let mut echoes = client.subscribe(inbox.clone()).await?;
        loop {
            client.publish(inbox.clone(), Bytes::new()).await?;
            // A connection that breaks here loses the echo; the subscriptions come back with the next one.
            if let Ok(Some(_)) = tokio::time::timeout(ECHO_TIMEOUT, echoes.next()).await {
                return anyhow::Ok(());
            }
        }
    };
    tokio::time::timeout(SETTLE_TIMEOUT, echo).await.context("NATS does not answer")?
}

async fn connect_when_there(config: &BusConfig, service: &str, changed: &watch::Sender<u64>) -> anyhow::Result<Client> {
    let mut delay = Duration::from_millis(50);
    loop {
        match options(config, service, changed)?.connect(config.urls.clone()).await {
            Ok(client) => return Ok(client),
            Err(error) if is_away(&error) => tracing::info!(urls = ?config.urls, "waiting for NATS"),
            Err(error) => return Err(error).context("connecting to NATS"),
        }
        tokio::time::sleep(delay).await;
        delay = (delay * 2).min(RECONNECT_DELAY_MAX);
    }
}

/// Whether nobody listens there yet; what a server answers is no reason to wait.
fn is_away(error: &ConnectError) -> bool {
    matches!(error.kind(), ConnectErrorKind::Io | ConnectErrorKind::Dns | ConnectErrorKind::TimedOut)
}

/// How we connect. Options with callbacks cannot be cloned, so each attempt makes its own.
fn options(config: &BusConfig, service: &str, changed: &watch::Sender<u64>) -> anyhow::Result<ConnectOptions> {
    let changed = changed.clone();
    let mut options = ConnectOptions::new()
        .name(service)
        .custom_inbox_prefix(format!("_INBOX.{service}"))
        .ping_interval(PING_INTERVAL)
        .connection_timeout(CONNECTION_TIMEOUT)
        .request_timeout(None)
        .subscription_capacity(SUBSCRIPTION_CAPACITY)
        .reconnect_delay_callback(|attempt| RECONNECT_DELAY_MAX.min(Duration::from_millis(1 << attempt.min(10))))
        .event_callback(move |event| {
            let changed = changed.clone();
            async move { report(&event, &changed) }
        });
    if !config.user.is_empty() {
        let file = config.password_file.as_ref().context("nats.user needs nats.password_file")?;
        options = options.user_and_password(config.user.clone(), file.read()?.expose_secret().to_owned());
    }
    if let Some(ca) = &config.ca {
        options = options.require_tls(true).add_root_certificates(ca.clone());
    }
    Ok(options)
}

fn report(event: &Event, changed: &watch::Sender<u64>) {
    match event {
        Event::Connected => {
            tracing::info!("connected to NATS");
            changed.send_modify(|count| *count += 1);
        }
        Event::SlowConsumer(subscription) => {
            tracing::warn!(subscription, "a subscription overflowed; messages were dropped");
            changed.send_modify(|count| *count += 1);
        }
        Event::Disconnected => tracing::warn!("disconnected from NATS"),
        Event::ServerError(error) => tracing::error!(%error, "NATS refused an operation"),
        Event::ClientError(error) => tracing::warn!(%error, "NATS client"),
        Event::LameDuckMode | Event::Draining | Event::Closed => tracing::info!(%event, "NATS"),
    }
}

/// Messages of a subscription.
#[derive(Debug)]
pub struct Subscription {
    inner: async_nats::Subscriber,
}

impl Subscription {
    /// The next message; `None` when the connection is closed for good.
    pub async fn next(&mut self) -> Option<Received> {
        self.inner.next().await.map(Received::from)
    }
}

/// A message as it came, with its headers.
#[derive(Clone, Debug)]
pub struct Received {
    pub subject: String,
    pub payload: Bytes,
    headers: Option<HeaderMap>,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.as_ref()?.get(name).map(async_nats::HeaderValue::as_str)
    }

    /// The stream sequence of a live or directly read message.
    pub fn sequence(&self) -> Option<u64> {
        self.header("Nats-Sequence")?.parse().ok()
    }
}

impl From<async_nats::Message> for Received {
    fn from(message: async_nats::Message) -> Self {
        Self { subject: message.subject.to_string(), payload: message.payload, headers: message.headers }
    }
}
