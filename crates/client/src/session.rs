//! What a logged-in account can ask for without its secret key.

mod admin;
mod archive;
mod cases;
mod leaves;
mod second_factor;

use std::fmt::Display;

use reqwest::Method;
use sealcast_contracts::{
    Base64, EventId, Fingerprint, InviteId, Page, RoomId, SessionId, UserId,
    auth::{self, Account, RevokedSessions, Role, SessionInfo},
    chat::{Epoch, Invite, JoinOutcome, JoinRequest, Member, NewGrant, NewInvite, Organisation, RedeemedInvite, Room, RoomKeys},
    limits::PAGE_ITEMS_MAX,
};
use secrecy::SecretString;

use crate::{
    Error, Rotation, Server,
    bodies::{
        ComplianceRequest, ComplianceRotationRequest, DirectRequest, EpochRequest, GrantsRequest, InviteAuth, JoinDecision,
        RefreshReply, RoleRequest, RoomRequest,
    },
    stream::EventStream,
};

/// Pages of one listing that are followed.
const PAGES_MAX: usize = 1_000;

pub use archive::EventFilter;

/// A server and a bearer token for it.
#[derive(Clone)]
pub struct Session {
    pub(crate) server: Server,
    pub(crate) token: SecretString,
    info: auth::Session,
}

impl Session {
    /// A session that was opened before.
    pub fn new(server: Server, token: SecretString, info: auth::Session) -> Self {
        Self { server, token, info }
    }

    /// Who is logged in, until when.
    pub fn info(&self) -> &auth::Session {
        &self.info
    }

    /// The server that it is a session of.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The bearer token, to be kept where only its owner reads it.
    pub fn token(&self) -> &SecretString {
        &self.token
    }

    /// Replaces the token and moves the session's end. The old token ends.
    ///
    /// # Errors
    /// As every request; so it is for all operations of this type.
    pub async fn refresh(&mut self) -> Result<(), Error> {
        let reply: RefreshReply = self.server.write(Method::POST, "auth/refresh", &(), Some(&self.token)).await?;
        if let Some(token) = reply.token {
            self.token = token.into();
        }
        self.info = reply.session;
        Ok(())
    }

    /// Ends the session.
    pub async fn log_out(&self) -> Result<(), Error> {
        self.done(Method::POST, "auth/logout", NO_BODY).await
    }

    /// The live sessions of the account.
    pub async fn sessions(&self) -> Result<Vec<SessionInfo>, Error> {
        self.get("sessions", &[]).await
    }

    /// Ends one session.
    pub async fn revoke_session(&self, session_id: SessionId) -> Result<RevokedSessions, Error> {
        self.write(Method::DELETE, &format!("sessions/{session_id}"), &()).await
    }

    /// Ends all sessions, or all but this one.
    pub async fn revoke_sessions(&self, this_too: bool) -> Result<RevokedSessions, Error> {
        let scope = if this_too { "all" } else { "others" };
        self.write(Method::DELETE, &format!("sessions?scope={scope}"), &()).await
    }

    /// All accounts.
    pub async fn accounts(&self) -> Result<Vec<Account>, Error> {
        self.all_pages("users").await
    }

    /// One account.
    pub async fn account(&self, user_id: UserId) -> Result<Account, Error> {
        self.get(&format!("users/{user_id}"), &[]).await
    }

    /// The account of a certificate, as the directory says; the caller checks that it is that certificate.
    pub async fn account_of(&self, fingerprint: Fingerprint) -> Result<Account, Error> {
        self.get(&format!("certificates/{fingerprint}"), &[]).await
    }

    /// Gives an account a role; admins only.
    pub async fn set_role(&self, user_id: UserId, role: Role) -> Result<Account, Error> {
        self.write(Method::PUT, &format!("users/{user_id}/role"), &RoleRequest { role }).await
    }

    /// Publishes the organisation's compliance certificate; admins only, once.
    pub async fn set_compliance(&self, certificate: Base64) -> Result<Organisation, Error> {
        self.write(Method::PUT, "organisation/compliance", &ComplianceRequest { certificate }).await
    }

    /// Publishes the compliance certificate that follows the newest one; admins only.
    pub async fn rotate_compliance(&self, rotation: &Rotation) -> Result<Organisation, Error> {
        let Rotation { certificate, rotation, .. } = rotation;
        let request = ComplianceRotationRequest { certificate, rotation };
        self.write(Method::POST, "organisation/compliance/rotations", &request).await
    }

    /// The account's rooms, and the public ones it could join.
    pub async fn rooms(&self) -> Result<Vec<Room>, Error> {
        self.get("rooms", &[]).await
    }

    /// A room with its epochs and the account's grants, unchecked.
    pub async fn room_keys(&self, room_id: RoomId) -> Result<RoomKeys, Error> {
        self.get(&format!("rooms/{room_id}"), &[]).await
    }

    /// All members of a room.
    pub async fn members(&self, room_id: RoomId) -> Result<Vec<Member>, Error> {
        self.all_pages(&format!("rooms/{room_id}/members")).await
    }

