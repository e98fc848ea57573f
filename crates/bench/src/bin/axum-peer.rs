//! The obvious Rust server of event streams, to compare with: axum, a task for each connection, a broadcast channel for each
//! room, `axum::response::sse`, tokio-rustls with TLS 1.3. No sessions, no rooms that one must be in, nothing kept.
//!
//! `axum-peer STREAMS-ADDRESS PUBLISH-ADDRESS CERTIFICATES KEY`

use std::{
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result};
use axum::{
    Router,
    extract::{Query, State},
    response::sse::{Event, KeepAlive, Sse},
    routing::{get, post},
};
use futures::{Stream, stream::unfold};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs::{Ticketer, default_provider},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    version::TLS13,
};
use serde::Deserialize;
use tokio::{net::TcpListener, sync::broadcast};
use tokio_rustls::TlsAcceptor;

const MESSAGES_BEHIND_MAX: usize = 1_024;
const KEEP_ALIVE: Duration = Duration::from_secs(15);

type Rooms = Arc<Mutex<HashMap<u64, broadcast::Sender<String>>>>;

#[derive(Deserialize)]
struct Room {
    id: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    sealcast_bench::os::raise_file_limit()?;
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [streams, publish, certificates, key] = args.as_slice() else {
        anyhow::bail!("usage: axum-peer STREAMS-ADDRESS PUBLISH-ADDRESS CERTIFICATES KEY")
    };
    let rooms = Rooms::default();
    let app = Router::new().route("/sub", get(subscribe)).with_state(Arc::clone(&rooms));
    let admin = Router::new().route("/pub", post(publish_to)).with_state(rooms);
    let admin_listener = TcpListener::bind(publish.parse::<SocketAddr>()?).await?;
    tokio::spawn(async move { axum::serve(admin_listener, admin).await });
    let acceptor = TlsAcceptor::from(Arc::new(tls(certificates, key)?));
    let listener = TcpListener::bind(streams.parse::<SocketAddr>()?).await?;
    loop {
        let (socket, _) = listener.accept().await?;
        let (acceptor, service) = (acceptor.clone(), TowerToHyperService::new(app.clone()));
        tokio::spawn(async move {
            socket.set_nodelay(true)?;
            let tls = acceptor.accept(socket).await?;
            let served = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(tls), service).await;
            // A client that goes away is no event here.
            drop(served);
            anyhow::Ok(())
        });
    }
}

async fn subscribe(State(rooms): State<Rooms>, Query(room): Query<Room>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let messages = unfold(sender(&rooms, room.id).subscribe(), |mut messages| async move {
        loop {
            match messages.recv().await {
                Ok(message) => return Some((Ok(Event::default().data(message)), messages)),
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    });
    Sse::new(messages).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

async fn publish_to(State(rooms): State<Rooms>, Query(room): Query<Room>, message: String) {
    // Without a subscriber nobody misses it.
    let _ = sender(&rooms, room.id).send(message);
}

fn sender(rooms: &Rooms, room: u64) -> broadcast::Sender<String> {
    let mut rooms = rooms.lock().unwrap_or_else(PoisonError::into_inner);
    rooms.entry(room).or_insert_with(|| broadcast::channel(MESSAGES_BEHIND_MAX).0).clone()
}

fn tls(certificates: &str, key: &str) -> Result<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(certificates)?.collect::<Result<_, _>>().context("reading the certificate")?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.ticketer = Ticketer::new()?;
    Ok(config)
}
