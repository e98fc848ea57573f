//! `<service> healthcheck`: asks the running service on its admin port, for container engines whose images hold no other client.

use std::{
    io::{Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context as _, ensure};

use crate::AdminConfig;

const TIMEOUT: Duration = Duration::from_secs(2);
/// A status line has fewer octets.
const ANSWER_OCTETS_MAX: u64 = 256;

/// # Errors
/// The service does not answer, or is not ready.
pub(crate) fn run(config: &AdminConfig) -> anyhow::Result<()> {
    let address = reachable(config.listen);
    let mut connection = TcpStream::connect_timeout(&address, TIMEOUT).with_context(|| format!("connecting to {address}"))?;
    connection.set_read_timeout(Some(TIMEOUT))?;
    connection.write_all(format!("GET /ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    connection.take(ANSWER_OCTETS_MAX).read_to_end(&mut answer).context("reading the answer")?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.split_whitespace().nth(1).unwrap_or_default();
    ensure!(status == "200", "not ready: {status}");
    Ok(())
}

/// Where to connect to for what listens on all addresses.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead as _, BufReader},
        net::TcpListener,
    };

    use super::*;

    /// Answers one connection and says where to ask.
    fn answering(status: &'static str) -> AdminConfig {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), listener.local_addr().unwrap().port());
        std::thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            // To its end: closing with something unread would reset the connection, answer and all.
            let mut lines = BufReader::new(connection.try_clone().unwrap()).lines().map_while(Result::ok);
            assert_eq!(lines.next().unwrap(), "GET /ready HTTP/1.1");
            assert!(lines.any(|line| line.is_empty()));
            connection.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes()).unwrap();
        });
        AdminConfig { listen, drain_grace_s: 1 }
    }

    #[test]
    fn only_ready_is_healthy() {
        assert!(run(&answering("200 OK")).is_ok());
        assert!(run(&answering("503 Service Unavailable")).is_err());
    }

    #[test]
    fn nobody_there_is_not_healthy() {
        let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(run(&AdminConfig { listen, drain_grace_s: 1 }).is_err());
    }
}
