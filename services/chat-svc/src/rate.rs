//! How often an account may do a thing: counted in Redis for all replicas, in this process alone while Redis is away.

use std::time::{Duration, Instant};

use sealcast_contracts::{UserId, admin::LimitReport, chat::ChatRefusal};
use sealcast_signals::{Limit, LocalLimiter, Signals, Verdict};

/// One thing's budget.
pub(crate) struct Rate {
    signals: Signals,
    local: LocalLimiter,
    /// What is counted, as keys and admins name it.
    what: &'static str,
    limit: Limit,
}

impl Rate {
    pub(crate) fn new(signals: Signals, what: &'static str, count: u32, window_s: u64) -> Self {
        let limit = Limit { burst: count.max(1), window: Duration::from_secs(window_s.max(1)) };
        Self { signals, local: LocalLimiter::default(), what, limit }
    }

    /// As admins see it.
    pub(crate) fn report(&self) -> LimitReport {
        let (limit, window_s) = (self.limit.burst.into(), Some(self.limit.window.as_secs()));
        LimitReport { name: format!("chat.rate.{}", self.what), limit, window_s }
    }

    pub(crate) async fn check(&self, user_id: UserId) -> Result<(), ChatRefusal> {
        let key = format!("{}:{user_id}", self.what);
        let verdict = match self.signals.take(&key, self.limit, 1).await {
            Ok(verdict) => verdict,
            Err(error) => {
                metrics::counter!("chat_rate_local_total").increment(1);
                tracing::debug!(%error, "the rate is counted locally");
                self.local.take(&key, self.limit, 1, Instant::now())
            }
        };
        match verdict {
            Verdict::Allowed { .. } => Ok(()),
            Verdict::Denied { retry_after } => {
                let retry_after_s = u32::try_from(retry_after.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX).max(1);
                Err(ChatRefusal::RateLimited { retry_after_s })
            }
        }
    }
}
