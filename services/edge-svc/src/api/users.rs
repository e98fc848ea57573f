//! The certificate directory.

use axum::{Json, extract::State};
use sealcast_contracts::{
    Fingerprint, Page, UserId,
    auth::{Account, AccountKey, GetAccount, ListAccounts, Role, SetRole},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    document::Problems,
    extract::{Body, Path, Query},
    paging,
};
use crate::{
    Edge,
    problems::{self, Problem},
    sessions::Signed,
};

/// Characters of a name that is looked for.
const NAME_CHARS_MAX: usize = 64;

/// What an account may do from now on.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RoleRequest {
    pub role: Role,
}

/// Which accounts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UsersQuery {
    /// Letters that the user name holds, wherever they stand.
    #[param(nullable = false, max_length = 64)]
    pub name: Option<String>,
    #[param(nullable = false)]
    pub cursor: Option<String>,
    #[param(nullable = false, minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// All accounts with their certificates, or those with some letters in their name.
#[utoipa::path(get, path = "/users", tag = "directory", params(UsersQuery), responses((status = 200, body = Page<Account>), Problems))]
pub async fn list_users(
    State(edge): State<Edge>,
    _: Signed,
    Query(query): Query<UsersQuery>,
) -> Result<Json<Page<Account>>, Problem> {
    let UsersQuery { name, cursor, limit } = query;
    if name.as_ref().is_some_and(|name| name.chars().count() > NAME_CHARS_MAX) {
        return Err(problems::parameter("name", "is longer than any user name"));
    }
    let (cursor, limit) = paging::bounded(cursor, limit)?;
    Ok(Json(edge.ask(&ListAccounts { cursor, limit, name }).await?))
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
