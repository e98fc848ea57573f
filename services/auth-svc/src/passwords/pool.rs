use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
};

use argon2::Block;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::{Costs, phc};

/// Hashes that wait for a worker; further ones are refused at once. A queue of this length drains in about a second a worker.
pub const QUEUE_MAX: usize = 64;

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
    jobs: SyncSender<Job>,
    /// Stands in for the hash of an account that does not exist.
    dummy: Arc<str>,
}

impl HashPool {
    /// Starts `workers` threads; they end with the pool.
    ///
    /// # Errors
    /// Argon2 does not allow the costs, or the system has no thread.
    pub fn start(workers: usize, costs: Costs) -> Result<Self, HashError> {
        let (jobs, queue) = sync_channel(QUEUE_MAX);
        let queue = Arc::new(Mutex::new(queue));
        let mut memory = vec![Block::default(); costs.params()?.block_count()];
        let dummy = phc::hash(b"nobody", costs, &mut memory)?.into();
        for _ in 0..workers {
            let (queue, memory) = (Arc::clone(&queue), memory.clone());
            let work = move || work_off(&queue, costs, memory);
            thread::Builder::new().name("argon2".to_owned()).spawn(work).map_err(HashError::Start)?;
        }
        metrics::gauge!("auth_hash_inflight").set(0.0);
        // A counter that is born with its first event has no rate then.
        metrics::counter!("auth_hash_rejected_total").increment(0);
        for outcome in ["match", "mismatch"] {
            metrics::counter!("auth_hash_verify_total", "outcome" => outcome).increment(0);
        }
        Ok(Self { jobs, dummy })
    }

    /// Hashes a secret into a PHC string.
    ///
    /// # Errors
    /// [`HashError::Busy`] when the queue is full.
    pub async fn hash(&self, secret: &[u8]) -> Result<String, HashError> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Hash { secret: Zeroizing::new(secret.to_vec()), reply })?;
        answer.await.map_err(|_| HashError::Died)?
    }

    /// Verifies a secret against a stored PHC string. Without one, the same work is done and the answer is a mismatch.
    ///
    /// # Errors
    /// [`HashError::Busy`] when the queue is full.
    pub async fn verify(&self, secret: &[u8], stored: Option<&str>) -> Result<Verdict, HashError> {
        let (reply, answer) = oneshot::channel();
        let phc = stored.unwrap_or(&self.dummy).to_owned();
        self.submit(Job::Verify { secret: Zeroizing::new(secret.to_vec()), phc, reply })?;
        let verdict = answer.await.map_err(|_| HashError::Died)??;
        let verdict = if stored.is_some() { verdict } else { Verdict::Mismatch };
        let outcome = if verdict == Verdict::Mismatch { "mismatch" } else { "match" };
        metrics::counter!("auth_hash_verify_total", "outcome" => outcome).increment(1);
        Ok(verdict)
    }

    fn submit(&self, job: Job) -> Result<(), HashError> {
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => {
                metrics::counter!("auth_hash_rejected_total").increment(1);
                HashError::Busy
            }
            TrySendError::Disconnected(_) => HashError::Died,
        })
    }
}

fn work_off(queue: &Mutex<Receiver<Job>>, costs: Costs, mut memory: Vec<Block>) {
    loop {
        // One idle worker waits in `recv` with the lock, the others wait for the lock.
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        let inflight = metrics::gauge!("auth_hash_inflight");
        inflight.increment(1.0);
        // A caller that gave up in the queue gets no work done.
        match job {
            Job::Hash { secret, reply } if !reply.is_closed() => {
                let _ = reply.send(phc::hash(&secret, costs, &mut memory));
            }
            Job::Verify { secret, phc, reply } if !reply.is_closed() => {
                let _ = reply.send(verify(&secret, &phc, costs, &mut memory));
            }
            Job::Hash { .. } | Job::Verify { .. } => {}
        }
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
        let phc = pool.hash(b"right").await.expect("hash");
        assert_eq!(pool.verify(b"right", Some(&phc)).await.expect("verify"), Verdict::Match { rehashed: None });
        assert_eq!(pool.verify(b"wrong", Some(&phc)).await.expect("verify"), Verdict::Mismatch);
        assert_eq!(pool.verify(b"nobody", None).await.expect("verify"), Verdict::Mismatch);
    }

    #[tokio::test]
    async fn higher_costs_rehash() {
        let old = HashPool::start(1, CHEAP).expect("pool").hash(b"right").await.expect("hash");
        let pool = HashPool::start(1, Costs { m_kib: 128, ..CHEAP }).expect("pool");
        let Verdict::Match { rehashed: Some(new) } = pool.verify(b"right", Some(&old)).await.expect("verify") else {
            panic!("not rehashed");
        };
        assert!(new.contains("m=128,"), "{new}");
        assert_eq!(pool.verify(b"right", Some(&new)).await.expect("verify"), Verdict::Match { rehashed: None });
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        // One slow worker: nothing is taken from the queue while this thread fills it.
        let pool = HashPool::start(1, Costs { m_kib: 65_536, t: 4, p: 1 }).expect("pool");
        let mut waiting = Vec::new();
        for _ in 0..=QUEUE_MAX {
            let mut hash = Box::pin({
                let pool = pool.clone();
                async move { pool.hash(b"secret").await }
            });
            if let std::task::Poll::Ready(outcome) = futures_poll(hash.as_mut()) {
                assert!(matches!(outcome, Err(HashError::Busy)));
                return;
            }
            waiting.push(hash);
        }
        let refused = pool.hash(b"secret").await;
        assert!(matches!(refused, Err(HashError::Busy)), "{refused:?}");
    }

    fn futures_poll<F: Future>(future: std::pin::Pin<&mut F>) -> std::task::Poll<F::Output> {
        future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
    }
}
