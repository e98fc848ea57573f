//! The archive that is tampered with: written once by audit-svc, then copied for each round.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use sealcast_bus::Bus;
use sealcast_contracts::{
    EventId, UserId,
    audit::{Checkpoint, GetCheckpoint},
    auth::Role,
    events::{AuditEvent, AuditEventKind, JoinedBy},
};
use sealcast_testkit::{Database, Nats, Postgres};
use sqlx::{Connection as _, Executor as _, PgConnection};
use tempfile::TempDir;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{conversation::Company, export};

/// Messages of the archive, in bursts with a checkpoint after each.
const MESSAGES: usize = 48;
const BURST: usize = 6;
const COVERED_WITHIN: Duration = Duration::from_secs(30);
const COPIED_WITHIN: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_millis(20);
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(10);
/// What both checks end with when they found something.
const EXIT_FINDINGS: i32 = 5;

pub struct Archive {
    bin: PathBuf,
    pub dir: TempDir,
    /// What a client saw last.
    pub seen: Checkpoint,
    database: Database,
    /// Exports: of the room, and of the other room.
    pub exports: [PathBuf; 2],
    _postgres: Postgres,
}

/// What a check said.
pub struct Said {
    pub found: bool,
    pub text: String,
}

impl Archive {
    /// Runs audit-svc until it has archived a conversation, exports it, and stops the service.
    pub async fn make(bin: &Path) -> Result<Self> {
        let (nats, postgres) = (Nats::start(), Postgres::start());
        let (dir, bus, database) = (tempfile::tempdir()?, nats.provisioned("chat-svc").await, postgres.database().await);
        let urls = nats.config().urls;
        let service = Service { bin, dir: dir.path(), database: &database, urls: &urls };
        service.run(&["migrate"], "audit_owner")?;
        let file = |name: &str| dir.path().join(name).display().to_string();
        service.run(&["keygen", "--kek", &file("kek/1.key"), "--log-key", &file("log.key")], "audit_svc")?;
        let mut serving = service.serve()?;
        let company = Company::found()?;
        converse(&bus, &company).await?;
        let exports = [dir.path().join("export.tar"), dir.path().join("other.tar")];
        for (room, out) in [company.room, company.other].into_iter().zip(&exports) {
            export::write(&bus, &company, room, out).await?;
        }
        let seen = settled(&bus).await?;
        serving.0.kill()?;
        serving.0.wait()?;
        let archive = Self { bin: bin.to_owned(), dir, seen, database, exports, _postgres: postgres };
        archive.is_intact()?;
        Ok(archive)
    }

    /// A fresh copy, as its superuser, with the triggers off; the name is for [`Self::check`].
    pub async fn copy(&self, round: u32) -> Result<(String, PgConnection)> {
        let url = self.database.url("postgres");
        let (base, copy) = (self.name(&url)?, format!("round_{round}"));
        let mut admin = PgConnection::connect(&self.url("postgres", "postgres")?).await?;
        // The last reader's session may not be gone yet.
        let deadline = tokio::time::Instant::now() + COPIED_WITHIN;
        while let Err(error) = admin.execute(format!("create database {copy} template {base}").as_str()).await {
            ensure!(tokio::time::Instant::now() < deadline, "copying the archive: {error}");
            tokio::time::sleep(TICK).await;
        }
        admin.close().await?;
        let mut conn = PgConnection::connect(&self.url("postgres", &copy)?).await?;
        guard(&mut conn, false).await?;
        Ok((copy, conn))
    }

    /// The operator's check of a copy, which is dropped then.
    pub async fn check(&self, copy: &str) -> Result<Said> {
        // Whoever changed something hides how.
        let mut conn = PgConnection::connect(&self.url("postgres", copy)?).await?;
        guard(&mut conn, true).await?;
        conn.close().await?;
        let said = self.verify(&self.url("postgres", copy)?)?;
        let mut admin = PgConnection::connect(&self.url("postgres", "postgres")?).await?;
        admin.execute(format!("drop database {copy}").as_str()).await?;
        admin.close().await?;
        Ok(said)
    }

    /// The auditor's check of an export.
    pub fn check_export(&self, file: &Path) -> Result<Said> {
        let mut command = Command::new(self.bin.join("sealcast"));
        command.arg("--json").arg("--profile").arg(self.dir.path().join("no-profile"));
        command.args(["audit", "verify"]).arg(file).args(["--log-key", &self.seen.vkey]);
        said(&mut command)
    }

    /// The signing key, which an attacker may have stolen.
    pub fn log_key(&self) -> Result<String> {
        std::fs::read_to_string(self.dir.path().join("log.key")).context("reading the log's key")
    }

    /// A drill that finds faults in what nobody changed proves nothing.
    fn is_intact(&self) -> Result<()> {
        let said = self.verify(&self.database.url("postgres"))?;
        ensure!(!said.found, "the untouched archive does not verify:\n{}", said.text);
        for export in &self.exports {
            let said = self.check_export(export)?;
            ensure!(!said.found, "an untouched export does not verify:\n{}", said.text);
        }
        Ok(())
    }

    fn verify(&self, url: &str) -> Result<Said> {
        let seen = format!("{}:{}", self.seen.size, BASE64_STANDARD.encode(self.seen.root.as_slice()));
        let mut command = Command::new(self.bin.join("audit-svc"));
        command.args(["verify", "--seen", &seen]);
        command.env("SEALCAST_POSTGRES__URL", url).env("SEALCAST_SEALING__KEK_DIR", self.dir.path().join("kek"));
        command.env("SEALCAST_LOG_KEY__FILE", self.dir.path().join("log.key"));
        said(&mut command)
    }

