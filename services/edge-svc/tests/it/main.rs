//! edge-svc against real engines, over TLS as its clients see it. The other services are answered for on the real bus.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

/// The same tests on every path that a stream can take: what is promised does not depend on it.
macro_rules! on_every_path {
    ($($test:ident),+ $(,)?) => {
        on_every_path!(@ extracted, crate::world::Path::Extracted, $($test),+);
        on_every_path!(@ plain, crate::world::Path::Plain, $($test),+);
        on_every_path!(@ rustls, crate::world::Path::Rustls, $($test),+);
        on_every_path!(@ http2, crate::world::Path::Http2, $($test),+);
    };
    (@ $module:ident, $path:expr, $($test:ident),+) => {
        mod $module {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test($path).await;
            })+
        }
    };
}

mod backend;
mod files;
mod rest;
mod resume;
mod revocation;
mod sse;
mod storm;
mod streaming;
mod strict;
mod transport;
mod world;
