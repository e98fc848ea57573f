//! What a client needs to know before it logs in.

use axum::{Json, extract::State};
use sealcast_contracts::{
    chat::{GetOrganisation, Organisation},
    limits,
};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::document::Problems;
use crate::{Edge, config::Registration, problems::Problem};

/// The server, its organisation and its limits.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerInfo {
    pub version: &'static str,
    pub registration: Registration,
    pub organisation: Organisation,
    #[serde(with = "time::serde::rfc3339")]
    pub time: OffsetDateTime,
    pub kdf: KdfChoice,
    pub limits: Limits,
}

/// What clients choose for a new password.
#[derive(Debug, Serialize, ToSchema)]
pub struct KdfChoice {
    pub m_kib: u32,
    pub t: u32,
}

/// The most that the server takes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Limits {
    pub envelope_octets: usize,
    pub signature_octets: usize,
    pub certificate_octets: usize,
    pub locked_key_octets: usize,
    pub epoch_blob_octets: usize,
    pub body_octets: usize,
    pub page_items: u32,
    pub grants_per_request: usize,
    pub room_name_chars: usize,
    pub rooms_per_user: usize,
    pub signature_skew_s: u64,
}

/// The server's version, policy, limits and clock, and the organisation's compliance certificate.
#[utoipa::path(get, path = "/server", tag = "server", security(()), responses((status = 200, body = ServerInfo), Problems))]
pub async fn get_server(State(edge): State<Edge>) -> Result<Json<ServerInfo>, Problem> {
    let organisation = edge.ask(&GetOrganisation {}).await?;
    Ok(Json(ServerInfo {
        version: env!("CARGO_PKG_VERSION"),
        registration: edge.config().registration,
        organisation,
        time: OffsetDateTime::now_utc(),
        kdf: KdfChoice { m_kib: limits::KDF_M_KIB, t: limits::KDF_T },
        limits: LIMITS,
    }))
}

const LIMITS: Limits = Limits {
    envelope_octets: limits::ENVELOPE_OCTETS_MAX,
    signature_octets: limits::SIGNATURE_OCTETS_MAX,
    certificate_octets: limits::CERTIFICATE_OCTETS_MAX,
    locked_key_octets: limits::LOCKED_KEY_OCTETS_MAX,
    epoch_blob_octets: limits::EPOCH_BLOB_OCTETS_MAX,
    body_octets: limits::REST_BODY_OCTETS_MAX,
    page_items: limits::PAGE_ITEMS_MAX,
    grants_per_request: limits::GRANTS_PER_REQUEST_MAX,
    room_name_chars: limits::ROOM_NAME_CHARS_MAX,
    rooms_per_user: limits::ROOMS_PER_USER_MAX,
    signature_skew_s: limits::SIGNATURE_SKEW_S,
};
