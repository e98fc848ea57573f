//! `cargo xtask bench`: an optimised cluster of its own, without ingress, and `sealcast-bench` that measures it.
//!
//! What the options mean is known to `sealcast-bench` alone: it says with `--needs` what it wants to find.

use std::{
    fs,
    os::unix::fs::symlink,
    path::PathBuf,
    process::{Command, ExitCode, ExitStatus, Stdio},
    thread,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    artefacts,
    cli::BenchArgs,
    engines::{nats, postgres, redis},
    files, install,
    install::Programs,
    launch,
    pki::Pki,
    ports::Ports,
    process,
    repo::{Repo, State},
    say,
    services::{INNER, Services},
    supervisor::{Supervisor, TICK},
};

/// Ports for the servers that are compared with.
const PEER_PORTS: usize = 4;
/// What a bench of the archive starts and stops itself.
const AUDIT: &str = "audit-svc";
/// Whom the stream of accepted messages takes them from.
const PUBLISHER: &str = "chat-svc";
/// Budgets that would be spent by a single sender or by one address.
const TUNING: [(&str, &str); 2] = [
    ("chat-svc", "\n[rate]\nmessages = 1000000000\nwindow_s = 60\n"),
    // They continue the table `[throttle]`.
    (
        "auth-svc",
        "login_address = { burst = 1000000, window_s = 60 }\nlogin_known = { burst = 1000000, window_s = 60 }\n\
         login_network = { burst = 1000000, window_s = 60 }\nlogin_account = { burst = 1000000, window_s = 60 }\n",
    ),
];

/// What `sealcast-bench` wants to find.
#[derive(Debug, Deserialize)]
struct Needs {
    edges: usize,
    nchan: bool,
    own_audit: bool,
}

/// Builds, starts the cluster, measures, stops.
pub fn run(repo: &Repo, args: &BenchArgs) -> Result<ExitCode> {
    say::aside();
    let program = say::step("building the bench", || bench_program(repo))?;
    let needs = match needs(&program, &args.bench)? {
        Wants::Nothing => return Ok(ExitCode::SUCCESS),
        Wants::ToRun => return Ok(status(Command::new(&program).args(&args.bench).status().context("cannot run the bench")?)),
        Wants::Cluster(needs) => needs,
    };
    let state = State { dir: repo.cache().join("bench") };
    let _claim = launch::claim(&state)?;
    let services = match &args.services {
        Some(dir) => given_services(repo, &state, dir)?,
        None => {
            artefacts::programs(repo, true)?;
            repo.clone()
        }
    };
    let programs = install::for_stack(repo)?;
    install::bench(repo, needs.nchan)?;
    process::check_stop()?;
    let network = if args.shared_network { "the machine's own, as asked".to_owned() } else { own_network() };
    say::line(format_args!("network: {network}"));
    let mut children = Supervisor::new(state.log());
    let outcome = start(&services, &state, &programs, &needs, &mut children)
        .and_then(|plan| measure(&program, &state, &args.bench, with_network(plan, &network)));
    say::line("stopping");
    children.stop();
    outcome
}

fn bench_program(repo: &Repo) -> Result<PathBuf> {
    artefacts::binaries(repo, true, &["sealcast-bench", "axum-peer"])?;
    Ok(repo.binary("sealcast-bench", true))
}

/// What the bench is to be given.
enum Wants {
    /// It was asked for help and gave it.
    Nothing,
    /// It does without a cluster.
    ToRun,
    Cluster(Needs),
}

/// Asks the bench.
fn needs(program: &PathBuf, bench: &[String]) -> Result<Wants> {
    let said =
        Command::new(program).args(bench).arg("--needs").stderr(Stdio::inherit()).output().context("cannot run the bench")?;
    if !said.status.success() {
        bail!("the bench does not know what to do");
    }
    let text = String::from_utf8(said.stdout).context("the bench said no text")?;
    if bench.iter().any(|arg| arg == "--help" || arg == "-h") {
        print!("{text}");
        return Ok(Wants::Nothing);
    }
    let needs: Option<Needs> = serde_json::from_str(&text).context("what the bench needs is not understood")?;
    Ok(needs.map_or(Wants::ToRun, Wants::Cluster))
}

