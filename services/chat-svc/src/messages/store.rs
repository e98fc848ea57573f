//! SQL of accepting a message: the one query that says what the sender may send where.

use sealcast_contracts::{Fingerprint, RoomId, UserId, chat::RoomKind};
use sqlx::PgConnection;

use crate::{
    epochs::store::fingerprint,
    organisation::succession::Recipient,
    rooms::store::{kind, number},
};

/// What a message is checked against.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// The compliance certificates in their order; none before the organisation is set up.
    pub compliance: Vec<Recipient>,
    /// Absent when there is no such room.
    pub room: Option<RoomStanding>,
}

/// The room from the sender's side.
#[derive(Debug)]
pub(crate) struct RoomStanding {
    pub kind: RoomKind,
    pub epoch: u32,
    pub is_member: bool,
    /// The recipient of the epoch that the message names; absent when there is no such epoch.
    pub encryption_fp: Option<Fingerprint>,
}

pub(crate) async fn standing(conn: &mut PgConnection, room_id: RoomId, user_id: UserId, epoch: i32) -> sqlx::Result<Standing> {
    let row = sqlx::query!(
        r#"select o.compliance_encryption_fp,
            array(select c.encryption_fp from compliance_rotations c order by c.sequence) as "rotated_fps!",
            array(select c.effective_at from compliance_rotations c order by c.sequence) as "rotated_at!",
            r.kind as "kind?", r.epoch as "epoch?", e.encryption_fp as "encryption_fp?",
            m.user_id is not null as "is_member!"
         from organisation o
            left join rooms r on r.room_id = $1
            left join epochs e on e.room_id = r.room_id and e.epoch = $3
            left join members m on m.room_id = r.room_id and m.user_id = $2"#,
        room_id.0,
        user_id.0,
        epoch,
    )
    .fetch_one(conn)
    .await?;
    let room = match (row.kind, row.epoch) {
        (Some(text), Some(current)) => Some(RoomStanding {
            kind: kind(&text)?,
            epoch: number(current)?,
            is_member: row.is_member,
            encryption_fp: row.encryption_fp.map(fingerprint).transpose()?,
        }),
        _ => None,
    };
    let first = row.compliance_encryption_fp.into_iter().map(|fp| (fp, None));
    let rotated = row.rotated_fps.into_iter().zip(row.rotated_at.into_iter().map(Some));
    let recipient = |(fp, effective_at)| Ok(Recipient { encryption_fp: fingerprint(fp)?, effective_at });
    let compliance = first.chain(rotated).map(recipient).collect::<sqlx::Result<_>>()?;
    Ok(Standing { compliance, room })
}
