//! One suite for both record paths: what a peer sees does not depend on who protects the records.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

/// The same tests on both paths.
macro_rules! on_both_paths {
    ($($test:ident),+ $(,)?) => {
        on_both_paths!(@ on_extracted_keys, sealcast_records::RecordPath::Extracted, $($test),+);
        on_both_paths!(@ within_rustls, sealcast_records::RecordPath::Rustls, $($test),+);
    };
    (@ $module:ident, $path:expr, $($test:ident),+) => {
        mod $module {
            $(#[test]
            fn $test() {
                super::$test($path);
            })+
        }
    };
}

mod forged;
mod forger;
mod limits;
mod openssl;
mod pair;
mod streams;
