use std::sync::Arc;

use sealcast_contracts::{
    Caller, Page, UserId,
    admin::{
        GetManagedAccount, LimitReport, ListAccountSessions, ListAuthLimits, ListManagedAccounts, LockAccount, ManagedAccount,
        ResetLoginLimits, RevokeAccountSessions, UnlockAccount,
    },
    auth::{AuthRefusal, RevokeScope, RevokedSessions, Role, SessionInfo},
    events::AuditEventKind,
    limits::{LOCK_REASON_CHARS_MAX, PAGE_ITEMS_MAX},
};
use sqlx::PgConnection;

use super::store::{self, Selection};
use crate::{
    Auth, accounts,
    events::happened,
    failure::{self, Answer, commit, malformed},
    second_factors, sessions,
};

/// A page of all accounts.
///
/// # Errors
/// [`AuthRefusal::Forbidden`], [`AuthRefusal::Malformed`].
pub async fn list_managed_accounts(auth: Arc<Auth>, call: ListManagedAccounts) -> Answer<Page<ManagedAccount>> {
    if !(1..=PAGE_ITEMS_MAX).contains(&call.limit) {
        return Err(malformed("limit", "1 to 200"));
    }
    let after = match call.cursor {
        Some(cursor) => Some(cursor.parse().map_err(|_| malformed("cursor", "it is not a cursor of this listing"))?),
        None => None,
    };
    let mut connection = auth.pool.acquire().await.map_err(failure::store("connecting"))?;
    require_admin(&auth, &mut connection, &call.caller).await?;
    drop(connection);
    let (limit, which) = (call.limit as usize, Selection { after, locked_only: call.locked, user_id: None });
    let found = store::list(&auth.pool, which, auth.clock.now(), i64::from(call.limit) + 1).await;
    let mut items = found.map_err(failure::store("listing accounts"))?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(|account| account.user_id.to_string());
    Ok(Page { items, next_cursor })
}

/// One account.
///
/// # Errors
/// [`AuthRefusal::Forbidden`], [`AuthRefusal::NotFound`].
pub async fn get_managed_account(auth: Arc<Auth>, call: GetManagedAccount) -> Answer<ManagedAccount> {
    let mut connection = auth.pool.acquire().await.map_err(failure::store("connecting"))?;
    require_admin(&auth, &mut connection, &call.caller).await?;
    drop(connection);
    managed(&auth, call.user_id).await
}

/// Locks an account and ends its sessions. Repeating it changes nothing.
///
/// # Errors
/// [`AuthRefusal::Forbidden`], [`AuthRefusal::NotFound`], [`AuthRefusal::Malformed`] for one's own account or a reason of the
/// wrong length.
pub async fn lock_account(auth: Arc<Auth>, call: LockAccount) -> Answer<ManagedAccount> {
    let LockAccount { caller, user_id, reason } = call;
    let (now, reason) = (auth.clock.now(), reason.trim());
    if reason.is_empty() || reason.chars().count() > LOCK_REASON_CHARS_MAX || reason.chars().any(char::is_control) {
        return Err(malformed("reason", "1 to 200 characters, on one line"));
    }
    let mut tx = auth.pool.begin().await.map_err(failure::store("beginning"))?;
    accounts::store::hold_admins(&mut tx).await.map_err(failure::store("holding changes of admins"))?;
    require_admin(&auth, &mut tx, &caller).await?;
    if user_id == caller.user_id {
        // So one admin who can log in always stays: the caller.
        return Err(malformed("user_id", "nobody locks the own account"));
    }
    require_account(&mut tx, user_id).await?;
    store::hold_logins(&mut tx, user_id).await.map_err(failure::store("holding logins"))?;
    let by = caller.user_id;
    if store::lock(&mut tx, user_id, by, reason, now).await.map_err(failure::store("locking an account"))? {
        happened(&mut tx, now, Some(by), AuditEventKind::AccountLocked { user_id, reason: reason.to_owned() }).await?;
        let ended = sessions::store::end(&mut tx, user_id, caller.session_id, &RevokeScope::All).await;
        let ended = ended.map_err(failure::store("ending sessions"))?;
        if !ended.is_empty() {
            happened(&mut tx, now, Some(by), AuditEventKind::SessionsRevoked { user_id, session_ids: ended.clone() }).await?;
        }
        commit(tx).await?;
        tracing::info!(%user_id, %by, revoked = ended.len(), "account locked");
        sessions::announce(&auth, user_id, ended).await;
    }
    managed(&auth, user_id).await
}

/// Lets the owner of an account log in again. Repeating it changes nothing.
///
/// # Errors
/// [`AuthRefusal::Forbidden`], [`AuthRefusal::NotFound`].
pub async fn unlock_account(auth: Arc<Auth>, call: UnlockAccount) -> Answer<ManagedAccount> {
    let UnlockAccount { caller, user_id } = call;
    let mut tx = auth.pool.begin().await.map_err(failure::store("beginning"))?;
    require_admin(&auth, &mut tx, &caller).await?;
    require_account(&mut tx, user_id).await?;
    if store::unlock(&mut tx, user_id).await.map_err(failure::store("unlocking an account"))? {
        let by = caller.user_id;
        happened(&mut tx, auth.clock.now(), Some(by), AuditEventKind::AccountUnlocked { user_id }).await?;
        commit(tx).await?;
        tracing::info!(%user_id, %by, "account unlocked");
    }
    managed(&auth, user_id).await
}

