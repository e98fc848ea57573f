//! The sessions of one's own account.

use axum::{Json, extract::State};
use sealcast_contracts::{
    SessionId,
    auth::{ListSessions, RevokeScope, RevokeSessions, RevokedSessions, SessionInfo},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    document::Problems,
    extract::{Path, Query},
};
use crate::{Edge, problems::Problem, sessions::Signed};

/// Which sessions end.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The asking one too.
    All,
    /// All but the asking one.
    Others,
}

/// See [`Scope`].
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ScopeQuery {
    #[param(inline)]
    pub scope: Scope,
}

/// All live sessions of the account.
#[utoipa::path(get, path = "/sessions", tag = "auth", responses((status = 200, body = Vec<SessionInfo>), Problems))]
pub async fn list_sessions(State(edge): State<Edge>, signed: Signed) -> Result<Json<Vec<SessionInfo>>, Problem> {
    Ok(Json(edge.ask(&ListSessions { caller: signed.caller() }).await?))
}

/// Ends one session; its streams close within a second.
#[utoipa::path(delete, path = "/sessions/{session_id}", tag = "auth", params(("session_id" = SessionId, Path)),
    responses((status = 200, body = RevokedSessions), Problems))]
pub async fn revoke_session(
    State(edge): State<Edge>,
    signed: Signed,
    Path(session_id): Path<SessionId>,
) -> Result<Json<RevokedSessions>, Problem> {
    revoke(&edge, &signed, RevokeScope::One(session_id)).await
}

/// Ends all sessions, or all others; their streams close within a second.
#[utoipa::path(delete, path = "/sessions", tag = "auth", params(ScopeQuery),
    responses((status = 200, body = RevokedSessions), Problems))]
pub async fn revoke_sessions(
    State(edge): State<Edge>,
    signed: Signed,
    Query(query): Query<ScopeQuery>,
) -> Result<Json<RevokedSessions>, Problem> {
    let scope = match query.scope {
        Scope::All => RevokeScope::All,
        Scope::Others => RevokeScope::Others,
    };
    revoke(&edge, &signed, scope).await
}

async fn revoke(edge: &Edge, signed: &Signed, scope: RevokeScope) -> Result<Json<RevokedSessions>, Problem> {
    let own = scope != RevokeScope::Others;
    let revoked = edge.ask(&RevokeSessions { caller: signed.caller(), scope, logout: false }).await?;
    if own {
        edge.sessions().forget_token(signed.token());
    }
    Ok(Json(revoked))
}