    /// Asks to join a public room.
    pub async fn join(&self, room_id: RoomId) -> Result<JoinOutcome, Error> {
        self.write(Method::POST, &format!("rooms/{room_id}/join"), &()).await
    }

    /// Leaves a room.
    pub async fn leave(&self, room_id: RoomId) -> Result<(), Error> {
        self.done(Method::POST, &format!("rooms/{room_id}/leave"), NO_BODY).await
    }

    /// Removes a member; room admins only.
    pub async fn remove_member(&self, room_id: RoomId, user_id: UserId) -> Result<(), Error> {
        self.done(Method::DELETE, &format!("rooms/{room_id}/members/{user_id}"), NO_BODY).await
    }

    /// Who waits for the room's key.
    pub async fn join_requests(&self, room_id: RoomId) -> Result<Vec<JoinRequest>, Error> {
        self.get(&format!("rooms/{room_id}/requests"), &[]).await
    }

    /// Refuses a request to join.
    pub async fn refuse_request(&self, room_id: RoomId, user_id: UserId) -> Result<(), Error> {
        self.decide(room_id, user_id, false, Vec::new()).await
    }

    /// The invites of a room.
    pub async fn invites(&self, room_id: RoomId) -> Result<Vec<Invite>, Error> {
        self.get(&format!("rooms/{room_id}/invites"), &[]).await
    }

    /// Ends an invite.
    pub async fn revoke_invite(&self, room_id: RoomId, invite_id: InviteId) -> Result<(), Error> {
        self.done(Method::DELETE, &format!("rooms/{room_id}/invites/{invite_id}"), NO_BODY).await
    }

    /// The live stream, from the message after `last` or from now on. It reconnects by itself.
    pub fn events(&self, last: Option<EventId>) -> EventStream {
        EventStream::new(self.clone(), last)
    }

    pub(crate) async fn create_room_with(&self, request: &RoomRequest<'_>) -> Result<Room, Error> {
        self.write(Method::POST, "rooms", request).await
    }

    pub(crate) async fn open_direct_with(&self, with: UserId, request: &DirectRequest) -> Result<Room, Error> {
        self.write(Method::PUT, &format!("direct/{with}"), request).await
    }

    pub(crate) async fn open_epoch_with(&self, room_id: RoomId, request: &EpochRequest) -> Result<Epoch, Error> {
        self.write(Method::POST, &format!("rooms/{room_id}/epochs"), request).await
    }

    pub(crate) async fn add_grants(&self, room_id: RoomId, grants: Vec<NewGrant>) -> Result<(), Error> {
        self.done(Method::POST, &format!("rooms/{room_id}/grants"), Some(&GrantsRequest { grants })).await
    }

    pub(crate) async fn decide(&self, room_id: RoomId, user_id: UserId, approve: bool, grants: Vec<NewGrant>) -> Result<(), Error> {
        let decision = JoinDecision { approve, grants };
        self.done(Method::POST, &format!("rooms/{room_id}/requests/{user_id}"), Some(&decision)).await
    }

    pub(crate) async fn create_invite_with(&self, room_id: RoomId, invite: &NewInvite) -> Result<Invite, Error> {
        self.write(Method::POST, &format!("rooms/{room_id}/invites"), invite).await
    }

    pub(crate) async fn redeem_with(&self, invite_id: InviteId, auth: Base64) -> Result<RedeemedInvite, Error> {
        self.write(Method::POST, &format!("invites/{invite_id}/redeem"), &InviteAuth { auth }).await
    }

    pub(crate) async fn get<T: serde::de::DeserializeOwned>(&self, path: &str, query: &[(&str, String)]) -> Result<T, Error> {
        self.server.get(path, query, Some(&self.token)).await
    }

    pub(crate) async fn write<T: serde::de::DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl serde::Serialize,
    ) -> Result<T, Error> {
        self.server.write(method, path, body, Some(&self.token)).await
    }

    async fn done(&self, method: Method, path: &str, body: Option<&(impl serde::Serialize + Sync)>) -> Result<(), Error> {
        self.server.done(method, path, body, Some(&self.token)).await
    }

    pub(crate) async fn all_pages<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, Error> {
        self.all_pages_where(path, &[]).await
    }

    pub(crate) async fn all_pages_where<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        filter: &[(&'static str, String)],
    ) -> Result<Vec<T>, Error> {
        let (mut items, mut cursor) = (Vec::new(), None::<String>);
        for _ in 0..PAGES_MAX {
            let mut query = filter.to_vec();
            query.push(("limit", PAGE_ITEMS_MAX.to_string()));
            push(&mut query, "cursor", cursor);
            let page: Page<T> = self.get(path, &query).await?;
            items.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(items);
            }
        }
        Err(Error::Protocol(format!("the listing `{path}` has no end")))
    }
}

const NO_BODY: Option<&()> = None;

pub(crate) fn push(query: &mut Vec<(&'static str, String)>, name: &'static str, value: Option<impl Display>) {
    query.extend(value.map(|value| (name, value.to_string())));
}
