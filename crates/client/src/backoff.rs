//! How long to wait before the next attempt: full jitter, so that clients that lost one node do not come back together.

use std::time::Duration;

/// The upper bound of the first wait.
const BASE: Duration = Duration::from_secs(1);
/// The upper bound of every wait.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// Counts the failures in a row.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    base: Duration,
    failures: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new(BASE)
    }
}

impl Backoff {
    /// The first wait is at most `base`, each further one at most twice as long.
    pub fn new(base: Duration) -> Self {
        Self { base, failures: 0 }
    }

    /// Something worked: the next wait is a short one again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// The next wait, uniform below a bound that doubles. `retry_after` from the server comes on top as the least.
    pub fn next(&mut self, retry_after: Option<Duration>) -> Duration {
        let bound = self.base.saturating_mul(1u32.checked_shl(self.failures).unwrap_or(u32::MAX)).min(WAIT_MAX);
        self.failures = self.failures.saturating_add(1);
        match retry_after {
            Some(least) => least.min(WAIT_MAX) + random_below(self.base),
            None => random_below(bound),
        }
    }
}

/// A time uniform in `[0, bound)`.
pub fn random_below(bound: Duration) -> Duration {
    let mut octets = [0; 8];
    // A generator that fails only takes the jitter away.
    if aws_lc_rs::rand::fill(&mut octets).is_err() {
        return bound;
    }
    // The upper 53 bits fill a double's mantissa exactly.
    #[allow(clippy::cast_precision_loss, reason = "53 bits fit")]
    let fraction = (u64::from_le_bytes(octets) >> 11) as f64 / (1u64 << 53) as f64;
    bound.mul_f64(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound_and_start_again() {
        let mut backoff = Backoff::default();
        for bound in [1, 2, 4, 8, 16, 30, 30, 30] {
            assert!(backoff.next(None) < Duration::from_secs(bound));
        }
        let mut far = Backoff { failures: u32::MAX, ..Backoff::default() };
        assert!(far.next(None) <= WAIT_MAX);
        backoff.reset();
        assert!(backoff.next(None) < BASE);
    }

    #[test]
    fn waits_are_spread() {
        let waits: Vec<_> = (0..200).map(|_| random_below(BASE)).collect();
        assert!(waits.iter().any(|wait| *wait < BASE / 4) && waits.iter().any(|wait| *wait > BASE * 3 / 4));
    }

    #[test]
    fn the_server_s_wait_is_the_least_and_bounded() {
        let wait = Backoff::default().next(Some(Duration::from_secs(5)));
        assert!(wait >= Duration::from_secs(5) && wait < Duration::from_secs(6));
        assert!(Backoff::default().next(Some(Duration::from_secs(86_400))) <= WAIT_MAX + BASE);
    }
}
