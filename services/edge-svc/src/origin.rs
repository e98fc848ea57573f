//! Where a request came from.

use std::net::{IpAddr, Ipv6Addr};

use axum::{
    extract::FromRequestParts,
    http::{header::USER_AGENT, request::Parts},
};
use sealcast_contracts::auth::Origin;

use crate::problems::{self, Problem};

/// Characters of a user agent that are kept.
const DEVICE_CHARS_MAX: usize = 256;
/// The IPv6 network that one household gets.
const HOUSEHOLD_BITS: u32 = 64;

/// The client's address, as the listener knows it: from the socket, or from a trusted ingress's PROXY header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Who shares an address: one IPv4 address, or one household's IPv6 network.
pub fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << (128 - HOUSEHOLD_BITS))).into(),
        v4 => v4,
    }
}

/// Address and device of the client that sent a request.
#[derive(Debug)]
pub struct RequestOrigin(pub Origin);

impl<S: Send + Sync> FromRequestParts<S> for RequestOrigin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // The listener adds the address to every request; without it no limit by address would hold.
        let ClientAddress(address) = *parts.extensions.get().ok_or_else(|| problems::bug("a request without an address"))?;
        let agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        Ok(Self(Origin { address, device: agent.chars().take(DEVICE_CHARS_MAX).collect() }))
    }
}
