//! For admins: other people's accounts, answered by auth-svc, and the streams, answered by chat-svc.
//!
//! What changes an account, and what looks at somebody's sessions, is an event of the audit log.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    Caller, Fingerprint, Page, SessionId, UserId,
    auth::{AuthRefusal, RevokedSessions, Role, SessionInfo},
    call,
    chat::ChatRefusal,
};

/// An account as its admins see it: never its keys or its password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManagedAccount {
    pub user_id: UserId,
    pub username: String,
    pub role: Role,
    pub fingerprint: Fingerprint,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Open sessions.
    pub sessions: u32,
    /// The last use of an open session, to the minute.
    #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<OffsetDateTime>,
    /// Absent when the account is not locked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<AccountLock>,
}

/// Why nobody can log in to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountLock {
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The admin who locked it.
    pub by: UserId,
    pub reason: String,
}

/// All accounts, by id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListManagedAccounts {
    pub caller: Caller,
    /// Only locked ones.
    pub locked: bool,
    pub cursor: Option<String>,
    pub limit: u32,
}
call!(ListManagedAccounts, "sealcast.v1.auth.list_managed_accounts", Page<ManagedAccount>, AuthRefusal);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GetManagedAccount {
    pub caller: Caller,
    pub user_id: UserId,
}
call!(GetManagedAccount, "sealcast.v1.auth.get_managed_account", ManagedAccount, AuthRefusal);

/// Ends an account's sessions and lets nobody log in to it. Its certificate stays: what it signed can still be verified.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LockAccount {
    pub caller: Caller,
    pub user_id: UserId,
    /// For the log and for the next admin; 1 to [`crate::limits::LOCK_REASON_CHARS_MAX`] characters.
    pub reason: String,
}
call!(LockAccount, "sealcast.v1.auth.lock_account", ManagedAccount, AuthRefusal);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnlockAccount {
    pub caller: Caller,
    pub user_id: UserId,
}
call!(UnlockAccount, "sealcast.v1.auth.unlock_account", ManagedAccount, AuthRefusal);

/// The open sessions of an account: where somebody logs in from is nobody's business without a trace in the log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListAccountSessions {
    pub caller: Caller,
    pub user_id: UserId,
}
call!(ListAccountSessions, "sealcast.v1.auth.list_account_sessions", Vec<SessionInfo>, AuthRefusal);

/// Ends one session of an account, or all.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RevokeAccountSessions {
    pub caller: Caller,
    pub user_id: UserId,
    /// Absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
}
call!(RevokeAccountSessions, "sealcast.v1.auth.revoke_account_sessions", RevokedSessions, AuthRefusal);

/// Fills an account's login budgets again: its owner, who mistyped, need not wait.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResetLoginLimits {
    pub caller: Caller,
    pub user_id: UserId,
}
call!(ResetLoginLimits, "sealcast.v1.auth.reset_login_limits", ManagedAccount, AuthRefusal);

/// A stream as JetStream describes it. Answered by chat-svc.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StreamReport {
    pub name: String,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Of the accepted messages' stream; absent while it is not the stream that Postgres remembers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u32>,
    pub first_seq: u64,
    pub last_seq: u64,
    pub messages: u64,
    pub octets: u64,
    /// A full stream refuses new messages.
    pub octets_max: u64,
    pub age_max_s: u64,
    pub replicas: u32,
    pub consumers: Vec<ConsumerReport>,
}

/// Who reads a stream durably, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsumerReport {
    pub name: String,
    /// Everything up to it is acknowledged.
    pub acknowledged_seq: u64,
    /// Messages that are not acknowledged yet.
    pub lag: u64,
}

/// The streams and their consumers; admins only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DescribeStreams {
    pub caller: Caller,
}
call!(DescribeStreams, "sealcast.v1.chat.describe_streams", Vec<StreamReport>, ChatRefusal);

/// One limit that is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LimitReport {
    /// The service and its setting, such as `auth.throttle.login_known`.
    pub name: String,
    pub limit: u64,
    /// As many again over this time; absent where nothing comes back by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_s: Option<u64>,
}

/// What auth-svc allows an account and an address; admins only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListAuthLimits {
    pub caller: Caller,
}
call!(ListAuthLimits, "sealcast.v1.auth.list_limits", Vec<LimitReport>, AuthRefusal);

/// What chat-svc allows an account; admins only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListChatLimits {
    pub caller: Caller,
}
call!(ListChatLimits, "sealcast.v1.chat.list_limits", Vec<LimitReport>, ChatRefusal);
