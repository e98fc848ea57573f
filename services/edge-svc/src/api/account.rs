//! One's own account.

use axum::{Json, extract::State};
use sealcast_contracts::{
    Base64,
    auth::{ChangePassword, Kdf, Proof, RevokedSessions},
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
