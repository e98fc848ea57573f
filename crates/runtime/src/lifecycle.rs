use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// What `start` gets: the configuration, and the handles that bind everything it starts to the process's life.
#[derive(Clone, Debug)]
pub struct Runtime<C> {
    pub config: C,
    /// Cancelled when the process is to end; every task holds it.
    pub shutdown: CancellationToken,
    /// Starts tasks; the process waits for them before it ends.
    pub tasks: Tasks,
    pub readiness: Readiness,
}

impl<C> Runtime<C> {
    /// A runtime for tests: nothing listens, nothing waits for signals.
    pub fn detached(config: C) -> Self {
        let shutdown = CancellationToken::new();
        Self { config, tasks: Tasks::new(shutdown.clone()), shutdown, readiness: Readiness::default() }
    }

    /// Ends every task and waits for them.
    pub async fn stop(&self) {
        self.shutdown.cancel();
        self.tasks.wait().await;
    }
}

/// The tracked tasks of a process. A task that ends before the shutdown takes the process down: nothing dies silently.
#[derive(Clone, Debug)]
pub struct Tasks {
    tracker: TaskTracker,
    shutdown: CancellationToken,
    failed: Arc<AtomicBool>,
}

impl Tasks {
    fn new(shutdown: CancellationToken) -> Self {
        Self { tracker: TaskTracker::new(), shutdown, failed: Arc::default() }
    }

    /// Runs a task that must live as long as the process.
    pub fn spawn_vital<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (shutdown, failed) = (self.shutdown.clone(), self.failed.clone());
        self.tracker.spawn(async move {
            // The guard also runs when the task panics.
            let _guard = Vital { name, shutdown, failed };
            task.await;
        });
    }

    /// Runs a task that may end by itself, such as one connection.
    pub fn spawn<F>(&self, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tracker.spawn(task);
    }

    pub(crate) fn failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    pub(crate) async fn wait(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}

struct Vital {
    name: &'static str,
    shutdown: CancellationToken,
    failed: Arc<AtomicBool>,
}

impl Drop for Vital {
    fn drop(&mut self) {
        if !self.shutdown.is_cancelled() {
            tracing::error!(task = self.name, "a vital task ended; shutting down");
            self.failed.store(true, Ordering::Release);
            self.shutdown.cancel();
        }
    }
}

/// Whether the process should get new work: it started, it does not drain, and no part holds it back.
#[derive(Clone, Debug, Default)]
pub struct Readiness {
    started: Arc<AtomicBool>,
    draining: Arc<AtomicBool>,
    held: Arc<std::sync::atomic::AtomicUsize>,
}

impl Readiness {
    pub fn is_ready(&self) -> bool {
        self.started.load(Ordering::Acquire) && !self.is_draining() && self.held.load(Ordering::Acquire) == 0
    }

    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    pub fn start(&self) {
        self.started.store(true, Ordering::Release);
    }

    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Holds readiness back until the latch is released.
    pub fn hold(&self) -> Latch {
        self.held.fetch_add(1, Ordering::AcqRel);
        Latch { held: self.held.clone() }
    }
}

/// One reason not to be ready; dropping it takes the reason away.
#[derive(Debug)]
pub struct Latch {
    held: Arc<std::sync::atomic::AtomicUsize>,
}

impl Drop for Latch {
    fn drop(&mut self) {
        self.held.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_vital_task_that_panics_ends_the_process() {
        let runtime = Runtime::detached(());
        runtime.tasks.spawn_vital("doomed", async { panic!("on purpose") });
        runtime.shutdown.cancelled().await;
        runtime.tasks.wait().await;
        assert!(runtime.tasks.failed());
    }

    #[test]
    fn latches_hold_readiness_back() {
        let readiness = Readiness::default();
        let latch = readiness.hold();
        readiness.start();
        assert!(!readiness.is_ready());
        drop(latch);
        assert!(readiness.is_ready());
        readiness.drain();
        assert!(!readiness.is_ready());
    }
}
