use anyhow::Context as _;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::Targets, layer::SubscriberExt as _, registry::LookupSpan, util::SubscriberInitExt as _,
};

use crate::{LogConfig, traces::Exporter};

/// Spans of our own crates are traced, whatever the log's level is.
const TRACED: &str = "sealcast";
/// Loki may be away at the end; the lines went to stdout as well.
const LOKI_FLUSH_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(2);

/// Pushes what is left to Loki and to the collector when the process ends.
pub(crate) struct Telemetry {
    loki: Option<(tracing_loki::BackgroundTaskController, tokio::task::JoinHandle<()>)>,
    traces: Option<Exporter>,
}

/// JSON lines on stdout; to Loki and to a collector of traces when their URLs are configured. Must run inside the tokio runtime.
pub(crate) fn start(service: &'static str, config: &LogConfig) -> anyhow::Result<Telemetry> {
    let (subscriber, telemetry) = subscriber(service, config)?;
    subscriber.try_init().context("starting the log")?;
    Ok(telemetry)
}

pub(crate) fn subscriber(
    service: &'static str,
    config: &LogConfig,
) -> anyhow::Result<(impl Subscriber + for<'a> LookupSpan<'a> + Send + Sync, Telemetry)> {
    let filter = EnvFilter::try_new(&config.level).with_context(|| format!("log.level {:?}", config.level))?;
    let stdout = tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false);
    let mut pusher = None;
    let loki = if config.loki_url.is_empty() {
        None
    } else {
        let url = url::Url::parse(&config.loki_url).context("log.loki_url")?;
        let builder = tracing_loki::builder().label("service", service)?.extra_field("pid", std::process::id().to_string())?;
        let (layer, controller, task) = builder.build_controller_url(url)?;
        pusher = Some((controller, tokio::spawn(task)));
        Some(layer)
    };
    let (traces, tracer) = Exporter::start(service, &config.traces)?.unzip();
    let spans = tracer.map(|tracer| {
        let layer = tracing_opentelemetry::layer().with_tracer(tracer).with_location(false).with_threads(false);
        layer.with_filter(Targets::new().with_target(TRACED, LevelFilter::INFO))
    });
    let subscriber = tracing_subscriber::registry().with(spans).with(stdout.and_then(loki).with_filter(filter));
    Ok((subscriber, Telemetry { loki: pusher, traces }))
}

impl Telemetry {
    pub(crate) async fn flush(self) {
        if let Some(traces) = self.traces {
            traces.flush().await;
        }
        if let Some((controller, task)) = self.loki {
            controller.shutdown().await;
            let _ = tokio::time::timeout(LOKI_FLUSH_TIMEOUT, task).await;
        }
    }
}

#[cfg(test)]
mod tests;
