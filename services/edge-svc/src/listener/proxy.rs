//! PROXY protocol version 2 (HAProxy's `proxy-protocol.txt`, section 2.2): the client's address before the first octet of TLS.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use tokio::io::{AsyncRead, AsyncReadExt as _};

const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// Addresses and TLVs of a header; HAProxy's own are far shorter.
const BODY_OCTETS_MAX: usize = 1_024;
const LOCAL: u8 = 0x20;
const PROXY: u8 = 0x21;
const FAMILY_INET: u8 = 0x1;
const FAMILY_INET6: u8 = 0x2;

/// What a trusted ingress sent is not a header of this version.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProxyError {
    #[error("reading the PROXY header")]
    Read(#[from] std::io::Error),
    #[error("the PROXY header is malformed: {0}")]
    Malformed(&'static str),
}

/// Reads the header and not one octet more. `None`: the ingress speaks for itself, as in a health check.
pub(super) async fn read_header(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<IpAddr>, ProxyError> {
    let mut fixed = [0; 16];
    stream.read_exact(&mut fixed).await?;
    if fixed[..12] != SIGNATURE {
        return Err(ProxyError::Malformed("signature"));
    }
    let body_len = usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    if body_len > BODY_OCTETS_MAX {
        return Err(ProxyError::Malformed("length"));
    }
    let mut body = vec![0; body_len];
    stream.read_exact(&mut body).await?;
    match fixed[12] {
        LOCAL => Ok(None),
        PROXY => source(fixed[13] >> 4, &body),
        _ => Err(ProxyError::Malformed("version or command")),
    }
}

fn source(family: u8, body: &[u8]) -> Result<Option<IpAddr>, ProxyError> {
    let short = || ProxyError::Malformed("address");
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

    async fn read(octets: &[u8]) -> Result<Option<IpAddr>, ProxyError> {
        let mut rest = octets;
        read_header(&mut rest).await
    }

    #[tokio::test]
    async fn addresses_come_from_the_header() {
        let v4 = [&[203, 0, 113, 9], &[10, 0, 0, 1][..], &[1, 2, 3, 4]].concat();
        assert_eq!(read(&header(PROXY, 0x11, &v4)).await.unwrap(), Some("203.0.113.9".parse().unwrap()));
        let v6 = [Ipv6Addr::LOCALHOST.octets(), Ipv6Addr::LOCALHOST.octets()].concat();
        let v6 = [&v6[..], &[0; 4]].concat();
        assert_eq!(read(&header(PROXY, 0x21, &v6)).await.unwrap(), Some("::1".parse().unwrap()));
        assert_eq!(read(&header(LOCAL, 0, &[])).await.unwrap(), None);
    }

    #[tokio::test]
    async fn nothing_behind_the_header_is_read() {
        let octets = [&header(LOCAL, 0, &[])[..], b"tls"].concat();
        let mut rest = &octets[..];
        read_header(&mut rest).await.unwrap();
        assert_eq!(rest, b"tls");
    }

    #[tokio::test]
    async fn malformed_headers_are_refused() {
        for bad in [
            b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n".to_vec(),
            header(0x11, 0x11, &[0; 12]),
            header(PROXY, 0x11, &[0; 11]),
            header(PROXY, 0x21, &[0; 35]),
            header(PROXY, 0x11, &[0; 1_025]),
            SIGNATURE.to_vec(),
        ] {
            assert!(read(&bad).await.is_err(), "{bad:?}");
        }
    }
}
