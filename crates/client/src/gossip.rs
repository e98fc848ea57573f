//! Gossip: what senders signed to have seen of the log, compared with the log that this client is shown. A server that shows
//! two trees to two people is found out by the first message from the one to the other (docs/protocol.md section 8).

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sealcast_contracts::{UserId, context::SeenCheckpoint};
use sealcast_merkle::{Hash, checkpoint::TreeHead, tree};

use crate::{
    Error,
    directory::Known,
    log::{self, Source, consistency_path, consistent, newest, verification},
    trust::Trust,
};

/// Senders that wait, each with the largest checkpoint that was read of theirs. A sample is enough: trees that were split once
/// stay apart, because whoever is shown the other one checks that it only grows, and signs a root of it with every message
/// from then on.
const TOLD_MAX: usize = 64;
/// Roots that are remembered, so that what was compared is not asked for again.
const KNOWN_MAX: usize = 512;
/// After so many turns in which the server's newest log is shorter than a sender's, it is an alarm.
const AHEAD_MAX: u32 = 3;
/// How long a server has for each of them where nobody else sets the pace.
const AHEAD_WAIT: Duration = Duration::from_secs(5);

/// What one turn came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// Nobody waits.
    Nothing,
    /// One sender has seen this log.
    Same,
    /// One sender has seen more of it than the server shows by now: ask again.
    Ahead,
}

/// One client's gossip.
pub(crate) struct Gossip {
    state: Mutex<State>,
    trust: Arc<Mutex<Trust>>,
}

#[derive(Default)]
struct State {
    told: VecDeque<Told>,
    /// The beginnings of earlier roots of this log, by size.
    known: BTreeMap<u64, [u8; 16]>,
    /// The largest head that was verified here, cosigned or not.
    top: Option<TreeHead>,
}

#[derive(Clone)]
struct Told {
    sender: UserId,
    name: String,
    cp: SeenCheckpoint,
    /// Turns in which the server had nothing as long.
    ahead: u32,
}

enum Verdict {
    Same,
    Other,
    Ahead,
}

impl Gossip {
    pub fn new(trust: Arc<Mutex<Trust>>) -> Self {
        Self { state: Mutex::default(), trust }
    }

    /// A verified message's sender has signed this. Of 0 and 1 leaves there is nothing to compare.
    pub fn hear(&self, sender: &Known, cp: SeenCheckpoint) {
        let mut state = lock(&self.state);
        if cp.size < 2 || state.knows(&cp) {
            return;
        }
        if let Some(told) = state.told.iter_mut().find(|told| told.sender == sender.user_id) {
            // Messages are not read in the order in which they were written: of what a sender saw, the largest vouches for the
            // rest. How often the server was behind counts on: who goes on writing must not keep the alarm away.
            if told.cp.size < cp.size {
                told.cp = cp;
            }
        } else if state.told.len() < TOLD_MAX {
            state.told.push_back(Told { sender: sender.user_id, name: sender.username.clone(), cp, ahead: 0 });
        }
    }

    /// Compares one sender's checkpoint with the log.
    ///
    /// # Errors
    /// [`Error::Verification`] when the sender has seen another log or the server goes back; otherwise as every request, and
    /// the sender waits on.
    pub async fn turn(&self, source: &impl Source) -> Result<Compared, Error> {
        let told = {
            let mut state = lock(&self.state);
            let State { told, known, .. } = &mut *state;
            told.retain(|told| known.get(&told.cp.size) != Some(&told.cp.root));
            told.front().cloned()
        };
        let Some(told) = told else { return Ok(Compared::Nothing) };
        let mut trust = lock(&self.trust).clone();
        let verdict = self.judge(source, &mut trust, &told.cp).await;
        lock(&self.trust).merge(&trust);
        let Told { sender, name, cp: SeenCheckpoint { size, .. }, ahead } = &told;
        let split = |what: &str| Error::Verification(format!("the log of {size} leaves that {name} was shown {what}"));
        let outcome = match verdict {
            Ok(Verdict::Ahead) if ahead + 1 < AHEAD_MAX => {
                let mut state = lock(&self.state);
                state.told.iter_mut().filter(|told| told.sender == *sender).for_each(|told| told.ahead = ahead + 1);
                return Ok(Compared::Ahead);
            }
            Ok(Verdict::Ahead) => Err(split("is longer than what this client is shown: it was rolled back or split")),
            Ok(Verdict::Other) => Err(split("is not the one that this client is shown: a split view")),
            Ok(Verdict::Same) => Ok(Compared::Same),
            Err(error @ Error::Verification(_)) => Err(error),
            // The server cannot answer, or will not: the others have their turns first.
            Err(error) => {
                let mut state = lock(&self.state);
                if state.told.front().is_some_and(|front| front.sender == *sender) {
                    state.told.rotate_left(1);
                }
                return Err(error);
            }
        };
        let mut state = lock(&self.state);
        // A newer one of the same sender has its own turn.
        state.told.retain(|other| other.sender != *sender || other.cp != told.cp);
        state.told.iter_mut().filter(|told| told.sender == *sender).for_each(|told| told.ahead = 0);
        outcome
    }

