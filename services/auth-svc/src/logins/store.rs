use sealcast_contracts::UserId;
use sqlx::PgPool;

use crate::throttle::Network;

/// What the throttle must know of an account.
pub(crate) struct Standing {
    /// It has logged in from this network before.
    pub known: bool,
    /// How often an admin has filled its budgets again.
    pub resets: i32,
}

/// Where an account stands as seen from a network; somebody unknown stands where a stranger does.
pub(crate) async fn standing(pool: &PgPool, user_id: UserId, network: Network) -> sqlx::Result<Standing> {
    let standing = sqlx::query_as!(
        Standing,
        r#"select exists (select from auth.known_networks where user_id = $1 and network = $2) as "known!",
            coalesce((select login_resets from auth.credentials where user_id = $1), 0) as "resets!""#,
        user_id.0,
        network.to_string(),
    );
    standing.fetch_one(pool).await
}
