//! Grants: the blob key of an epoch, encrypted to one member. Any member grants to any member, itself included.

pub(crate) mod calls;
pub(crate) mod store;

use std::{collections::HashSet, sync::Arc};

use sealcast_contracts::{
    Fingerprint, RoomId, UserId,
    chat::{ChatRefusal, NewGrant},
    context::grant_statement,
    events::AuditEventKind,
    limits::GRANTS_PER_REQUEST_MAX,
};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    Chat, checks,
    directory::Person,
    epochs::Blobs,
    error::{Failure, malformed},
    events, limits, requests, rooms,
};

/// Who signed grants, and with which certificate.
pub(crate) struct Granter {
    pub user_id: UserId,
    pub fingerprint: Fingerprint,
}

impl Chat {
    /// Checks what can be checked without the blob key: each grant is for the recipient's current certificate and subkey,
    /// is about a blob of this room, and is signed by the granter.
    pub(crate) async fn check_grants(
        &self,
        room_id: RoomId,
        granter: &Arc<Person>,
        grants: &[NewGrant],
        blobs: &Blobs,
    ) -> Result<(), Failure> {
        if grants.len() > GRANTS_PER_REQUEST_MAX {
            return Err(malformed("grants", format!("at most {GRANTS_PER_REQUEST_MAX}")));
        }
        let distinct: HashSet<_> = grants.iter().map(|grant| (grant.epoch, grant.to)).collect();
        if distinct.len() != grants.len() {
            return Err(malformed("grants", "two for one member and epoch"));
        }
        let mut recipients: Vec<Arc<Person>> = Vec::with_capacity(grants.len());
        for some in grants.chunks(limits::DIRECTORY_LOOKUPS_AT_ONCE) {
            let lookups: Vec<_> = some.iter().map(|grant| self.recipient(grant.to, grant.to_fp)).collect();
            recipients.extend(futures::future::try_join_all(lookups).await?);
        }
        let (now, granter, grants, blobs) = (self.now(), granter.clone(), grants.to_vec(), blobs.clone());
        // 140 µs each: a full request would hold a worker thread for 70 ms.
        tokio::task::spawn_blocking(move || {
            grants
                .iter()
                .zip(&recipients)
                .try_for_each(|(grant, recipient)| check(room_id, &granter, grant, recipient, &blobs, now))
        })
        .await
        .map_err(|error| Failure::Bug(anyhow::Error::new(error).context("checking grants")))?
    }

    async fn recipient(&self, user_id: UserId, fingerprint: Fingerprint) -> Result<Arc<Person>, Failure> {
        let person = self.directory.find_current(user_id, &fingerprint, self.now()).await?;
        person.ok_or_else(|| refused("the recipient is unknown"))
    }
}

/// Stores checked grants, each new one with its event, and takes the request away that it answers.
pub(crate) async fn add(
    conn: &mut PgConnection,
    room_id: RoomId,
    granter: &Person,
    grants: &[NewGrant],
    at: OffsetDateTime,
) -> Result<Vec<UserId>, Failure> {
    let signed_by = Granter { user_id: granter.user_id, fingerprint: granter.certificate.key.fingerprint };
    let new: HashSet<(u32, UserId)> = store::insert(conn, room_id, &signed_by, grants, at).await?.into_iter().collect();
    let added: Vec<&NewGrant> = grants.iter().filter(|grant| new.contains(&(grant.epoch, grant.to))).collect();
    for grant in &added {
        let what = AuditEventKind::GrantAdded {
            room_id,
            epoch: grant.epoch,
            to: grant.to,
            to_fp: grant.to_fp,
            pkesk_sha256: checks::sha256_hex(grant.pkesk.as_slice()),
        };
        events::record(conn, granter.user_id, at, what).await?;
    }
    let current = rooms::store::lock(conn, room_id).await?.map(|room| room.epoch);
    let answered: Vec<UserId> = grants.iter().filter(|grant| Some(grant.epoch) == current).map(|grant| grant.to).collect();
    requests::store::delete(conn, room_id, &answered).await?;
    Ok(added.into_iter().map(|grant| grant.to).collect())
}

/// Refuses grants to somebody who is not in the room.
pub(crate) async fn require_members(conn: &mut PgConnection, room_id: RoomId, grants: &[NewGrant]) -> Result<(), Failure> {
    let wanted: HashSet<UserId> = grants.iter().map(|grant| grant.to).collect();
    let ids: Vec<UserId> = wanted.iter().copied().collect();
    let found = crate::members::store::among(conn, room_id, &ids).await?;
    if found.len() == wanted.len() { Ok(()) } else { Err(refused("the recipient is not a member")) }
}

pub(crate) fn refused(reason: &str) -> Failure {
    ChatRefusal::GrantRefused { reason: reason.to_owned() }.into()
}

fn check(
    room_id: RoomId,
    granter: &Person,
    grant: &NewGrant,
    recipient: &Person,
    blobs: &Blobs,
    now: OffsetDateTime,
) -> Result<(), Failure> {
    if recipient.certificate.key.fingerprint != grant.to_fp {
        return Err(refused("it is for another certificate than the recipient's current one"));
    }
    let blob = blobs.get(&grant.epoch).ok_or_else(|| refused("there is no such epoch"))?;
    checks::pkesk(grant.pkesk.as_slice(), &recipient.certificate.encryption.fingerprint).map_err(|rule| refused(&rule))?;
    let pkesk = checks::sha256(grant.pkesk.as_slice());
    let statement = grant_statement(room_id, grant.epoch, grant.to, &grant.to_fp, &pkesk, blob);
    checks::grant_signature(grant.sig.as_slice(), &statement, granter, now).map_err(|rule| refused(&rule))
}
