//! Reading packets with sequoia, strictly: binary, new-format headers, nothing left over.

use std::{
    io::{self, Read as _},
    time::{Duration, SystemTime},
};

use sealcast_contracts::Fingerprint;
use sequoia_openpgp::{
    Packet,
    packet::{PKESK, SEIP, header::CTB},
    parse::{Dearmor, PacketParser, PacketParserBuilder, PacketParserResult, Parse as _},
    policy::StandardPolicy,
    serialize::SerializeInto as _,
};
use time::OffsetDateTime;

/// The hash, cipher and critical-subpacket policy; our own rules are narrower.
pub(crate) static POLICY: StandardPolicy<'static> = StandardPolicy::new();

/// No packet that is read whole is larger: the largest is an epoch blob.
const PACKET_OCTETS_MAX: u32 = 8_192;
/// A certificate has six packets, seven or eight when revoked.
const PACKETS_MAX: usize = 8;

/// The octets are not a sequence of new-format packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Reads every packet. Containers are not entered, and an unknown packet is returned as such.
pub(crate) fn read(octets: &[u8]) -> Result<Vec<Packet>, Unreadable> {
    let mut packets = Vec::with_capacity(1);
    let mut result = parse(octets)?;
    while let PacketParserResult::Some(parser) = result {
        if packets.len() == PACKETS_MAX || !is_new_format(&parser) {
            return Err(Unreadable);
        }
        let (packet, next) = parser.next().map_err(|_| Unreadable)?;
        packets.push(packet);
        result = next;
    }
    Ok(packets)
}

/// Whether `packets` serialise to exactly `octets`: no second encoding of the same thing is accepted.
pub(crate) fn is_canonical(packets: &[Packet], octets: &[u8]) -> bool {
    let mut rest = octets;
    packets.iter().all(|packet| match packet.to_vec().ok().and_then(|encoded| rest.strip_prefix(encoded.as_slice())) {
        Some(after) => {
            rest = after;
            true
        }
        None => false,
    }) && rest.is_empty()
}

/// Confirms with sequoia's parser what the framing check found: these recipients in any order, then one SEIPD v2.
pub(crate) fn confirm_encrypted(octets: &[u8], recipients: &[&Fingerprint]) -> Result<(), Unreadable> {
    let (mut recipients_seen, mut data_seen) = (0, false);
    let mut result = parse(octets)?;
    while let PacketParserResult::Some(mut parser) = result {
        if data_seen || !is_new_format(&parser) {
            return Err(Unreadable);
        }
        match &parser.packet {
            Packet::PKESK(PKESK::V6(pkesk)) => {
                let named = pkesk.recipient().and_then(fingerprint).ok_or(Unreadable)?;
                if !recipients.contains(&&named) {
                    return Err(Unreadable);
                }
                recipients_seen += 1;
            }
            Packet::SEIP(SEIP::V2(_)) => {
                // Reading to the end is what finds a body that is cut short.
                io::copy(&mut parser.by_ref(), &mut io::sink()).map_err(|_| Unreadable)?;
                data_seen = true;
            }
            _ => return Err(Unreadable),
        }
        result = parser.next().map_err(|_| Unreadable)?.1;
    }
    if data_seen && recipients_seen == recipients.len() { Ok(()) } else { Err(Unreadable) }
}

/// Our fingerprint of sequoia's; `None` when it is not a v6 one.
pub(crate) fn fingerprint(fingerprint: &sequoia_openpgp::Fingerprint) -> Option<Fingerprint> {
    match fingerprint {
        sequoia_openpgp::Fingerprint::V6(octets) => Some(Fingerprint(*octets)),
        _ => None,
    }
}

/// The clock in sequoia's type; OpenPGP knows no time before 1970.
pub(crate) fn system_time(at: OffsetDateTime) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(at.unix_timestamp()).unwrap_or(0))
}

fn parse(octets: &[u8]) -> Result<PacketParserResult<'_>, Unreadable> {
    PacketParserBuilder::from_bytes(octets)
        .map_err(|_| Unreadable)?
        .max_recursion_depth(0)
        .max_packet_size(PACKET_OCTETS_MAX)
        .dearmor(Dearmor::Disabled)
        .buffer_unread_content()
        .build()
        .map_err(|_| Unreadable)
}

fn is_new_format(parser: &PacketParser<'_>) -> bool {
    matches!(parser.header().ctb(), CTB::New(_))
}
