//! Sessions: one login on one device, recognised by a bearer token of which only the hash is stored.

mod calls;
pub(crate) mod open;
pub(crate) mod store;
mod token;

pub(crate) use calls::{announce, sweep};
pub use calls::{check_sessions, list_sessions, refresh_session, revoke_sessions, verify_session, verify_sessions};
use sealcast_contracts::auth::Role;
use serde::Deserialize;
use time::{Duration, OffsetDateTime};

/// The section `[sessions]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionsConfig {
    /// A session ends this long after its login, hours.
    pub absolute_h: u32,
    /// The same for admins and auditors.
    pub privileged_absolute_h: u32,
    /// A session ends when it is not used for this long, hours.
    pub idle_h: u32,
    /// Open sessions of one account; the next login ends the one that was used longest ago.
    pub per_account_max: u32,
    /// How often expired sessions are deleted, seconds.
    pub sweep_interval_s: u64,
}

impl SessionsConfig {
    /// When a session ends that is opened now by somebody of this role.
    pub(crate) fn ends_at(&self, login: OffsetDateTime, role: Role) -> OffsetDateTime {
        let hours = match role {
            Role::Member => self.absolute_h,
            Role::Admin | Role::Auditor => self.privileged_absolute_h,
        };
        login + Duration::hours(hours.into())
    }

    fn expiry(&self, now: OffsetDateTime, ends_at: OffsetDateTime) -> OffsetDateTime {
        ends_at.min(self.idle_expiry(now))
    }

    /// When a session that is used now expires, if it does not end before.
    fn idle_expiry(&self, now: OffsetDateTime) -> OffsetDateTime {
        now + Duration::hours(self.idle_h.into())
    }
}
