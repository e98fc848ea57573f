//! The organisation.

use axum::{Json, extract::State};
use sealcast_contracts::{
    Base64,
    chat::{ComplianceRotation, Organisation, RotateCompliance, SetCompliance},
};
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{document::Problems, extract::Body};
use crate::{Edge, problems::Problem, sessions::Signed};

/// The certificate that every envelope is also encrypted to.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ComplianceRequest {
    pub certificate: Base64,
}

/// The certificate that follows the newest one, with that one's signature.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ComplianceRotationRequest {
    pub certificate: Base64,
    /// Whole seconds, at least the organisation's delay and at most 90 days from now.
    #[serde(with = "time::serde::rfc3339")]
    pub effective_at: OffsetDateTime,
    pub sig: Base64,
}

/// Publishes the first compliance certificate; admins only, once.
#[utoipa::path(put, path = "/organisation/compliance", tag = "server", request_body = ComplianceRequest,
    responses((status = 200, body = Organisation), Problems))]
pub async fn set_compliance(
    State(edge): State<Edge>,
    signed: Signed,
    Body(body): Body<ComplianceRequest>,
) -> Result<Json<Organisation>, Problem> {
    Ok(Json(edge.ask(&SetCompliance { caller: signed.caller(), certificate: body.certificate }).await?))
}

/// Publishes the compliance certificate that follows the newest one, signed by that one's key; admins only. Messages are encrypted
/// to it from its time on. Until then no other one is taken.
#[utoipa::path(post, path = "/organisation/compliance/rotations", tag = "server", request_body = ComplianceRotationRequest,
    responses((status = 200, body = Organisation), Problems))]
pub async fn rotate_compliance(
    State(edge): State<Edge>,
    signed: Signed,
    Body(body): Body<ComplianceRotationRequest>,
) -> Result<Json<Organisation>, Problem> {
    let ComplianceRotationRequest { certificate, effective_at, sig } = body;
    let rotation = ComplianceRotation { effective_at, sig };
    Ok(Json(edge.ask(&RotateCompliance { caller: signed.caller(), certificate, rotation }).await?))
}
