//! Rooms: made, opened to others by grants and invite links, entered by them.

use aws_lc_rs::digest;
use sealcast_contracts::{
    Base64, Fingerprint, RoomId, UserId,
    chat::{Admission, Epoch, Invite, Member, NewEpoch, NewGrant, NewInvite, Room, RoomKind},
    context::{EPOCH_NOTATION, GRANT_NOTATION, epoch_statement, grant_statement},
    limits::GRANTS_PER_REQUEST_MAX,
};
use sealcast_pgp::{
    SessionKey,
    certificate::Certificate,
    epoch::{grant, seal_blob},
    keyring::SecretKey,
};
use time::{Duration, OffsetDateTime};

use crate::{
    Client, Error, InviteLink,
    account::key_error,
    bodies::{DirectRequest, EpochRequest, RoomRequest},
    invite::{lock_blob_key, open_blob_key},
    rings::{Rings, STATEMENT_VERSION, sha256},
};

/// A room to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewRoom<'a> {
    pub room_id: RoomId,
    pub name: &'a str,
    pub kind: RoomKind,
    pub admission: Admission,
}

/// How long and how often an invite link works.
#[derive(Clone, Copy, Debug)]
pub struct InviteTerms {
    pub lifetime: Duration,
    pub uses_max: u32,
}

/// An epoch that nobody but its maker knows yet.
struct FreshEpoch {
    new: NewEpoch,
    blob_key: SessionKey,
    blob_sha256: [u8; 32],
}

impl Client {
    /// The room with this id or name; `lobby` is the lobby whatever its name.
    ///
    /// # Errors
    /// [`Error::Usage`] when there is none or more than one.
    pub async fn find_room(&self, text: &str) -> Result<Room, Error> {
        self.session.find_room(text).await
    }

    /// Makes a room with its first epoch and one's own grant.
    ///
    /// # Errors
    /// As every request.
    pub async fn create_room(&self, room: NewRoom<'_>) -> Result<Room, Error> {
        let NewRoom { room_id, name, kind, admission } = room;
        let fresh = self.fresh_epoch(room_id, 1, None)?;
        let me = self.session.info().user_id;
        let grant = self.new_grant(room_id, 1, (me, self.key.certificate()), &fresh.blob_key, &fresh.blob_sha256)?;
        let request = RoomRequest { room_id, name, kind, admission, epoch: fresh.new, grant };
        let room = self.session.create_room_with(&request).await?;
        self.rings.forget(room_id).await;
        Ok(room)
    }

    /// The conversation with one person: the one that there is, or a new one whose key both hold.
    ///
    /// # Errors
    /// As every request; [`Error::Verification`] when the answer is a conversation with somebody else.
    pub async fn open_direct(&self, with: UserId) -> Result<Room, Error> {
        let room_id = RoomId::generate();
        let fresh = self.fresh_epoch(room_id, 1, None)?;
        let known = self.directory.by_user(with).await?;
        let mut grants = Vec::with_capacity(2);
        for to in [(self.session.info().user_id, self.key.certificate()), (with, &known.certificate)] {
            grants.push(self.new_grant(room_id, 1, to, &fresh.blob_key, &fresh.blob_sha256)?);
        }
        let room = self.session.open_direct_with(with, &DirectRequest { room_id, epoch: fresh.new, grants }).await?;
        if room.peer.as_ref().map(|peer| peer.user_id) != Some(with) {
            return Err(Error::Verification("the server offered another conversation than the one asked for".to_owned()));
        }
        Ok(room)
    }

    /// Opens the next epoch for the members of now; who left cannot read what follows.
    ///
    /// # Errors
    /// As every request; room admins only.
    pub async fn open_epoch(&self, room_id: RoomId) -> Result<Epoch, Error> {
        let ring = self.rings.reload(room_id).await?;
        let number = ring.room.epoch + 1;
        let prev = ring.epochs.get(&ring.room.epoch).map(|key| key.certificate.key.fingerprint);
        let fresh = self.fresh_epoch(room_id, number, prev)?;
        let mut grants = Vec::new();
        for Member { user_id, .. } in self.session.members(room_id).await? {
            let known = self.directory.by_user(user_id).await?;
            grants.push(self.new_grant(room_id, number, (user_id, &known.certificate), &fresh.blob_key, &fresh.blob_sha256)?);
        }
        let rest = grants.split_off(grants.len().min(GRANTS_PER_REQUEST_MAX));
        let epoch = self.session.open_epoch_with(room_id, &EpochRequest { epoch: fresh.new, grants }).await?;
        for chunk in rest.chunks(GRANTS_PER_REQUEST_MAX) {
            self.session.add_grants(room_id, chunk.to_vec()).await?;
        }
        self.rings.forget(room_id).await;
        Ok(epoch)
    }

    /// Lets somebody in who waits, with every key that this account holds.
    ///
    /// # Errors
    /// [`Error::NoRoomKey`] when it holds none.
    pub async fn approve(&self, room_id: RoomId, user_id: UserId) -> Result<(), Error> {
        let ring = self.rings.reload(room_id).await?;
        ring.current()?;
        let known = self.directory.by_user(user_id).await?;
        let mut grants = Vec::new();
        for (number, key) in &ring.epochs {
            if let Some(opened) = &key.opened {
                grants.push(self.new_grant(room_id, *number, (user_id, &known.certificate), &opened.blob_key, &key.blob_sha256)?);
            }
        }
        self.session.decide(room_id, user_id, true, grants).await
    }

