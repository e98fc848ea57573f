//! Who looked at the caller's own messages.

use axum::{Json, extract::State};
use sealcast_contracts::{
    Page,
    audit::{Access, GetAccessProof, InclusionProof, ListAccesses},
};

use super::{
    document::Problems,
    extract::{Path, Query},
    paging::PageQuery,
};
use crate::{Edge, problems::Problem, sessions::Signed};

/// When officers looked at the caller's messages, newest first: at once, or after the sealed period of their case. Nobody can
/// switch this off.
#[utoipa::path(get, path = "/me/accesses", tag = "audit", params(PageQuery), responses((status = 200, body = Page<Access>), Problems))]
pub async fn list_accesses(
    State(edge): State<Edge>,
    signed: Signed,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Access>>, Problem> {
    let (cursor, limit) = page.bounded()?;
    Ok(Json(edge.ask(&ListAccesses { caller: signed.caller(), cursor, limit }).await?))
}

/// The proof that such an access is in the log.
#[utoipa::path(get, path = "/me/accesses/{leaf_index}/proof", tag = "audit", params(("leaf_index" = u64, Path)),
    responses((status = 200, body = InclusionProof), Problems))]
pub async fn get_access_proof(
    State(edge): State<Edge>,
    signed: Signed,
    Path(leaf_index): Path<u64>,
) -> Result<Json<InclusionProof>, Problem> {
    Ok(Json(edge.ask(&GetAccessProof { caller: signed.caller(), leaf_index }).await?))
}
