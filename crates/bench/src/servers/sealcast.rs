//! Edges of the cluster that `cargo xtask bench` has started.

use std::{process::Command, sync::Arc};

use anyhow::{Result, ensure};

use super::{Publisher, Server};
use crate::{
    children::{Running, answers},
    fixture::Fixture,
    generator::Dialect,
    plan::{EdgePlan, Plan},
};

/// What a bench allows beyond the defaults: streams, connections and requests that a deployment would spread.
const LIMITS: [(&str, &str); 7] = [
    ("SEALCAST_EDGE__ASSETS", ""),
    ("SEALCAST_EDGE__REQUESTS_PER_MINUTE", "100000000"),
    ("SEALCAST_EDGE__UNSIGNED_REQUESTS_PER_MINUTE", "100000000"),
    ("SEALCAST_LISTEN__CONNECTIONS_MAX", "19000"),
    ("SEALCAST_LISTEN__CONNECTIONS_PER_ADDRESS_MAX", "0"),
    ("SEALCAST_STREAMS__STREAMS_MAX", "19000"),
    ("SEALCAST_STREAMS__STREAMS_PER_ACCOUNT_MAX", "64"),
];

pub(super) async fn start(plan: &Plan, fixture: &Fixture, edges: usize) -> Result<Server> {
    ensure!(edges <= plan.edges.len(), "only {} edges are configured", plan.edges.len());
    let edges = &plan.edges[..edges];
    let processes = start_edges(plan, edges).await?;
    let clients = fixture.clients(plan, &edges[0]).await?;
    Ok(Server {
        processes,
        targets: edges.iter().map(EdgePlan::address).collect(),
        dialect: Dialect::Sealcast { seed: fixture.seed.clone() },
        publisher: Publisher::Sealcast(clients.into_iter().map(Arc::new).collect()),
    })
}

/// Starts edges and waits until all are ready.
///
/// # Errors
/// One does not start.
pub async fn start_edges(plan: &Plan, edges: &[EdgePlan]) -> Result<Vec<Running>> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let mut processes = Vec::new();
    for edge in edges {
        let mut command = Command::new(plan.bin.join("edge-svc"));
        command.env("SEALCAST_CONFIG", &edge.config).envs(LIMITS).envs(plan.settings.iter().cloned());
        processes.push(Running::start(command, &edge.name, &plan.log)?);
    }
    for (edge, process) in edges.iter().zip(&mut processes) {
        let url = format!("http://127.0.0.1:{}/ready", edge.admin);
        process.ready(async || answers(&http, &url).await).await?;
    }
    Ok(processes)
}
