//! `cargo xtask up`: engines, services, edges, ingress, organisation, demo content; then looking after them.

use std::{fs, path::PathBuf, thread};

use anyhow::{Context, Result, bail};

use crate::{
    artefacts,
    cli::{SeedArgs, UpArgs},
    engines::{haproxy, nats, postgres, redis},
    files, install,
    install::Programs,
    launch, organisation,
    pki::Pki,
    ports::{self, Ports},
    process,
    record::{EdgeRecord, EngineRecord, EngineRecords, Record, ServiceRecord},
    repo::{Repo, State},
    say,
    services::{Edge, Services},
    supervisor::{Supervisor, TICK},
    witness::Witness,
};

/// Brings the stack up; in the foreground it returns when it was stopped.
pub fn run(repo: &Repo, args: &UpArgs) -> Result<()> {
    let state = repo.state(&args.state)?;
    if launch::is_running(&state)? && !already_up(&state, args)? {
        return Ok(());
    }
    if args.port != 0 {
        ports::require_free(args.port, "--port")?;
    }
    let programs = install::for_stack(repo)?;
    if !args.built {
        artefacts::build(repo, &programs.node, args.release)?;
    }
    process::check_stop()?;
    if args.detach {
        return launch::detach(&state, &daemon_args(args));
    }
    let _claim = launch::claim(&state)?;
    let mut children = Supervisor::new(state.log());
    let outcome = start(repo, &state, &programs, args, &mut children).and_then(|mut stack| {
        stack.record.write(&state)?;
        stack.record.print();
        tend(&state, &mut children, &mut stack)
    });
    say::line("stopping");
    files::remove(&state.record())?;
    children.stop();
    outcome?;
    say::line("stopped; the data is kept");
    Ok(())
}

/// Seeds the running stack once more.
pub fn seed_again(repo: &Repo, state: &State, seed: &SeedArgs) -> Result<()> {
    let Some(mut record) = Record::read(state).filter(|_| launch::is_running(state).unwrap_or(false)) else {
        bail!("nothing is running: start it with cargo xtask up");
    };
    record.accounts = organisation::seed(repo, state, &record.url, &record.ca, seed, false)?;
    record.write(state)?;
    record.print();
    Ok(())
}

/// What runs, and which child is which.
struct Stack {
    record: Record,
}

/// Whether to go on with a start although a launcher lives.
fn already_up(state: &State, args: &UpArgs) -> Result<bool> {
    if args.fresh {
        say::line("a stack is running: it is stopped first");
        launch::down(state)?;
        return Ok(true);
    }
    let record = Record::read(state).context("a stack is starting or stopping; try again in a moment")?;
    say::line("already up");
    record.print();
    Ok(false)
}

fn start(repo: &Repo, state: &State, programs: &Programs, args: &UpArgs, children: &mut Supervisor) -> Result<Stack> {
    let nats_store = args.nats_store.clone().map_or_else(|| Ok(state.data().join("nats")), std::path::absolute)?;
    let pg_dir = args.pg_data.as_ref().map_or_else(|| postgres::default_dir(state), |dir| Ok(std::path::absolute(dir)?))?;
    if args.fresh {
        say::line("wiping the data");
        wipe(state, &nats_store, &pg_dir)?;
    }
    for dir in [state.data(), state.log()] {
        fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    }
    files::private_dir(&state.config())?;
    let pki = Pki::open(state)?;
    let mut ports = Ports::load(state);
    let port = if args.port == 0 { ports.take("ingress")? } else { args.port };
    let url = format!("https://localhost:{port}");

    let place = (repo, state);
    say::line("starting nats-server, redis-server and Postgres");
    let postgres = postgres::start(children, &programs.postgres, place, (&pki, &mut ports), &pg_dir)?;
    let redis = redis::start(children, &programs.redis, place, (&pki, &mut ports))?;
    let nats = nats::start(children, &programs.nats, place, (&pki, &mut ports), nats_store)?;
    postgres::provision(&postgres, repo, state)?;
    let (release, for_drills, witness) = (args.release, args.for_drills, None);
    let mut services = Services { repo, state, pki: &pki, nats, redis, postgres, release, witness, tuning: &[], for_drills };
    say::line("migrating the schemas, making streams and keys");
    services.prepare()?;
    process::check_stop()?;
    say::line(format_args!("starting a witness, auth-svc, chat-svc, audit-svc and {} edges", args.edges));
    let witness = Witness::start(&services, children, &mut ports)?;
    services.witness = Some(witness.clone());
    let inner = services.start_inner(children, &mut ports)?;
    let edges = services.start_edges(children, &mut ports, args.edges)?;
    haproxy::start(children, &programs.haproxy, place, port, &edges)?;

    let token = services.bootstrap_token()?;
    let organisation = organisation::open(repo, state, &url, &pki.ca, &token, args.release)?;
    process::check_stop()?;
    let seed = || organisation::seed(repo, state, &url, &pki.ca, &args.seed, args.release);
    let accounts = if args.no_seed { vec![organisation.admin] } else { say::step("seeding", seed)? };
    let mut record = Record {
        url,
        ca: pki.ca.clone(),
        spki: pki.edge_spki()?,
        invite: organisation.invite,
        accounts,
        edges: edges.iter().map(edge_record).collect(),
        services: inner
            .iter()
            .map(|(name, admin)| service_record(name, *admin))
            .chain([service_record("witness", witness.admin)])
            .collect(),
        witness: witness.vkey,
        engines: engine_records(&services, port),
        pid: std::process::id(),
    };
    note_pids(&mut record, children);
    Ok(Stack { record })
}

