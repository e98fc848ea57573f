//! Limits on guessing, per account and per address, that nobody can use to lock an owner out.
//!
//! A browser or a program from which an account has logged in before is *known* to it and has a budget of its own, which nobody
//! else can touch. So have the networks that it has logged in from, together; when that is spent, they are networks like any
//! other: those share one budget per account and have one per address. So that an owner on a new network gets through while
//! somebody guesses, the first attempts of each neighbourhood in an hour are outside the shared budget, up to a number of all
//! together: however many networks guess, known ones among them, an account is guessed at no more than a hundred times in any
//! hour. What a successful login took is given back.

mod device;
mod network;
pub(crate) mod store;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

pub use device::{DeviceId, Devices};
pub use network::Network;
use sealcast_contracts::{SessionId, admin::LimitReport};
use sealcast_signals::{Limit, LocalLimiter, Signals, Verdict};
use serde::Deserialize;

use crate::{passwords::Rank, secret};

/// While Redis is away each process allows this part of a budget.
const FALLBACK_DIVISOR: u32 = 2;
/// What keys of addresses begin with.
const ADDRESS: &str = "auth:address:";

/// One budget: `burst` at once, and as many again over `window_s`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    pub burst: u32,
    pub window_s: u64,
}

/// The section `[throttle]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThrottleConfig {
    /// Failed logins of one address, over all accounts that do not know it.
    pub login_address: Budget,
    /// Failed logins to one account from one browser or program that it knows.
    pub login_known: Budget,
    /// Failed logins to one account from all networks that it knows, before they count as others do.
    pub login_network: Budget,
    /// Failed logins to one account from all networks that it does not know.
    pub login_account: Budget,
    /// Attempts of one neighbourhood on one account that do not count for the account.
    pub login_first: Budget,
    /// The same of all neighbourhoods together.
    pub login_first_all: Budget,
    /// Wrong one-time codes of one account, after a right password.
    pub second_factor: Budget,
    /// The same from all browsers and programs that it knows together.
    pub second_factor_known: Budget,
    /// Registrations of one address.
    pub registration_address: Budget,
    /// Throttled attempts that are recorded as events, for one account and network.
    pub event: Budget,
}

/// What is known of where an attempt comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    No,
    /// A network that the account has logged in from.
    Network,
    /// A browser or a program that it has logged in from.
    Device(DeviceId),
    /// It is logged in.
    Session(SessionId),
}

impl Seen {
    /// Whose turn it is at the hashing workers: a crowd of strangers shall not stand before those who are known.
    pub fn rank(self) -> Rank {
        match self {
            Self::No | Self::Network => Rank::Stranger,
            Self::Device(_) | Self::Session(_) => Rank::Known,
        }
    }
}

/// Whose budgets. Each reset begins new ones: wherever the old ones were counted, and whether or not Redis can be reached.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    pub username: &'a str,
    pub resets: i32,
}

impl Account<'_> {
    fn key(self) -> String {
        format!("{}:{}", account_key(self.username), self.resets)
    }
}

/// What an attempt took.
#[derive(Debug)]
#[must_use = "a successful attempt gives its ticket back"]
pub struct Ticket(Vec<(String, Budget)>);

impl Ticket {
    /// What is left of it when nothing was guessed but everybody had to wait: the address has been paid for.
    pub fn without_address(mut self) -> Self {
        self.0.retain(|(key, _)| !key.starts_with(ADDRESS));
        self
    }
}

/// Too many attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled {
    pub retry_after_s: u32,
}

/// The budgets, in Redis; in this process while Redis is away.
pub struct Throttle {
    signals: Signals,
    local: LocalLimiter,
    config: ThrottleConfig,
    fallen_back: AtomicBool,
}

impl Throttle {
    pub fn new(signals: Signals, config: ThrottleConfig) -> Self {
        metrics::counter!("auth_throttle_fallback_total").increment(0);
        for outcome in ["succeeded", "failed", "throttled"] {
            metrics::counter!("auth_logins_total", "outcome" => outcome).increment(0);
        }
        Self { signals, local: LocalLimiter::default(), config, fallen_back: AtomicBool::new(false) }
    }

    /// Takes the budgets of one login attempt.
    ///
    /// # Errors
    /// One of them is spent.
    pub async fn log_in(&self, account: Account<'_>, network: Network, seen: Seen) -> Result<Ticket, Throttled> {
        let (config, account) = (&self.config, account.key());
        let mut ticket = Ticket(Vec::new());
        let (place, budget) = match seen {
            Seen::No => (None, config.login_known),
            Seen::Network => (Some(format!("auth:network:{account}")), config.login_network),
            Seen::Device(device) => (Some(format!("auth:device:{account}:{device}")), config.login_known),
            Seen::Session(session_id) => (Some(format!("auth:session:{session_id}")), config.login_known),
        };
        if let Some(place) = place {
            match self.take(&mut ticket, place, budget).await {
                // Neighbours, or a guesser on the owner's machine, have used it up: the owner is no worse off than elsewhere.
                Err(_) if seen == Seen::Network => {}
                taken => return taken.map(|()| ticket),
            }
        }
        self.take(&mut ticket, format!("{ADDRESS}{network}"), config.login_address).await?;
        let first = format!("auth:first:{account}:{}", network.wide());
        let firsts = format!("auth:firsts:{account}");
        let outside = self.take(&mut ticket, first, config.login_first).await.is_ok()
            && self.take(&mut ticket, firsts, config.login_first_all).await.is_ok();
        if !outside {
            self.take(&mut ticket, format!("auth:account:{account}"), config.login_account).await?;
        }
        Ok(ticket)
    }

