//! Engines, responders, and any number of edges in this process.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use sealcast_bus::{
    Bus,
    log::{PublishError, Published},
};
use sealcast_contracts::{
    ClientMessageId, EventId, Fingerprint, RoomId, UserId,
    stream::{StreamMessage, room_subject},
};
use sealcast_edge_svc::{
    config::{Config, DEFAULTS, RecordPath},
    node,
};
use sealcast_runtime::Runtime;
use sealcast_testkit::{Nats, Redis};
use tempfile::TempDir;
use time::OffsetDateTime;

use crate::{backend::Backend, sse::Events};

/// The name in the edges' certificate.
pub const HOST: &str = "edge.test";

/// What carries a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// A shard, with keys taken from rustls and writes collected for io_uring.
    Extracted,
    /// The same, with a call for each write.
    Plain,
    /// A shard, with rustls's whole connection.
    Rustls,
    /// hyper.
    Http2,
}

pub struct World {
    path: Path,
    pub nats: Nats,
    pub redis: Redis,
    pub backend: Backend,
    /// A connection that may do everything, as chat-svc and the provisioner together.
    pub bus: Bus,
    services: Runtime<()>,
    pub files: TempDir,
}

pub struct Edge {
    path: Path,
    pub address: SocketAddr,
    pub runtime: Runtime<Config>,
    pub ca: PathBuf,
}

impl World {
    pub async fn start() -> Self {
        Self::on(Path::Extracted).await
    }

    pub async fn on(path: Path) -> Self {
        sealcast_testkit::install_crypto_provider();
        let (nats, redis) = (Nats::start(), Redis::start());
        let (bus, backend, services) = (nats.provisioned("chat-svc").await, Backend::default(), Runtime::detached(()));
        backend.serve(&bus, &services).await;
        let files = tempfile::tempdir().unwrap();
        write_certificate(&files, "server");
        Self { path, nats, redis, backend, bus, services, files }
    }

    pub async fn edge(&self, name: &str) -> Edge {
        self.edge_with(name, |_| {}).await
    }

    pub async fn edge_with(&self, name: &str, change: impl FnOnce(&mut Config)) -> Edge {
        let mut config: Config = sealcast_runtime::load(DEFAULTS).unwrap();
        config.edge.node = name.to_owned();
        config.listen.address = "127.0.0.1:0".parse().unwrap();
        config.tls.certificates = self.files.path().join("server.pem");
        config.tls.key = self.files.path().join("server.key");
        config.streams.record_path = if self.path == Path::Rustls { RecordPath::Rustls } else { RecordPath::Extracted };
        config.streams.io_uring = self.path == Path::Extracted;
        config.streams.drain_settle_ms = 0;
        config.streams.drain_spread_ms = 50;
        config.nats = self.nats.config();
        config.redis = self.redis.config();
        change(&mut config);
        let runtime = Runtime::detached(config);
        let address = node::start(&runtime).await.unwrap();
        Edge { path: self.path, address, runtime, ca: self.files.path().join("server.pem") }
    }

    /// Commits a message as chat-svc does.
    pub async fn publish(&self, room_id: RoomId, text: &str) -> EventId {
        self.publish_message(&message(room_id, text.as_bytes().to_vec())).await
    }

    pub async fn publish_message(&self, message: &StreamMessage) -> EventId {
        let (subject, id) = (room_subject(message.room_id), message.cid.to_string());
        let payload = message.payload().into();
        let Published { seq, .. } =
            self.bus.publish(subject, &id, &message.headers(), payload, Duration::from_secs(5)).await.expect("an acknowledgement");
        EventId { stream_epoch: message.stream_epoch, seq }
    }

    /// Sends a live message past the log, as a leader that republishes after a crash does.
    pub async fn republish(&self, message: &StreamMessage, seq: u64) {
        let mut headers = message.headers().to_vec();
        headers.push(("Nats-Sequence", seq.to_string()));
        let subject = format!("live.{}", room_subject(message.room_id));
        let sent = self.bus.publish(subject, "again", &headers, message.payload().into(), Duration::from_millis(20)).await;
        assert!(matches!(sent, Err(PublishError::Unknown(_))), "an edge listens, and nobody acknowledges: {sent:?}");
    }

    /// Turns the log's republishing off or on: what is stored meanwhile never comes live.
    pub async fn set_republish(&self, on: bool) {
        let mut info = self.bus.jetstream_api("STREAM.INFO.ENVELOPES", &serde_json::json!({})).await.unwrap();
        let mut config = info["config"].take();
        if on {
            config["republish"] = serde_json::json!({"src": "room.>", "dest": "live.room.>"});
        } else {
            config.as_object_mut().unwrap().remove("republish");
        }
        self.bus.jetstream_api("STREAM.UPDATE.ENVELOPES", &config).await.unwrap();
    }

    /// Ends all responders; the engines stay.
    pub async fn stop_services(&self) {
        self.services.stop().await;
    }
}

impl Edge {
    pub fn url(&self, path: &str) -> String {
        format!("https://{HOST}:{}{path}", self.address.port())
    }

    pub fn client(&self) -> reqwest::Client {
        self.client_with(|builder| builder)
    }

    pub fn client_with(&self, change: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder) -> reqwest::Client {
        let ca = reqwest::Certificate::from_pem(&std::fs::read(&self.ca).unwrap()).unwrap();
        let builder = reqwest::Client::builder().add_root_certificate(ca).resolve(HOST, self.address);
        change(builder).build().unwrap()
    }

    /// A client whose streams take the path that is tested.
    pub fn stream_client(&self) -> reqwest::Client {
        self.client_with(|builder| if self.path == Path::Http2 { builder.http2_prior_knowledge() } else { builder.http1_only() })
    }

    /// Opens a stream and reads its `hello`.
    pub async fn open(&self, token: &str, last: Option<EventId>) -> Events {
        Events::open(self, token, last).await
    }

    pub async fn stop(&self) {
        self.runtime.stop().await;
    }
}

pub fn message(room_id: RoomId, env: Vec<u8>) -> StreamMessage {
    StreamMessage {
        room_id,
        stream_epoch: 1,
        sender: UserId::generate(),
        sender_fp: Fingerprint([3; 32]),
        cid: ClientMessageId::generate(),
        epoch: 1,
        accepted_at: OffsetDateTime::now_utc().replace_nanosecond(0).unwrap(),
        env,
        sig: vec![7; 100],
    }
}

/// A certificate for [`HOST`] that is its own authority.
pub fn write_certificate(files: &TempDir, name: &str) {
    let made = rcgen::generate_simple_self_signed([HOST.to_owned()]).unwrap();
    std::fs::write(files.path().join(format!("{name}.pem")), made.cert.pem()).unwrap();
    std::fs::write(files.path().join(format!("{name}.key")), made.signing_key.serialize_pem()).unwrap();
}