/// Restarts what dies until we are asked to stop.
fn tend(state: &State, children: &mut Supervisor, stack: &mut Stack) -> Result<()> {
    while !process::stop_asked() {
        if children.tend()? {
            note_pids(&mut stack.record, children);
            // Seeding may have written accounts meanwhile.
            if let Some(on_disk) = Record::read(state) {
                stack.record.accounts = on_disk.accounts;
            }
            stack.record.write(state)?;
        }
        thread::sleep(TICK);
    }
    Ok(())
}

/// Removes what `--fresh` begins without; in directories that were named on the command line, only what the engines made there.
fn wipe(state: &State, nats_store: &std::path::Path, pg_dir: &std::path::Path) -> Result<()> {
    let kept_elsewhere: [PathBuf; 2] = [nats_store.join("jetstream"), pg_dir.join("cluster")];
    let ours = [state.data(), state.config(), state.secrets(), state.org(), state.ports()];
    kept_elsewhere.iter().chain(&ours).try_for_each(|path| files::remove(path))
}

/// The same start, in the background and without building.
fn daemon_args(args: &UpArgs) -> Vec<String> {
    let mut given = vec!["up".to_owned(), "--built".to_owned()];
    let mut value = |name: &str, value: String| given.extend([name.to_owned(), value]);
    value("--edges", args.edges.to_string());
    value("--port", args.port.to_string());
    for (name, dir) in [("--nats-store", &args.nats_store), ("--pg-data", &args.pg_data), ("--state", &args.state.state)] {
        if let Some(dir) = dir {
            value(name, dir.display().to_string());
        }
    }
    for (name, count) in [("--users", args.seed.users), ("--messages", args.seed.messages)] {
        if let Some(count) = count {
            value(name, count.to_string());
        }
    }
    let flags =
        [("--fresh", args.fresh), ("--no-seed", args.no_seed), ("--release", args.release), ("--for-drills", args.for_drills)];
    given.extend(flags.iter().filter(|(_, set)| *set).map(|(flag, _)| (*flag).to_owned()));
    given
}

fn edge_record(edge: &Edge) -> EdgeRecord {
    let url = format!("https://localhost:{}", edge.port);
    EdgeRecord { name: edge.name.clone(), url, pid: 0, admin_url: admin_url(edge.admin) }
}

fn service_record(name: &str, admin: u16) -> ServiceRecord {
    ServiceRecord { name: name.to_owned(), pid: 0, admin_url: admin_url(admin) }
}

fn admin_url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn engine_records(services: &Services<'_>, ingress: u16) -> EngineRecords {
    let Services { nats, redis, postgres, state, .. } = services;
    let record = |url: String, data: Option<PathBuf>| EngineRecord { url, pid: 0, data };
    EngineRecords {
        nats: record(nats.url(), Some(nats.store.clone())),
        redis: record(redis.url(), Some(state.data().join("redis"))),
        postgres: record(postgres.url("postgres"), Some(postgres.data.clone())),
        haproxy: record(format!("https://localhost:{ingress}"), None),
    }
}

fn note_pids(record: &mut Record, children: &Supervisor) {
    // A child between two lives has no process: 0.
    let pid = |name: &str| children.pid(name).unwrap_or_default();
    record.edges.iter_mut().for_each(|edge| edge.pid = pid(&edge.name));
    record.services.iter_mut().for_each(|service| service.pid = pid(&service.name));
    let EngineRecords { nats, redis, postgres, haproxy } = &mut record.engines;
    for (name, engine) in [("nats", nats), ("redis", redis), ("postgres", postgres), ("haproxy", haproxy)] {
        engine.pid = pid(name);
    }
}
