//! Who is there.

use axum::{Json, extract::State};
use sealcast_contracts::{UserId, presence::Presence};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::document::Problems;
use crate::{Edge, problems::Problem, sessions::Signed};

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
