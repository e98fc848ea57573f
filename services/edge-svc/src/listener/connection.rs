use std::{convert::Infallible, net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    http::{HeaderValue, Request, Response, header},
};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use sealcast_http::head::{HEAD_OCTETS_MAX, HEADERS_MAX};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::{
    Leaving, Serving,
    activity::{Activity, REST_MAX},
    strict,
    tls_io::TlsIo,
    turn::{Answer, Turn},
    unread,
};
use crate::{api::events::EVENT_STREAM, origin::ClientAddress, shard::Handover, streams::Streams};

const HTTP2_STREAMS_MAX: u32 = 64;
const HTTP2_WINDOW_OCTETS: u32 = 256 * 1024;
const HTTP2_SEND_BUFFER_OCTETS: usize = 64 * 1024;
const HTTP2_PING_INTERVAL: Duration = Duration::from_secs(15);
const HTTP2_PING_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection that is asked to end may take.
const GOODBYE: Duration = Duration::from_secs(3);

/// Ends the connection that a request came on, with what is left unwritten.
///
/// A reader that does not read cannot be told anything: its response is not even polled.
#[derive(Clone, Debug, Default)]
pub struct ConnectionKill(pub CancellationToken);

/// Serves a connection until it ends, or asks for a stream that a shard can carry.
pub(super) async fn serve(handover: Handover, serving: Serving, leaving: Leaving, app: Router, streams: &Streams) {
    let (address, is_h2) = (handover.address, handover.tls.alpn() == Some(b"h2"));
    let turn = Arc::new(Turn::default());
    let io = match TlsIo::new(handover, turn.clone(), serving.header_timeout) {
        Ok(io) => io,
        Err(error) => return tracing::warn!(%error, "taking over a connection"),
    };
    let activity = Activity::new(serving.header_timeout);
    let Leaving { begun, closing } = leaving;
    let leaving = (!is_h2).then_some(begun);
    let guest = Guest { address, kill: ConnectionKill::default(), activity: activity.clone(), turn, app, leaving };
    let kill = guest.kill.clone();
    let io = TokioIo::new(io);
    let closing = closing.child_token();
    let ended = async {
        if is_h2 {
            serve_h2(io, guest, &closing).await;
        } else if let Some(io) = serve_h1(io, guest, &closing).await {
            match io.into_inner().into_handover(serving.send_buffer_octets) {
                Ok(handover) => streams.adopt(handover),
                Err(error) => tracing::debug!(%address, %error, "giving a connection to a shard"),
            }
        }
    };
    let idle = async {
        activity.until_idle().await;
        closing.cancel();
        tokio::time::sleep(GOODBYE).await;
    };
    tokio::select! {
        () = ended => {}
        () = kill.0.cancelled() => {}
        () = idle => {}
    }
}

/// What every request of a connection takes along.
#[derive(Clone)]
struct Guest {
    address: IpAddr,
    kill: ConnectionKill,
    activity: Activity,
    turn: Arc<Turn>,
    app: Router,
    /// HTTP/2 says by itself that a connection ends, and which of its requests count.
    leaving: Option<CancellationToken>,
}

impl Guest {
    async fn answer(self, mut request: Request<Incoming>) -> Result<Response<Answer>, Infallible> {
        let busy = self.activity.begin();
        if let Some(refused) = self.turn.refused().filter(|_| strict::is_stand_in(request.headers())) {
            request.extensions_mut().insert(refused);
        }
        request.extensions_mut().insert(ClientAddress(self.address));
        request.extensions_mut().insert(self.kill);
        let (parts, body) = request.into_parts();
        let (body, rest) = unread::split(body);
        let mut response = self.app.oneshot(Request::from_parts(parts, body)).await?;
        rest.read().await;
        if response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == EVENT_STREAM) {
            busy.streams();
        }
        if self.leaving.is_some_and(|leaving| leaving.is_cancelled()) {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response.map(|body| Answer::new(body, self.turn, busy)))
    }
}

/// Gives the connection back when its next request asks for a stream.
async fn serve_h1(io: TokioIo<TlsIo>, guest: Guest, closing: &CancellationToken) -> Option<TokioIo<TlsIo>> {
    let turn = guest.turn.clone();
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // It runs from the last answer on: a head that has begun has a deadline of its own (`framing`).
        .header_read_timeout(REST_MAX)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_OCTETS_MAX)
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
        .max_header_list_size(HEAD_OCTETS_MAX as u32)
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
