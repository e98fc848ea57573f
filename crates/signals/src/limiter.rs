use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::Hash,
    sync::{LazyLock, Mutex},
    time::{Duration, Instant},
};

use redis::Script;

use crate::{
    Signals,
    connection::{Unavailable, within},
};

/// Keys that a local limiter remembers; beyond it the ones that are full again are forgotten.
const LOCAL_KEYS_MAX: usize = 100_000;

/// A budget that refills evenly: `burst` at once, and as many again over `window`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub burst: u32,
    pub window: Duration,
}

/// Whether the budget allows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// With what remains, for the `RateLimit` header.
    Allowed { remaining: u32 },
    /// Not before this long.
    Denied { retry_after: Duration },
}

impl Verdict {
    pub fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed { .. })
    }
}

/// The generic cell rate algorithm: one key holds the theoretical arrival time, in milliseconds.
static TAKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local step, window, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local tat = math.max(now, tonumber(redis.call('GET', KEYS[1]) or now))
local ahead = tat + step * cost - now
if ahead > window then return {0, math.ceil(ahead - window)} end
if cost > 0 then redis.call('SET', KEYS[1], string.format('%.3f', tat + step * cost), 'PX', math.ceil(ahead) + 1) end
return {1, math.floor((window - ahead) / step)}",
    )
});

/// Moves the theoretical arrival time back; a budget that is full again needs no key.
static GIVE_BACK: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local tat = tonumber(redis.call('GET', KEYS[1]) or now) - tonumber(ARGV[1]) * tonumber(ARGV[2])
if tat <= now then return redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[1], string.format('%.3f', tat), 'PX', math.ceil(tat - now) + 1)
return 1",
    )
});

impl Signals {
    /// Takes `cost` from the budget of `key`; a cost of 0 only looks.
    ///
    /// # Errors
    /// Redis is away: the caller decides whether that allows or denies (see [`LocalLimiter`]).
    pub async fn take(&self, key: &str, limit: Limit, cost: u32) -> Result<Verdict, Unavailable> {
        let window_ms = limit.window.as_secs_f64() * 1_000.0;
        let mut connection = self.connection.clone();
        let mut invocation = TAKE.key(format!("limit:{key}"));
        invocation.arg(window_ms / f64::from(limit.burst)).arg(window_ms).arg(cost);
        let (allowed, value): (i64, u64) = within(invocation.invoke_async(&mut connection)).await?;
        Ok(if allowed == 1 {
            Verdict::Allowed { remaining: u32::try_from(value).unwrap_or(u32::MAX) }
        } else {
            Verdict::Denied { retry_after: Duration::from_millis(value) }
        })
    }

    /// Gives back `cost` that was taken from the budget of `key`.
    ///
    /// # Errors
    /// Redis is away; the budget then refills by itself.
    pub async fn give_back(&self, key: &str, limit: Limit, cost: u32) -> Result<(), Unavailable> {
        let step_ms = limit.window.as_secs_f64() * 1_000.0 / f64::from(limit.burst);
        let mut connection = self.connection.clone();
        let mut invocation = GIVE_BACK.key(format!("limit:{key}"));
        invocation.arg(step_ms).arg(cost);
        let _: i64 = within(invocation.invoke_async(&mut connection)).await?;
        Ok(())
    }
}

/// The same budget in this process alone, for the time that Redis is away.
#[derive(Debug)]
pub struct LocalLimiter<K = String> {
    /// Key → theoretical arrival time.
    arrivals: Mutex<HashMap<K, Instant>>,
}

impl<K> Default for LocalLimiter<K> {
    fn default() -> Self {
        Self { arrivals: Mutex::default() }
    }
}

impl<K: Eq + Hash> LocalLimiter<K> {
    /// Takes `cost` from the budget of `key` at the time `now`.
    pub fn take<Q>(&self, key: &Q, limit: Limit, cost: u32, now: Instant) -> Verdict
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = K> + ?Sized,
    {
        let mut arrivals = self.arrivals.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if arrivals.len() >= LOCAL_KEYS_MAX {
            arrivals.retain(|_, arrival| *arrival > now);
        }
        let step = limit.window / limit.burst;
        let arrival = arrivals.get(key).copied().unwrap_or(now).max(now) + step * cost;
        let ahead = arrival - now;
        if ahead > limit.window {
            return Verdict::Denied { retry_after: ahead - limit.window };
        }
        if cost > 0 {
            arrivals.insert(key.to_owned(), arrival);
        }
        let remaining = (limit.window - ahead).as_nanos() / step.as_nanos().max(1);
        Verdict::Allowed { remaining: u32::try_from(remaining).unwrap_or(u32::MAX) }
    }

    /// Gives the memory of full budgets back.
    pub fn forget_full(&self, now: Instant) {
        let mut arrivals = self.arrivals.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        arrivals.retain(|_, arrival| *arrival > now);
        arrivals.shrink_to_fit();
    }

    /// Gives back `cost` that was taken from the budget of `key`.
    pub fn give_back<Q>(&self, key: &Q, limit: Limit, cost: u32, now: Instant)
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = K> + ?Sized,
    {
        let mut arrivals = self.arrivals.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let arrival = arrivals.get(key).and_then(|arrival| arrival.checked_sub(limit.window / limit.burst * cost));
        match arrival.filter(|arrival| *arrival > now) {
            Some(arrival) => arrivals.insert(key.to_owned(), arrival),
            None => arrivals.remove(key),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { burst: 3, window: Duration::from_secs(30) };

    #[test]
    fn a_burst_is_allowed_and_refills() {
        let (limiter, now) = (LocalLimiter::default(), Instant::now());
        for remaining in [2, 1, 0] {
            assert_eq!(limiter.take("a", LIMIT, 1, now), Verdict::Allowed { remaining });
        }
        assert_eq!(limiter.take("a", LIMIT, 1, now), Verdict::Denied { retry_after: Duration::from_secs(10) });
        assert!(limiter.take("b", LIMIT, 1, now).is_allowed());
        assert!(limiter.take("a", LIMIT, 1, now + Duration::from_secs(10)).is_allowed());
        assert!(!limiter.take("a", LIMIT, 1, now + Duration::from_secs(10)).is_allowed());
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let (limiter, now) = (LocalLimiter::default(), Instant::now());
        limiter.give_back("a", LIMIT, 1, now);
        for _ in 0..3 {
            assert!(limiter.take("a", LIMIT, 1, now).is_allowed());
        }
        limiter.give_back("a", LIMIT, 1, now);
        assert!(limiter.take("a", LIMIT, 1, now).is_allowed());
        assert!(!limiter.take("a", LIMIT, 1, now).is_allowed());
    }
    #[test]
    fn only_full_budgets_are_forgotten() {
        let (limiter, now) = (LocalLimiter::default(), Instant::now());
        limiter.take("early", LIMIT, 1, now);
        limiter.take("spent", LIMIT, 3, now);
        // A third of the window later one of three is back: that is all that `early` had taken.
        let later = now + Duration::from_secs(10);
        limiter.forget_full(later);
        assert_eq!(limiter.arrivals.lock().unwrap().keys().collect::<Vec<_>>(), ["spent"]);
        assert_eq!(limiter.take("spent", LIMIT, 2, later), Verdict::Denied { retry_after: Duration::from_secs(10) });
    }
}
