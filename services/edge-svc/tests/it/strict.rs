//! What an attacker with a socket tries: requests that can be read in two ways, floods, more connections than are one's share.

use std::{net::Ipv4Addr, time::Duration};

use reqwest::Method;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    transport::{connect, ends, proxy_header, tls},
    world::{Edge, World},
};

const PLAIN: &str = "GET /api/v1/server HTTP/1.1\r\nHost: edge.test\r\n\r\n";
/// What HTTP/2 begins with: the preface and empty settings.
const H2_BEGINNING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const H2_PING: &[u8] = b"\0\0\x08\x06\0\0\0\0\0pingping";

/// Everything that the edge answers until it closes, in pieces of so many octets.
async fn conversation(edge: &Edge, octets: &[u8], piece: usize) -> String {
    let mut tls = tls(edge, None, &["http/1.1"], None).await.unwrap();
    for piece in octets.chunks(piece) {
        // Whoever is refused in the middle of its octets may find the connection closed.
        if tls.write_all(piece).await.is_err() || tls.flush().await.is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(10), tls.read_to_end(&mut answer)).await.expect("the connection ends");
    String::from_utf8_lossy(&answer).into_owned()
}

fn assert_refused(answer: &str, status: u16, octets: &str) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{octets:?} is answered with {answer}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{octets:?} has more than one answer: {answer}");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    for field in ["content-type: application/problem+json", "connection: close", "strict-transport-security: ", "x-request-id: "] {
        assert!(head.contains(field), "{octets:?}: {head}");
    }
    let problem: Value = serde_json::from_str(body).unwrap();
    assert_eq!(problem["status"], status);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_read_in_two_ways_is_answered_once_and_closes() {
    let world = World::start().await;
    let edge = world.edge("one").await;
    let (_, token) = world.backend.member(&[]);
    let smuggled = format!("0\r\n\r\n{PLAIN}");
    let post = "POST /api/v1/auth/prelogin HTTP/1.1\r\nHost: edge.test\r\nContent-Type: application/json\r\n";
    let many: String = (0..200).map(|index| format!("x-{index}: 1\r\n")).collect();
    for (octets, status) in [
        ("GET /api/v1/server HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("GET /api/v1/server HTTP/1.1\r\nHost: edge.test\r\nHost: edge.test\r\n\r\n".to_owned(), 400),
        ("GET /api/v1/server HTTP/1.1\nHost: edge.test\n\n".to_owned(), 400),
        ("GET /api/v1/server HTTP/1.1\r\nHost: edge.test\r\n folded: 1\r\n\r\n".to_owned(), 400),
        ("GET /api/v1/server HTTP/1.1\r\nHost: edge.test\r\nX : 1\r\n\r\n".to_owned(), 400),
        ("GET https://other.test/ HTTP/1.1\r\nHost: edge.test\r\n\r\n".to_owned(), 400),
        (format!("{post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n{smuggled}"), 400),
        (format!("{post}Transfer-Encoding: chunked\r\n\r\n{smuggled}"), 411),
        (format!("{post}Transfer-Encoding:\x0bchunked\r\n\r\n{smuggled}"), 400),
        (format!("{post}Content-Length: 4\r\nContent-Length: 5\r\n\r\n{smuggled}"), 400),
        (format!("{post}Content-Length: +4\r\n\r\n{smuggled}"), 400),
        (format!("GET /api/v1/server HTTP/1.1\r\nHost: edge.test\r\n{many}\r\n"), 431),
        (format!("GET /api/v1/server HTTP/1.1\r\nHost: edge.test\r\nX: {}\r\n\r\n", "y".repeat(16 * 1024)), 431),
        // Whoever asks for the stream goes another way until there is something odd.
        ("GET /api/v1/events HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned(), 400),
        (format!("GET /api/v1/events HTTP/1.1\r\nHost: a\nAuthorization: Bearer {token}\n\n"), 400),
        (format!("GET /api/v1/events HTTP/1.1\r\nHost: a@b\r\nAuthorization: Bearer {token}\r\n\r\n"), 400),
    ] {
        for piece in [octets.len(), 7] {
            assert_refused(&conversation(&edge, octets.as_bytes(), piece).await, status, &octets);
        }
    }
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_request_is_as_strict_as_the_first() {
    let world = World::start().await;
    let edge = world.edge("one").await;
    let body = r#"{"username":"ada"}"#;
    let post = format!(
        "POST /api/v1/auth/prelogin HTTP/1.1\r\nHost: edge.test\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    for piece in [1_000, 3] {
        let answer = conversation(&edge, format!("{post}{PLAIN}GET / HTTP/1.1\nHost: edge.test\n\n").as_bytes(), piece).await;
        let statuses: Vec<_> = answer.match_indices("HTTP/1.1 ").map(|(at, _)| &answer[at + 9..at + 12]).collect();
        assert_eq!(statuses, ["200", "200", "400"], "{answer}");
    }
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_before_the_body_keeps_the_connection() {
    let world = World::start().await;
    let edge = world.edge("one").await;
    let mut tls = tls(&edge, None, &["http/1.1"], None).await.unwrap();
    for round in 0..3 {
        let head = "DELETE /api/v1/nothing HTTP/1.1\r\nHost: edge.test\r\nContent-Length: 10\r\n\r\n";
        tls.write_all(head.as_bytes()).await.unwrap();
        tls.flush().await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        tls.write_all(b"0123456789").await.unwrap();
        let mut answer = [0; 4_096];
        let len = tls.read(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..len]);
        assert!(answer.starts_with("HTTP/1.1 404"), "request {round}: {answer}");
    }
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_its_share_of_the_connections() {
    let world = World::start().await;
    let edge = world
        .edge_with("one", |config| {
            config.listen.connections_per_address_max = 3;
            config.listen.proxy_trusted = vec!["127.0.0.0/8".to_owned()];
        })
        .await;
    let ca = std::fs::read(&edge.ca).unwrap();
    let open = async |last: u8| {
        let mut stream = TcpStream::connect(edge.address).await?;
        stream.write_all(&proxy_header(Ipv4Addr::new(203, 0, 113, last))).await?;
        connect(stream, &ca, None, &["http/1.1"]).await
    };
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(open(1).await.unwrap());
    }
    assert!(open(1).await.is_err(), "a fourth connection");
    assert!(open(2).await.is_ok(), "somebody else");
    held.pop();
    sealcast_testkit::eventually("a place that was given back", async || open(1).await.ok()).await;
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_pings_ends_the_connection() {
    let world = World::start().await;
    let edge = world.edge("one").await;
    let mut flood = tls(&edge, None, &["h2"], None).await.unwrap();
    flood.write_all(H2_BEGINNING).await.unwrap();
    flood.write_all(&H2_PING.repeat(100)).await.unwrap();
    // That many are answered.
    let mut answers = 0;
    while answers < 100 * H2_PING.len() {
        answers += flood.read(&mut [0; 1_024]).await.unwrap();
    }
    // The rest may meet a closed connection halfway.
    let _ = flood.write_all(&H2_PING.repeat(1_000)).await;
    assert!(ends(&mut flood).await < 1_000 * H2_PING.len());
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_others_write_nothing() {
    let world = World::start().await;
    let edge = world.edge("one").await;
    let client = edge.client();
    let (_, token) = world.backend.member(&[]);
    for (name, value) in [("origin", "https://evil.test"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        for (method, path) in [(Method::POST, "/api/v1/auth/login"), (Method::DELETE, "/api/v1/sessions?scope=all")] {
            let request = client.request(method, edge.url(path)).bearer_auth(&token).header(name, value).json(&Value::Null);
            assert_eq!(request.send().await.unwrap().status(), 403, "{name}: {value}");
        }
    }
    let own =
        client.post(edge.url("/api/v1/auth/prelogin")).header("origin", edge.url("")).json(&serde_json::json!({"username": "ada"}));
    assert_eq!(own.send().await.unwrap().status(), 200);
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_nobody_vouches_for_is_slowed_down() {
    let world = World::start().await;
    let edge = world.edge_with("one", |config| config.edge.unsigned_requests_per_minute = 5).await;
    let client = edge.client();
    let (_, token) = world.backend.member(&[]);
    // Whoever has a session does not count, whether it is known here already or not.
    for _ in 0..10 {
        let signed = client.get(edge.url("/api/v1/auth/session")).bearer_auth(&token).send().await.unwrap();
        assert_eq!(signed.status(), 200);
    }
    let mut statuses = Vec::new();
    for index in 0..7 {
        let guess = client.get(edge.url("/api/v1/auth/session")).bearer_auth(format!("guess-{index}")).send().await.unwrap();
        statuses.push(guess.status().as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429]);
    let signed = client.get(edge.url("/api/v1/auth/session")).bearer_auth(&token).send().await.unwrap();
    assert_eq!(signed.status(), 200, "a session that is known here");
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_pays_for_what_needs_none() {
    let world = World::start().await;
    let edge = world.edge_with("one", |config| config.edge.requests_per_minute = 5).await;
    let client = edge.client();
    let (_, token) = world.backend.member(&[]);
    let mut statuses = Vec::new();
    let session = client.get(edge.url("/api/v1/auth/session")).bearer_auth(&token).send().await.unwrap();
    statuses.push(session.status().as_u16());
    for _ in 0..6 {
        let prelogin = client.post(edge.url("/api/v1/auth/prelogin")).bearer_auth(&token);
        let prelogin = prelogin.json(&serde_json::json!({"username": "ada"})).send().await.unwrap();
        statuses.push(prelogin.status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429]);
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_at_the_door_has_used_up_what_its_address_may_ask_for() {
    let world = World::start().await;
    let edge = world.edge_with("one", |config| config.edge.unsigned_requests_per_minute = 3).await;
    let client = edge.client();
    let log_in = async |username: &str| {
        let body = serde_json::json!({"username": username, "proof": {"kind": "password", "auth": "AQ=="}, "session": "token"});
        client.post(edge.url("/api/v1/auth/login")).json(&body).send().await.unwrap().status().as_u16()
    };
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(log_in("crowd").await);
    }
    assert_eq!(statuses, [503, 503, 503, 429, 429]);
    edge.stop().await;
}
