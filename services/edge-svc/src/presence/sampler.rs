use std::time::{Duration, Instant};

/// Deliveries of presence and typing in one second, whatever happens: a thousand people who come back at once must not cost
/// a thousand events on each of ten thousand streams. One event in each second always passes.
const DELIVERIES_PER_SECOND_MAX: usize = 20_000;
const SECOND: Duration = Duration::from_secs(1);

/// Bounds what best-effort events cost.
#[derive(Debug, Default)]
pub(super) struct Sampler {
    since: Option<Instant>,
    spent: usize,
}

impl Sampler {
    /// Whether one more event to that many streams is within the budget.
    pub(super) fn take(&mut self, streams: usize, now: Instant) -> bool {
        if self.since.is_none_or(|since| now - since >= SECOND) {
            (self.since, self.spent) = (Some(now), 0);
        }
        let allowed = self.spent == 0 || self.spent + streams <= DELIVERIES_PER_SECOND_MAX;
        if allowed {
            self.spent += streams;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_a_budget() {
        let (mut sampler, now) = (Sampler::default(), Instant::now());
        assert_eq!((0..10).filter(|_| sampler.take(8_000, now)).count(), 2);
        assert!(sampler.take(8_000, now + SECOND));
        assert!(sampler.take(100_000, now + 2 * SECOND));
        assert!(!sampler.take(1, now + 2 * SECOND));
    }
}
