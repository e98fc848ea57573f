use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use argon2::Block;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::{Costs, phc};

/// Hashes that wait for a worker; further ones are refused at once.
pub const QUEUE_MAX: usize = 64;
/// Nor do more wait than are worked off in this time, but so many may always.
const WAIT_MAX: Duration = Duration::from_secs(2);
const QUEUE_MIN: usize = 4;
/// This part of the places is for those who are known, another one for strangers; and of so many turns one is a stranger's first.
const RESERVED_PART: usize = 4;

/// Whose hash it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// Anybody.
    Stranger,
    /// Somebody with a session, or a device that the account knows: served first, but for each fourth turn.
    Known,
}

/// Why there is no hash.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// The queue is full; the caller tries again later.
    #[error("all hashing workers are busy")]
    Busy,
    #[error("hashing with Argon2")]
    Params(#[source] argon2::Error),
    #[error("reading the parameters of a stored hash")]
    Phc(#[source] argon2::password_hash::Error),
    #[error("reading a stored hash")]
    Format(#[source] argon2::password_hash::phc::Error),
    #[error("a stored hash is not a complete Argon2id PHC string")]
    Incomplete,
    #[error("drawing a salt")]
    Random,
    #[error("starting a hashing worker")]
    Start(#[source] std::io::Error),
    #[error("a hashing worker died")]
    Died,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Mismatch,
    Match {
        /// The same secret under today's higher costs, to be stored in place of the old hash.
        rehashed: Option<String>,
    },
}

type Secret = Zeroizing<Vec<u8>>;

enum Job {
    Hash { secret: Secret, reply: oneshot::Sender<Result<String, HashError>> },
    Verify { secret: Secret, phc: String, reply: oneshot::Sender<Result<Verdict, HashError>> },
}

/// Threads that hash, each with its own memory: half of a hash's time would otherwise go into page faults.
#[derive(Clone)]
pub struct HashPool {
    /// One for each job that waits.
    turns: Sender<()>,
    waiting: Arc<Mutex<Waiting>>,
    /// Stands in for the hash of an account that does not exist.
    dummy: Arc<str>,
}

/// What waits for a worker.
struct Waiting {
    known: VecDeque<Job>,
    strangers: VecDeque<Job>,
    /// Turns so far.
    turn: usize,
    workers: u32,
    /// What a hash takes, smoothed.
    takes: Duration,
}

impl HashPool {
    /// Starts `workers` threads; they end with the pool.
    ///
    /// # Errors
    /// Argon2 does not allow the costs, or the system has no thread.
    pub fn start(workers: usize, costs: Costs) -> Result<Self, HashError> {
        let (turns, taken) = channel();
        let taken = Arc::new(Mutex::new(taken));
        let mut memory = vec![Block::default(); costs.params()?.block_count()];
        let begun = Instant::now();
        let dummy = phc::hash(b"nobody", costs, &mut memory)?.into();
        let waiting = Waiting {
            known: VecDeque::new(),
            strangers: VecDeque::new(),
            turn: 0,
            workers: u32::try_from(workers).unwrap_or(u32::MAX),
            takes: begun.elapsed(),
        };
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..workers {
            let (taken, waiting, memory) = (Arc::clone(&taken), Arc::clone(&waiting), memory.clone());
            let work = move || work_off(&taken, &waiting, costs, memory);
            thread::Builder::new().name("argon2".to_owned()).spawn(work).map_err(HashError::Start)?;
        }
        metrics::gauge!("auth_hash_inflight").set(0.0);
        // A counter that is born with its first event has no rate then.
        metrics::counter!("auth_hash_rejected_total").increment(0);
        for outcome in ["match", "mismatch"] {
            metrics::counter!("auth_hash_verify_total", "outcome" => outcome).increment(0);
        }
        Ok(Self { turns, waiting, dummy })
    }

    /// Whether a hash would find a place now, for who does other work before it asks for one.
    ///
    /// # Errors
    /// [`HashError::Busy`] when it would not.
    pub fn check_place(&self, rank: Rank) -> Result<(), HashError> {
        if lock(&self.waiting).has_place(rank) { Ok(()) } else { Err(busy()) }
    }

    /// Hashes a secret into a PHC string.
    ///
    /// # Errors
    /// [`HashError::Busy`] when the queue is full.
    pub async fn hash(&self, rank: Rank, secret: &[u8]) -> Result<String, HashError> {
        let (reply, answer) = oneshot::channel();
        self.submit(rank, Job::Hash { secret: Zeroizing::new(secret.to_vec()), reply })?;
        answer.await.map_err(|_| HashError::Died)?
    }

    /// Verifies a secret against a stored PHC string. Without one, the same work is done and the answer is a mismatch.
    ///
    /// # Errors
    /// [`HashError::Busy`] when the queue is full.
    pub async fn verify(&self, rank: Rank, secret: &[u8], stored: Option<&str>) -> Result<Verdict, HashError> {
        let (reply, answer) = oneshot::channel();
        let phc = stored.unwrap_or(&self.dummy).to_owned();
        self.submit(rank, Job::Verify { secret: Zeroizing::new(secret.to_vec()), phc, reply })?;
        let verdict = answer.await.map_err(|_| HashError::Died)??;
        let verdict = if stored.is_some() { verdict } else { Verdict::Mismatch };
        let outcome = if verdict == Verdict::Mismatch { "mismatch" } else { "match" };
        metrics::counter!("auth_hash_verify_total", "outcome" => outcome).increment(1);
        Ok(verdict)
    }

    fn submit(&self, rank: Rank, job: Job) -> Result<(), HashError> {
        let mut waiting = lock(&self.waiting);
        if !waiting.has_place(rank) {
            return Err(busy());
        }
        match rank {
            Rank::Known => waiting.known.push_back(job),
            Rank::Stranger => waiting.strangers.push_back(job),
        }
        drop(waiting);
        self.turns.send(()).map_err(|_| HashError::Died)
    }
}

impl Waiting {
    fn has_place(&self, rank: Rank) -> bool {
        let in_time = (WAIT_MAX * self.workers).as_nanos() / self.takes.as_nanos().max(1);
        let places = usize::try_from(in_time).unwrap_or(QUEUE_MAX).clamp(QUEUE_MIN, QUEUE_MAX);
        let own = if rank == Rank::Known { &self.known } else { &self.strangers };
        self.known.len() + self.strangers.len() < places && own.len() < places - places / RESERVED_PART
    }

    fn next(&mut self) -> Option<Job> {
        self.turn = self.turn.wrapping_add(1);
        let (first, second) = match self.turn.is_multiple_of(RESERVED_PART) {
            true => (&mut self.strangers, &mut self.known),
            false => (&mut self.known, &mut self.strangers),
        };
        first.pop_front().or_else(|| second.pop_front())
    }
}

impl Job {
    /// A caller that gave up in the queue gets no work done.
    fn is_given_up(&self) -> bool {
        match self {
            Self::Hash { reply, .. } => reply.is_closed(),
            Self::Verify { reply, .. } => reply.is_closed(),
        }
    }
}

fn busy() -> HashError {
    metrics::counter!("auth_hash_rejected_total").increment(1);
    HashError::Busy
}

fn lock(waiting: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    // Every change is one assignment or one place: a panic elsewhere leaves nothing half done.
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

fn work_off(turns: &Mutex<Receiver<()>>, waiting: &Mutex<Waiting>, costs: Costs, mut memory: Vec<Block>) {
    loop {
        // One idle worker waits in `recv` with the lock, the others wait for the lock.
        let turn = turns.lock().unwrap_or_else(PoisonError::into_inner).recv();
        if turn.is_err() {
            return;
        }
        let Some(job) = lock(waiting).next().filter(|job| !job.is_given_up()) else { continue };
        let inflight = metrics::gauge!("auth_hash_inflight");
        inflight.increment(1.0);
        let begun = Instant::now();
        match job {
            Job::Hash { secret, reply } => {
                let _ = reply.send(phc::hash(&secret, costs, &mut memory));
            }
            Job::Verify { secret, phc, reply } => {
                let _ = reply.send(verify(&secret, &phc, costs, &mut memory));
            }
        }
        let took = begun.elapsed();
        let mut waiting = lock(waiting);
        waiting.takes = (waiting.takes * 7 + took) / 8;
        drop(waiting);
        inflight.decrement(1.0);
    }
}

fn verify(secret: &[u8], stored: &str, costs: Costs, memory: &mut Vec<Block>) -> Result<Verdict, HashError> {
    if !phc::verify(secret, stored, memory)? {
        return Ok(Verdict::Mismatch);
    }
    let rehashed = if phc::is_weaker(stored, costs)? { Some(phc::hash(secret, costs, memory)?) } else { None };
    Ok(Verdict::Match { rehashed })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Costs = Costs { m_kib: 64, t: 1, p: 1 };

    #[tokio::test]
    async fn only_the_right_secret_of_an_account_matches() {
        let pool = HashPool::start(2, CHEAP).expect("pool");
        let phc = pool.hash(Rank::Stranger, b"right").await.expect("hash");
        assert_eq!(pool.verify(Rank::Stranger, b"right", Some(&phc)).await.expect("verify"), Verdict::Match { rehashed: None });
        assert_eq!(pool.verify(Rank::Stranger, b"wrong", Some(&phc)).await.expect("verify"), Verdict::Mismatch);
        assert_eq!(pool.verify(Rank::Stranger, b"nobody", None).await.expect("verify"), Verdict::Mismatch);
    }

    #[tokio::test]
    async fn higher_costs_rehash() {
        let old = HashPool::start(1, CHEAP).expect("pool").hash(Rank::Stranger, b"right").await.expect("hash");
        let pool = HashPool::start(1, Costs { m_kib: 128, ..CHEAP }).expect("pool");
        let Verdict::Match { rehashed: Some(new) } = pool.verify(Rank::Stranger, b"right", Some(&old)).await.expect("verify")
        else {
            panic!("not rehashed");
        };
        assert!(new.contains("m=128,"), "{new}");
        assert_eq!(pool.verify(Rank::Stranger, b"right", Some(&new)).await.expect("verify"), Verdict::Match { rehashed: None });
    }

    #[tokio::test]
    async fn a_full_queue_refuses_strangers_at_once_and_serves_who_is_known_first() {
        // One slow worker: nothing is taken from the queue while this thread fills it.
        let pool = HashPool::start(1, Costs { m_kib: 65_536, t: 4, p: 1 }).expect("pool");
        let mut strangers = Vec::new();
        let refused = loop {
            let mut hash = submitted(&pool, Rank::Stranger);
            match futures_poll(hash.as_mut()) {
                std::task::Poll::Ready(outcome) => break outcome,
                std::task::Poll::Pending => strangers.push(hash),
            }
            assert!(strangers.len() <= QUEUE_MAX, "nobody is refused");
        };
        assert!(matches!(refused, Err(HashError::Busy)), "{refused:?}");
        assert!(matches!(pool.check_place(Rank::Stranger), Err(HashError::Busy)));
        pool.check_place(Rank::Known).expect("a place for who is known");
        let known = pool.hash(Rank::Known, b"secret").await;
        assert!(known.is_ok(), "{known:?}");
        // The worker had one of the strangers' in hand, and may have begun another one since.
        let served = strangers.iter_mut().filter_map(|hash| match futures_poll(hash.as_mut()) {
            std::task::Poll::Ready(outcome) => Some(outcome),
            std::task::Poll::Pending => None,
        });
        assert!(served.count() <= 2);
    }

    fn waiting(workers: u32, takes: Duration) -> Waiting {
        Waiting { known: VecDeque::new(), strangers: VecDeque::new(), turn: 0, workers, takes }
    }

    /// Fills the places that a rank has; gives how many it took.
    fn fill(waiting: &mut Waiting, rank: Rank) -> usize {
        let mut taken = 0;
        while waiting.has_place(rank) {
            let (reply, _) = oneshot::channel();
            let job = Job::Hash { secret: Zeroizing::new(Vec::new()), reply };
            match rank {
                Rank::Known => waiting.known.push_back(job),
                Rank::Stranger => waiting.strangers.push_back(job),
            }
            taken += 1;
        }
        taken
    }

    #[test]
    fn no_more_wait_than_are_worked_off_in_time() {
        for (takes, places) in [(400, 10), (9_000, QUEUE_MIN), (0, QUEUE_MAX)] {
            let mut waiting = waiting(2, Duration::from_millis(takes));
            assert_eq!(fill(&mut waiting, Rank::Stranger) + fill(&mut waiting, Rank::Known), places, "{takes} ms");
        }
    }

    #[test]
    fn neither_rank_can_keep_the_other_out() {
        let (known, strangers) = (Rank::Known, Rank::Stranger);
        for (first, second) in [(known, strangers), (strangers, known)] {
            let mut waiting = waiting(2, Duration::from_millis(400));
            assert_eq!((fill(&mut waiting, first), fill(&mut waiting, second)), (8, 2));
        }
        // However many are known, each fourth turn is a stranger's.
        let mut waiting = waiting(2, Duration::ZERO);
        fill(&mut waiting, strangers);
        for turn in 1..=12 {
            fill(&mut waiting, known);
            let before = waiting.strangers.len();
            assert!(waiting.next().is_some());
            assert_eq!(waiting.strangers.len() < before, turn % RESERVED_PART == 0, "turn {turn}");
        }
    }

    fn submitted(pool: &HashPool, rank: Rank) -> std::pin::Pin<Box<impl Future<Output = Result<String, HashError>>>> {
        let pool = pool.clone();
        Box::pin(async move { pool.hash(rank, b"secret").await })
    }

    fn futures_poll<F: Future>(future: std::pin::Pin<&mut F>) -> std::task::Poll<F::Output> {
        future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
    }
}
