//! SQL of the organisation.

use sealcast_contracts::{
    Base64, Fingerprint, RoomId, UserId,
    chat::{Certificate, ComplianceRotation, ComplianceStep, Organisation},
};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::succession::in_force;
use crate::epochs::store::fingerprint;

/// The organisation as it is at `now`.
pub(crate) async fn get(conn: &mut PgConnection, now: OffsetDateTime) -> sqlx::Result<Organisation> {
    let row = sqlx::query!("select compliance_cert, compliance_fp, lobby from organisation").fetch_one(&mut *conn).await?;
    let mut compliance_succession = Vec::new();
    if let (Some(certificate), Some(fp)) = (row.compliance_cert, row.compliance_fp) {
        let (fingerprint, certificate) = (fingerprint(fp)?, Base64(certificate));
        compliance_succession.push(ComplianceStep { fingerprint, certificate, rotation: None });
    }
    let rotations = sqlx::query!("select fp, cert, sig, effective_at from compliance_rotations order by sequence");
    for row in rotations.fetch_all(conn).await? {
        let rotation = ComplianceRotation { effective_at: row.effective_at, sig: Base64(row.sig) };
        let (fingerprint, certificate) = (fingerprint(row.fp)?, Base64(row.cert));
        compliance_succession.push(ComplianceStep { fingerprint, certificate, rotation: Some(rotation) });
    }
    let times = compliance_succession.iter().map(|step| step.rotation.as_ref().map(|rotation| rotation.effective_at));
    let compliance = compliance_succession
        .get(in_force(times, now))
        .map(|step| Certificate { fingerprint: step.fingerprint, certificate: step.certificate.clone() });
    Ok(Organisation { compliance, compliance_succession, lobby: row.lobby.map(RoomId) })
}

/// Whether there is a compliance certificate.
pub(crate) async fn is_set_up(conn: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select compliance_cert is not null as "is_set_up!" from organisation"#).fetch_one(conn).await
}

/// Publishes the first compliance certificate; `false` when there is one already.
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

/// Keeps other changes of the organisation waiting until the transaction ends.
pub(crate) async fn lock(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select singleton from organisation for update").fetch_one(conn).await.map(drop)
}

/// A compliance certificate whose signature by the one before was checked.
pub(crate) struct CheckedRotation<'a> {
    pub fp: Fingerprint,
    pub encryption_fp: Fingerprint,
    pub certificate: &'a [u8],
    pub sig: &'a [u8],
    pub effective_at: OffsetDateTime,
}

/// Appends a compliance certificate; `false` when it was one before.
pub(crate) async fn rotate_compliance(
    conn: &mut PgConnection,
    rotation: &CheckedRotation<'_>,
    by: UserId,
    at: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "insert into compliance_rotations (sequence, fp, encryption_fp, cert, sig, effective_at, published_by, published_at)
         select 1 + coalesce(max(sequence), 1), $1, $2, $3, $4, $5, $6, $7 from compliance_rotations
         on conflict do nothing",
        &rotation.fp.0,
        &rotation.encryption_fp.0,
        rotation.certificate,
        rotation.sig,
        rotation.effective_at,
        by.0,
        at,
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
