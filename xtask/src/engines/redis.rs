//! redis-server.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use crate::{
    engines::{READY_WITHIN, SERVICES},
    files, install,
    pki::Pki,
    ports::Ports,
    repo::{Repo, State},
    run, secrets,
    supervisor::{Spec, Supervisor},
};

/// The user that looks whether the server is ready.
const OPS: &str = "ops";

/// A running server.
#[derive(Clone, Debug)]
pub struct Redis {
    pub port: u16,
}

impl Redis {
    /// What clients connect to.
    pub fn url(&self) -> String {
        format!("rediss://127.0.0.1:{}", self.port)
    }
}

/// Writes the users and starts the server.
pub fn start(
    children: &mut Supervisor,
    program: &Path,
    (repo, state): (&Repo, &State),
    (pki, ports): (&Pki, &mut Ports),
) -> Result<Redis> {
    let redis = Redis { port: ports.take("redis")? };
    let (config, data) = (state.config().join("redis"), state.data().join("redis"));
    files::private_dir(&config)?;
    files::private_dir(&data)?;
    let (conf, users) = (config.join("redis.conf"), config.join("users.acl"));
    fs::copy(repo.deploy().join("redis/redis.conf"), &conf).context("cannot copy redis.conf")?;
    let template = fs::read_to_string(repo.deploy().join("redis/users.acl")).context("cannot read users.acl")?;
    files::write_private(&users, with_digests(template, state)?)?;
    let pair = pki.pair("redis");
    let spec = Spec::new("redis", program)
        .args([conf.display().to_string()])
        .args(["--tls-port".to_owned(), redis.port.to_string()])
        .args(["--tls-cert-file".to_owned(), pair.cert.display().to_string()])
        .args(["--tls-key-file".to_owned(), pair.key.display().to_string()])
        .args(["--tls-ca-cert-file".to_owned(), pki.ca.display().to_string()])
        .args(["--aclfile".to_owned(), users.display().to_string()])
        .args(["--dir".to_owned(), data.display().to_string()]);
    let password = secrets::read(&password_file(state, OPS)?)?;
    children.start(spec, READY_WITHIN, || answers(redis.port, &pki.ca, &password))?;
    Ok(redis)
}

/// The file of a user's password.
pub fn password_file(state: &State, user: &str) -> Result<PathBuf> {
    secrets::random_file(state, &format!("redis-{user}"))
}

/// Puts the digest of each user's password where the template says `@<user>@`. Redis's ACL file has no comments.
fn with_digests(template: String, state: &State) -> Result<String> {
    let mut acl = template.lines().filter(|line| line.starts_with("user ")).map(|line| format!("{line}\n")).collect::<String>();
    for user in SERVICES.into_iter().chain([OPS]) {
        let password = secrets::read(&password_file(state, user)?)?;
        let said = run::fed(&mut Command::new("sha256sum"), password.as_bytes())?;
        let digest = said.split_whitespace().next().context("sha256sum said nothing")?;
        acl = acl.replace(&format!("@{user}@"), digest);
    }
    Ok(acl)
}

fn answers(port: u16, ca: &Path, password: &str) -> bool {
    let Some(cli) = install::find("redis-cli") else { return false };
    let said = Command::new(cli)
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "--tls", "--user", OPS, "--cacert"])
        .arg(ca)
        .arg("PING")
        .env("REDISCLI_AUTH", password)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    said.is_ok_and(|said| said.stdout.starts_with(b"PONG"))
}
