use sealcast_contracts::UserId;
use sqlx::PgPool;

use crate::throttle::Network;

/// Whether an account has logged in from a network before.
pub(crate) async fn is_known(pool: &PgPool, user_id: UserId, network: Network) -> sqlx::Result<bool> {
    let known = sqlx::query_scalar!(
        r#"select exists (select from auth.known_networks where user_id = $1 and network = $2) as "known!""#,
        user_id.0,
        network.to_string(),
    );
    known.fetch_one(pool).await
}
