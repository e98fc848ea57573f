//! The cluster under test: a compose project of its own on a port of its own.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{process, repo::Repo, run, supervisor::TICK};

const PROJECT: &str = "sealcast-test";
const PORT: &str = "18443";
/// How long the ingress may take to know its edges.
const FOUND_WITHIN: Duration = Duration::from_secs(30);
/// Demo people who log in.
pub const PEOPLE: [&str; 4] = ["ada", "bruno", "chen", "dara"];
/// Images of ours, built from nothing.
const OURS: [&str; 4] = ["auth-svc", "chat-svc", "audit-svc", "edge"];

#[derive(Clone, Debug)]
pub struct Cluster {
    deploy: PathBuf,
}

impl Cluster {
    pub fn new(repo: &Repo) -> Self {
        Self { deploy: repo.deploy() }
    }

    /// A compose command of this project.
    pub fn compose(&self) -> Command {
        let mut compose = Command::new("docker");
        compose.arg("compose").arg("--file").arg(self.deploy.join("compose.yaml"));
        self.place(&mut compose);
        compose
    }

    /// One of our scripts for this project.
    pub fn script(&self, name: &str, args: &[&str]) -> Result<()> {
        let mut script = Command::new(self.deploy.join("compose").join(name));
        self.place(&mut script);
        run::captured(script.args(args)).map(drop)
    }

    fn place(&self, command: &mut Command) {
        command.envs([("COMPOSE_PROJECT_NAME", PROJECT), ("SEALCAST_PORT", PORT), ("SEED_USERS", "4"), ("SEED_MESSAGES", "40")]);
        command.env("DOCKER_BUILDKIT", "1");
    }

    pub fn start(&self) -> Result<()> {
        run::captured(self.compose().args(["up", "--detach", "--no-build", "--wait"]))?;
        run::captured(self.compose().args(["wait", "seed"])).map(drop).context("seeding")
    }

    /// Adds the profile's witness, and gives its verifier key.
    pub fn add_witness(&self) -> Result<String> {
        let asked = r#"[{url="http://witness:9205/", vkey="@/run/verifier-keys/witness"}]"#;
        let mut up = self.compose();
        up.envs([("COMPOSE_PROFILES", "witness"), ("WITNESSES", asked)]);
        run::captured(up.args(["up", "--detach", "--no-build", "--wait", "audit-svc", "witness"]))?;
        let read = ["run", "--rm", "--no-deps", "-T", "--entrypoint", "cat", "init", "/out/verifier-keys/witness"];
        run::captured(self.compose().args(read)).map(|key| key.trim().to_owned())
    }

    /// Everything of the project, its data among it; what a profile started is none of the orphans.
    pub fn remove(&self) -> Result<()> {
        let down = ["--profile", "witness", "down", "--volumes", "--remove-orphans", "--timeout", "5"];
        run::captured(self.compose().args(down)).map(drop)
    }

    /// The address that people use.
    pub fn url(&self) -> String {
        format!("https://localhost:{PORT}")
    }

    pub fn all_well(&self) -> Result<()> {
        let listed = run::captured(self.compose().args(["ps", "--all", "--format", "json"]))?;
        let mut services = 0;
        for line in listed.lines() {
            let container: Value = serde_json::from_str(line).with_context(|| format!("not JSON: {line}"))?;
            let (name, state) = (&container["Name"], &container["State"]);
            let well = if state == "running" { container["Health"] == "healthy" } else { container["ExitCode"] == 0 };
            ensure!(well, "{name} is {state}, {}, exit code {}", container["Health"], container["ExitCode"]);
            services += usize::from(state == "running");
        }
        // Three engines, three services, three edges, the ingress.
        ensure!(services == 10, "{services} containers run");
        Ok(())
    }

    pub fn scale_edges(&self, count: usize) -> Result<()> {
        let mut up = self.compose();
        up.args([
            "up",
            "--detach",
            "--no-deps",
            "--no-recreate",
            "--no-build",
            "--wait",
            "--scale",
            &format!("edge={count}"),
            "edge",
        ]);
        run::captured(&mut up).map(drop)
    }

