use std::{process::ExitCode, time::Duration};

use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::{Runtime, admin, config, config::Base, files, healthcheck, telemetry};

/// Exit codes: 0 after SIGTERM or SIGINT, 1 on a failed start or a dead task, 64 on bad configuration or usage.
const EXIT_USAGE: u8 = 64;

/// What a service says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    pub name: &'static str,
    pub version: &'static str,
    /// The embedded `defaults.toml`; it is the manual of the configuration.
    pub defaults: &'static str,
}

/// A command's error with an exit code of its own: it ran, and what it found is told by the code.
#[derive(Clone, Debug)]
pub struct ExitWith {
    pub code: u8,
    pub reason: String,
}

impl std::fmt::Display for ExitWith {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for ExitWith {}

type Command<C> = Box<dyn AsyncCommand<C>>;

/// One subcommand beside `serve`: runs, prints, ends.
trait AsyncCommand<C> {
    fn run(self: Box<Self>, config: C, arguments: Vec<String>, runtime: &tokio::runtime::Runtime) -> anyhow::Result<()>;
}

impl<C, F> AsyncCommand<C> for F
where
    F: AsyncFnOnce(C, Vec<String>) -> anyhow::Result<()>,
{
    fn run(self: Box<Self>, config: C, arguments: Vec<String>, runtime: &tokio::runtime::Runtime) -> anyhow::Result<()> {
        runtime.block_on(self(config, arguments))
    }
}

/// A service with its subcommands; `serve` is what runs without any.
pub struct Service<C, F> {
    meta: Meta,
    start: F,
    commands: Vec<(&'static str, &'static str, Command<C>)>,
}

impl<C, F> Service<C, F>
where
    C: Base + DeserializeOwned,
    F: AsyncFnOnce(&Runtime<C>) -> anyhow::Result<()>,
{
    pub fn new(meta: Meta, start: F) -> Self {
        Self { meta, start, commands: Vec::new() }
    }

    /// Adds a subcommand, such as `migrate`. Its errors go to stderr as one line.
    #[must_use]
    pub fn command(
        mut self,
        name: &'static str,
        about: &'static str,
        run: impl AsyncFnOnce(C, Vec<String>) -> anyhow::Result<()> + 'static,
    ) -> Self {
        self.commands.push((name, about, Box::new(run)));
        self
    }

    /// Runs what the command line asks for.
    pub fn run(self) -> ExitCode {
        let mut arguments = std::env::args().skip(1);
        let command = arguments.next().unwrap_or_else(|| "serve".to_owned());
        match command.as_str() {
            "-h" | "--help" | "help" => return self.help(),
            "-V" | "--version" => return print(&format!("{} {}", self.meta.name, self.meta.version)),
            "--defaults" => return print(self.meta.defaults.trim_end()),
            _ => {}
        }
        // Before any secret is read.
        if let Err(error) = files::close_memory() {
            return self.fail(1, &format!("closing the memory: {error}"));
        }
        // Every TLS user in the process takes this provider.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let config: C = match config::load(self.meta.defaults) {
            Ok(config) => config,
            Err(error) => return self.fail(EXIT_USAGE, &format!("configuration: {error}")),
        };
        if command == "healthcheck" {
            return match healthcheck::run(config.admin()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => self.fail(1, &format!("{error:#}")),
            };
        }
        let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return self.fail(1, &format!("starting the runtime: {error}")),
        };
        if command == "serve" {
            return runtime.block_on(serve(self.meta, config, self.start));
        }
        let name = self.meta.name;
        match self.commands.into_iter().find(|(name, ..)| *name == command) {
            Some((_, _, run)) => match run.run(config, arguments.collect(), &runtime) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    let code = error.downcast_ref::<ExitWith>().map_or(1, |exit| exit.code);
                    fail(name, code, &format!("{command}: {error:#}"))
                }
            },
            None => fail(name, EXIT_USAGE, &format!("there is no subcommand {command:?}; see --help")),
        }
    }

    fn help(&self) -> ExitCode {
        let mut text = format!(
            "{} {}\n\nUsage: {} [COMMAND]\n\nCommands:\n  serve (default)  run the service\n  healthcheck      ask the running service whether it is ready\n",
            self.meta.name, self.meta.version, self.meta.name
        );
        for (name, about, _) in &self.commands {
            text.push_str(&format!("  {name:<15}  {about}\n"));
        }
        text.push_str(
            "\nOptions:\n  --defaults       print the documented default configuration\n  --version        print the version\n\n\
             Configuration: defaults, then the TOML file named by SEALCAST_CONFIG, then SEALCAST_<SECTION>__<KEY>.",
        );
        print(&text)
    }

    fn fail(&self, code: u8, message: &str) -> ExitCode {
        fail(self.meta.name, code, message)
    }
}

async fn serve<C: Base, F>(meta: Meta, config: C, start: F) -> ExitCode
where
    F: AsyncFnOnce(&Runtime<C>) -> anyhow::Result<()>,
{
    let (log, admin_config) = (config.log().clone(), config.admin().clone());
    let telemetry = match telemetry::start(meta.name, &log) {
        Ok(telemetry) => telemetry,
        Err(error) => return fail(meta.name, EXIT_USAGE, &format!("{error:#}")),
    };
    let end = CancellationToken::new();
    let runtime = Runtime::detached(config);
    let outcome = run(meta, &runtime, &admin_config, start, &end).await;
    if let Err(error) = &outcome {
        tracing::error!(error = format!("{error:#}"), "failed to start");
    }
    end.cancel();
    let failed = outcome.is_err() || runtime.tasks.failed();
    tracing::info!(failed, "stopped");
    telemetry.flush().await;
    if failed { ExitCode::from(1) } else { ExitCode::SUCCESS }
}

async fn run<C, F>(
    meta: Meta,
    runtime: &Runtime<C>,
    admin_config: &config::AdminConfig,
    start: F,
    end: &CancellationToken,
) -> anyhow::Result<()>
where
    F: AsyncFnOnce(&Runtime<C>) -> anyhow::Result<()>,
{
    use anyhow::Context as _;
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new()
        .set_buckets(&LATENCY_BUCKETS_S)
        .context("metric buckets")?
        .install_recorder()
        .context("starting the metrics")?;
    let listener = tokio::net::TcpListener::bind(admin_config.listen)
        .await
        .with_context(|| format!("listening on {} (admin.listen)", admin_config.listen))?;
    tracing::info!(service = meta.name, version = meta.version, admin = %listener.local_addr()?, "starting");
    tokio::spawn(admin::serve(listener, runtime.readiness.clone(), recorder, end.clone()));
    // A signal also ends a start that waits for an engine.
    tokio::select! {
        started = start(runtime) => started?,
        () = signalled() => return Ok(()),
    }
    runtime.readiness.start();
    tracing::info!(service = meta.name, "started");
    tokio::select! {
        () = signalled() => tracing::info!("draining"),
        () = runtime.shutdown.cancelled() => {}
    }
    runtime.readiness.drain();
    runtime.shutdown.cancel();
    let grace = Duration::from_secs(admin_config.drain_grace_s);
    if tokio::time::timeout(grace, runtime.tasks.wait()).await.is_err() {
        tracing::warn!(grace_s = admin_config.drain_grace_s, "the drain took too long; what is left is dropped");
    }
    Ok(())
}

const LATENCY_BUCKETS_S: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

fn fail(name: &str, code: u8, message: &str) -> ExitCode {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{name}: {message}");
    ExitCode::from(code)
}

fn print(text: &str) -> ExitCode {
    use std::io::Write as _;
    match writeln!(std::io::stdout(), "{text}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(1),
    }
}