    fn url(&self, role: &str, database: &str) -> Result<String> {
        let url = self.database.url(role);
        Ok(url.replace(self.name(&url)?, database))
    }

    fn name<'a>(&self, url: &'a str) -> Result<&'a str> {
        url.rsplit('/').next().context("a database's URL ends with its name")
    }
}

/// Switches the triggers of the schema off, or on as the migrations have them.
async fn guard(conn: &mut PgConnection, on: bool) -> Result<()> {
    let ours: Vec<(String, String)> = sqlx::query_as(
        "select c.relname::text, t.tgname::text from pg_trigger t join pg_class c on c.oid = t.tgrelid
           join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'audit' and not t.tgisinternal order by 1",
    )
    .fetch_all(&mut *conn)
    .await?;
    let how = if on { "enable" } else { "disable" };
    for (table, _) in &ours {
        conn.execute(format!("alter table audit.{table} {how} trigger all").as_str()).await?;
    }
    for (table, trigger) in ours.iter().filter(|_| on) {
        conn.execute(format!("alter table audit.{table} enable always trigger {trigger}").as_str()).await?;
    }
    Ok(())
}

/// Everybody joins, then talks.
async fn converse(bus: &Bus, company: &Company) -> Result<()> {
    for officer in [company.people[0].id, company.second] {
        appoint(bus, officer, company.begin).await?;
    }
    for room_id in [company.room, company.other] {
        for person in &company.people {
            publish_event(bus, room_id, person.id, company.begin).await?;
        }
    }
    // Something that is no message: it is kept apart.
    let subject = sealcast_contracts::stream::room_subject(company.room);
    bus.publish(subject, "nothing", &[], b"no envelope".to_vec().into(), PUBLISH_TIMEOUT).await?;
    for minute in 1..=MESSAGES {
        let message = company.say(minute)?;
        let subject = sealcast_contracts::stream::room_subject(message.room_id);
        let id = Uuid::new_v4().to_string();
        let published = bus.publish(subject, &id, &message.headers(), message.payload().into(), PUBLISH_TIMEOUT).await?;
        if minute % BURST == 0 {
            covered(bus, EventId { stream_epoch: 1, seq: published.seq }).await?;
        }
    }
    Ok(())
}

async fn appoint(bus: &Bus, user_id: UserId, at: OffsetDateTime) -> Result<()> {
    let what = AuditEventKind::RoleChanged { user_id, from: Role::Member, to: Role::Auditor };
    publish(bus, &AuditEvent::now(Uuid::now_v7(), at, None, what)).await
}

async fn publish_event(bus: &Bus, room_id: sealcast_contracts::RoomId, user_id: UserId, at: OffsetDateTime) -> Result<()> {
    let event =
        AuditEvent::now(Uuid::now_v7(), at, Some(user_id), AuditEventKind::MemberJoined { room_id, user_id, by: JoinedBy::Invite });
    publish(bus, &event).await
}

async fn publish(bus: &Bus, event: &AuditEvent) -> Result<()> {
    let payload = serde_json::to_vec(event)?;
    bus.publish(event.subject(), &event.event_id.to_string(), &[], payload.into(), PUBLISH_TIMEOUT).await?;
    Ok(())
}

/// Waits for a checkpoint that covers a message.
async fn covered(bus: &Bus, id: EventId) -> Result<()> {
    let deadline = tokio::time::Instant::now() + COVERED_WITHIN;
    while tokio::time::Instant::now() < deadline {
        if bus.call(&GetCheckpoint { witnessed: false }).await.is_ok_and(|checkpoint| checkpoint.covers >= Some(id)) {
            return Ok(());
        }
        tokio::time::sleep(TICK).await;
    }
    bail!("no checkpoint covers {id}")
}

/// The newest checkpoint, once none follows: exports are leaves, too.
async fn settled(bus: &Bus) -> Result<Checkpoint> {
    let mut last = bus.call(&GetCheckpoint { witnessed: false }).await?;
    loop {
        tokio::time::sleep(Duration::from_secs(3)).await;
        let next = bus.call(&GetCheckpoint { witnessed: false }).await?;
        if next.size == last.size {
            return Ok(next);
        }
        last = next;
    }
}

fn said(command: &mut Command) -> Result<Said> {
    let output = command.stdin(Stdio::null()).output().context("running a check")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.code() {
        Some(0) => Ok(Said { found: false, text }),
        Some(EXIT_FINDINGS) => Ok(Said { found: true, text }),
        _ => bail!("the check broke off: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)),
    }
}

/// audit-svc, and what it is configured with.
struct Service<'a> {
    bin: &'a Path,
    dir: &'a Path,
    database: &'a Database,
    urls: &'a [String],
}

impl Service<'_> {
    fn command(&self, args: &[&str], role: &str) -> Result<Command> {
        let mut command = Command::new(self.bin.join("audit-svc"));
        command
            .args(args)
            .env("SEALCAST_POSTGRES__URL", self.database.url(role))
            .env("SEALCAST_NATS__URLS", serde_json::to_string(self.urls)?)
            .env("SEALCAST_SEALING__KEK_DIR", self.dir.join("kek"))
            .env("SEALCAST_LOG_KEY__FILE", self.dir.join("log.key"))
            .env("SEALCAST_ADMIN__LISTEN", "127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Ok(command)
    }

    fn run(&self, args: &[&str], role: &str) -> Result<()> {
        let ended = self.command(args, role)?.status().context("running audit-svc")?;
        ensure!(ended.success(), "audit-svc {} ended with {ended}", args.join(" "));
        Ok(())
    }

    fn serve(&self) -> Result<Serving> {
        Ok(Serving(self.command(&["serve"], "audit_svc")?.spawn().context("starting audit-svc")?))
    }
}

/// It ends with this value.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
