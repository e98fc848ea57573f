//! The leaves: without a gap, each rebuilt from what it speaks of, and together what the log's key signed.

use std::{
    fs::File,
    io::{self, BufReader, Take},
};

use sealcast_contracts::{
    Base64,
    audit::leaves::{RANGE_MARGIN_S, ROOM_EVENT_KINDS},
};
use sealcast_merkle::{
    Hash,
    checkpoint::TreeHead,
    leaf::{self, EventLeaf, LeafText, MessageDigests, MessageLeaf},
    tree::{self, Frontier},
};
use time::{Duration, OffsetDateTime};

use super::{Anchors, Bundle, Report, Sealed, messages::SeenBySenders};
use crate::{
    fault::Fault,
    lines::Lines,
    manifest::Manifest,
    parts::{EVENTS, EventLine, LEAVES, LeafLine, MANIFEST, MESSAGES, MessageLine, RANGE},
};

/// Reads the leaves beside the messages and events that belong to them.
pub fn check(bundle: &Bundle<'_>, sealed: &Sealed, anchors: &Anchors, seen: &SeenBySenders, report: &mut Report) -> io::Result<()> {
    let (manifest, log, before) = (&sealed.manifest, &sealed.manifest.log, report.faults.len());
    if log.first_leaf > log.end_leaf || log.end_leaf > log.size {
        report.fault(Fault::part(MANIFEST, "its leaves do not lie within its log"));
        return Ok(());
    }
    let frontier = hashes(&sealed.range.frontier).and_then(|hashes| Frontier::from_subtrees(log.first_leaf, &hashes).ok());
    let Some(frontier) = frontier else {
        report.fault(Fault::part(RANGE, "its frontier is not that of a log of this size"));
        return Ok(());
    };
    let mut walk = Walk {
        manifest,
        seen,
        frontier,
        messages: Beside::new(bundle.lines(MESSAGES)?)?,
        events: Beside::new(bundle.lines(EVENTS)?)?,
        vouched: 0,
        known: anchors.seen,
        first_at: None,
        last_at: None,
    };
    walk.events.skip_while(|event: &EventLine| event.leaf_index < log.first_leaf)?;
    let mut lines = bundle.lines::<LeafLine>(LEAVES)?;
    walk.vouch(report);
    while let Some((number, line)) = lines.next()? {
        match line {
            Ok(line) => walk.leaf(number, &line, report)?,
            Err(fault) => report.fault(fault),
        }
    }
    walk.end(report)?;
    root(sealed, &walk.frontier, report);
    anchor(&walk, report);
    let leaves = log.end_leaf - log.first_leaf;
    report.step_since(
        before,
        "log",
        format!("leaves {} to {} without a gap ({leaves}), in the signed log of {}", log.first_leaf, log.end_leaf, log.size),
    );
    let vouched = walk.vouched;
    report.step_since(before, "gossip", format!("what {vouched} senders signed to have seen of the log is what it was"));
    Ok(())
}

struct Walk<'a> {
    manifest: &'a Manifest,
    seen: &'a SeenBySenders,
    frontier: Frontier,
    messages: Beside<MessageLine>,
    events: Beside<EventLine>,
    vouched: usize,
    /// A state of the log that was seen before and has not been compared yet.
    known: Option<TreeHead>,
    /// When the messages of the range were accepted, the earliest and the latest. Events do not count: one that waited in its service's
    /// outbox stands long behind its time, and messages that came before it could be left out unseen.
    first_at: Option<OffsetDateTime>,
    last_at: Option<OffsetDateTime>,
}

