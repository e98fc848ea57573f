//! Who is there.

use axum::{Json, extract::State, http::StatusCode};
use sealcast_contracts::{UserId, presence::Presence};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{document::Problems, extract::Body};
use crate::{
    Edge,
    problems::{self, Problem},
    sessions::Signed,
};

/// When an account was last seen, and whether it is there now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SeenAccount {
    pub user_id: UserId,
    pub state: Presence,
    #[serde(with = "time::serde::rfc3339")]
    pub last_seen: OffsetDateTime,
}

/// The accounts seen in the last 30 days. Best effort: the list is empty when it is not known.
#[utoipa::path(get, path = "/presence", tag = "messages", responses((status = 200, body = Vec<SeenAccount>), Problems))]
pub async fn list_presence(State(edge): State<Edge>, _: Signed) -> Result<Json<Vec<SeenAccount>>, Problem> {
    let seen = edge.presence().list();
    Ok(Json(seen.into_iter().map(|(user_id, state, last_seen)| SeenAccount { user_id, state, last_seen }).collect()))
}

/// Whether others see when the caller is there.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Visibility {
    pub shown: bool,
}

/// Shows or hides when the caller is there, on all of the account's devices. Who hides is forgotten by the list at once.
#[utoipa::path(put, path = "/presence", tag = "messages", request_body = Visibility, responses((status = 204), Problems))]
pub async fn set_visibility(
    State(edge): State<Edge>,
    signed: Signed,
    Body(Visibility { shown }): Body<Visibility>,
) -> Result<StatusCode, Problem> {
    edge.presence().show(signed.session.user_id, shown).await.map_err(|_| problems::unavailable())?;
    Ok(StatusCode::NO_CONTENT)
}
