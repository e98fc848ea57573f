//! The ingress.

use std::{fmt::Write, net::Ipv6Addr, net::TcpListener, path::Path, time::Duration};

use anyhow::Result;

use crate::{
    files, probe,
    repo::{Repo, State},
    services::{Edge, INGRESS_ADDRESS},
    supervisor::{Spec, Supervisor},
};

const READY_WITHIN: Duration = Duration::from_secs(10);
/// Connections of one address: everybody on this machine has the same, and others still find a place.
const PER_ADDRESS: &str = "9000";

/// Starts HAProxy before the edges.
pub fn start(children: &mut Supervisor, program: &Path, (repo, state): (&Repo, &State), port: u16, edges: &[Edge]) -> Result<()> {
    let backend = state.config().join("haproxy-edges.cfg");
    files::write_private(&backend, backend_of(edges)?)?;
    let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).is_ok();
    let bind = if v6 { format!("127.0.0.1:{port},[::1]:{port}") } else { format!("127.0.0.1:{port}") };
    let conf = repo.deploy().join("haproxy/haproxy.cfg");
    let spec = Spec::new("haproxy", program)
        .args(["-db".to_owned(), "-f".to_owned(), conf.display().to_string(), "-f".to_owned(), backend.display().to_string()])
        .env("INGRESS_BIND", bind)
        .env("INGRESS_PER_ADDRESS", PER_ADDRESS);
    children.start(spec, READY_WITHIN, || probe::accepts(port))
}

/// The edges of this machine; their readiness is asked on the admin port, so that a draining edge gets no new connections.
/// When none is ready, each gets some: it can say what is wrong, a refused connection cannot.
fn backend_of(edges: &[Edge]) -> Result<String> {
    let mut conf = format!(
        "backend edge\n    balance leastconn\n    option httpchk GET /ready\n    http-check expect status 200\n    \
         source {INGRESS_ADDRESS}\n    default-server send-proxy-v2 inter 1s fall 2 rise 1 observe layer4 error-limit 3 on-error mark-down\n",
    );
    for edge in edges {
        writeln!(conf, "    server {} 127.0.0.1:{} check port {}", edge.name, edge.port, edge.admin)?;
    }
    write!(conf, "backend edge_unready\n    balance leastconn\n    source {INGRESS_ADDRESS}\n    default-server send-proxy-v2\n")?;
    for edge in edges {
        writeln!(conf, "    server {} 127.0.0.1:{}", edge.name, edge.port)?;
    }
    Ok(conf)
}
