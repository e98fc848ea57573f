//! Who asks: a member for proofs, an officer within a case for pages and an export.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, bail, ensure};
use sealcast_client::{Client, Session};
use sealcast_contracts::{
    CaseId, EventId,
    audit::{AccessAction, MessageFilter, NewCase, Order, Scope},
    auth::Role,
};
use sealcast_merkle::{Hash, leaf, tree};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Export, Times, backlog::Backlog, past::Past};
use crate::{
    fixture::{self, Fixture},
    os,
    plan::{EdgePlan, Plan},
    progress,
};

const CASE: &str = "bench-1";
/// What the console asks for.
const PAGE: u32 = 50;

/// The member, the officer and their case.
pub struct Officers {
    member: Client,
    officer: Client,
    case_id: CaseId,
}

/// Values that repeat from run to run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound.max(1)
    }
}

impl Officers {
    /// Makes two senders auditors; one opens a case about everything, and the other consents.
    ///
    /// # Errors
    /// The cluster refuses it.
    pub async fn appoint(plan: &Plan, edge: &EdgePlan, fixture: &Fixture) -> Result<Self> {
        let mut clients = fixture.clients(plan, edge).await?.into_iter();
        let mut next = || clients.next().context("too few senders");
        let (member, officer, second) = (next()?, next()?, next()?);
        for appointed in [&officer, &second] {
            member.session().set_role(appointed.session().info().user_id, Role::Auditor).await.context("appointing an officer")?;
        }
        let expires_at = OffsetDateTime::now_utc() + Duration::days(1);
        let case = NewCase {
            number: CASE.to_owned(),
            reason: "measuring".to_owned(),
            legal_basis: "none, this is a bench".to_owned(),
            expires_at,
            scope: Scope::default(),
            sealed_until: None,
        };
        let case_id = officer.session().open_case(&case).await.context("opening a case")?.case_id;
        for action in [AccessAction::Query, AccessAction::Export] {
            let asked = officer.session().request_approval(case_id, action, "measuring").await?;
            second.session().decide_approval(case_id, asked.approval_id, true, "measuring", None).await?;
        }
        Ok(Self { member, officer, case_id })
    }

    /// Fetches proofs of messages here and there, and verifies each.
    ///
    /// # Errors
    /// One does not verify.
    pub async fn prove(&self, past: &Past, count: u64) -> Result<Times> {
        progress::say(format_args!("fetching and verifying {count} proofs"));
        let (session, mut chance, mut taken) = (self.member.session(), Chance(1), Vec::new());
        for _ in 0..count {
            ensure!(!os::stop_asked(), "interrupted");
            let id = EventId { stream_epoch: 0, seq: 1 + chance.below(past.count) };
            let begun = Instant::now();
            let proof = session.inclusion_proof(id, false).await?;
            taken.push(ms(begun));
            let path: Vec<Hash> = proof.path.iter().map(|hash| Ok(hash.as_slice().try_into()?)).collect::<Result<_>>()?;
            let root: Hash = proof.checkpoint.root.as_slice().try_into()?;
            ensure!(proof.leaf.contains(&format!("id={id}\n")), "a proof of another leaf");
            tree::verify_inclusion(proof.leaf_index, proof.checkpoint.size, &leaf::hash(&proof.leaf), &path, &root)?;
        }
        Ok(Times::of(taken))
    }