    /// Makes an invite link to a room's current epoch.
    ///
    /// # Errors
    /// [`Error::NoRoomKey`] when this account does not hold its key.
    pub async fn create_invite(&self, room_id: RoomId, terms: InviteTerms) -> Result<(InviteLink, Invite), Error> {
        let ring = self.rings.reload(room_id).await?;
        let (epoch, _, opened) = ring.current()?;
        let link = InviteLink::generate(self.session.server().url(), &self.compliance()?.key.fingerprint);
        let derived = link.derive();
        let invite = NewInvite {
            invite_id: link.invite_id,
            auth_hash: Base64(digest::digest(&digest::SHA256, &*derived.auth).as_ref().to_vec()),
            locked: lock_blob_key(&derived.lock, room_id, epoch, opened.blob_key.as_octets())?,
            epoch,
            older: Vec::new(),
            expires_at: OffsetDateTime::now_utc() + terms.lifetime,
            uses_max: terms.uses_max,
        };
        let registered = self.session.create_invite_with(room_id, &invite).await?;
        Ok((link, registered))
    }

    /// Follows an invite link: becomes a member and grants itself the room's key. Repeating it is harmless.
    ///
    /// # Errors
    /// [`Error::Verification`] when what the link unlocks is not the room's key.
    pub async fn redeem(&self, link: &InviteLink) -> Result<Room, Error> {
        self.session.server().check_invite(link).await?;
        let derived = link.derive();
        let redeemed = self.session.redeem_with(link.invite_id, derived.auth_base64()).await?;
        let (room, epoch) = (redeemed.room, redeemed.epoch);
        let blob_key = open_blob_key(&derived.lock, room.room_id, epoch.epoch, &redeemed.locked)?;
        let mut key = self.rings.check_epoch(room.room_id, &epoch).await?;
        let blob_key = SessionKey::from_octets(*blob_key);
        Rings::open_epoch(&mut key, epoch.blob.as_slice(), blob_key.clone())?;
        let me = self.session.info().user_id;
        let own = self.new_grant(room.room_id, epoch.epoch, (me, self.key.certificate()), &blob_key, &key.blob_sha256)?;
        if !room.granted {
            self.session.add_grants(room.room_id, vec![own]).await?;
        }
        self.rings.forget(room.room_id).await;
        Ok(Room { granted: true, ..room })
    }

    fn fresh_epoch(&self, room_id: RoomId, epoch: u32, prev_fp: Option<Fingerprint>) -> Result<FreshEpoch, Error> {
        let now = OffsetDateTime::now_utc();
        let key = SecretKey::generate_room(now).map_err(key_error)?;
        let (blob, blob_key) = seal_blob(&key).map_err(key_error)?;
        let blob_sha256 = sha256(&blob);
        let statement = epoch_statement(room_id, epoch, &key.fingerprint(), &blob_sha256, prev_fp.as_ref());
        let sig = self.key.sign(statement.as_bytes(), EPOCH_NOTATION, STATEMENT_VERSION, now).map_err(key_error)?;
        let cert = Base64(key.certificate_octets().map_err(key_error)?);
        Ok(FreshEpoch { new: NewEpoch { epoch, cert, blob: Base64(blob), prev_fp, sig: Base64(sig) }, blob_key, blob_sha256 })
    }

    fn new_grant(
        &self,
        room_id: RoomId,
        epoch: u32,
        (to, certificate): (UserId, &Certificate),
        blob_key: &SessionKey,
        blob_sha256: &[u8; 32],
    ) -> Result<NewGrant, Error> {
        let to_fp = certificate.key.fingerprint;
        let pkesk = grant(blob_key, &certificate.encryption).map_err(key_error)?;
        let statement = grant_statement(room_id, epoch, to, &to_fp, &sha256(&pkesk), blob_sha256);
        let now = OffsetDateTime::now_utc();
        let sig = self.key.sign(statement.as_bytes(), GRANT_NOTATION, STATEMENT_VERSION, now).map_err(key_error)?;
        Ok(NewGrant { epoch, to, to_fp, pkesk: Base64(pkesk), sig: Base64(sig) })
    }
}

impl crate::Session {
    /// The room with this id or name; `lobby` is the lobby whatever its name.
    ///
    /// # Errors
    /// [`Error::NoSuchRoom`]; [`Error::Usage`] when the name is not unique.
    pub async fn find_room(&self, text: &str) -> Result<Room, Error> {
        let rooms = self.rooms().await?;
        let id = text.parse::<RoomId>().ok();
        let mut found = rooms.into_iter().filter(|room| {
            Some(room.room_id) == id || room.name == text || (text.eq_ignore_ascii_case("lobby") && room.kind == RoomKind::Lobby)
        });
        match (found.next(), found.next()) {
            (Some(room), None) => Ok(room),
            (None, _) => Err(Error::NoSuchRoom(text.to_owned())),
            _ => Err(Error::Usage(format!("more than one room is called `{text}`: give its id"))),
        }
    }
}
