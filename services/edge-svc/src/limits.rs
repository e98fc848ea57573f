//! The request budgets of accounts, and of addresses without one, on this node.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use sealcast_contracts::UserId;
use sealcast_signals::{Limit, LocalLimiter, Verdict};

use crate::{
    config::EdgeConfig,
    origin::household,
    problems::{self, Problem},
};

const WINDOW_S: u64 = 60;
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// What is left of a budget (draft-ietf-httpapi-ratelimit-headers).
pub const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// What accounts may ask for, and addresses that nobody vouches for. See [`EdgeConfig`].
#[derive(Debug)]
pub struct RequestLimits {
    accounts: LocalLimiter<UserId>,
    addresses: LocalLimiter<IpAddr>,
    account: Limit,
    unsigned: Limit,
}

impl RequestLimits {
    pub fn new(config: &EdgeConfig) -> Self {
        let limit = |burst: u32| Limit { burst: burst.max(1), window: Duration::from_secs(WINDOW_S) };
        let (account, unsigned) = (limit(config.requests_per_minute), limit(config.unsigned_requests_per_minute));
        Self { accounts: LocalLimiter::default(), addresses: LocalLimiter::default(), account, unsigned }
    }

    /// Gives the memory of accounts that are silent back.
    pub fn forget_silent(&self) {
        self.accounts.forget_full(Instant::now());
        self.addresses.forget_full(Instant::now());
    }

    /// Takes one request from an account's budget; what remains is for the `RateLimit` header.
    ///
    /// # Errors
    /// The budget is used up.
    pub fn take(&self, user_id: UserId) -> Result<u32, Problem> {
        match self.accounts.take(&user_id, self.account, 1, Instant::now()) {
            Verdict::Allowed { remaining } => Ok(remaining),
            Verdict::Denied { retry_after } => Err(problems::too_many_requests(retry_after.as_secs_f64().ceil() as u32)),
        }
    }

    /// Takes one request without a session from the budget of its address.
    ///
    /// # Errors
    /// The budget is used up.
    pub fn take_unsigned(&self, address: IpAddr) -> Result<(), Problem> {
        match self.addresses.take(&household(address), self.unsigned, 1, Instant::now()) {
            Verdict::Allowed { .. } => Ok(()),
            Verdict::Denied { retry_after } => Err(problems::too_many_requests(retry_after.as_secs_f64().ceil() as u32)),
        }
    }

    /// It was somebody's with a session.
    pub fn give_back_unsigned(&self, address: IpAddr) {
        self.addresses.give_back(&household(address), self.unsigned, 1, Instant::now());
    }
}

/// What is left of the budget that a request was taken from, on its way to the answer's headers.
#[derive(Clone, Debug)]
pub struct Budget {
    quota: u32,
    remaining: Arc<AtomicU32>,
}

impl Budget {
    /// Nothing is taken yet.
    pub fn new(quota: u32) -> Self {
        Self { quota, remaining: Arc::new(AtomicU32::new(u32::MAX)) }
    }

    /// Something was taken.
    pub fn note(&self, remaining: u32) {
        self.remaining.store(remaining, Ordering::Relaxed);
    }

    /// Whether the request had a valid session.
    pub fn is_noted(&self) -> bool {
        self.remaining.load(Ordering::Relaxed) != u32::MAX
    }

    /// Writes the headers, if the request was counted.
    pub fn write(&self, headers: &mut HeaderMap) {
        let remaining = self.remaining.load(Ordering::Relaxed);
        if remaining == u32::MAX {
            return;
        }
        let used_s = (u64::from(self.quota.saturating_sub(remaining)) * WINDOW_S).div_ceil(u64::from(self.quota.max(1)));
        let policy = format!("\"account\";q={};w={WINDOW_S}", self.quota);
        let state = format!("\"account\";r={remaining};t={used_s}");
        for (name, text) in [(POLICY, policy), (STATE, state)] {
            if let Ok(value) = HeaderValue::try_from(text) {
                // A refusal by another limit has said so already.
                headers.entry(name).or_insert(value);
            }
        }
    }
}