/// The open sessions of an account. The look is recorded before it is answered.
///
/// # Errors
/// [`AuthRefusal::Forbidden`], [`AuthRefusal::NotFound`].
pub async fn list_account_sessions(auth: Arc<Auth>, call: ListAccountSessions) -> Answer<Vec<SessionInfo>> {
    let ListAccountSessions { caller, user_id } = call;
    let now = auth.clock.now();
    let mut tx = auth.pool.begin().await.map_err(failure::store("beginning"))?;
    require_admin(&auth, &mut tx, &caller).await?;
    require_account(&mut tx, user_id).await?;
    if user_id != caller.user_id {
        happened(&mut tx, now, Some(caller.user_id), AuditEventKind::SessionsListed { user_id }).await?;
    }
    commit(tx).await?;
    sessions::store::list(&auth.pool, user_id, caller.session_id, now).await.map_err(failure::store("listing sessions"))
}

/// Ends sessions of an account, and tells the edges.
///
/// # Errors
/// [`AuthRefusal::Forbidden`], [`AuthRefusal::NotFound`] for an account or a session that does not exist.
pub async fn revoke_account_sessions(auth: Arc<Auth>, call: RevokeAccountSessions) -> Answer<RevokedSessions> {
    let RevokeAccountSessions { caller, user_id, session_id } = call;
    let mut tx = auth.pool.begin().await.map_err(failure::store("beginning"))?;
    require_admin(&auth, &mut tx, &caller).await?;
    require_account(&mut tx, user_id).await?;
    let scope = session_id.map_or(RevokeScope::All, RevokeScope::One);
    let ended =
        sessions::store::end(&mut tx, user_id, caller.session_id, &scope).await.map_err(failure::store("ending sessions"))?;
    if ended.is_empty() {
        return match scope {
            RevokeScope::One(_) => Err(AuthRefusal::NotFound.into()),
            _ => Ok(RevokedSessions { revoked: 0 }),
        };
    }
    let by = caller.user_id;
    let what = AuditEventKind::SessionsRevoked { user_id, session_ids: ended.clone() };
    happened(&mut tx, auth.clock.now(), Some(by), what).await?;
    commit(tx).await?;
    tracing::info!(%user_id, %by, revoked = ended.len(), "sessions revoked by an admin");
    Ok(sessions::announce(&auth, user_id, ended).await)
}

/// Fills the login budgets of an account again; budgets of addresses stay as they are.
///
/// # Errors
/// [`AuthRefusal::Forbidden`], [`AuthRefusal::NotFound`].
pub async fn reset_login_limits(auth: Arc<Auth>, call: ResetLoginLimits) -> Answer<ManagedAccount> {
    let ResetLoginLimits { caller, user_id } = call;
    let mut tx = auth.pool.begin().await.map_err(failure::store("beginning"))?;
    require_admin(&auth, &mut tx, &caller).await?;
    if !store::reset_login_limits(&mut tx, user_id).await.map_err(failure::store("resetting login limits"))? {
        return Err(AuthRefusal::NotFound.into());
    }
    let by = caller.user_id;
    happened(&mut tx, auth.clock.now(), Some(by), AuditEventKind::LoginLimitsReset { user_id }).await?;
    commit(tx).await?;
    tracing::info!(%user_id, %by, "login limits reset");
    managed(&auth, user_id).await
}

/// The limits that are in force.
///
/// # Errors
/// [`AuthRefusal::Forbidden`].
pub async fn list_limits(auth: Arc<Auth>, call: ListAuthLimits) -> Answer<Vec<LimitReport>> {
    let mut connection = auth.pool.acquire().await.map_err(failure::store("connecting"))?;
    require_admin(&auth, &mut connection, &call.caller).await?;
    let mut limits = auth.throttle.limits();
    let sessions = &auth.sessions;
    limits.extend([
        LimitReport { name: "auth.sessions.per_account_max".to_owned(), limit: sessions.per_account_max.into(), window_s: None },
        LimitReport { name: "auth.sessions.absolute_h".to_owned(), limit: sessions.absolute_h.into(), window_s: None },
        LimitReport { name: "auth.sessions.idle_h".to_owned(), limit: sessions.idle_h.into(), window_s: None },
    ]);
    Ok(limits)
}

/// Whether the caller is an admin, in force and not locked: what the caller claims counts for nothing.
///
/// # Errors
/// [`AuthRefusal::Forbidden`].
pub(crate) async fn require_admin(auth: &Auth, connection: &mut PgConnection, caller: &Caller) -> Answer<()> {
    let role = accounts::store::role_of(&mut *connection, caller.user_id).await.map_err(failure::store("reading a role"))?;
    // Whoever was locked a moment ago may still hold an edge's verdict: two admins must not lock each other.
    let locked = store::is_locked(&mut *connection, caller.user_id).await.map_err(failure::store("looking for a lock"))?;
    let bare = second_factors::is_missing(auth, connection, caller, Role::Admin).await?;
    if role == Some(Role::Admin) && !locked && !bare { Ok(()) } else { Err(AuthRefusal::Forbidden.into()) }
}

async fn require_account(connection: &mut PgConnection, user_id: UserId) -> Answer<()> {
    let role = accounts::store::role_of(connection, user_id).await.map_err(failure::store("reading a role"))?;
    role.map(drop).ok_or_else(|| AuthRefusal::NotFound.into())
}

async fn managed(auth: &Auth, user_id: UserId) -> Answer<ManagedAccount> {
    let which = Selection { user_id: Some(user_id), ..Selection::default() };
    let found = store::list(&auth.pool, which, auth.clock.now(), 1).await.map_err(failure::store("finding an account"))?;
    found.into_iter().next().ok_or_else(|| AuthRefusal::NotFound.into())
}
