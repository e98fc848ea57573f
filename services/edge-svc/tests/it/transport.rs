//! The public port: TLS versions, HTTP versions, PROXY protocol, silence, a replaced certificate.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use rustls::{ClientConfig, HandshakeKind, ProtocolVersion, RootCertStore, SupportedProtocolVersion, version};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use serde_json::json;
use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::world::{Edge, HOST, World, write_certificate};

#[tokio::test(flavor = "multi_thread")]
async fn tls_13_and_12_with_aead_only() {
    let world = World::start().await;
    let edge = world.edge("one").await;
    let new = tls(&edge, Some(&version::TLS13), &["h2"], None).await.unwrap();
    assert_eq!(new.get_ref().1.protocol_version(), Some(ProtocolVersion::TLSv1_3));
    let old = tls(&edge, Some(&version::TLS12), &["http/1.1"], None).await.unwrap();
    assert_eq!(old.get_ref().1.protocol_version(), Some(ProtocolVersion::TLSv1_2));
    let suite = format!("{:?}", old.get_ref().1.negotiated_cipher_suite().unwrap().suite());
    assert!(suite.contains("ECDHE") && (suite.contains("GCM") || suite.contains("POLY1305")), "{suite}");
    let strict = world.edge_with("strict", |config| config.tls.tls12 = false).await;
    assert!(tls(&strict, Some(&version::TLS12), &["http/1.1"], None).await.is_err());
    edge.stop().await;
    strict.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ticket_comes_with_the_first_answer() {
    let world = World::start().await;
    let edge = world.edge("one").await;
    let (_, token) = world.backend.member(&[]);
    let config = Arc::new(client_config(&std::fs::read(&edge.ca).unwrap(), None, &["http/1.1"]));
    let stream = format!("GET /api/v1/events HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {token}\r\n\r\n");
    let other = "GET /api/v1/server HTTP/1.1\r\nHost: edge\r\n\r\n".to_owned();
    for (request, kind) in [(&stream, HandshakeKind::Full), (&other, HandshakeKind::Resumed), (&stream, HandshakeKind::Resumed)] {
        let tcp = TcpStream::connect(edge.address).await.unwrap();
        let name = ServerName::try_from(HOST).unwrap();
        let mut tls = TlsConnector::from(config.clone()).connect(name, tcp).await.unwrap();
        assert_eq!(tls.get_ref().1.handshake_kind(), Some(kind));
        let early = tokio::time::timeout(Duration::from_millis(200), tls.get_ref().0.peek(&mut [0; 1])).await;
        assert!(early.is_err(), "a segment of its own");
        tls.write_all(request.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        tls.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
    }
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http_1_and_2_both_work() {
    let world = World::start().await;
    let edge = world.edge("one").await;
    for (client, version) in [
        (edge.client_with(reqwest::ClientBuilder::http2_prior_knowledge), reqwest::Version::HTTP_2),
        // Whoever speaks both has its streams cheaper over HTTP/1.1.
        (edge.client(), reqwest::Version::HTTP_11),
        (edge.client_with(reqwest::ClientBuilder::http1_only), reqwest::Version::HTTP_11),
    ] {
        let response = client.get(edge.url("/api/v1/server")).send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.version()), (200, version));
    }
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_ingress_says_where_the_client_is() {
    let world = World::start().await;
    let edge = world.edge_with("one", |config| config.listen.proxy_trusted = vec!["127.0.0.0/8".to_owned()]).await;
    let header = proxy_header(Ipv4Addr::new(203, 0, 113, 9));
    assert!(log_in_raw(&edge, &header).await.unwrap().starts_with("HTTP/1.1 200"));
    let origin = world.backend.with(|facts| facts.origin.clone()).unwrap();
    assert_eq!((origin.address.to_string().as_str(), origin.device.as_str()), ("203.0.113.9", "raw"));
    // Without the header a trusted source is not served: its address would be the ingress's.
    assert!(log_in_raw(&edge, &[]).await.is_err());
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_can_claim_an_address() {
    let world = World::start().await;
    let edge = world.edge_with("one", |config| config.listen.proxy_trusted = vec!["10.0.0.0/8".to_owned()]).await;
    assert!(log_in_raw(&edge, &proxy_header(Ipv4Addr::new(203, 0, 113, 9))).await.is_err());
    assert!(log_in_raw(&edge, &[]).await.unwrap().starts_with("HTTP/1.1 200"));
    let origin = world.backend.with(|facts| facts.origin.clone()).unwrap();
    assert_eq!(origin.address.to_string(), "127.0.0.1");
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_ends_a_connection_at_every_stage() {
    let world = World::start().await;
    let quick = |config: &mut sealcast_edge_svc::config::Config| {
        config.listen.handshake_timeout_s = 1;
        config.listen.header_timeout_s = 1;
    };
    let edge = world.edge_with("one", quick).await;
    let mut silent = TcpStream::connect(edge.address).await.unwrap();
    assert_eq!(ends(&mut silent).await, 0, "before the handshake");
    for alpn in ["http/1.1", "h2"] {
        let mut silent = tls(&edge, None, &[alpn], None).await.unwrap();
        ends(&mut silent).await;
    }
    let mut half = tls(&edge, None, &["http/1.1"], None).await.unwrap();
    half.write_all(b"GET / HTTP/1.1\r\nHost: ").await.unwrap();
    ends(&mut half).await;
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_and_connections_are_limited() {
    let world = World::start().await;
    let edge = world.edge_with("one", |config| config.listen.connections_max = 2).await;
    let many: String = (0..200).map(|index| format!("x-{index}: 1\r\n")).collect();
    let answer = exchange(&edge, &[], &format!("GET /api/v1/server HTTP/1.1\r\nHost: edge\r\n{many}\r\n")).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let mut held = Vec::new();
    sealcast_testkit::eventually("a full node closes", async || {
        held.push(TcpStream::connect(edge.address).await.ok()?);
        let closed = tokio::time::timeout(Duration::from_millis(200), held.last_mut()?.read(&mut [0; 1])).await;
        matches!(closed, Ok(Ok(0) | Err(_))).then_some(())
    })
    .await;
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_certificate_is_taken_without_a_restart() {
    let world = World::start().await;
    let edge = world.edge_with("one", |config| config.tls.reload_interval_s = 1).await;
    let before = std::fs::read(&edge.ca).unwrap();
    // Halfway through the change the two files do not fit: the old ones stay.
    write_certificate(&world.files, "next");
    std::fs::copy(world.files.path().join("next.pem"), world.files.path().join("server.pem")).unwrap();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(handshake_with(&edge, &before).await);
    std::fs::copy(world.files.path().join("next.key"), world.files.path().join("server.key")).unwrap();
    let after = std::fs::read(world.files.path().join("next.pem")).unwrap();
    sealcast_testkit::eventually("the new certificate", async || handshake_with(&edge, &after).await.then_some(())).await;
    assert!(!handshake_with(&edge, &before).await);
    edge.stop().await;
}

/// A TLS connection with these versions and protocols, and perhaps a small receive buffer.
pub async fn tls(
    edge: &Edge,
    version: Option<&'static SupportedProtocolVersion>,
    alpn: &[&str],
    receive_octets: Option<usize>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(edge.address).await?;
    if let Some(octets) = receive_octets {
        SockRef::from(&stream).set_recv_buffer_size(octets)?;
    }
    connect(stream, &std::fs::read(&edge.ca)?, version, alpn).await
}

pub async fn connect(
    stream: TcpStream,
    ca: &[u8],
    version: Option<&'static SupportedProtocolVersion>,
    alpn: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    let config = client_config(ca, version, alpn);
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(HOST).unwrap(), stream).await
}

fn client_config(ca: &[u8], version: Option<&'static SupportedProtocolVersion>, alpn: &[&str]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca).unwrap()).unwrap();
    let both = [&version::TLS13, &version::TLS12];
    let versions = version.map_or(both.to_vec(), |version| vec![version]);
    let mut config = ClientConfig::builder_with_protocol_versions(&versions).with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    config
}

async fn handshake_with(edge: &Edge, ca: &[u8]) -> bool {
    let stream = TcpStream::connect(edge.address).await.unwrap();
    connect(stream, ca, None, &["h2"]).await.is_ok()
}

async fn log_in_raw(edge: &Edge, before_tls: &[u8]) -> std::io::Result<String> {
    let body = json!({"username": "ada", "proof": {"kind": "password", "auth": "AQ=="}, "session": "token"}).to_string();
    let request = format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: edge\r\nUser-Agent: raw\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    exchange(edge, before_tls, &request).await
}

async fn exchange(edge: &Edge, before_tls: &[u8], request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(edge.address).await?;
    stream.write_all(before_tls).await?;
    let mut tls = connect(stream, &std::fs::read(&edge.ca)?, None, &["http/1.1"]).await?;
    tls.write_all(request.as_bytes()).await?;
    let mut answer = [0; 4_096];
    let len = tls.read(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer[..len]).into_owned())
}

/// Reads to the end, which must come; gives what came before it.
pub async fn ends(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> usize {
    let mut read = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut read)).await;
    assert!(ended.is_ok(), "the connection stays open");
    read.len()
}

pub fn proxy_header(client: Ipv4Addr) -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
    header.extend(client.octets());
    header.extend([127, 0, 0, 1, 0x12, 0x34, 0x01, 0xbb]);
    header
}
