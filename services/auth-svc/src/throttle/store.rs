use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::Network;

/// Networks that an account knows; the ones it used longest ago are forgotten.
const KNOWN_MAX: i64 = 20;

/// Remembers that an account logged in from a network.
pub(crate) async fn remember_network(
    connection: &mut PgConnection,
    user_id: Uuid,
    network: Network,
    at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into auth.known_networks (user_id, network, last_login_at) values ($1, $2, $3)
         on conflict (user_id, network) do update set last_login_at = excluded.last_login_at",
        user_id,
        network.to_string(),
        at,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "delete from auth.known_networks where user_id = $1 and network in
           (select network from auth.known_networks where user_id = $1 order by last_login_at desc offset $2)",
        user_id,
        KNOWN_MAX,
    )
    .execute(connection)
    .await?;
    Ok(())
}
