//! The HTTPS connection: requests, answers and the three kinds of failure.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, Once, PoisonError},
    time::{Duration, Instant},
};

use reqwest::{Method, RequestBuilder, Response, Url, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Error,
    answers::{Failure, chain, checked, octets, parse, unavailable},
    backoff::Backoff,
    bodies::ServerInfo,
    profile::Stored,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A request that is not a stream. chat-svc itself tries for about 8 s to commit a message.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a read is repeated while the server is not available, and the first wait in between.
const READ_DEADLINE: Duration = Duration::from_secs(10);
const READ_WAIT: Duration = Duration::from_millis(200);
/// How long a silent HTTP/2 connection may be dead before that is noticed.
const PING_INTERVAL: Duration = Duration::from_secs(10);
const PING_TIMEOUT: Duration = Duration::from_secs(5);
const API: &str = "api/v1/";

/// A server, before anybody is logged in.
#[derive(Clone)]
pub struct Server {
    http: reqwest::Client,
    base: Url,
    /// By which the server knows that an account has logged in from here before: user name → token.
    devices: Arc<Mutex<HashMap<String, String>>>,
}

impl Server {
    /// Prepares a connection to `url`, whose certificate must be issued by `ca` if one is given, otherwise by an authority
    /// that the system trusts. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Usage`] for a URL that is not `https://host[:port]/` and for an unreadable certificate.
    pub fn new(url: &Url, ca: Option<&[u8]>) -> Result<Self, Error> {
        if url.scheme() != "https" || url.host().is_none() {
            return Err(Error::Usage(format!("`{url}` is not an https:// address")));
        }
        install_crypto_provider();
        let mut http = reqwest::Client::builder()
            .use_rustls_tls()
            .https_only(true)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("sealcast/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .http2_keep_alive_interval(PING_INTERVAL)
            .http2_keep_alive_timeout(PING_TIMEOUT)
            .http2_keep_alive_while_idle(true);
        if let Some(pem) = ca {
            let roots =
                reqwest::Certificate::from_pem_bundle(pem).map_err(|_| Error::Usage("the CA file is not PEM".to_owned()))?;
            if roots.is_empty() {
                return Err(Error::Usage("the CA file holds no certificate".to_owned()));
            }
            http = roots.into_iter().fold(http.tls_built_in_root_certs(false), reqwest::ClientBuilder::add_root_certificate);
        }
        let http = http.build().map_err(|error| Error::Usage(format!("preparing TLS: {}", chain(&error))))?;
        let mut base = url.clone();
        base.set_path("/");
        base.set_query(None);
        base.set_fragment(None);
        Ok(Self { http, base, devices: Arc::default() })
    }

    /// Where it is.
    pub fn url(&self) -> &Url {
        &self.base
    }

    /// Takes over what an earlier login of this account was told, so that the server knows the next one.
    pub fn remember(&self, stored: &Stored) {
        if let Some(device) = &stored.device {
            self.set_device(&stored.username, device);
        }
    }

    pub(crate) fn device_of(&self, username: &str) -> Option<String> {
        self.lock_devices().get(username).cloned()
    }

    pub(crate) fn set_device(&self, username: &str, device: &str) {
        self.lock_devices().insert(username.to_owned(), device.to_owned());
    }

    fn lock_devices(&self) -> MutexGuard<'_, HashMap<String, String>> {
        // Every change is one insertion: a panic elsewhere leaves nothing half done.
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its version, policy, limits and organisation. None of it is trusted without a pin.
    ///
    /// # Errors
    /// As every request.
    pub async fn info(&self) -> Result<ServerInfo, Error> {
        self.get("server", &[], None).await
    }

    /// Reads something. Reading twice does no harm, so what is unavailable is asked for again for a while.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
        token: Option<&SecretString>,
    ) -> Result<T, Error> {
        self.repeated(|| async move { parse(self.send(self.request(Method::GET, path, token)?.query(query)).await?).await }).await
    }

    /// What does no harm twice is asked for again for a while, as long as the server is not available.
    async fn repeated<T, F: Future<Output = Result<T, Error>>>(&self, ask: impl Fn() -> F) -> Result<T, Error> {
        let (begin, mut backoff) = (Instant::now(), Backoff::new(READ_WAIT));
        loop {
            let outcome = ask().await;
            let Err(Error::Unavailable { retry_after, .. }) = &outcome else { return outcome };
            let wait = backoff.next(*retry_after);
            if begin.elapsed() + wait > READ_DEADLINE {
                return outcome;
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Octets as they are stored.
    pub(crate) async fn get_octets(&self, path: &str, token: &SecretString) -> Result<Vec<u8>, Error> {
        self.repeated(|| async move { octets(self.send(self.request(Method::GET, path, Some(token))?).await?).await }).await
    }

    /// Stores octets in their place. Storing the same twice does no harm.
    pub(crate) async fn put_octets(&self, path: &str, octets: bytes::Bytes, token: &SecretString) -> Result<(), Error> {
        self.repeated(|| {
            let body = octets.clone();
            async move {
                let request =
                    self.request(Method::PUT, path, Some(token))?.header(header::CONTENT_TYPE, "application/octet-stream");
                self.send(request.body(body)).await.map(drop).map_err(Error::from)
            }
        })
        .await
    }

    pub(crate) async fn write<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
        token: Option<&SecretString>,
    ) -> Result<T, Error> {
        parse(self.send(self.request(method, path, token)?.json(body)).await?).await
    }

    /// A write whose answer has no body.
    pub(crate) async fn done(
        &self,
        method: Method,
        path: &str,
        body: Option<&(impl Serialize + Sync)>,
        token: Option<&SecretString>,
    ) -> Result<(), Error> {
        let request = self.request(method, path, token)?;
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        self.send(request).await.map(drop).map_err(|failure| failure.error)
    }

    /// A request with the certainty of its failure, for what must not happen twice.
    pub(crate) async fn post_once<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        body: bytes::Bytes,
        token: &SecretString,
    ) -> Result<T, Failure> {
        let certain = |error| Failure { error, certain: true };
        let request = self.request(Method::POST, path, Some(token)).map_err(certain)?;
        let request = request.header("Idempotency-Key", key).header(header::CONTENT_TYPE, "application/json").body(body);
        parse(self.send(request).await?).await.map_err(|error| Failure { error, certain: false })
    }

    /// Opens the event stream; the answer's body has no end.
    pub(crate) async fn open_stream(&self, token: &SecretString, last_event_id: Option<String>) -> Result<Response, Error> {
        let url = self.join("events")?;
        let mut request = self.http.get(url).bearer_auth(token.expose_secret()).header(header::ACCEPT, "text/event-stream");
        if let Some(id) = last_event_id {
            request = request.header("Last-Event-ID", id);
        }
        let answer = tokio::time::timeout(CONNECT_TIMEOUT, request.send()).await;
        let answer = answer.map_err(|_| unavailable("the event stream did not open in time".to_owned()))?;
        let answer = answer.map_err(|error| unavailable(chain(&error)))?;
        checked(answer).await.map_err(|failure| failure.error)
    }

    fn request(&self, method: Method, path: &str, token: Option<&SecretString>) -> Result<RequestBuilder, Error> {
        let request = self.http.request(method, self.join(path)?).timeout(REQUEST_TIMEOUT);
        Ok(match token {
            Some(token) => request.bearer_auth(token.expose_secret()),
            None => request,
        })
    }

    fn join(&self, path: &str) -> Result<Url, Error> {
        self.base.join(API).and_then(|api| api.join(path)).map_err(|_| Error::Usage(format!("`{path}` is not a path")))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        match request.send().await {
            Ok(answer) => checked(answer).await,
            // A connection that was never made carried nothing.
            Err(error) => Err(Failure { certain: error.is_connect() || error.is_builder(), error: unavailable(chain(&error)) }),
        }
    }
}

/// Makes aws-lc-rs the process's only TLS provider; harmless when it is already.
fn install_crypto_provider() {
    static ONCE: Once = Once::new();
    // An error means that somebody else installed one before, which is then used.
    ONCE.call_once(|| drop(rustls::crypto::aws_lc_rs::default_provider().install_default()));
}
