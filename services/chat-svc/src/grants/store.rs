//! SQL of grants.

use sealcast_contracts::{
    Base64, RoomId, UserId,
    chat::{Grant, NewGrant},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::Granter;
use crate::{epochs::store::fingerprint, limits, rooms::store::number};

/// Inserts checked grants in one statement and answers which were new: positions in `grants`.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    room_id: RoomId,
    granter: &Granter,
    grants: &[NewGrant],
    at: OffsetDateTime,
) -> sqlx::Result<Vec<(u32, UserId)>> {
    let epochs: Vec<i32> = grants.iter().map(|grant| i32::try_from(grant.epoch).unwrap_or(i32::MAX)).collect();
    let to: Vec<uuid::Uuid> = grants.iter().map(|grant| grant.to.0).collect();
    let to_fps: Vec<Vec<u8>> = grants.iter().map(|grant| grant.to_fp.0.to_vec()).collect();
    let pkesks: Vec<Vec<u8>> = grants.iter().map(|grant| grant.pkesk.0.clone()).collect();
    let sigs: Vec<Vec<u8>> = grants.iter().map(|grant| grant.sig.0.clone()).collect();
    let rows = sqlx::query!(
        "insert into grants (room_id, epoch, to_user, to_fp, granted_by, granter_fp, pkesk, sig, granted_at)
         select $1, epoch, to_user, to_fp, $2, $3, pkesk, sig, $4
         from unnest($5::integer[], $6::uuid[], $7::bytea[], $8::bytea[], $9::bytea[]) as new (epoch, to_user, to_fp, pkesk, sig)
         on conflict do nothing returning epoch, to_user",
        room_id.0,
        granter.user_id.0,
        &granter.fingerprint.0,
        at,
        &epochs,
        &to,
        &to_fps,
        &pkesks,
        &sigs,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| Ok((number(row.epoch)?, UserId(row.to_user)))).collect()
}

/// Whether an account holds a grant of an epoch.
pub(crate) async fn holds(conn: &mut PgConnection, room_id: RoomId, user_id: UserId, epoch: i32) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from grants where room_id = $1 and to_user = $2 and epoch = $3) as "exists!""#,
        room_id.0,
        user_id.0,
        epoch,
    )
    .fetch_one(conn)
    .await
}

/// The account's grants, the newest epochs, oldest first.
pub(crate) async fn list(conn: &mut PgConnection, room_id: RoomId, user_id: UserId) -> sqlx::Result<Vec<Grant>> {
    let rows = sqlx::query!(
        "select epoch, to_user, to_fp, granted_by, granter_fp, pkesk, sig, granted_at from grants
         where room_id = $1 and to_user = $2 order by epoch desc, granted_at desc limit $3",
        room_id.0,
        user_id.0,
        limits::GRANTS_LISTED_MAX,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .rev()
        .map(|row| {
            Ok(Grant {
                epoch: number(row.epoch)?,
                to: UserId(row.to_user),
                to_fp: fingerprint(row.to_fp)?,
                pkesk: Base64(row.pkesk),
                sig: Base64(row.sig),
                granted_by: UserId(row.granted_by),
                granter_fp: fingerprint(row.granter_fp)?,
                granted_at: row.granted_at,
            })
        })
        .collect()
}
