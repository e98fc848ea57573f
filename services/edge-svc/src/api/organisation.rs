//! The organisation.

use axum::{Json, extract::State};
use sealcast_contracts::{
    Base64,
    chat::{Organisation, SetCompliance},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{document::Problems, extract::Body};
use crate::{Edge, problems::Problem, sessions::Signed};

/// The certificate that every envelope is also encrypted to.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ComplianceRequest {
    pub certificate: Base64,
}

/// Publishes the compliance certificate; admins only, once.
#[utoipa::path(put, path = "/organisation/compliance", tag = "server", request_body = ComplianceRequest,
    responses((status = 200, body = Organisation), Problems))]
pub async fn set_compliance(
    State(edge): State<Edge>,
    signed: Signed,
    Body(body): Body<ComplianceRequest>,
) -> Result<Json<Organisation>, Problem> {
    Ok(Json(edge.ask(&SetCompliance { caller: signed.caller(), certificate: body.certificate }).await?))
}
