//! Connections that no client makes: from a made-up address, with a small buffer, or without ever reading.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpSocket,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::site::Site;

/// Whose PROXY header the edges believe.
const INGRESS_ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
const ANSWER_OCTETS_MAX: usize = 1024 * 1024;

/// Makes such connections to the edges.
#[derive(Clone)]
pub struct Dialler {
    tls: TlsConnector,
}

/// One of them.
pub struct Raw {
    stream: TlsStream<tokio::net::TcpStream>,
    pub local: SocketAddr,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Dialler {
    pub fn new(site: &Site) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(site.stack.ca()) {
            roots.add(certificate?)?;
        }
        let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Straight to an edge; with `from`, as the ingress would pass on a client of that address.
    pub async fn dial(&self, site: &Site, edge: usize, from: Option<Ipv4Addr>, receive_octets: Option<u32>) -> Result<Raw> {
        let port = site.stack.edge_port(edge).context("there is such an edge")?;
        self.connect(port, from, receive_octets).await
    }

    /// As everybody comes: through the ingress.
    pub async fn dial_ingress(&self, site: &Site, receive_octets: Option<u32>) -> Result<Raw> {
        let port = site.stack.ingress_port()?;
        self.connect(port, None, receive_octets).await
    }

    async fn connect(&self, port: u16, from: Option<Ipv4Addr>, receive_octets: Option<u32>) -> Result<Raw> {
        let socket = TcpSocket::new_v4()?;
        if let Some(octets) = receive_octets {
            socket.set_recv_buffer_size(octets)?;
        }
        if from.is_some() {
            socket.bind((INGRESS_ADDRESS, 0).into())?;
        }
        let connecting = async {
            let mut tcp = socket.connect((Ipv4Addr::LOCALHOST, port).into()).await?;
            tcp.set_nodelay(true)?;
            let local = tcp.local_addr()?;
            if let Some(from) = from {
                tcp.write_all(&proxy_header(from, port)).await?;
            }
            let name = ServerName::try_from("localhost").context("a name")?;
            anyhow::Ok(Raw { stream: self.tls.connect(name, tcp).await.context("the TLS handshake")?, local })
        };
        tokio::time::timeout(CONNECT_TIMEOUT, connecting).await.context("connecting took too long")?
    }
}

impl Raw {
    /// Writes a request; its answer is not waited for.
    pub async fn write(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<()> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        self.stream.write_all(&[head.as_bytes(), body].concat()).await?;
        Ok(self.stream.flush().await?)
    }

    /// Writes a request and reads its answer, whose length must be given.
    pub async fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer> {
        self.write(method, path, headers, body).await?;
        tokio::time::timeout(ANSWER_TIMEOUT, self.answer()).await.context("no answer in time")?
    }

    /// What comes next, at most so long; nothing when the other side has closed.
    pub async fn read(&mut self, within: Duration) -> Result<Vec<u8>> {
        let mut octets = vec![0; 64 * 1024];
        let read = tokio::time::timeout(within, self.stream.read(&mut octets)).await.context("nothing came in time")??;
        octets.truncate(read);
        Ok(octets)
    }

    async fn answer(&mut self) -> Result<Answer> {
        let mut octets = Vec::new();
        loop {
            if let Some(end) = octets.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(octets.get(..end).unwrap_or_default()).into_owned();
                let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok()).context("a status line")?;
                let length = head
                    .lines()
                    .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok());
                let mut body = octets.split_off(end + 4);
                while body.len() < length.unwrap_or_default() {
                    ensure!(self.more(&mut body).await?, "the answer is cut short");
                }
                return Ok(Answer { status, head, body });
            }
            ensure!(self.more(&mut octets).await?, "the connection closed without an answer");
        }
    }

    async fn more(&mut self, octets: &mut Vec<u8>) -> Result<bool> {
        ensure!(octets.len() < ANSWER_OCTETS_MAX, "the answer is too long");
        let mut some = vec![0; 16 * 1024];
        let read = self.stream.read(&mut some).await?;
        octets.extend(some.into_iter().take(read));
        Ok(read > 0)
    }
}

/// PROXY protocol, version 2: TCP over IPv4.
fn proxy_header(from: Ipv4Addr, port: u16) -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
    header.extend(from.octets());
    header.extend(Ipv4Addr::LOCALHOST.octets());
    header.extend(40_000_u16.to_be_bytes());
    header.extend(port.to_be_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_header_has_its_fixed_length() {
        let header = proxy_header(Ipv4Addr::new(10, 1, 2, 3), 443);
        assert_eq!(header.len(), 28);
        assert_eq!(header.get(12..20), Some(&[0x21, 0x11, 0, 12, 10, 1, 2, 3][..]));
    }
}
