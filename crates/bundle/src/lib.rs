//! Exports that verify themselves (docs/protocol.md section 10): one ustar file that holds a room's messages of some time, every
//! leaf of the log in between, who was in the room, and what ties all of it to a signed checkpoint.
//!
//! [`Draft`] collects an export page by page and can be resumed; [`verify()`] checks a finished one without any network.

mod content;
mod digest;
mod draft;
mod eml;
mod fault;
mod finish;
mod lines;
mod manifest;
mod parts;
mod ustar;
pub mod verify;

pub use draft::{Draft, Query, State};
pub use fault::{BundleError, Fault};
pub use finish::{Disclosure, Exporter, Finish};
pub use manifest::{FORMAT, Manifest};
pub use parts::CertificateLine;
pub use verify::{Anchors, Report, verify};
