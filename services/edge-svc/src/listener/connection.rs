use std::{
    convert::Infallible,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{Request, Response},
};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::{
    Serving,
    tls_io::TlsIo,
    turn::{Answer, Turn},
};
use crate::{origin::ClientAddress, shard::Handover, streams::Streams};

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

/// Serves a connection until it ends, or asks for a stream that a shard can carry.
pub(super) async fn serve(handover: Handover, serving: Serving, closing: &CancellationToken, app: Router, streams: &Streams) {
    let (address, is_h2) = (handover.address, handover.tls.alpn() == Some(b"h2"));
    let turn = Arc::new(Turn::default());
    let io = match TlsIo::new(handover, turn.clone()) {
        Ok(io) => io,
        Err(error) => return tracing::warn!(%error, "taking over a connection"),
    };
    let guest = Guest { address, kill: ConnectionKill::default(), spoken: Arc::default(), turn, app };
    let silence = until_silent(serving.header_timeout, guest.spoken.clone());
    let kill = guest.kill.clone();
    let io = TokioIo::new(io);
    let ended = async {
        if is_h2 {
            serve_h2(io, guest, closing).await;
        } else if let Some(io) = serve_h1(io, guest, serving.header_timeout, closing).await {
            match io.into_inner().into_handover(serving.send_buffer_octets) {
                Ok(handover) => streams.adopt(handover),
                Err(error) => tracing::debug!(%address, %error, "giving a connection to a shard"),
            }
        }
    };
    tokio::select! {
        () = ended => {}
        () = kill.0.cancelled() => {}
        () = silence => {}
    }
}

/// What every request of a connection takes along.
#[derive(Clone)]
struct Guest {
    address: IpAddr,
    kill: ConnectionKill,
    spoken: Arc<AtomicBool>,
    turn: Arc<Turn>,
    app: Router,
}

impl Guest {
    async fn answer(self, mut request: Request<Incoming>) -> Result<Response<Answer>, Infallible> {
        self.spoken.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(ClientAddress(self.address));
        request.extensions_mut().insert(self.kill);
        let response = self.app.oneshot(request.map(Body::new)).await?;
        Ok(response.map(|body| Answer::new(body, self.turn)))
    }
}

/// Ends when the connection has said nothing for so long: hyper's own header timeout does not cover what comes before the first
/// request.
async fn until_silent(patience: Duration, spoken: Arc<AtomicBool>) {
    tokio::time::sleep(patience).await;
    if spoken.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

/// Gives the connection back when its next request asks for a stream.
async fn serve_h1(
    io: TokioIo<TlsIo>,
    guest: Guest,
    header_timeout: Duration,
    closing: &CancellationToken,
) -> Option<TokioIo<TlsIo>> {
    let turn = guest.turn.clone();
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEADER_OCTETS_MAX)
        .serve_connection(io, service_fn(move |request| guest.clone().answer(request)));
    let mut ending = false;
    loop {
        tokio::select! {
            // hyper first: what it still has to send must be sent before the connection is anybody else's.
            biased;
            ended = &mut connection => {
                report(ended);
                return None;
            }
            () = turn.claimed() => return Some(connection.into_parts().io),
            () = closing.cancelled(), if !ending => {
                ending = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    }
}

async fn serve_h2(io: TokioIo<TlsIo>, guest: Guest, closing: &CancellationToken) {
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(HTTP2_PING_INTERVAL)
        .keep_alive_timeout(HTTP2_PING_TIMEOUT)
        .max_concurrent_streams(HTTP2_STREAMS_MAX)
        .max_header_list_size(HEADER_OCTETS_MAX as u32)
        .initial_stream_window_size(HTTP2_WINDOW_OCTETS)
        .initial_connection_window_size(HTTP2_WINDOW_OCTETS)
        .max_send_buf_size(HTTP2_SEND_BUFFER_OCTETS)
        .serve_connection(io, service_fn(move |request| guest.clone().answer(request)));
    tokio::pin!(connection);
    let mut ending = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => return report(ended),
            () = closing.cancelled(), if !ending => {
                ending = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

fn report(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "connection");
    }
}
