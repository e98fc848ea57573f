//! Whose turn it is on a kept connection: hyper's while a request is on its way, and ours between two requests, for the next one
//! may ask for a stream, which a shard carries far cheaper.

use std::{
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::sync::Notify;

use super::{activity::Busy, strict::Refused};

/// See the module. Shared by a connection's octets and its answers.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// The last answer is complete, but not all of it may have left hyper.
    answered: AtomicBool,
    /// Nothing of any request or answer is in hyper.
    between: AtomicBool,
    /// The next request asks for a stream.
    wanted: Notify,
    /// What hyper gets now stands in for a request that nobody reads.
    refused: OnceLock<Refused>,
}

impl Turn {
    /// Whether the next octets begin a request.
    pub fn is_between(&self) -> bool {
        self.between.load(Ordering::Relaxed)
    }

    /// hyper gets octets of a request.
    pub fn begin(&self) {
        self.between.store(false, Ordering::Relaxed);
    }

    /// All that hyper had to send is sent.
    pub fn flushed(&self) {
        if self.answered.swap(false, Ordering::Relaxed) {
            self.between.store(true, Ordering::Relaxed);
        }
    }

    /// The next request asks for a stream: hyper does not get it.
    pub fn claim(&self) {
        self.wanted.notify_one();
    }

    /// The last request of the connection is refused.
    pub fn refuse(&self, refused: Refused) {
        // The first one stays: nothing behind it is read.
        let _ = self.refused.set(refused);
    }

    /// See [`Self::refuse`].
    pub fn refused(&self) -> Option<Refused> {
        self.refused.get().copied()
    }

    /// Waits for [`Self::claim`].
    pub async fn claimed(&self) {
        self.wanted.notified().await;
    }
}

/// An answer's body, which tells when hyper has taken all of it.
pub(super) struct Answer {
    body: Body,
    turn: Arc<Turn>,
    _busy: Busy,
}

impl Answer {
    pub fn new(body: Body, turn: Arc<Turn>, busy: Busy) -> Self {
        Self { body, turn, _busy: busy }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.turn.answered.store(true, Ordering::Relaxed);
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
