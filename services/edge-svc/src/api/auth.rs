//! Registration, login and one's own session.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use sealcast_contracts::{
    Base64, InviteId,
    auth::{
        Account, Kdf, LogIn, Login, Prelogin, Proof, Recovery, RefreshSession, RegisterAccount, RevokeScope, RevokeSessions,
        Session,
    },
    chat::PreviewInvite,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{document::Problems, extract::Body};
use crate::{
    Edge,
    config::Registration,
    front::Admitted,
    origin::RequestOrigin,
    problems::{self, Problem},
    sessions::{self, Carrier, Signed},
};

/// Calls that hash a password wait for a worker first.
pub const HASH_TIMEOUT: Duration = Duration::from_secs(8);

/// After a logout nothing that was answered stays in the browser. Its storage does: the keys that others are known by are in it, and
/// the client takes its own secrets out. So does the cookie by which the browser is known.
const CLEAR_SITE_DATA: (header::HeaderName, HeaderValue) =
    (header::HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));

/// Whose parameters are asked for.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PreloginRequest {
    pub username: String,
}

/// How the session comes back: as a cookie for browsers, as a bearer token for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionForm {
    Cookie,
    Token,
}

/// Proof of an invite link, where registration needs one.
#[derive(Debug, Deserialize, ToSchema)]
pub struct InviteProof {
    pub invite_id: InviteId,
    /// Derived from the link's secret; 32 octets.
    pub auth: Base64,
}

/// A new account, as its client made it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RegisterRequest {
    pub username: String,
    /// Derived from the password; 32 octets.
    pub auth: Base64,
    pub kdf: Kdf,
    pub certificate: Base64,
    pub locked_key: Base64,
    pub recovery: Recovery,
    #[schema(nullable = false)]
    pub bootstrap_token: Option<String>,
    #[schema(nullable = false)]
    pub invite: Option<InviteProof>,
    pub session: SessionForm,
}

/// A login by password or recovery key.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LoginRequest {
    pub username: String,
    pub proof: Proof,
    /// Of an authenticator app, when the server has asked for it (`second-factor-required`).
    #[schema(nullable = false)]
    pub code: Option<String>,
    /// What an earlier login gave a program. Browsers have it as a cookie.
    #[schema(nullable = false)]
    pub device: Option<String>,
    pub session: SessionForm,
}

/// A session and the copy of the secret key that the proof unlocks.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoginReply {
    /// The bearer token, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub token: Option<String>,
    pub session: Session,
    pub account: Account,
    pub locked_key: Base64,
    /// To be shown at the next login, if a bearer token was asked for: failed logins from elsewhere do not count against it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub device: Option<String>,
}

/// A session with a later end.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefreshReply {
    /// The new bearer token, if the old one was a bearer token; the old one has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub token: Option<String>,
    pub session: Session,
}

/// The key-derivation parameters of an account; an unknown user name gets an answer of the same shape.
#[utoipa::path(post, path = "/auth/prelogin", tag = "auth", security(()), request_body = PreloginRequest,
    responses((status = 200, body = Kdf), Problems))]
pub async fn prelogin(State(edge): State<Edge>, Body(body): Body<PreloginRequest>) -> Result<Json<Kdf>, Problem> {
    Ok(Json(edge.ask(&Prelogin { username: body.username }).await?))
}

/// Makes an account and logs it in.
#[utoipa::path(post, path = "/auth/register", tag = "auth", security(()), request_body = RegisterRequest,
    responses((status = 201, body = LoginReply), Problems))]
pub async fn register(
    State(edge): State<Edge>,
    RequestOrigin(origin): RequestOrigin,
    Body(body): Body<RegisterRequest>,
) -> Result<Response, Problem> {
    admit(&edge, &body).await?;
    let RegisterRequest { username, auth, kdf, certificate, locked_key, recovery, bootstrap_token, session, .. } = body;
    let call = RegisterAccount { username, auth, kdf, certificate, locked_key, recovery, bootstrap_token, origin };
    let login = edge.ask_within(&call, HASH_TIMEOUT).await?;
    Ok((StatusCode::CREATED, logged_in(login, session)).into_response())
}

