//! The OpenPGP profile of docs/protocol.md, and the only crate that names `sequoia-openpgp`.
//!
//! What every service may use needs no secret: [`envelope`], [`blob`], [`certificate`], [`signature`] and [`pkesk`] check
//! structure and signatures. What clients make and open stands behind the feature `client`.
//!
//! No type of sequoia appears in the interface: a parsed certificate costs 16 KiB, ours 200 octets.

pub mod blob;
pub mod certificate;
pub mod envelope;
mod framing;
mod packets;
pub mod pkesk;
pub mod rotation;
pub mod signature;

#[cfg(feature = "client")]
pub mod epoch;
#[cfg(feature = "client")]
pub mod keyring;
#[cfg(feature = "client")]
pub mod message;
#[cfg(feature = "client")]
mod payload;
#[cfg(feature = "client")]
mod session_key;

#[cfg(feature = "client")]
pub use session_key::SessionKey;
