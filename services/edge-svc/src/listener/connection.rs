use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use metrics::counter;
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::{Gate, proxy, socket};
use crate::origin::ClientAddress;

const HEADERS_MAX: usize = 100;
const HEADER_OCTETS_MAX: usize = 16 * 1024;
const HTTP2_STREAMS_MAX: u32 = 64;
const HTTP2_WINDOW_OCTETS: u32 = 256 * 1024;
const HTTP2_SEND_BUFFER_OCTETS: usize = 64 * 1024;
const HTTP2_PING_INTERVAL: Duration = Duration::from_secs(15);
const HTTP2_PING_TIMEOUT: Duration = Duration::from_secs(10);

/// Ends the connection that a request came on, with what is left unwritten.
///
/// A reader that does not read cannot be told anything: its response is not even polled.
#[derive(Clone, Debug, Default)]
pub struct ConnectionKill(pub CancellationToken);

/// Why a connection ended before its first request.
#[derive(Debug, thiserror::Error)]
enum HandshakeError {
    #[error(transparent)]
    Proxy(#[from] proxy::ProxyError),
    #[error("the TLS handshake failed")]
    Tls(#[from] std::io::Error),
}

pub(super) async fn handle(stream: TcpStream, peer: SocketAddr, gate: &Gate, app: Router) {
    socket::tune(&stream);
    let outcome = match tokio::time::timeout(gate.handshake_timeout, shake_hands(stream, peer.ip(), gate)).await {
        Ok(Ok((tls, address))) => {
            serve(tls, address, gate, app).await;
            return;
        }
        Ok(Err(HandshakeError::Proxy(error))) => {
            tracing::warn!(%peer, %error, "a trusted ingress sent no PROXY header");
            "proxy"
        }
        Ok(Err(HandshakeError::Tls(error))) => {
            tracing::debug!(%peer, %error, "TLS handshake");
            "tls"
        }
        Err(_) => "timeout",
    };
    counter!("edge_handshake_failures_total", "reason" => outcome).increment(1);
}

async fn shake_hands(mut stream: TcpStream, peer: IpAddr, gate: &Gate) -> Result<(TlsStream<TcpStream>, IpAddr), HandshakeError> {
    let mut address = peer.to_canonical();
    if gate.trusted.iter().any(|network| network.contains(peer)) {
        address = proxy::read_header(&mut stream).await?.unwrap_or(address);
    }
    let config = gate.tls.borrow().clone();
    Ok((TlsAcceptor::from(config).accept(stream).await?, address))
}

async fn serve(tls: TlsStream<TcpStream>, address: IpAddr, gate: &Gate, app: Router) {
    let kill = ConnectionKill::default();
    let spoken = Arc::new(AtomicBool::new(false));
    let (kill_of_requests, spoken_by_requests) = (kill.clone(), spoken.clone());
    let service = service_fn(move |mut request: Request<Incoming>| {
        spoken_by_requests.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(ClientAddress(address));
        request.extensions_mut().insert(kill_of_requests.clone());
        app.clone().oneshot(request.map(Body::new))
    });
    let builder = http(gate.header_timeout);
    let connection = builder.serve_connection(TokioIo::new(tls), service);
    tokio::pin!(connection);
    let silence = tokio::time::sleep(gate.header_timeout);
    tokio::pin!(silence);
    let (mut closing, mut silent) = (false, true);
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%address, error, "connection");
                }
                return;
            }
            () = kill.0.cancelled() => return,
            () = gate.closing.cancelled(), if !closing => {
                closing = true;
                connection.as_mut().graceful_shutdown();
            }
            // hyper's own header timeout does not cover what comes before the first request.
            () = &mut silence, if silent => {
                silent = false;
                if !spoken.load(Ordering::Relaxed) {
                    return;
                }
            }
        }
    }
}

fn http(header_timeout: Duration) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEADER_OCTETS_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HTTP2_PING_INTERVAL)
        .keep_alive_timeout(HTTP2_PING_TIMEOUT)
        .max_concurrent_streams(HTTP2_STREAMS_MAX)
        .max_header_list_size(HEADER_OCTETS_MAX as u32)
        .initial_stream_window_size(HTTP2_WINDOW_OCTETS)
        .initial_connection_window_size(HTTP2_WINDOW_OCTETS)
        .max_send_buf_size(HTTP2_SEND_BUFFER_OCTETS);
    builder
}