/// Logs in.
#[utoipa::path(post, path = "/auth/login", tag = "auth", security(()), request_body = LoginRequest,
    responses((status = 200, body = LoginReply), Problems))]
pub async fn log_in(
    State(edge): State<Edge>,
    RequestOrigin(origin): RequestOrigin,
    headers: HeaderMap,
    Body(body): Body<LoginRequest>,
) -> Result<Response, Problem> {
    let LoginRequest { username, proof, code, device, session } = body;
    let device = device.filter(|device| sessions::is_worth_asking(device)).or_else(|| sessions::device_in(&headers));
    let login = edge.ask_within(&LogIn { username, proof, origin, device, code }, HASH_TIMEOUT).await?;
    Ok(logged_in(login, session))
}

/// Replaces the session's token and moves its end.
#[utoipa::path(post, path = "/auth/refresh", tag = "auth", responses((status = 200, body = RefreshReply), Problems))]
pub async fn refresh(State(edge): State<Edge>, signed: Signed) -> Result<Response, Problem> {
    let refreshed = edge.ask(&RefreshSession { token: signed.token().to_owned() }).await?;
    edge.sessions().forget_token(signed.token());
    let session = refreshed.session;
    Ok(match signed.carrier() {
        Carrier::Bearer => Json(RefreshReply { token: Some(refreshed.token), session }).into_response(),
        Carrier::Cookie => {
            let cookie = sessions::cookie(&refreshed.token, session.expires_at);
            (set_cookie(cookie), Json(RefreshReply { token: None, session })).into_response()
        }
    })
}

/// Ends one's own session.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", responses((status = 204), Problems))]
pub async fn log_out(State(edge): State<Edge>, signed: Signed) -> Result<Response, Problem> {
    let scope = RevokeScope::One(signed.session.session_id);
    edge.ask(&RevokeSessions { caller: signed.caller(), scope, logout: true }).await?;
    edge.sessions().forget_token(signed.token());
    Ok(match signed.carrier() {
        Carrier::Bearer => StatusCode::NO_CONTENT.into_response(),
        Carrier::Cookie => {
            (StatusCode::NO_CONTENT, set_cookie(sessions::expired_cookie()), AppendHeaders([CLEAR_SITE_DATA])).into_response()
        }
    })
}

/// The session that the request came through.
#[utoipa::path(get, path = "/auth/session", tag = "auth", responses((status = 200, body = Session), Problems))]
pub async fn get_session(signed: Signed) -> Json<Session> {
    Json(signed.session)
}

/// Whether the registration policy lets this newcomer in. The first admin comes with a bootstrap token, which auth-svc checks.
async fn admit(edge: &Edge, body: &RegisterRequest) -> Result<(), Problem> {
    match (edge.config().registration, &body.invite) {
        (Registration::Open, _) => Ok(()),
        (Registration::Invite, _) if body.bootstrap_token.is_some() => Ok(()),
        (Registration::Invite, None) => Err(problems::invite_required()),
        (Registration::Invite, Some(invite)) => {
            edge.ask(&PreviewInvite { invite_id: invite.invite_id, auth: invite.auth.clone() }).await.map(drop)
        }
    }
}

fn logged_in(login: Login, form: SessionForm) -> Response {
    let Login { token, session, account, locked_key, device } = login;
    let mut response = match form {
        SessionForm::Token => Json(LoginReply { token: Some(token), session, account, locked_key, device }).into_response(),
        SessionForm::Cookie => {
            let cookie = set_cookie(sessions::cookie(&token, session.expires_at));
            let device = device.as_deref().and_then(sessions::device_cookie).map(|cookie| (header::SET_COOKIE, cookie));
            let body = Json(LoginReply { token: None, session, account, locked_key, device: None });
            (cookie, AppendHeaders(device), body).into_response()
        }
    };
    response.extensions_mut().insert(Admitted);
    response
}

fn set_cookie(cookie: HeaderValue) -> AppendHeaders<[(header::HeaderName, HeaderValue); 1]> {
    AppendHeaders([(header::SET_COOKIE, cookie)])
}
