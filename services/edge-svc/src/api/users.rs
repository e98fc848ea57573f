//! The certificate directory.

use axum::{Json, extract::State};
use sealcast_contracts::{
    Fingerprint, Page, UserId,
    auth::{Account, AccountKey, GetAccount, ListAccounts, Role, SetRole},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    document::Problems,
    extract::{Body, Path, Query},
    paging::PageQuery,
};
use crate::{Edge, problems::Problem, sessions::Signed};

/// What an account may do from now on.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RoleRequest {
    pub role: Role,
}

/// All accounts with their certificates.
#[utoipa::path(get, path = "/users", tag = "directory", params(PageQuery), responses((status = 200, body = Page<Account>), Problems))]
pub async fn list_users(
    State(edge): State<Edge>,
    _: Signed,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Account>>, Problem> {
    let (cursor, limit) = page.bounded()?;
    Ok(Json(edge.ask(&ListAccounts { cursor, limit }).await?))
}

/// One account.
#[utoipa::path(get, path = "/users/{user_id}", tag = "directory", params(("user_id" = UserId, Path)),
    responses((status = 200, body = Account), Problems))]
pub async fn get_user(State(edge): State<Edge>, _: Signed, Path(user_id): Path<UserId>) -> Result<Json<Account>, Problem> {
    Ok(Json(edge.ask(&GetAccount { key: AccountKey::UserId(user_id) }).await?))
}

/// Gives an account a role; admins only.
#[utoipa::path(put, path = "/users/{user_id}/role", tag = "directory", params(("user_id" = UserId, Path)), request_body = RoleRequest,
    responses((status = 200, body = Account), Problems))]
pub async fn set_role(
    State(edge): State<Edge>,
    signed: Signed,
    Path(user_id): Path<UserId>,
    Body(body): Body<RoleRequest>,
) -> Result<Json<Account>, Problem> {
    Ok(Json(edge.ask(&SetRole { caller: signed.caller(), user_id, role: body.role }).await?))
}

/// The account that a certificate belongs to.
#[utoipa::path(get, path = "/certificates/{fingerprint}", tag = "directory", params(("fingerprint" = Fingerprint, Path)),
    responses((status = 200, body = Account), Problems))]
pub async fn get_certificate(
    State(edge): State<Edge>,
    _: Signed,
    Path(fingerprint): Path<Fingerprint>,
) -> Result<Json<Account>, Problem> {
    Ok(Json(edge.ask(&GetAccount { key: AccountKey::Fingerprint(fingerprint) }).await?))
}