    /// Waits until the ingress sends connections to so many edges.
    pub fn edges_at_the_ingress(&self, wanted: usize) -> Result<()> {
        let deadline = Instant::now() + FOUND_WITHIN;
        loop {
            let ask = "exec 3<>/dev/tcp/127.0.0.1/8405; printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3";
            let metrics = run::captured(self.compose().args(["exec", "-T", "ingress", "bash", "-c", ask]))?;
            let up = metrics.lines().filter(|line| {
                line.starts_with("haproxy_server_status{proxy=\"edge\"") && line.contains("state=\"UP\"") && line.ends_with(" 1")
            });
            let up = up.count();
            if up == wanted {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("the ingress knows {up} edges, not {wanted}");
            }
            process::check_stop()?;
            thread::sleep(TICK);
        }
    }

    /// Gives the edges another certificate, and waits until they show it.
    pub fn renew_certificate(&self) -> Result<()> {
        let before = shown_certificate()?;
        run::captured(self.compose().args(["run", "--rm", "--no-deps", "-T", "--entrypoint", "rm", "init", "/out/pki/edge.pem"]))?;
        run::captured(self.compose().args(["run", "--rm", "--no-deps", "-T", "init"]))?;
        let deadline = Instant::now() + FOUND_WITHIN;
        while shown_certificate()? == before {
            ensure!(Instant::now() < deadline, "the edges still show the old certificate");
            process::check_stop()?;
            thread::sleep(TICK);
        }
        Ok(())
    }

    pub fn is_confined(&self) -> Result<()> {
        for service in OURS {
            let container = run::captured(self.compose().args(["ps", "--quiet", service]))?;
            let container = container.lines().next().with_context(|| format!("{service} does not run"))?;
            let format = "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}}";
            let said = run::captured(Command::new("docker").args(["inspect", "--format", format, container]))?;
            ensure!(said.trim() == "65532:65532 true [ALL] [no-new-privileges:true]", "{service}: {}", said.trim());
            let shell = Command::new("docker").args(["exec", container, "/bin/sh", "-c", "true"]).output()?;
            ensure!(!shell.status.success(), "{service} has a shell");
        }
        Ok(())
    }

    /// Our services write JSON lines with a level.
    pub fn is_quiet(&self) -> Result<()> {
        let mut logs = self.compose();
        let said = run::captured(logs.args(["logs", "--no-log-prefix"]).args(OURS))?;
        ensure!(said.contains("\"level\":\"INFO\""), "the services say nothing");
        let errors: Vec<_> =
            said.lines().filter(|line| line.contains("\"level\":\"ERROR\"") || line.contains("panicked")).collect();
        ensure!(errors.is_empty(), "{}", errors.join("\n"));
        // Somebody who only looks whether NATS is there leaves a broken handshake in its log.
        let engine = run::captured(self.compose().args(["logs", "--no-log-prefix", "nats"]))?;
        ensure!(engine.contains("Server is ready"), "nats says nothing");
        let errors: Vec<_> = engine.lines().filter(|line| line.contains("[ERR]")).collect();
        ensure!(errors.is_empty(), "{}", errors.join("\n"));
        Ok(())
    }

    /// What `hello` calls each edge.
    pub fn edges_are_named(&self, wanted: usize) -> Result<()> {
        let said = run::captured(self.compose().args(["logs", "--no-log-prefix", "edge"]))?;
        let lines = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let names: BTreeSet<_> = lines.filter_map(|line| Some(line["node"].as_str()?.to_owned())).collect();
        ensure!(names.len() == wanted, "the edges are called {names:?}");
        Ok(())
    }
}

/// The certificate that a new connection gets.
fn shown_certificate() -> Result<String> {
    let ask =
        "openssl s_client -connect 127.0.0.1:\"$1\" -servername localhost < /dev/null | openssl x509 -noout -fingerprint -sha256";
    run::captured(Command::new("sh").args(["-c", ask, "sh", PORT]))
}
