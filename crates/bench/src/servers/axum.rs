//! The obvious Rust server, `axum-peer`.

use std::{net::SocketAddr, process::Command};

use anyhow::Result;

use super::{Publisher, Server};
use crate::{
    children::{Running, accepts},
    generator::Dialect,
    plan::Plan,
};

pub(super) async fn start(plan: &Plan) -> Result<Server> {
    let [streams, admin] = [2, 3].map(|at| SocketAddr::from(([127, 0, 0, 1], plan.ports[at])));
    let mut command = Command::new(std::env::current_exe()?.with_file_name("axum-peer"));
    command.arg(streams.to_string()).arg(admin.to_string()).arg(&plan.cert).arg(&plan.key);
    let mut peer = Running::start(command, "axum", &plan.log)?;
    peer.ready(async || accepts(streams).await && accepts(admin).await).await?;
    Ok(Server {
        processes: vec![peer],
        targets: vec![streams],
        dialect: Dialect::Peer { path: "/sub?id=".to_owned() },
        publisher: Publisher::Plain {
            http: reqwest::Client::builder().no_proxy().build()?,
            url: format!("http://{admin}/pub?id="),
        },
    })
}
