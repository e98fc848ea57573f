use reqwest::Method;
use sealcast_contracts::{
    SessionId, UserId,
    admin::{LimitReport, ManagedAccount, StreamReport},
    auth::{RevokedSessions, SessionInfo},
};

use crate::{Error, Session, bodies::LockRequest};

/// Other people's accounts, and the streams; for admins.
impl Session {
    /// All accounts, or only locked ones.
    pub async fn managed_accounts(&self, locked_only: bool) -> Result<Vec<ManagedAccount>, Error> {
        let filter = locked_only.then(|| ("locked", "true".to_owned()));
        self.all_pages_where("admin/users", filter.as_slice()).await
    }

    /// One account.
    pub async fn managed_account(&self, user_id: UserId) -> Result<ManagedAccount, Error> {
        self.get(&format!("admin/users/{user_id}"), &[]).await
    }

    /// Ends an account's sessions and lets nobody log in to it.
    pub async fn lock_account(&self, user_id: UserId, reason: &str) -> Result<ManagedAccount, Error> {
        self.write(Method::PUT, &format!("admin/users/{user_id}/lock"), &LockRequest { reason }).await
    }

    /// Lets an account's owner log in again.
    pub async fn unlock_account(&self, user_id: UserId) -> Result<ManagedAccount, Error> {
        self.write(Method::DELETE, &format!("admin/users/{user_id}/lock"), &()).await
    }

    /// The open sessions of an account.
    pub async fn sessions_of(&self, user_id: UserId) -> Result<Vec<SessionInfo>, Error> {
        self.get(&format!("admin/users/{user_id}/sessions"), &[]).await
    }

    /// Ends one session of an account, or all.
    pub async fn revoke_sessions_of(&self, user_id: UserId, session_id: Option<SessionId>) -> Result<RevokedSessions, Error> {
        let one = session_id.map(|id| format!("/{id}")).unwrap_or_default();
        self.write(Method::DELETE, &format!("admin/users/{user_id}/sessions{one}"), &()).await
    }

    /// Fills an account's login budgets again.
    pub async fn reset_login_limits(&self, user_id: UserId) -> Result<ManagedAccount, Error> {
        self.write(Method::DELETE, &format!("admin/users/{user_id}/login-limits"), &()).await
    }

    /// The limits that are in force.
    pub async fn limits(&self) -> Result<Vec<LimitReport>, Error> {
        self.get("admin/limits", &[]).await
    }

    /// How full the streams are, and how far their consumers have come.
    pub async fn streams(&self) -> Result<Vec<StreamReport>, Error> {
        self.get("admin/streams", &[]).await
    }
}
