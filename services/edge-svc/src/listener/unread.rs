//! What a handler leaves of a request's body is read all the same: hyper would close the connection over it, and the client, which
//! sees a whole answer, would send its next request into the void.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};

/// More than that is not worth the connection.
const OCTETS_MAX: u64 = 256 * 1024;
const WAIT_MAX: Duration = Duration::from_secs(2);

/// The body for the handler, and what remains of it for [`Rest::read`].
pub(super) fn split(body: Incoming) -> (Body, Rest) {
    let shared = Arc::new(Mutex::new(body));
    (Body::new(Reader(shared.clone())), Rest(shared))
}

/// See the module.
pub(super) struct Rest(Arc<Mutex<Incoming>>);

struct Reader(Arc<Mutex<Incoming>>);

impl Rest {
    /// Reads to the end, if that is near.
    pub async fn read(self) {
        let near = {
            let body = lock(&self.0);
            !body.is_end_stream() && body.size_hint().upper().is_some_and(|octets| octets <= OCTETS_MAX)
        };
        if !near {
            return;
        }
        let rest = std::future::poll_fn(|cx| {
            let mut body = lock(&self.0);
            loop {
                match std::task::ready!(Pin::new(&mut *body).poll_frame(cx)) {
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Poll::Ready(()),
                }
            }
        });
        // A client that does not send the rest loses its connection.
        let _ = tokio::time::timeout(WAIT_MAX, rest).await;
    }
}

impl HttpBody for Reader {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut *lock(&self.0)).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        lock(&self.0).is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        lock(&self.0).size_hint()
    }
}

fn lock(body: &Mutex<Incoming>) -> MutexGuard<'_, Incoming> {
    body.lock().unwrap_or_else(PoisonError::into_inner)
}
