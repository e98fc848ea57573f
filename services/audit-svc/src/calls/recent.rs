//! A checkpoint for the many who ask for proofs at the same time.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::store::StoredCheckpoint;

/// How long a checkpoint is as good as the newest one for a leaf that it has.
const RECENT: Duration = Duration::from_secs(1);

/// Senders ask for proofs of what they have just sent, many at a time, and one checkpoint serves all of them.
#[derive(Clone, Debug, Default)]
pub struct Recent(Arc<Mutex<Option<(Instant, StoredCheckpoint)>>>);

impl Recent {
    /// The checkpoint of a moment ago, if it has the leaf.
    pub fn get(&self, leaf_index: u64) -> Option<StoredCheckpoint> {
        let recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, checkpoint) = recent.as_ref()?;
        (checkpoint.size > leaf_index && read_at.elapsed() < RECENT).then(|| checkpoint.clone())
    }

    /// Remembers the newest one, just read.
    pub fn keep(&self, checkpoint: StoredCheckpoint) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), checkpoint));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recent_checkpoint_serves_the_leaves_that_it_has() {
        let recent = Recent::default();
        assert_eq!(recent.get(0), None);
        let checkpoint = StoredCheckpoint { size: 7, root: [0; 32], note: String::new(), covers: None };
        recent.keep(checkpoint.clone());
        assert_eq!((recent.get(6), recent.get(7)), (Some(checkpoint), None));
    }
}