impl Walk<'_> {
    fn leaf(&mut self, number: u64, line: &LeafLine, report: &mut Report) -> io::Result<()> {
        let fault = |reason: String| Fault::line(LEAVES, number, reason);
        let index = self.frontier.size();
        if line.leaf_index != index {
            report.fault(fault(format!("leaf {} stands where leaf {index} belongs", line.leaf_index)));
        }
        let hash = leaf::hash(&line.leaf);
        if hash != line.hash.0 {
            report.fault(fault(format!("leaf {index} is not what it was: its hash differs")));
        }
        self.frontier.append(hash);
        self.vouch(report);
        let Some(text) = leaf::read(&line.leaf) else {
            report.fault(fault(format!("leaf {index} is not a leaf of this log")));
            return Ok(());
        };
        if let LeafText::Message(digests) = &text {
            let at = digests.accepted_at;
            self.first_at = Some(self.first_at.map_or(at, |first| first.min(at)));
            self.last_at = self.last_at.max(Some(at));
        }
        match text {
            LeafText::Message(digests) if self.holds(&digests) => self.message(number, (index, &line.leaf), &digests, report),
            LeafText::Event(event) if ROOM_EVENT_KINDS.contains(&event.kind.as_str()) => {
                self.event(number, (index, &line.leaf), &event.kind, report)
            }
            _ => Ok(()),
        }
    }

    fn holds(&self, message: &MessageDigests) -> bool {
        let (manifest, at) = (self.manifest, message.accepted_at);
        message.room_id == manifest.room_id && manifest.from.is_none_or(|from| at >= from) && manifest.to.is_none_or(|to| at < to)
    }

    fn message(
        &mut self,
        number: u64,
        (index, leaf): (u64, &str),
        digests: &MessageDigests,
        report: &mut Report,
    ) -> io::Result<()> {
        self.messages.drop_before(index, MessageLine::leaf_index, report)?;
        let Some((at, line)) = self.messages.take_at(index, MessageLine::leaf_index)? else {
            report.fault(Fault::line(LEAVES, number, format!("message {} of the room is left out of {MESSAGES}", digests.id)));
            return Ok(());
        };
        let same = match &line {
            MessageLine::Stored(message) => MessageLeaf::from(&**message).to_string() == leaf,
            MessageLine::Shredded(line) => line.id == digests.id && line.shredded,
        };
        if !same {
            report.fault(Fault::line(MESSAGES, at, format!("message {} is not the one that leaf {index} stands for", digests.id)));
        }
        Ok(())
    }

    fn event(&mut self, number: u64, (index, leaf): (u64, &str), kind: &str, report: &mut Report) -> io::Result<()> {
        self.events.drop_before(index, |event| event.leaf_index, report)?;
        let Some((at, line)) = self.events.take_at(index, |event| event.leaf_index)? else {
            report.fault(Fault::line(LEAVES, number, format!("the event {kind} of leaf {index} is left out of {EVENTS}")));
            return Ok(());
        };
        if line.path.is_some() || event_leaf(&line) != leaf {
            report.fault(Fault::line(EVENTS, at, format!("the event is not the one that leaf {index} stands for")));
        }
        Ok(())
    }

    /// Compares the root, at this size, with what was seen before, and with what senders signed to have seen.
    fn vouch(&mut self, report: &mut Report) {
        if let Some(known) = self.known.take_if(|known| known.size == self.frontier.size())
            && known.root != self.frontier.root()
        {
            report.fault(Fault::part(LEAVES, format!("another log of {} leaves was seen before: a fork", known.size)));
        }
        let Some(seen) = self.seen.get(&self.frontier.size()) else { return };
        let root = self.frontier.root();
        for (cp, line) in seen {
            if root[..16] == cp.root {
                self.vouched += 1;
            } else {
                let reason = format!("its sender signed to have seen another log of {} leaves: a split view", cp.size);
                report.fault(Fault::line(MESSAGES, *line, reason));
            }
        }
    }

    /// What is left over, and whether the range reaches as far as the times that were asked for.
    fn end(&mut self, report: &mut Report) -> io::Result<()> {
        let (log, manifest) = (&self.manifest.log, self.manifest);
        if self.frontier.size() != log.end_leaf {
            report.fault(Fault::part(LEAVES, format!("it ends at leaf {}, not at {}", self.frontier.size(), log.end_leaf)));
        }
        self.messages.drop_before(u64::MAX, MessageLine::leaf_index, report)?;
        self.events.drop_before(u64::MAX, |event| event.leaf_index, report)?;
        let margin = Duration::seconds(RANGE_MARGIN_S);
        let early = |from: OffsetDateTime| from.checked_sub(margin).is_some_and(|from| self.first_at.is_some_and(|at| at < from));
        if log.first_leaf > 0 && !manifest.from.is_some_and(early) {
            report.fault(Fault::part(LEAVES, "it does not begin before the time that was asked for: messages may be left out"));
        }
        let late = |to: OffsetDateTime| to.checked_add(margin).is_some_and(|to| self.last_at.is_some_and(|at| at >= to));
        if log.end_leaf < log.size && !manifest.to.is_some_and(late) {
            report.fault(Fault::part(LEAVES, "it does not end after the time that was asked for: messages may be left out"));
        }
        Ok(())
    }
}

