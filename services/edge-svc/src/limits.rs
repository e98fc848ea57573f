//! The request budget of an account on this node.

use std::time::{Duration, Instant};

use sealcast_contracts::UserId;
use sealcast_signals::{Limit, LocalLimiter, Verdict};

use crate::problems::{self, Problem};

/// See [`crate::config::EdgeConfig::requests_per_minute`].
#[derive(Debug)]
pub struct AccountLimits {
    limiter: LocalLimiter,
    limit: Limit,
}

impl AccountLimits {
    pub fn new(requests_per_minute: u32) -> Self {
        let limit = Limit { burst: requests_per_minute.max(1), window: Duration::from_secs(60) };
        Self { limiter: LocalLimiter::default(), limit }
    }

    /// Takes one request from an account's budget; what remains is for the `RateLimit` header.
    ///
    /// # Errors
    /// The budget is used up.
    pub fn take(&self, user_id: UserId) -> Result<u32, Problem> {
        match self.limiter.take(&user_id.to_string(), self.limit, 1, Instant::now()) {
            Verdict::Allowed { remaining } => Ok(remaining),
            Verdict::Denied { retry_after } => Err(problems::too_many_requests(retry_after.as_secs_f64().ceil() as u32)),
        }
    }
}