    /// Asks for first pages, newest first, as the console does.
    ///
    /// # Errors
    /// A page is not what was asked for.
    pub async fn query(&self, past: &Past, count: u64) -> Result<Vec<(String, Times)>> {
        progress::say(format_args!("asking for first pages, {count} of each kind"));
        let mut chance = Chance(2);
        let mut all = Vec::new();
        for (name, room, sender, window) in [
            ("a room", true, false, None),
            ("a room, an hour", true, false, Some(Duration::hours(1))),
            ("a room, a day", true, false, Some(Duration::days(1))),
            ("a room, 30 days", true, false, Some(Duration::days(30))),
            ("all rooms, an hour", false, false, Some(Duration::hours(1))),
            ("all rooms, a day", false, false, Some(Duration::days(1))),
            ("all rooms, 30 days", false, false, Some(Duration::days(30))),
            ("a sender, a day", false, true, Some(Duration::days(1))),
        ] {
            let mut taken = Vec::new();
            for _ in 0..count {
                ensure!(!os::stop_asked(), "interrupted");
                let from = window.map(|window| past.begin + (past.end - past.begin - window) * (chance.below(1_000) as f64 / 1e3));
                let filter = MessageFilter {
                    room_id: room.then(|| past.rooms[chance.below(past.rooms.len() as u64) as usize]),
                    sender: sender.then(|| past.senders[chance.below(past.senders.len() as u64) as usize]),
                    from,
                    to: from.zip(window).map(|(from, window)| from + window),
                    ..MessageFilter::default()
                };
                taken.push(self.first_page(&filter).await?);
                progress::show(format_args!("{name}: {} of {count}", taken.len()));
            }
            all.push((name.to_owned(), Times::of(taken)));
        }
        Ok(all)
    }

    async fn first_page(&self, filter: &MessageFilter) -> Result<f64> {
        let session: &Session = self.officer.session();
        let begun = Instant::now();
        let page = session.case_messages(self.case_id, filter, Order::NewestFirst, None, PAGE).await?;
        let taken = ms(begun);
        let fits = page.items.iter().all(|message| {
            filter.room_id.is_none_or(|room| room == message.room_id)
                && filter.from.is_none_or(|from| from <= message.accepted_at)
                && filter.to.is_none_or(|to| message.accepted_at < to)
        });
        ensure!(fits, "a page has what was not asked for");
        Ok(taken)
    }

    /// Exports the room with `sealcast`, and checks the file again.
    ///
    /// # Errors
    /// `sealcast` fails, or the export does not verify.
    pub async fn export(&self, plan: &Plan, edge: &EdgePlan, vkey: &str, backlog: &Backlog) -> Result<Export> {
        progress::say(format_args!("exporting {} messages", backlog.exported));
        let dir = plan.dir.join("export");
        fs::remove_dir_all(&dir).or_else(|error| if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
        fs::create_dir_all(&dir)?;
        let (profile, out, password) = (dir.join("profile"), dir.join("export.tar"), dir.join("password"));
        fs::write(&password, fixture::PASSWORD)?;
        let server = format!("https://localhost:{}", edge.port);
        let sealcast = |args: &[&str]| sealcast(&plan.bin.join("sealcast"), &profile, &password, args);
        let (ca, out_text) = (plan.ca.display().to_string(), out.display().to_string());
        let username = &self.officer.session().info().username;
        sealcast(&["login", "--server", &server, "--ca", &ca, "--username", username])?;
        let (from, room) = (backlog.from.format(&Rfc3339)?, backlog.room_id.to_string());
        let begun = Instant::now();
        sealcast(&["audit", "export", "--case", CASE, "--room", &room, "--from", &from, "--out", &out_text])?;
        let seconds = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        sealcast(&["audit", "verify", &out_text, "--log-key", vkey])?;
        let verified = begun.elapsed().as_secs_f64();
        let octets = fs::metadata(&out)?.len();
        let mb = octets as f64 / 1e6;
        Ok(Export { messages: backlog.exported, octets, seconds, mb_per_s: mb / seconds, verify_mb_per_s: mb / verified })
    }
}

fn sealcast(program: &Path, profile: &Path, password: &Path, args: &[&str]) -> Result<()> {
    let output = Command::new(program)
        .arg("--profile")
        .arg(profile)
        .arg("--password-file")
        .arg(password)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .context("running sealcast")?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!(
            "sealcast {} ended with {}: {}",
            args[..args.len().min(2)].join(" "),
            output.status,
            String::from_utf8_lossy(&said).trim()
        );
    }
    Ok(())
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
