//! nginx with Nchan: the best peer that Debian packages.

use std::{fs, net::SocketAddr, process::Command};

use anyhow::{Context as _, Result};

use super::{Publisher, Server};
use crate::{
    children::{Running, accepts},
    generator::Dialect,
    os,
    plan::Plan,
};

/// Workers for one edge's worth of streams; more edges mean more workers, whose files are limited likewise.
const WORKERS_MIN: usize = 2;

pub(super) async fn start(plan: &Plan, edges: usize) -> Result<Server> {
    let (port, admin) = (plan.ports[0], plan.ports[1]);
    let dir = plan.dir.join("nchan");
    fs::create_dir_all(&dir).with_context(|| format!("making {}", dir.display()))?;
    let conf = dir.join("nginx.conf");
    fs::write(&conf, configuration(plan, &dir.display().to_string(), edges.max(WORKERS_MIN), (port, admin))?)?;
    let mut command = Command::new("nginx");
    command.arg("-p").arg(&dir).arg("-c").arg(&conf);
    let mut nginx = Running::start(command, "nchan", &plan.log)?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    nginx.ready(async || accepts(address).await).await?;
    Ok(Server {
        processes: vec![nginx],
        targets: vec![address],
        dialect: Dialect::Peer { path: "/sub?id=".to_owned() },
        publisher: Publisher::Plain {
            http: reqwest::Client::builder().no_proxy().build()?,
            url: format!("http://127.0.0.1:{admin}/pub?id="),
        },
    })
}

/// As one would set it up for many streams: a listener for each worker, tickets, no timeout of subscribers.
fn configuration(plan: &Plan, dir: &str, workers: usize, (port, admin): (u16, u16)) -> Result<String> {
    let files = os::raise_file_limit()?;
    let (cert, key) = (plan.cert.display(), plan.key.display());
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|name| format!("  {name}_temp_path {dir}/{name};\n"))
        .collect();
    Ok(format!(
        "load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
worker_processes {workers};
worker_rlimit_nofile {files};
user root;
daemon off;
pid {dir}/nginx.pid;
error_log {dir}/error.log warn;
events {{ use epoll; multi_accept on; worker_connections {files}; }}
http {{
  access_log off;
{temporary}  tcp_nodelay on;
  server_tokens off;
  keepalive_requests 1000000;
  nchan_shared_memory_size 512M;
  nchan_message_buffer_length 64;
  nchan_message_timeout 60s;
  server {{
    listen 127.0.0.1:{port} ssl reuseport backlog=4096;
    ssl_certificate {cert};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.3;
    ssl_session_tickets on;
    ssl_session_cache off;
    ssl_buffer_size 4k;
    location = /sub {{
      nchan_subscriber eventsource;
      nchan_channel_id $arg_id;
      nchan_subscriber_first_message newest;
      nchan_subscriber_timeout 0;
      nchan_eventsource_ping_interval 0;
    }}
  }}
  server {{
    listen 127.0.0.1:{admin};
    client_max_body_size 256k;
    client_body_buffer_size 256k;
    location = /pub {{ nchan_publisher; nchan_channel_id $arg_id; }}
  }}
}}
"
    ))
}
