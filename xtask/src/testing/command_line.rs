//! The command-line client against a running stack: two people, each with a profile of its own.

mod officer;
pub(super) mod person;

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::{
    record::Record,
    repo::Repo,
    tally::Tally,
    testing::{
        command_line::{officer::Officer, person::Person},
        stack::TestStack,
    },
};

/// How long a message may take from one client to another, and a checkpoint to cover it.
const DELIVERED_WITHIN: Duration = Duration::from_secs(15);
const TEXT: &str = "the heron lands at a quarter past nine";

/// Runs all checks; one that fails does not keep the next from running.
pub fn run(repo: &Repo, stack: &TestStack) -> Result<Tally> {
    let record = stack.record().context("the stack is gone")?;
    let edge = |at: usize| Ok::<_, anyhow::Error>(record.edges.get(at).context("the stack has too few edges")?.url.clone());
    let (one, two) = (edge(0)?, edge(1)?);
    let person = |name: &str| Person::new(&stack.state.dir.join("people"), repo, &record, name);
    let (ann, ben) = (person("cli-ann")?, person("cli-ben")?);
    let mut tally = Tally::default();
    tally.check("two people register through the invite link, on two edges", || {
        ann.register(&one)?;
        ben.register(&two)
    });
    tally.check("what one sends on edge 1 the other reads on edge 2", || live(&ann, &ben));
    tally.check("the stored message comes back decrypted, and its proof holds", || archived(&ann, &ben));
    tally.check("a wrong password ends with the code for denied", || ann.is_denied(&one));
    tally.check("an admin shuts somebody out and lets them in again", || {
        let admin = Person::known(&stack.state.dir.join("people"), repo, &record, "admin", &one)?;
        administered(&admin, &ann, &one)
    });
    officer(repo, stack, &record, (&one, &ann, &ben), &mut tally);
    Ok(tally)
}

fn administered(admin: &Person, ann: &Person, server: &str) -> Result<()> {
    ensure!(!admin.says(&["admin", "sessions", "list", "cli-ann"])?.is_empty(), "cli-ann has no session");
    let locked = admin.says(&["admin", "users", "lock", "cli-ann", "--reason", "a lost laptop"])?;
    ensure!(locked[0]["lock"]["reason"] == "a lost laptop" && locked[0]["sessions"] == 0, "{locked:?}");
    ann.is_locked_out(server)?;
    ensure!(ann.says(&["rooms"]).is_err(), "the session still works");
    let listed = admin.says(&["admin", "users", "list", "--locked"])?;
    ensure!(listed.len() == 1 && listed[0]["username"] == "cli-ann", "{listed:?}");
    admin.says(&["admin", "users", "unlock", "cli-ann"])?;
    admin.says(&["admin", "limits", "reset", "cli-ann"])?;
    ann.log_in(server)?;
    let roles = admin.says(&["admin", "roles", "list"])?;
    ensure!(roles.iter().any(|account| account["username"] == "admin"), "{roles:?}");
    let streams = admin.says(&["admin", "streams"])?;
    ensure!(streams.iter().any(|stream| stream["name"] == "ENVELOPES" && stream["epoch"] == 1), "{streams:?}");
    let limits = admin.says(&["admin", "limits", "show"])?;
    ensure!(limits.iter().any(|limit| limit["name"] == "chat.rate.messages"), "{limits:?}");
    ensure!(ann.says(&["admin", "users", "list"]).is_err(), "a member may look at accounts");
    Ok(())
}

/// The compliance officer's part.
fn officer(repo: &Repo, stack: &TestStack, record: &Record, (server, ann, ben): (&str, &Person, &Person), tally: &mut Tally) {
    let mut officer = None;
    tally.check("two auditors log in", || {
        officer = Some(Officer::log_in(repo, stack, record, server)?);
        Ok(())
    });
    let Some(officer) = officer else { return };
    tally.check("a case is opened, and the second officer consents", || officer.opens_a_case("lobby"));
    let mut export = None;
    tally.check("an export of the lobby verifies offline, texts and all", || {
        export = Some(officer.exports("lobby")?);
        Ok(())
    });
    if let Some(export) = &export {
        tally.check("one changed letter of an export is found, and its line named", || officer.finds_a_changed_line(export));
    }
    tally.check("the running log is what its database holds", || officer.verifies_live());
    tally.check("a compliance key in five shares opens with three, not with two", || officer.splits_a_key());
    tally.check("the canary opens every message, and tells when it cannot", || officer.keeps_a_canary());
    tally.check("the compliance key names the next one: messages follow it, and the canary needs both", || {
        let admin = Person::known(&stack.state.dir.join("people"), repo, record, "admin", server)?;
        let next = officer.names_the_next_key(&admin)?;
        // Her sessions ended when she was shut out.
        ann.come_back(server)?;
        let before = ann.send("written before the change")?;
        let after = officer.opens_with_both(|| ann.send("written after the change"), &next)?;
        for (sent, text) in [(before, "written before the change"), (after, "written after the change")] {
            person::until(DELIVERED_WITHIN, || {
                let history = ben.says(&["history", "--room", "lobby", "--limit", "50"])?;
                ensure!(history.iter().any(|line| line["id"] == sent["id"] && line["text"] == text), "{text:?} is not read");
                Ok(())
            })?;
        }
        Ok(())
    });
}

fn live(ann: &Person, ben: &Person) -> Result<()> {
    let tail = ben.tail()?;
    tail.wait_for("hello", DELIVERED_WITHIN, |lines| lines.iter().any(|line| line["event"] == "hello"))?;
    let sent = ann.send(TEXT)?;
    tail.wait_for("the message", DELIVERED_WITHIN, |lines| {
        lines.iter().any(|line| line["id"] == sent["id"] && line["text"] == TEXT && line["verified"] == true)
    })
}

fn archived(ann: &Person, ben: &Person) -> Result<()> {
    // The archive is written after the message was accepted, the proof after that.
    person::until(DELIVERED_WITHIN, || {
        let history = ben.says(&["history", "--room", "lobby", "--limit", "200"])?;
        let found = history.iter().find(|line| line["text"] == TEXT).context("the message is not in the history")?;
        let id = found["id"].as_str().context("a message without id")?;
        ann.says(&["audit", "proof", id]).map(drop)
    })
}