/// Whether the leaves lead to the signed root.
fn root(sealed: &Sealed, frontier: &Frontier, report: &mut Report) {
    let log = &sealed.manifest.log;
    let Some(path) = hashes(&sealed.range.consistency) else {
        return report.fault(Fault::part(RANGE, "a hash of its proof is not 32 octets"));
    };
    // A log of no leaves says nothing about a later one.
    let holds = frontier.size() == 0 && path.is_empty() && log.end_leaf == 0
        || tree::verify_consistency(frontier.size(), &frontier.root(), log.size, &log.root.0, &path).is_ok();
    if !holds {
        report.fault(Fault::part(LEAVES, "the leaves do not lead to the root that the log signed"));
    }
}

/// A state of the log that was seen before, where the leaves do not reach.
fn anchor(walk: &Walk<'_>, report: &mut Report) {
    let (Some(seen), log) = (walk.known, &walk.manifest.log) else { return };
    if seen.size == log.size && seen.root != log.root.0 {
        report.fault(Fault::part("checkpoint.txt", format!("another log of {} leaves was seen before: a fork", seen.size)));
    } else if seen.size != log.size {
        report.caveats.push(format!(
            "the state of {} leaves that was seen before lies outside the export; only the log can compare",
            seen.size
        ));
    }
}

/// The text of an event's leaf.
pub fn event_leaf(line: &EventLine) -> String {
    let EventLine { event_id, kind, actor, at, body, .. } = line;
    EventLeaf { event_id: *event_id, kind, actor: *actor, at: *at, body: body.as_bytes() }.to_string()
}

pub fn hashes(octets: &[Base64]) -> Option<Vec<Hash>> {
    octets.iter().map(|hash| Hash::try_from(hash.as_slice()).ok()).collect()
}

/// A part that is read beside the leaves, in the same order.
struct Beside<T> {
    lines: Lines<BufReader<Take<File>>, T>,
    next: Option<(u64, T)>,
}

impl<T: serde::de::DeserializeOwned> Beside<T> {
    fn new(lines: Lines<BufReader<Take<File>>, T>) -> io::Result<Self> {
        let mut beside = Self { lines, next: None };
        beside.advance()?;
        Ok(beside)
    }

    /// Goes to the next good line; bad ones were told of when the part was checked by itself.
    fn advance(&mut self) -> io::Result<()> {
        self.next = None;
        while let Some((number, line)) = self.lines.next()? {
            if let Ok(line) = line {
                self.next = Some((number, line));
                break;
            }
        }
        Ok(())
    }

    fn skip_while(&mut self, skip: impl Fn(&T) -> bool) -> io::Result<()> {
        while self.next.as_ref().is_some_and(|(_, line)| skip(line)) {
            self.advance()?;
        }
        Ok(())
    }

    /// Lines that come too late or belong to no leaf.
    fn drop_before(&mut self, index: u64, leaf_index: impl Fn(&T) -> u64, report: &mut Report) -> io::Result<()> {
        while let Some((number, line)) = self.next.as_ref().filter(|(_, line)| leaf_index(line) < index) {
            let part = self.lines.part();
            report.fault(Fault::line(
                part,
                *number,
                format!("it belongs to no leaf of the range, or stands out of order ({})", leaf_index(line)),
            ));
            self.advance()?;
        }
        Ok(())
    }

    fn take_at(&mut self, index: u64, leaf_index: impl Fn(&T) -> u64) -> io::Result<Option<(u64, T)>> {
        if self.next.as_ref().is_none_or(|(_, line)| leaf_index(line) != index) {
            return Ok(None);
        }
        let taken = self.next.take();
        self.advance()?;
        Ok(taken)
    }
}