fn status(status: ExitStatus) -> ExitCode {
    if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A view of the checkout whose optimised programs lie elsewhere.
fn given_services(repo: &Repo, state: &State, dir: &std::path::Path) -> Result<Repo> {
    let target = state.dir.join("programs");
    fs::create_dir_all(&target)?;
    let link = target.join("release");
    if link.is_symlink() {
        fs::remove_file(&link)?;
    }
    symlink(std::path::absolute(dir)?, link).context("cannot point to the services")?;
    Ok(Repo { target, ..repo.clone() })
}

/// Connection tracking and pacing of the machine's own network would be measured as well: goes to an empty one if possible.
fn own_network() -> String {
    let up = || Command::new("ip").args(["link", "set", "lo", "up"]).status().is_ok_and(|status| status.success());
    if !process::is_root() || install::find("ip").is_none() {
        return "the machine's own (a namespace needs root and iproute2): connection tracking counts, if there is any".to_owned();
    }
    match process::leave_network() {
        Ok(()) if up() => "a namespace of its own, loopback only".to_owned(),
        Ok(()) => "a namespace of its own, but its loopback is down".to_owned(),
        Err(error) => format!("the machine's own (no namespace: {error})"),
    }
}

/// Starts engines and the services behind NATS, with empty data; answers the plan.
fn start(repo: &Repo, state: &State, programs: &Programs, needs: &Needs, children: &mut Supervisor) -> Result<Value> {
    let pg_dir = postgres::default_dir(state)?;
    let ours = [state.data(), state.config(), state.secrets(), state.ports(), pg_dir.join("cluster"), state.dir.join("run")];
    ours.iter().try_for_each(|path| files::remove(path))?;
    for dir in [state.data(), state.log()] {
        fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    }
    files::private_dir(&state.config())?;
    let (pki, mut ports) = (Pki::open(state)?, Ports::load(state));
    let place = (repo, state);
    say::line("starting nats-server, redis-server and Postgres");
    let postgres = postgres::start(children, &programs.postgres, place, (&pki, &mut ports), &pg_dir)?;
    let redis = redis::start(children, &programs.redis, place, (&pki, &mut ports))?;
    let nats = nats::start(children, &programs.nats, place, (&pki, &mut ports), state.data().join("nats"))?;
    postgres::provision(&postgres, repo, state)?;
    let psql = words(&postgres.psql(postgres::DATABASE));
    let (witness, for_drills) = (None, false);
    let services = Services { repo, state, pki: &pki, nats, redis, postgres, release: true, witness, tuning: &TUNING, for_drills };
    services.prepare()?;
    let named: Vec<&str> = INNER.into_iter().filter(|service| !needs.own_audit || *service != AUDIT).collect();
    say::line(format_args!("starting {}", named.join(", ")));
    let inner = services.start_some(children, &mut ports, &named)?;
    let audit = needs.own_audit.then(|| audit_plan(&services, &mut ports)).transpose()?;
    let mut edges = Vec::new();
    for number in 1..=needs.edges {
        let (edge, config) = services.configure_edge(&mut ports, number)?;
        edges.push(json!({"name": edge.name, "port": edge.port, "admin": edge.admin, "config": config}));
    }
    let names = inner.iter().map(|(name, _)| name.as_str()).chain(["nats", "redis", "postgres"]);
    let running: serde_json::Map<_, _> = names.filter_map(|name| Some((name.to_owned(), children.pid(name)?.into()))).collect();
    let peers = (0..PEER_PORTS).map(|at| ports.take(&format!("peer-{at}"))).collect::<Result<Vec<_>>>()?;
    let pair = pki.pair("edge-svc");
    Ok(json!({
        "dir": state.dir.join("run"),
        "log": state.log(),
        "bin": repo.binary("", true),
        "ca": pki.ca,
        "cert": pair.cert,
        "key": pair.key,
        "certificates": state.dir.join("certificates"),
        "bootstrap_token": services.bootstrap_token()?,
        "edges": edges,
        "psql": psql,
        "running": running,
        "nats_monitor": services.nats.monitor,
        "audit": audit,
        "ports": peers,
    }))
}

/// What the bench needs to start audit-svc, and to fill the stream before as chat-svc does.
fn audit_plan(services: &Services<'_>, ports: &mut Ports) -> Result<Value> {
    let (admin, config) = services.configure(ports, AUDIT)?;
    let password_file = nats::password_file(services.state, PUBLISHER)?;
    let bus = json!({"urls": [services.nats.url()], "user": PUBLISHER, "password_file": password_file, "ca": services.pki.ca});
    Ok(json!({"admin": admin, "config": config, "kek_dir": services.kek_dir(), "log_key": services.log_key(), "bus": bus}))
}

fn with_network(mut plan: Value, network: &str) -> Value {
    plan["network"] = network.into();
    plan
}

/// Runs the bench to its end, or until we are asked to stop.
fn measure(program: &PathBuf, state: &State, bench: &[String], plan: Value) -> Result<ExitCode> {
    let path = state.config().join("bench.json");
    files::write_private(&path, serde_json::to_string_pretty(&plan)?)?;
    let mut command = Command::new(program);
    command.args(bench).arg("--plan").arg(&path).stdin(Stdio::null());
    process::die_with_us(&mut command, process::SIGTERM);
    let mut child = command.spawn().context("cannot run the bench")?;
    let mut told = false;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(self::status(status));
        }
        if process::stop_asked() && !told {
            process::send(child.id(), process::SIGTERM);
            told = true;
        }
        thread::sleep(TICK);
    }
}

/// A command line, word for word.
fn words(command: &Command) -> Vec<String> {
    let all = std::iter::once(command.get_program()).chain(command.get_args());
    all.map(|word| word.to_string_lossy().into_owned()).collect()
}