    /// Compares until nobody waits.
    ///
    /// # Errors
    /// As [`Self::turn`], of the first that fails.
    pub async fn finish(&self, source: &impl Source) -> Result<(), Error> {
        loop {
            match self.turn(source).await? {
                Compared::Nothing => return Ok(()),
                Compared::Same => {}
                Compared::Ahead => tokio::time::sleep(AHEAD_WAIT).await,
            }
        }
    }

    async fn judge(&self, source: &impl Source, trust: &mut Trust, cp: &SeenCheckpoint) -> Result<Verdict, Error> {
        let same = |root: [u8; 16]| if root == cp.root { Verdict::Same } else { Verdict::Other };
        let enough = |top: &TreeHead| top.size == cp.size || tree::proves_before(cp.size, top.size).is_some();
        let known = lock(&self.state).top.or(trust.head()).filter(enough);
        let top = match known {
            Some(top) => top,
            None => match self.look(source, trust).await {
                Ok(top) => top,
                // There is no log at all yet, as the server says.
                Err(Error::Refused(problem)) if problem.status == 404 => return Ok(Verdict::Ahead),
                Err(error) => return Err(error),
            },
        };
        if top.size < cp.size {
            return Ok(Verdict::Ahead);
        }
        let known = lock(&self.state).known.get(&cp.size).copied();
        if let Some(root) = known {
            return Ok(same(root));
        }
        let root = if top.size == cp.size {
            top.root
        } else if let Some(from) = tree::proves_before(cp.size, top.size) {
            let path = consistency_path(source, from, top.size).await?;
            tree::root_before(cp.size, top.size, &top.root, &path).map_err(verification)?
        } else {
            // One leaf more than a power of two: nothing proves that root until the log grows. The next message tells again.
            return Ok(Verdict::Same);
        };
        lock(&self.state).know(cp.size, &root);
        Ok(same(beginning(&root)))
    }

    /// The newest head, verified. Where witnesses are required it is only looked at: nothing else counts as checked by it.
    async fn look(&self, source: &impl Source, trust: &mut Trust) -> Result<TreeHead, Error> {
        let head = if trust.requires_witness() {
            let head = trust.check_signature(&newest(source, trust, false).await?)?;
            if let Some(pinned) = trust.head() {
                consistent(source, &pinned, &head).await?;
            }
            head
        } else {
            log::refresh(source, trust).await?.head
        };
        let before = lock(&self.state).top;
        if let Some(before) = before {
            consistent(source, &before, &head).await?;
        }
        let mut state = lock(&self.state);
        state.know(head.size, &head.root);
        let top = before.filter(|before| before.size > head.size).unwrap_or(head);
        state.top = Some(top);
        Ok(top)
    }
}

impl State {
    fn knows(&self, cp: &SeenCheckpoint) -> bool {
        self.known.get(&cp.size) == Some(&cp.root)
    }

    fn know(&mut self, size: u64, root: &Hash) {
        self.known.insert(size, beginning(root));
        if self.known.len() > KNOWN_MAX {
            self.known.pop_first();
        }
    }
}

fn beginning(root: &Hash) -> [u8; 16] {
    let mut beginning = [0; 16];
    beginning.copy_from_slice(&root[..16]);
    beginning
}

/// Never held across an await.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
