//! SQL of the organisation.

use sealcast_contracts::{
    Base64, Fingerprint, RoomId,
    chat::{Certificate, Organisation},
};
use sqlx::PgConnection;

use crate::epochs::store::fingerprint;

pub(crate) async fn get(conn: &mut PgConnection) -> sqlx::Result<Organisation> {
    let row = sqlx::query!("select compliance_cert, compliance_fp, lobby from organisation").fetch_one(conn).await?;
    let compliance = match (row.compliance_cert, row.compliance_fp) {
        (Some(certificate), Some(fp)) => Some(Certificate { fingerprint: fingerprint(fp)?, certificate: Base64(certificate) }),
        _ => None,
    };
    Ok(Organisation { compliance, lobby: row.lobby.map(RoomId) })
}

/// Publishes the compliance certificate; `false` when there is one already.
pub(crate) async fn set_compliance(
    conn: &mut PgConnection,
    certificate: &[u8],
    fp: &Fingerprint,
    encryption_fp: &Fingerprint,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update organisation set compliance_cert = $1, compliance_fp = $2, compliance_encryption_fp = $3 where compliance_cert is null",
        certificate,
        &fp.0,
        &encryption_fp.0,
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn lobby(conn: &mut PgConnection) -> sqlx::Result<Option<RoomId>> {
    Ok(sqlx::query_scalar!("select lobby from organisation").fetch_one(conn).await?.map(RoomId))
}

/// Names the lobby; `false` when there is one already.
pub(crate) async fn set_lobby(conn: &mut PgConnection, room_id: RoomId) -> sqlx::Result<bool> {
    let done = sqlx::query!("update organisation set lobby = $1 where lobby is null", room_id.0).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}
