use anyhow::Context as _;
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::LogConfig;

/// Pushes what is left to Loki when the process ends.
pub(crate) struct Telemetry {
    loki: Option<(tracing_loki::BackgroundTaskController, tokio::task::JoinHandle<()>)>,
}

/// JSON lines on stdout, and to Loki when a URL is configured. Must run inside the tokio runtime.
pub(crate) fn start(service: &'static str, config: &LogConfig) -> anyhow::Result<Telemetry> {
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
    tracing_subscriber::registry().with(stdout.and_then(loki).with_filter(filter)).try_init().context("starting the log")?;
    Ok(Telemetry { loki: pusher })
}

impl Telemetry {
    pub(crate) async fn flush(self) {
        if let Some((controller, task)) = self.loki {
            controller.shutdown().await;
            // Loki may be away; the lines went to stdout as well.
            let _ = tokio::time::timeout(std::time::Duration::from_secs(2), task).await;
        }
    }
}
