//! What is said, where and by whom. The text spans several days; the servers stamp what they accept with the time of now.

use anyhow::{Context, Result};
use sealcast_contracts::chat::{Admission, RoomKind};

use crate::cast::NAMES;

const SCRIPT: &str = include_str!("script.txt");
const DAYS: [&str; 5] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
const DONE: [&str; 7] = [
    "the search index",
    "two reviews",
    "the Lisbon checklist",
    "the printer, again",
    "the export format",
    "a flaky test",
    "the onboarding page",
];
const NEXT: [&str; 6] = [
    "the release notes",
    "a customer call",
    "the probe for IPv6",
    "tidying the backlog",
    "reading the audit report",
    "pairing with Kofi",
];

/// A room of the play. The lobby exists already.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    pub name: &'static str,
    pub kind: RoomKind,
    pub admission: Admission,
    /// Its members, as indices of people; the first makes the room. Empty means everybody.
    pub members: &'static [usize],
}

/// The rooms: how people get in differs on purpose.
pub const STAGES: [Stage; 4] = [
    Stage { name: "lobby", kind: RoomKind::Lobby, admission: Admission::Invite, members: &[] },
    Stage { name: "engineering", kind: RoomKind::Public, admission: Admission::Approval, members: &[3, 0, 2, 9, 10] },
    Stage { name: "coffee", kind: RoomKind::Public, admission: Admission::Invite, members: &[11, 1, 5, 7, 8, 10] },
    Stage { name: "incident-42", kind: RoomKind::Private, admission: Admission::Invite, members: &[3, 0, 2, 9] },
];

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Position in the play.
    pub index: usize,
    /// Index into [`STAGES`].
    pub stage: usize,
    /// Index of the person.
    pub speaker: usize,
    pub text: String,
}

/// The first `messages` lines, spoken by `users` people.
///
/// # Errors
/// When the script is malformed.
pub fn lines(users: usize, messages: usize) -> Result<Vec<Line>> {
    let written = written()?;
    let more = (written.len()..).map(stand_up);
    let all = written.iter().cloned().chain(more).take(messages);
    Ok(all.map(|line| Line { speaker: line.speaker % users, ..line }).collect())
}

fn written() -> Result<Vec<Line>> {
    let spoken = SCRIPT.lines().filter(|line| !line.is_empty() && !line.starts_with("=="));
    spoken.enumerate().map(|(index, line)| parse(index, line).with_context(|| format!("script: `{line}`"))).collect()
}

fn parse(index: usize, line: &str) -> Result<Line> {
    let mut words = line.splitn(3, ' ');
    let mut word = || words.next().context("expected room, speaker and text");
    let (room, speaker, text) = (word()?, word()?, word()?.to_owned());
    let stage = STAGES.iter().position(|stage| stage.name == room).context("unknown room")?;
    let speaker = NAMES.iter().position(|name| *name == speaker).context("unknown speaker")?;
    Ok(Line { index, stage, speaker, text })
}

/// When the script is over, people go on saying each day what they did and what comes next.
fn stand_up(index: usize) -> Line {
    let (speaker, round) = (index % NAMES.len(), index / NAMES.len());
    let (day, week) = (DAYS[round % DAYS.len()], round / DAYS.len() + 2);
    let (done, next) = (DONE[(index + round) % DONE.len()], NEXT[(index * 5 + round) % NEXT.len()]);
    Line { index, stage: 0, speaker, text: format!("Stand-up, {day} of week {week}: finished {done}, now {next}.") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_script_is_played_by_members_only() {
        for line in written().unwrap() {
            let members = STAGES[line.stage].members;
            assert!(
                members.is_empty() || members.contains(&line.speaker),
                "{} is not in {}: {}",
                NAMES[line.speaker],
                STAGES[line.stage].name,
                line.text
            );
        }
    }

    #[test]
    fn lines_are_as_many_as_asked_for_and_always_the_same() {
        assert_eq!(lines(12, 300).unwrap().len(), 300);
        assert_eq!(lines(12, 300).unwrap(), lines(12, 300).unwrap());
        assert!(lines(4, 300).unwrap().iter().all(|line| line.speaker < 4));
        let rooms: BTreeSet<_> = lines(12, 300).unwrap().iter().map(|line| line.stage).collect();
        assert_eq!(rooms.len(), STAGES.len());
    }
}
