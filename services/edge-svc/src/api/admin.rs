//! Other people's accounts and the streams; admins only.
//!
//! Every change of an account, and every look at somebody's sessions, is an event of the audit log.

use axum::{Json, extract::State};
use sealcast_contracts::{
    Page, SessionId, UserId,
    admin::{
        DescribeStreams, GetManagedAccount, LimitReport, ListAccountSessions, ListAuthLimits, ListChatLimits, ListManagedAccounts,
        LockAccount, ManagedAccount, ResetLoginLimits, RevokeAccountSessions, StreamReport, UnlockAccount,
    },
    auth::{RevokedSessions, SessionInfo},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    document::Problems,
    extract::{Body, Path, Query},
    paging,
};
use crate::{Edge, problems::Problem, sessions::Signed};

/// Which accounts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountsQuery {
    /// Only locked ones.
    #[param(nullable = false)]
    pub locked: Option<bool>,
    /// `next_cursor` of the page before.
    #[param(nullable = false)]
    pub cursor: Option<String>,
    /// Items of the page; 50 when absent.
    #[param(nullable = false, minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// Why an account is locked.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LockRequest {
    /// For the audit log and for other admins.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// All accounts with their sessions' number and their lock.
#[utoipa::path(get, path = "/admin/users", tag = "admin", params(AccountsQuery),
    responses((status = 200, body = Page<ManagedAccount>), Problems))]
pub async fn list_managed_accounts(
    State(edge): State<Edge>,
    signed: Signed,
    Query(query): Query<AccountsQuery>,
) -> Result<Json<Page<ManagedAccount>>, Problem> {
    let (cursor, limit) = paging::bounded(query.cursor, query.limit)?;
    let call = ListManagedAccounts { caller: signed.caller(), locked: query.locked.unwrap_or_default(), cursor, limit };
    Ok(Json(edge.ask(&call).await?))
}

/// One account.
#[utoipa::path(get, path = "/admin/users/{user_id}", tag = "admin", params(("user_id" = UserId, Path)),
    responses((status = 200, body = ManagedAccount), Problems))]
pub async fn get_managed_account(
    State(edge): State<Edge>,
    signed: Signed,
    Path(user_id): Path<UserId>,
) -> Result<Json<ManagedAccount>, Problem> {
    Ok(Json(edge.ask(&GetManagedAccount { caller: signed.caller(), user_id }).await?))
}

/// Ends an account's sessions and lets nobody log in to it. Its certificate stays, so what it signed can still be verified.
#[utoipa::path(put, path = "/admin/users/{user_id}/lock", tag = "admin", params(("user_id" = UserId, Path)),
    request_body = LockRequest, responses((status = 200, body = ManagedAccount), Problems))]
pub async fn lock_account(
    State(edge): State<Edge>,
    signed: Signed,
    Path(user_id): Path<UserId>,
    Body(body): Body<LockRequest>,
) -> Result<Json<ManagedAccount>, Problem> {
    Ok(Json(edge.ask(&LockAccount { caller: signed.caller(), user_id, reason: body.reason }).await?))
}

/// Lets the owner of an account log in again.
#[utoipa::path(delete, path = "/admin/users/{user_id}/lock", tag = "admin", params(("user_id" = UserId, Path)),
    responses((status = 200, body = ManagedAccount), Problems))]
pub async fn unlock_account(
    State(edge): State<Edge>,
    signed: Signed,
    Path(user_id): Path<UserId>,
) -> Result<Json<ManagedAccount>, Problem> {
    Ok(Json(edge.ask(&UnlockAccount { caller: signed.caller(), user_id }).await?))
}

/// The open sessions of an account. The look is logged before it is answered.
#[utoipa::path(get, path = "/admin/users/{user_id}/sessions", tag = "admin", params(("user_id" = UserId, Path)),
    responses((status = 200, body = Vec<SessionInfo>), Problems))]
pub async fn list_account_sessions(
    State(edge): State<Edge>,
    signed: Signed,
    Path(user_id): Path<UserId>,
) -> Result<Json<Vec<SessionInfo>>, Problem> {
    Ok(Json(edge.ask(&ListAccountSessions { caller: signed.caller(), user_id }).await?))
}

/// Ends all sessions of an account; their streams close within a second.
#[utoipa::path(delete, path = "/admin/users/{user_id}/sessions", tag = "admin", params(("user_id" = UserId, Path)),
    responses((status = 200, body = RevokedSessions), Problems))]
pub async fn revoke_account_sessions(
    State(edge): State<Edge>,
    signed: Signed,
    Path(user_id): Path<UserId>,
) -> Result<Json<RevokedSessions>, Problem> {
    revoke(&edge, &signed, user_id, None).await
}

/// Ends one session of an account.
#[utoipa::path(delete, path = "/admin/users/{user_id}/sessions/{session_id}", tag = "admin",
    params(("user_id" = UserId, Path), ("session_id" = SessionId, Path)),
    responses((status = 200, body = RevokedSessions), Problems))]
pub async fn revoke_account_session(
    State(edge): State<Edge>,
    signed: Signed,
    Path((user_id, session_id)): Path<(UserId, SessionId)>,
) -> Result<Json<RevokedSessions>, Problem> {
    revoke(&edge, &signed, user_id, Some(session_id)).await
}

/// Fills the login budgets of an account again, for an owner who mistyped. Budgets of addresses stay as they are.
#[utoipa::path(delete, path = "/admin/users/{user_id}/login-limits", tag = "admin", params(("user_id" = UserId, Path)),
    responses((status = 200, body = ManagedAccount), Problems))]
pub async fn reset_login_limits(
    State(edge): State<Edge>,
    signed: Signed,
    Path(user_id): Path<UserId>,
) -> Result<Json<ManagedAccount>, Problem> {
    Ok(Json(edge.ask(&ResetLoginLimits { caller: signed.caller(), user_id }).await?))
}

/// How full the streams are, and how far their consumers have come.
#[utoipa::path(get, path = "/admin/streams", tag = "admin", responses((status = 200, body = Vec<StreamReport>), Problems))]
pub async fn describe_streams(State(edge): State<Edge>, signed: Signed) -> Result<Json<Vec<StreamReport>>, Problem> {
    Ok(Json(edge.ask(&DescribeStreams { caller: signed.caller() }).await?))
}

/// The limits that are in force, of all services; this node's for the edges.
#[utoipa::path(get, path = "/admin/limits", tag = "admin", responses((status = 200, body = Vec<LimitReport>), Problems))]
pub async fn list_limits(State(edge): State<Edge>, signed: Signed) -> Result<Json<Vec<LimitReport>>, Problem> {
    let (auth, chat) = (ListAuthLimits { caller: signed.caller() }, ListChatLimits { caller: signed.caller() });
    let (auth, chat) = tokio::try_join!(edge.ask(&auth), edge.ask(&chat))?;
    let requests = u64::from(edge.config().requests_per_minute);
    let own = LimitReport { name: "edge.requests_per_minute".to_owned(), limit: requests, window_s: Some(60) };
    Ok(Json(auth.into_iter().chain(chat).chain([own]).collect()))
}

async fn revoke(
    edge: &Edge,
    signed: &Signed,
    user_id: UserId,
    session_id: Option<SessionId>,
) -> Result<Json<RevokedSessions>, Problem> {
    let call = RevokeAccountSessions { caller: signed.caller(), user_id, session_id };
    Ok(Json(edge.ask(&call).await?))
}