    /// Takes the budget of one one-time code. A device that the account knows has its own, within one that all of them share: who
    /// knows the password cannot spend it, and whoever has many devices does not guess more for that.
    ///
    /// # Errors
    /// It is spent.
    pub async fn second_factor(&self, account: Account<'_>, seen: Seen) -> Result<Ticket, Throttled> {
        let (mut ticket, account) = (Ticket(Vec::new()), account.key());
        match seen {
            Seen::Device(device) => {
                self.take(&mut ticket, format!("auth:code:{account}:{device}"), self.config.second_factor).await?;
                let shared = self.take(&mut ticket, format!("auth:codes:{account}"), self.config.second_factor_known).await;
                if let Err(throttled) = shared {
                    // Nothing is evaluated: the device's own budget is for what it has tried.
                    self.give_back(ticket).await;
                    return Err(throttled);
                }
            }
            Seen::No | Seen::Network | Seen::Session(_) => {
                self.take(&mut ticket, format!("auth:code:{account}"), self.config.second_factor).await?;
            }
        }
        Ok(ticket)
    }

    /// Takes the budget of one registration.
    ///
    /// # Errors
    /// It is spent.
    pub async fn register(&self, network: Network) -> Result<(), Throttled> {
        self.take(&mut Ticket(Vec::new()), format!("auth:register:{network}"), self.config.registration_address).await
    }

    /// Gives back what an attempt took that was no guess.
    pub async fn give_back(&self, ticket: Ticket) {
        for (key, budget) in ticket.0 {
            self.local.give_back(&key, fallback(budget), 1, Instant::now());
            // Redis forgets by itself when this fails.
            let _ = self.signals.give_back(&key, limit(budget), 1).await;
        }
    }

    /// The budgets, as admins see them.
    pub fn limits(&self) -> Vec<LimitReport> {
        let ThrottleConfig {
            login_address,
            login_known,
            login_network,
            login_account,
            login_first,
            login_first_all,
            second_factor,
            second_factor_known,
            registration_address,
            event: _,
        } = &self.config;
        let report = |(name, budget): (&str, &Budget)| LimitReport {
            name: format!("auth.throttle.{name}"),
            limit: budget.burst.into(),
            window_s: Some(budget.window_s),
        };
        let budgets = [
            ("login_address", login_address),
            ("login_known", login_known),
            ("login_network", login_network),
            ("login_account", login_account),
            ("login_first", login_first),
            ("login_first_all", login_first_all),
            ("second_factor", second_factor),
            ("second_factor_known", second_factor_known),
            ("registration_address", registration_address),
        ];
        budgets.into_iter().map(report).collect()
    }

    /// Whether a throttled attempt is worth another event: a flood of them must not fill the log.
    pub async fn is_worth_an_event(&self, username: &str, network: Network) -> bool {
        let key = format!("auth:event:{}:{network}", account_key(username));
        self.take(&mut Ticket(Vec::new()), key, self.config.event).await.is_ok()
    }

    async fn take(&self, ticket: &mut Ticket, key: String, budget: Budget) -> Result<(), Throttled> {
        let verdict = match self.signals.take(&key, limit(budget), 1).await {
            Ok(verdict) => {
                if self.fallen_back.swap(false, Ordering::Relaxed) {
                    tracing::info!("login limits are shared again");
                }
                verdict
            }
            Err(error) => {
                metrics::counter!("auth_throttle_fallback_total").increment(1);
                if !self.fallen_back.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "Redis is away; login limits are halved and counted in this process");
                }
                self.local.take(&key, fallback(budget), 1, Instant::now())
            }
        };
        match verdict {
            Verdict::Allowed { .. } => {
                ticket.0.push((key, budget));
                Ok(())
            }
            Verdict::Denied { retry_after } => {
                let retry_after_s = u32::try_from(retry_after.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX).max(1);
                Err(Throttled { retry_after_s })
            }
        }
    }
}

/// Redis holds no user names.
fn account_key(username: &str) -> String {
    secret::hex(&secret::sha256(username.as_bytes())[..16])
}

fn limit(budget: Budget) -> Limit {
    Limit { burst: budget.burst.max(1), window: Duration::from_secs(budget.window_s) }
}

fn fallback(budget: Budget) -> Limit {
    limit(Budget { burst: budget.burst / FALLBACK_DIVISOR, ..budget })
}
