//! An export on its way: a folder with the parts so far, and how far they go. A run that broke off is gone on with.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use sealcast_contracts::{
    Fingerprint, RoomId,
    audit::{
        StoredMessage,
        leaves::{LeafPage, LeafRange, LogLeaf, ProvenEvent, ROOM_EVENT_KINDS},
    },
};
use sealcast_merkle::leaf::{self, LeafText, MessageDigests};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    fault::BundleError,
    lines,
    parts::{EVENTS, EventLine, LEAVES, LeafLine, MESSAGES, MessageLine, ShreddedLine},
};

const STATE: &str = "state.json";

/// What was asked for; a case may narrow it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    pub room_id: RoomId,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub from: Option<OffsetDateTime>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub to: Option<OffsetDateTime>,
    pub case: Option<String>,
}

/// Whether a message belongs to an export.
fn holds(range: &LeafRange, message: &MessageDigests) -> bool {
    let LeafRange { room_id, since, until, .. } = range;
    let at = message.accepted_at;
    message.room_id == *room_id && since.is_none_or(|since| at >= since) && until.is_none_or(|until| at < until)
}

/// How far an export has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub query: Query,
    pub range: LeafRange,
    /// The next leaf to be fetched.
    pub next_leaf: u64,
    /// Octets of each growing part that count.
    leaves_octets: u64,
    messages_octets: u64,
    events_octets: u64,
}

/// An unfinished export.
#[derive(Debug)]
pub struct Draft {
    pub(crate) dir: PathBuf,
    state: State,
}

impl Draft {
    /// The export that was begun in `dir`, if there is one.
    ///
    /// # Errors
    /// The folder cannot be read, or holds another export.
    pub fn resume(dir: &Path, query: &Query) -> Result<Option<Self>, BundleError> {
        let path = dir.join(STATE);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(BundleError::at("reading", &path)(error)),
        };
        let state: State = serde_json::from_slice(&text)?;
        if state.query != *query {
            return Err(BundleError::OtherExport(dir.display().to_string()));
        }
        let draft = Self { dir: dir.to_owned(), state };
        // What was written after the state was kept does not count.
        for (part, octets) in draft.lengths() {
            let path = draft.path(part);
            let file = OpenOptions::new().write(true).open(&path).map_err(BundleError::at("opening", &path))?;
            file.set_len(octets).map_err(BundleError::at("cutting", &path))?;
        }
        Ok(Some(draft))
    }

    /// Begins an export. `before` is what happened to the room before the range.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn begin(dir: &Path, query: Query, range: LeafRange, before: Vec<ProvenEvent>) -> Result<Self, BundleError> {
        let make = fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
        make.map_err(BundleError::at("making", dir))?;
        let next_leaf = range.from;
        let state = State { query, range, next_leaf, leaves_octets: 0, messages_octets: 0, events_octets: 0 };
        let mut draft = Self { dir: dir.to_owned(), state };
        for part in [LEAVES, MESSAGES, EVENTS] {
            let path = draft.path(part);
            File::options()
                .create(true)
                .truncate(true)
                .write(true)
                .mode(0o600)
                .open(&path)
                .map_err(BundleError::at("making", &path))?;
        }
        draft.state.events_octets = draft.append(EVENTS, before.into_iter().map(EventLine::from))?;
        draft.keep()?;
        Ok(draft)
    }

    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether every leaf of the range is here.
    pub fn is_complete(&self) -> bool {
        self.state.next_leaf >= self.state.range.to
    }

    /// Takes the next leaves.
    ///
    /// # Errors
    /// They do not go on where the last ones ended, or the folder cannot be written.
    pub fn add(&mut self, page: LeafPage) -> Result<(), BundleError> {
        let (mut leaves, mut messages, mut events) = (Vec::new(), Vec::new(), Vec::new());
        let mut next = self.state.next_leaf;
        for item in page.items {
            if item.leaf_index != next || next >= self.state.range.to {
                return Err(BundleError::Server(format!("leaf {} came where leaf {next} belongs", item.leaf_index)));
            }
            next += 1;
            let hash = Fingerprint(leaf::hash(&item.leaf));
            leaves.push(LeafLine { leaf_index: item.leaf_index, leaf: item.leaf.clone(), hash });
            match leaf::read(&item.leaf) {
                Some(LeafText::Message(digests)) if holds(&self.state.range, &digests) => {
                    messages.push(message_line(&digests, item))
                }
                Some(LeafText::Event(_)) => events.extend(event_line(item)?),
                _ => {}
            }
        }
        if next == self.state.next_leaf {
            return Err(BundleError::Server(format!("no leaf {next} came")));
        }
        self.state.leaves_octets = self.append(LEAVES, leaves)?;
        self.state.messages_octets = self.append(MESSAGES, messages)?;
        self.state.events_octets = self.append(EVENTS, events)?;
        self.state.next_leaf = next;
        self.keep()
    }

    pub(crate) fn path(&self, part: &str) -> PathBuf {
        self.dir.join(part)
    }

    fn lengths(&self) -> [(&'static str, u64); 3] {
        let State { leaves_octets, messages_octets, events_octets, .. } = self.state;
        [(LEAVES, leaves_octets), (MESSAGES, messages_octets), (EVENTS, events_octets)]
    }

    /// Appends lines and returns the part's new length.
    fn append(&self, part: &str, lines: impl IntoIterator<Item = impl Serialize>) -> Result<u64, BundleError> {
        let path = self.path(part);
        let write = || -> io::Result<u64> {
            let mut out = BufWriter::new(OpenOptions::new().append(true).open(&path)?);
            lines.into_iter().try_for_each(|line| lines::write(&mut out, &line))?;
            let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.sync_data()?;
            Ok(file.metadata()?.len())
        };
        write().map_err(BundleError::at("writing", &path))
    }

    fn keep(&self) -> Result<(), BundleError> {
        let (path, draft) = (self.path(STATE), self.path("state.new"));
        let text = serde_json::to_vec(&self.state)?;
        let write = || {
            let mut file = File::create(&draft)?;
            file.write_all(&text)?;
            file.sync_data()?;
            fs::rename(&draft, &path)
        };
        write().map_err(BundleError::at("writing", &path))
    }
}

fn message_line(digests: &MessageDigests, item: LogLeaf) -> MessageLine {
    let Some(content) = item.message else {
        return MessageLine::Shredded(ShreddedLine { id: digests.id, leaf_index: item.leaf_index, shredded: true });
    };
    MessageLine::Stored(Box::new(StoredMessage {
        id: digests.id,
        room_id: digests.room_id,
        cid: digests.cid,
        sender: digests.sender,
        sender_fp: digests.sender_fp,
        epoch: digests.epoch,
        env: content.env,
        sig: content.sig,
        accepted_at: digests.accepted_at,
        leaf_index: item.leaf_index,
    }))
}

fn event_line(item: LogLeaf) -> Result<Option<EventLine>, BundleError> {
    let Some(LeafText::Event(event)) = leaf::read(&item.leaf) else { return Ok(None) };
    if !ROOM_EVENT_KINDS.contains(&event.kind.as_str()) {
        return Ok(None);
    }
    let body = item.body.ok_or_else(|| BundleError::Server(format!("leaf {} came without its body", item.leaf_index)))?;
    let (leaf_index, event_id, kind, actor, at) = (item.leaf_index, event.event_id, event.kind, event.actor, event.at);
    Ok(Some(EventLine { leaf_index, event_id, kind, actor, at, body, path: None }))
}
