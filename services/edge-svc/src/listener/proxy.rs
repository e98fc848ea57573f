//! PROXY protocol version 2 (HAProxy's `proxy-protocol.txt`, section 2.2): the client's address before the first octet of TLS.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// Signature, version and command, family, length of the rest.
const FIXED_OCTETS: usize = 16;
/// Addresses and TLVs of a header; HAProxy's own are far shorter.
const BODY_OCTETS_MAX: usize = 1_024;
const LOCAL: u8 = 0x20;
const PROXY: u8 = 0x21;
const FAMILY_INET: u8 = 0x1;
const FAMILY_INET6: u8 = 0x2;

/// What a trusted ingress sent is not a header of this version.
#[derive(Debug, thiserror::Error)]
#[error("the PROXY header is malformed: {0}")]
pub struct ProxyError(&'static str);

/// Reads the header at the beginning of `octets`: its length, and the client's address. `None`: it is not complete. Without an
/// address the ingress speaks for itself, as in a health check.
pub fn parse(octets: &[u8]) -> Result<Option<(usize, Option<IpAddr>)>, ProxyError> {
    let known = octets.len().min(SIGNATURE.len());
    if octets[..known] != SIGNATURE[..known] {
        return Err(ProxyError("signature"));
    }
    let Some((fixed, rest)) = octets.split_first_chunk::<FIXED_OCTETS>() else { return Ok(None) };
    let body_len = usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    if body_len > BODY_OCTETS_MAX {
        return Err(ProxyError("length"));
    }
    let Some(body) = rest.get(..body_len) else { return Ok(None) };
    let address = match fixed[12] {
        LOCAL => None,
        PROXY => source(fixed[13] >> 4, body)?,
        _ => return Err(ProxyError("version or command")),
    };
    Ok(Some((FIXED_OCTETS + body_len, address)))
}

fn source(family: u8, body: &[u8]) -> Result<Option<IpAddr>, ProxyError> {
    let short = || ProxyError("address");
    match family {
        // Source address, destination address, two ports.
        FAMILY_INET if body.len() >= 12 => Ok(Some(Ipv4Addr::from(*body.first_chunk::<4>().ok_or_else(short)?).into())),
        FAMILY_INET6 if body.len() >= 36 => Ok(Some(Ipv6Addr::from(*body.first_chunk::<16>().ok_or_else(short)?).to_canonical())),
        FAMILY_INET | FAMILY_INET6 => Err(short()),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let mut header = SIGNATURE.to_vec();
        header.extend([command, family]);
        header.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
        header.extend(body);
        header
    }

    fn address(octets: &[u8]) -> Option<IpAddr> {
        let (len, address) = parse(octets).unwrap().unwrap();
        assert_eq!(len, octets.len());
        address
    }

    #[test]
    fn addresses_come_from_the_header() {
        let v4 = [&[203, 0, 113, 9], &[10, 0, 0, 1][..], &[1, 2, 3, 4]].concat();
        assert_eq!(address(&header(PROXY, 0x11, &v4)), Some("203.0.113.9".parse().unwrap()));
        let v6 = [Ipv6Addr::LOCALHOST.octets(), Ipv6Addr::LOCALHOST.octets()].concat();
        let v6 = [&v6[..], &[0; 4]].concat();
        assert_eq!(address(&header(PROXY, 0x21, &v6)), Some("::1".parse().unwrap()));
        assert_eq!(address(&header(LOCAL, 0, &[])), None);
    }

    #[test]
    fn a_header_may_come_in_pieces_and_something_behind_it() {
        let whole = header(PROXY, 0x11, &[127; 12]);
        for len in 0..whole.len() {
            assert!(parse(&whole[..len]).unwrap().is_none(), "{len}");
        }
        let more = [&whole[..], b"tls"].concat();
        assert_eq!(parse(&more).unwrap().unwrap().0, whole.len());
    }

    #[test]
    fn malformed_headers_are_refused() {
        for bad in [
            b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n".to_vec(),
            header(0x11, 0x11, &[0; 12]),
            header(PROXY, 0x11, &[0; 11]),
            header(PROXY, 0x21, &[0; 35]),
            header(PROXY, 0x11, &[0; 1_025]),
            b"\x16\x03\x01".to_vec(),
        ] {
            assert!(parse(&bad).is_err(), "{bad:?}");
        }
    }
}
