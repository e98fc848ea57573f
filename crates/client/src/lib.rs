//! A client of Sealcast's public REST interface. The command line, the seed and the tests are made of it.
//!
//! A [`Server`] is an address and its certificate authority; [`Server::log_in`] and [`Server::register`] give a
//! [`Client`], which holds the unlocked secret key; what needs no key is its [`Session`]. What the server hands out counts
//! only after its signatures, fingerprints and proofs were checked, and [`trust::Trust`] remembers what must not change.

mod account;
mod answers;
pub mod backoff;
mod bodies;
mod client;
mod compliance;
mod directory;
mod error;
mod export;
mod feed;
mod files;
mod gossip;
mod invite;
pub mod log;
mod messages;
pub mod passwords;
mod plaintext;
pub mod profile;
mod reading;
mod recovery;
mod rings;
mod rooms;
pub mod secrets;
mod server;
mod session;
pub mod shares;
pub mod sse;
mod stream;
pub mod succession;
pub mod trust;

pub use account::{Entered, Registration};
pub use bodies::{NewMessage, ServerInfo};
pub use client::Client;
pub use compliance::{ComplianceKey, Disclosed, Opened, Probe, Rotation};
pub use error::{Error, FieldError, Problem};
pub use feed::{Feed, live};
pub use files::{FileRef, NewFile};
pub use gossip::Compared;
pub use invite::InviteLink;
pub use plaintext::Content;
pub use reading::{Reading, Unreadable};
pub use recovery::RecoveryKey;
pub use reqwest::Url;
pub use rooms::{InviteTerms, NewRoom};
pub use server::Server;
pub use session::{EventFilter, Session};
pub use stream::{Event, EventStream};
