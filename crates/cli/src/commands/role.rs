//! Roles.

use sealcast_contracts::auth;
use serde_json::json;

use crate::{
    args::Role,
    failure::Failure,
    output::Output,
    workplace::{Workplace, find_account},
};

pub async fn set(user: &str, role: Role, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let session = workplace.session().await?;
    let role = match role {
        Role::Member => auth::Role::Member,
        Role::Admin => auth::Role::Admin,
        Role::Auditor => auth::Role::Auditor,
    };
    let account = session.set_role(find_account(&session, user).await?.user_id, role).await?;
    let object = json!({"user_id": account.user_id, "username": account.username, "role": account.role});
    output.line(|| format!("{} is {} now", account.username, account.role.as_str()), &object)
}
