//! One running edge: what is started, in which order, and how it ends.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use sealcast_bus::Bus;
use sealcast_runtime::{Runtime, raise_open_file_limit};
use sealcast_signals::Signals;
use tokio_util::sync::CancellationToken;

use crate::{
    Edge, app,
    assets::Assets,
    config::{Config, RecordPath},
    listener::{self, Certificates, Gate, Leaving, Serving},
    presence::PresenceBoard,
    sessions::SessionCache,
    streams::{Started, Streams},
};

/// How NATS knows this service.
pub const SERVICE: &str = "edge-svc";

const HOUSEKEEPING_INTERVAL: Duration = Duration::from_secs(15);

/// Starts an edge and gives the address that it listens on. It ends, drained, with the runtime's shutdown.
///
/// # Errors
/// A configuration that cannot be used, or a port that is taken.
pub async fn start(rt: &Runtime<Config>) -> anyhow::Result<SocketAddr> {
    let config = &rt.config;
    let open_files_max = raise_open_file_limit().context("raising the limit of open files")?;
    let certificates = Certificates::load(&config.tls)?;
    let assets = Assets::load(&config.edge.assets)?;
    let bus = Bus::connect(&config.nats, SERVICE).await?;
    let signals = Signals::connect(&config.redis)?;
    // Streams and presence outlive the shutdown by the drain.
    let stop = CancellationToken::new();
    let leaving = Leaving { begun: rt.shutdown.clone(), closing: CancellationToken::new() };
    let sessions = Arc::new(SessionCache::new(Duration::from_secs(config.edge.session_believed_s)));
    let extract_keys = config.streams.record_path == RecordPath::Extracted;
    let (gate, desk) = Gate::new(&config.listen, extract_keys, certificates.current())?;
    let serving = Serving { header_timeout: gate.header_timeout, send_buffer_octets: config.listen.send_buffer_octets };
    let settings = (&config.listen, &config.streams);
    let (node, upkeep) = (config.edge.node_name(), (&rt.tasks, &rt.readiness));
    let started = Streams::start(&node, settings, (gate, desk), &bus, &sessions, upkeep, &stop).await?;
    let Started { streams, arrivals, address, handovers, admissions } = started;
    let presence = PresenceBoard::start(signals, &streams, arrivals, &rt.tasks, &stop)?;
    let edge = Edge::new(config.edge.clone(), bus, sessions, streams.clone(), presence);
    rt.tasks.spawn_vital("certificates", certificates.keep_fresh(rt.shutdown.clone()));
    rt.tasks.spawn_vital("admissions", run_until(&stop, admissions.run(edge.clone())));
    rt.tasks.spawn_vital("housekeeping", run_until(&stop, keep_house(edge.clone())));
    let app = app::router(edge, assets);
    let listening = listener::serve(handovers, serving, app, streams.clone(), leaving.clone(), rt.tasks.clone());
    rt.tasks.spawn_vital("listener", run_until(&stop, listening));
    let settle = Duration::from_millis(config.streams.drain_settle_ms);
    let shutdown = rt.shutdown.clone();
    rt.tasks.spawn(async move {
        shutdown.cancelled().await;
        // Readiness is off: the ingress needs a moment to see it, and until then connections still come.
        tokio::time::sleep(settle).await;
        streams.close();
        leaving.closing.cancel();
        streams.drain().await;
        stop.cancel();
    });
    tracing::info!(%address, node, open_files_max, "listening");
    Ok(address)
}

/// What was remembered for a crowd that came at once is forgotten when the crowd has settled.
async fn keep_house(edge: Edge) {
    loop {
        tokio::time::sleep(HOUSEKEEPING_INTERVAL).await;
        edge.sessions().forget_stale();
        edge.limits().forget_silent();
    }
}

fn run_until(
    stop: &CancellationToken,
    work: impl Future<Output = ()> + Send + 'static,
) -> impl Future<Output = ()> + Send + 'static {
    let stop = stop.clone();
    async move {
        // Nothing to clean up: whatever the work holds goes with it.
        let _ = stop.run_until_cancelled(work).await;
    }
}
