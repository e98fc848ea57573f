//! One's own account.

use axum::{Json, extract::State};
use sealcast_contracts::{
    Base64,
    auth::{
        BeginSecondFactor, ChangePassword, ConfirmSecondFactor, GetSecondFactor, Kdf, NewSecondFactor, Proof, RemoveSecondFactor,
        RevokedSessions, SecondFactor,
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{auth::HASH_TIMEOUT, document::Problems, extract::Body};
use crate::{Edge, origin::RequestOrigin, problems::Problem, sessions::Signed};

/// A new password, with proof of the old one or of the recovery key.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PasswordRequest {
    pub proof: Proof,
    /// Derived from the new password; 32 octets.
    pub auth: Base64,
    pub kdf: Kdf,
    /// The secret key, locked under the new password.
    pub locked_key: Base64,
}

/// Sets a new password and ends every other session.
#[utoipa::path(put, path = "/account/password", tag = "auth", request_body = PasswordRequest,
    responses((status = 200, body = RevokedSessions), Problems))]
pub async fn change_password(
    State(edge): State<Edge>,
    signed: Signed,
    RequestOrigin(origin): RequestOrigin,
    Body(body): Body<PasswordRequest>,
) -> Result<Json<RevokedSessions>, Problem> {
    let PasswordRequest { proof, auth, kdf, locked_key } = body;
    let call = ChangePassword { caller: signed.caller(), proof, auth, kdf, locked_key, origin };
    Ok(Json(edge.ask_within(&call, HASH_TIMEOUT).await?))
}

/// Proof of who wants a second factor.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SecondFactorRequest {
    pub proof: Proof,
}

/// The first code of a new second factor.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SecondFactorConfirmation {
    /// 6 digits.
    pub code: String,
}

/// Proof of who does without: the password with a code, or the recovery key.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SecondFactorRemoval {
    pub proof: Proof,
    #[schema(nullable = false)]
    pub code: Option<String>,
}

/// Whether a login needs more than the password, and whether this session had it.
#[utoipa::path(get, path = "/account/second-factor", tag = "auth", responses((status = 200, body = SecondFactor), Problems))]
pub async fn get_second_factor(State(edge): State<Edge>, signed: Signed) -> Result<Json<SecondFactor>, Problem> {
    Ok(Json(edge.ask(&GetSecondFactor { caller: signed.caller() }).await?))
}

/// Draws a secret for an authenticator app. It counts from its first code on.
#[utoipa::path(post, path = "/account/second-factor", tag = "auth", request_body = SecondFactorRequest,
    responses((status = 200, body = NewSecondFactor), Problems))]
pub async fn begin_second_factor(
    State(edge): State<Edge>,
    signed: Signed,
    RequestOrigin(origin): RequestOrigin,
    Body(body): Body<SecondFactorRequest>,
) -> Result<Json<NewSecondFactor>, Problem> {
    let call = BeginSecondFactor { caller: signed.caller(), proof: body.proof, origin };
    Ok(Json(edge.ask_within(&call, HASH_TIMEOUT).await?))
}

/// Puts the new second factor into force.
#[utoipa::path(post, path = "/account/second-factor/confirmation", tag = "auth", request_body = SecondFactorConfirmation,
    responses((status = 200, body = SecondFactor), Problems))]
pub async fn confirm_second_factor(
    State(edge): State<Edge>,
    signed: Signed,
    Body(body): Body<SecondFactorConfirmation>,
) -> Result<Json<SecondFactor>, Problem> {
    let confirmed = edge.ask(&ConfirmSecondFactor { caller: signed.caller(), code: body.code }).await?;
    // The role may count from now on.
    edge.sessions().forget_token(signed.token());
    Ok(Json(confirmed))
}

/// Does away with the second factor.
#[utoipa::path(post, path = "/account/second-factor/removal", tag = "auth", request_body = SecondFactorRemoval,
    responses((status = 200, body = SecondFactor), Problems))]
pub async fn remove_second_factor(
    State(edge): State<Edge>,
    signed: Signed,
    RequestOrigin(origin): RequestOrigin,
    Body(body): Body<SecondFactorRemoval>,
) -> Result<Json<SecondFactor>, Problem> {
    let call = RemoveSecondFactor { caller: signed.caller(), proof: body.proof, code: body.code, origin };
    let removed = edge.ask_within(&call, HASH_TIMEOUT).await?;
    edge.sessions().forget_token(signed.token());
    Ok(Json(removed))
}
