//! `cargo xtask prepare`: the files that are generated from code and checked in.
//!
//! `openapi.json` comes from edge-svc, the front end's API types from `openapi.json`, and each service's `.sqlx` from its
//! statements and a database that its migrations made.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    artefacts,
    engines::postgres::{self, Postgres},
    files,
    install::{self, Programs},
    pki::Pki,
    ports::Ports,
    repo::{Repo, State},
    run, say, secrets,
    supervisor::Supervisor,
};

const OPENAPI: &str = "services/edge-svc/openapi.json";
/// sqlx keeps its books there when a service migrates its schema; migrations grant the right to read them.
const SQLX_MIGRATIONS: &str = "create table _sqlx_migrations (version bigint primary key);";
const API_TYPES: &str = "frontend/src/api/schema.d.ts";

/// Writes all of them.
pub fn run(repo: &Repo) -> Result<()> {
    let programs = install::for_stack(repo)?;
    say::step("services/*/.sqlx", || sqlx(repo, &programs))?;
    say::step(OPENAPI, || Ok(fs::write(repo.root.join(OPENAPI), openapi(repo)?)?))?;
    artefacts::frontend_packages(repo, &programs.node)?;
    say::step(API_TYPES, || api_types(repo, &programs, "codegen"))
}

/// Fails when a checked-in description of the API differs from a fresh one. The statements' cache is checked by the build.
pub fn check(repo: &Repo, programs: &Programs) -> Result<()> {
    if fs::read_to_string(repo.root.join(OPENAPI)).unwrap_or_default() != openapi(repo)? {
        bail!("{OPENAPI} is not what edge-svc says: run cargo xtask prepare");
    }
    artefacts::frontend_packages(repo, &programs.node)?;
    api_types(repo, programs, "codegen:check").with_context(|| format!("{API_TYPES} is not what {OPENAPI} says"))
}

fn openapi(repo: &Repo) -> Result<String> {
    let mut cargo = artefacts::cargo(repo);
    run::captured(cargo.args(["run", "--quiet", "--package", "sealcast-edge-svc", "--", "openapi"]))
}

/// Runs the front end's own generator: it brings the older TypeScript that openapi-typescript needs.
fn api_types(repo: &Repo, programs: &Programs, script: &str) -> Result<()> {
    run::captured(programs.node.npm(&repo.frontend()).args(["run", "--silent", script])).map(drop)
}

/// Migrates an empty database of our own and lets sqlx ask it about every statement.
fn sqlx(repo: &Repo, programs: &Programs) -> Result<()> {
    let state = State { dir: repo.cache().join("prepare") };
    files::remove(&state.dir)?;
    for dir in [state.data(), state.log()] {
        fs::create_dir_all(dir)?;
    }
    let mut children = Supervisor::new(state.log());
    let (pki, mut ports) = (Pki::open(&state)?, Ports::load(&state));
    let dir = postgres::default_dir(&state)?;
    let postgres = postgres::start(&mut children, &programs.postgres, (repo, &state), (&pki, &mut ports), &dir)?;
    postgres::provision(&postgres, repo, &state)?;
    for schema in postgres::SCHEMAS {
        let (service, owner) = (repo.root.join(format!("services/{schema}-svc")), format!("{schema}_owner"));
        let bookkeeping = state.dir.join("bookkeeping.sql");
        fs::write(&bookkeeping, SQLX_MIGRATIONS)?;
        for migration in std::iter::once(bookkeeping).chain(migrations(&service)?) {
            postgres.apply_as(&owner, &migration)?;
        }
        describe(repo, &state, &postgres, schema, &service)?;
    }
    children.stop();
    files::remove(&dir.join("cluster"))?;
    files::remove(&state.dir)
}

fn migrations(service: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(service.join("migrations")).with_context(|| format!("no migrations in {}", service.display()))?;
    let mut migrations = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    migrations.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    migrations.sort();
    Ok(migrations)
}

fn describe(repo: &Repo, state: &State, postgres: &Postgres, schema: &str, service: &Path) -> Result<()> {
    let (draft, cache) = (state.dir.join(format!("sqlx-{schema}")), service.join(".sqlx"));
    fs::create_dir_all(&draft)?;
    let owner = format!("{schema}_owner");
    let password = secrets::read(&postgres::password_file(state, &owner)?)?;
    let url = postgres.url(&owner).replacen(&owner, &format!("{owner}:{password}"), 1);
    // sqlx describes a statement when its macro is expanded: a crate that is up to date would say nothing.
    run::captured(Command::new("touch").arg(service.join("src/lib.rs")))?;
    let mut cargo = artefacts::cargo(repo);
    cargo
        .args(["check", "--quiet", "--all-targets", "--package", &format!("sealcast-{schema}-svc")])
        .env("DATABASE_URL", url)
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", &draft);
    run::shown(&mut cargo)?;
    files::remove(&cache)?;
    fs::create_dir_all(&cache)?;
    for entry in fs::read_dir(&draft)? {
        let entry = entry?;
        fs::copy(entry.path(), cache.join(entry.file_name()))?;
    }
    Ok(())
}
