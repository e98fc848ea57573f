//! chat-svc: the organisation, rooms, membership, key epochs, grants, invites, and accepting a message.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{Base64, Caller, ClientMessageId, EventId, Fingerprint, InviteId, Page, RoomId, UserId, call};

/// What a room is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RoomKind {
    /// Every registered account is a member; an organisation has one.
    Lobby,
    /// Everybody in the organisation sees that it exists.
    Public,
    /// Only its members see that it exists.
    Private,
}

/// How the room key reaches a newcomer. A server that could name whom to grant could admit itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Admission {
    /// By a link whose secret stands after `#` and never reaches the server.
    Invite,
    /// A member's client asks its person; links work too.
    Approval,
    /// Members' clients hand the key to whoever the server says has asked: convenient, and safe only against a stolen
    /// database or an operator who looks on. Links work too.
    Open,
}

impl Admission {
    /// Whether people may ask for the key, instead of bringing a link.
    pub fn takes_requests(self) -> bool {
        self != Self::Invite
    }
}

/// What of a room's past newcomers get from whoever lets them in. The clients of members act on it, for they hold the keys; the
/// server could not enforce it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum History {
    /// What was written with the current key.
    #[default]
    CurrentKey,
    /// Every key that whoever lets them in holds.
    Everything,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RoomRole {
    Admin,
    Member,
}

/// The key pair of a room for a time, as its opener made it (docs/protocol.md, "Epoch").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewEpoch {
    /// Counts from 1, without gaps.
    pub epoch: u32,
    /// The room certificate: v6, no user id.
    pub cert: Base64,
    /// SEIPDv2 of the room secret key under the blob key; without any PKESK.
    pub blob: Base64,
    /// Fingerprint of the epoch before; absent in epoch 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev_fp: Option<Fingerprint>,
    /// The opener's detached signature over the statement of docs/protocol.md.
    pub sig: Base64,
}

/// An epoch as the server keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Epoch {
    pub epoch: u32,
    /// Fingerprint of `cert`.
    pub fingerprint: Fingerprint,
    pub cert: Base64,
    pub blob: Base64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev_fp: Option<Fingerprint>,
    pub sig: Base64,
    pub opened_by: UserId,
    /// Fingerprint of the certificate that `sig` verifies with.
    pub opener_fp: Fingerprint,
    #[serde(with = "time::serde::rfc3339")]
    pub opened_at: OffsetDateTime,
}

/// The blob key of an epoch for one member: a PKESK v6 of 111 octets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewGrant {
    pub epoch: u32,
    pub to: UserId,
    /// The recipient's certificate.
    pub to_fp: Fingerprint,
    pub pkesk: Base64,
    /// The granter's detached signature over the statement of docs/protocol.md.
    pub sig: Base64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Grant {
    pub epoch: u32,
    pub to: UserId,
    pub to_fp: Fingerprint,
    pub pkesk: Base64,
    pub sig: Base64,
    pub granted_by: UserId,
    pub granter_fp: Fingerprint,
    #[serde(with = "time::serde::rfc3339")]
    pub granted_at: OffsetDateTime,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Room {
    pub room_id: RoomId,
    pub name: String,
    pub kind: RoomKind,
    pub admission: Admission,
    /// Absent from a service that is older than this one.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub history: History,
    /// The current key epoch.
    pub epoch: u32,
    pub member_count: u32,
    /// The caller's role; absent when it is not a member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoomRole>,
    /// Whether the caller holds a grant of the current epoch.
    pub granted: bool,
    /// Whether the caller has asked to join and waits for an answer.
    pub requested: bool,
    /// The other person, where the room is a direct conversation: private, and of exactly these two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<Peer>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

/// The other one of two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Peer {
    pub user_id: UserId,
    pub username: String,
}

/// A room with what the caller needs to read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomKeys {
    pub room: Room,
    /// Oldest first.
    pub epochs: Vec<Epoch>,
    /// The caller's own grants.
    pub grants: Vec<Grant>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    pub user_id: UserId,
    pub username: String,
    pub role: RoomRole,
    #[serde(with = "time::serde::rfc3339")]
    pub joined_at: OffsetDateTime,
    /// Whether the member holds a grant of the current epoch.
    pub granted: bool,
}

/// Somebody who waits for the room key: a request to join, or a lobby member without a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JoinRequest {
    pub user_id: UserId,
    pub username: String,
    #[serde(with = "time::serde::rfc3339")]
    pub requested_at: OffsetDateTime,
}

/// A public certificate and its fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Certificate {
    pub fingerprint: Fingerprint,
    pub certificate: Base64,
}

/// A compliance certificate, and what makes it follow the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ComplianceStep {
    pub fingerprint: Fingerprint,
    pub certificate: Base64,
    /// Absent of the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<ComplianceRotation>,
}

/// What the compliance key before says of its successor (docs/protocol.md, "Rotation of the compliance key").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ComplianceRotation {
    /// From when messages are encrypted to it.
    #[serde(with = "time::serde::rfc3339")]
    pub effective_at: OffsetDateTime,
    /// The detached signature of the one before.
    pub sig: Base64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Organisation {
    /// The certificate in force. Absent until `sealcast org init` has run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compliance: Option<Certificate>,
    /// Every compliance certificate, from the first to the newest, which may not be in force yet. Absent from a service that is
    /// older than this one.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub compliance_succession: Vec<ComplianceStep>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lobby: Option<RoomId>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GetOrganisation {}
call!(GetOrganisation, "sealcast.v1.chat.get_organisation", Organisation, ChatRefusal);

/// Publishes the organisation's compliance certificate; admins only, once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetCompliance {
    pub caller: Caller,
    pub certificate: Base64,
}
call!(SetCompliance, "sealcast.v1.chat.set_compliance", Organisation, ChatRefusal);

/// Publishes the compliance certificate that follows the newest one, with that one's signature; admins only.
///
/// Repeating it with the same body is harmless.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RotateCompliance {
    pub caller: Caller,
    pub certificate: Base64,
    pub rotation: ComplianceRotation,
}
call!(RotateCompliance, "sealcast.v1.chat.rotate_compliance", Organisation, ChatRefusal);

/// Creates a room with its first epoch and the creator's own grant. Repeating it with the same id and body is harmless.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CreateRoom {
    pub caller: Caller,
    pub room_id: RoomId,
    pub name: String,
    pub kind: RoomKind,
    pub admission: Admission,
    pub epoch: NewEpoch,
    pub grant: NewGrant,
}
call!(CreateRoom, "sealcast.v1.chat.create_room", Room, ChatRefusal);

/// Opens the direct conversation with somebody: a private room of two with its first epoch and a grant for each.
///
/// A pair has one. Where it exists already it is the answer, and what was offered is dropped.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OpenDirect {
    pub caller: Caller,
    pub with: UserId,
    pub room_id: RoomId,
    pub epoch: NewEpoch,
    pub grants: Vec<NewGrant>,
}
call!(OpenDirect, "sealcast.v1.chat.open_direct", Room, ChatRefusal);

/// The caller's rooms, and the public ones it could join.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListRooms {
    pub caller: Caller,
}
call!(ListRooms, "sealcast.v1.chat.list_rooms", Vec<Room>, ChatRefusal);

/// Decides what newcomers get of the past; room admins only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetHistory {
    pub caller: Caller,
    pub room_id: RoomId,
    pub history: History,
}
call!(SetHistory, "sealcast.v1.chat.set_history", Room, ChatRefusal);

/// How far an account has read in a room, sealed under a key that only the account's own clients have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadMarker {
    pub room_id: RoomId,
    /// 60 octets: docs/protocol.md, "Read marker".
    pub sealed: Base64,
}

/// Keeps a read marker in place of the one before, and tells the account's other clients.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetReadMarker {
    pub caller: Caller,
    pub marker: ReadMarker,
}
call!(SetReadMarker, "sealcast.v1.chat.set_read_marker", Done, ChatRefusal);

/// The caller's read markers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListReadMarkers {
    pub caller: Caller,
}
call!(ListReadMarkers, "sealcast.v1.chat.list_read_markers", Vec<ReadMarker>, ChatRefusal);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GetRoom {
    pub caller: Caller,
    pub room_id: RoomId,
}
call!(GetRoom, "sealcast.v1.chat.get_room", RoomKeys, ChatRefusal);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListMembers {
    pub caller: Caller,
    pub room_id: RoomId,
    pub cursor: Option<String>,
    pub limit: u32,
}
call!(ListMembers, "sealcast.v1.chat.list_members", Page<Member>, ChatRefusal);

/// The rooms whose messages an account gets; edges ask it for each stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListMemberships {
    pub user_id: UserId,
}
call!(ListMemberships, "sealcast.v1.chat.list_memberships", Vec<RoomId>, ChatRefusal);

/// Many [`ListMemberships`] in one: edges ask it when clients come back in crowds.
///
/// The reply answers the accounts from the first on, in their order: all of them, or as many as stay within
/// [`crate::limits::MEMBERSHIPS_PER_REPLY_MAX`] rooms together, but one at least. Who gets fewer answers asks again for the rest.
/// An account that does not exist is in no room.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListMembershipsOf {
    /// At most [`crate::limits::BATCH_MAX`].
    pub user_ids: Vec<UserId>,
}
call!(ListMembershipsOf, "sealcast.v1.chat.list_memberships_of", Vec<Vec<RoomId>>, ChatRefusal);

/// Asks to join a public room.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JoinRoom {
    pub caller: Caller,
    pub room_id: RoomId,
}
call!(JoinRoom, "sealcast.v1.chat.join_room", JoinOutcome, ChatRefusal);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum JoinOutcome {
    /// The caller was a member already.
    Member,
    /// Members' clients ask their persons.
    Requested,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListRequests {
    pub caller: Caller,
    pub room_id: RoomId,
}
call!(ListRequests, "sealcast.v1.chat.list_requests", Vec<JoinRequest>, ChatRefusal);

/// Answers a request to join. Approving carries the newcomer's grants, so that membership and key arrive together.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DecideRequest {
    pub caller: Caller,
    pub room_id: RoomId,
    pub user_id: UserId,
    pub approve: bool,
    #[serde(default)]
    pub grants: Vec<NewGrant>,
}
call!(DecideRequest, "sealcast.v1.chat.decide_request", Done, ChatRefusal);

/// The call did what it was asked; there is nothing more to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeaveRoom {
    pub caller: Caller,
    pub room_id: RoomId,
}
call!(LeaveRoom, "sealcast.v1.chat.leave_room", Done, ChatRefusal);

/// Room admins only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemoveMember {
    pub caller: Caller,
    pub room_id: RoomId,
    pub user_id: UserId,
}
call!(RemoveMember, "sealcast.v1.chat.remove_member", Done, ChatRefusal);

/// Opens the next epoch with grants for those who stay; room admins only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OpenEpoch {
    pub caller: Caller,
    pub room_id: RoomId,
    pub epoch: NewEpoch,
    pub grants: Vec<NewGrant>,
}
call!(OpenEpoch, "sealcast.v1.chat.open_epoch", Epoch, ChatRefusal);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AddGrants {
    pub caller: Caller,
    pub room_id: RoomId,
    pub grants: Vec<NewGrant>,
}
call!(AddGrants, "sealcast.v1.chat.add_grants", Done, ChatRefusal);

/// The blob key of an epoch before the invite's own, under the same lock; 60 octets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OlderKey {
    pub epoch: u32,
    pub locked: Base64,
}

/// An invite link as its maker registers it. The server sees neither the secret nor what it unlocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewInvite {
    pub invite_id: InviteId,
    /// SHA-256 of the `auth` derived from the link's secret.
    pub auth_hash: Base64,
    /// The current epoch's blob key under the `lock` derived from the link's secret; 60 octets.
    pub locked: Base64,
    pub epoch: u32,
    /// Older keys that the link opens too, newest first: where newcomers get the whole past.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub older: Vec<OlderKey>,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    pub uses_max: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invite {
    pub invite_id: InviteId,
    pub epoch: u32,
    pub created_by: UserId,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    pub uses_max: u32,
    pub uses: u32,
    pub revoked: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CreateInvite {
    pub caller: Caller,
    pub room_id: RoomId,
    pub invite: NewInvite,
}
call!(CreateInvite, "sealcast.v1.chat.create_invite", Invite, ChatRefusal);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListInvites {
    pub caller: Caller,
    pub room_id: RoomId,
}
call!(ListInvites, "sealcast.v1.chat.list_invites", Vec<Invite>, ChatRefusal);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RevokeInvite {
    pub caller: Caller,
    pub room_id: RoomId,
    pub invite_id: InviteId,
}
call!(RevokeInvite, "sealcast.v1.chat.revoke_invite", Done, ChatRefusal);

/// What an invite leads to, for somebody who has the link and no account yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PreviewInvite {
    pub invite_id: InviteId,
    pub auth: Base64,
}
call!(PreviewInvite, "sealcast.v1.chat.preview_invite", InvitePreview, ChatRefusal);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitePreview {
    pub room_id: RoomId,
    pub room_name: String,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// Makes the caller a member of the invite's room and hands it what the link's secret unlocks.
///
/// Repeating it is harmless and does not count as another use.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RedeemInvite {
    pub caller: Caller,
    pub invite_id: InviteId,
    pub auth: Base64,
}
call!(RedeemInvite, "sealcast.v1.chat.redeem_invite", RedeemedInvite, ChatRefusal);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RedeemedInvite {
    pub room: Room,
    pub epoch: Epoch,
    pub locked: Base64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub older: Vec<OlderKey>,
}

/// Accepts a message: checks it, commits it to the log, answers with its identity.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AcceptMessage {
    pub caller: Caller,
    pub room_id: RoomId,
    pub cid: ClientMessageId,
    /// The key epoch that `env` is encrypted to.
    pub epoch: u32,
    pub env: Base64,
    pub sig: Base64,
}
call!(AcceptMessage, "sealcast.v1.chat.accept_message", AcceptedMessage, ChatRefusal);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcceptedMessage {
    pub id: EventId,
    pub cid: ClientMessageId,
    #[serde(with = "time::serde::rfc3339")]
    pub accepted_at: OffsetDateTime,
}

/// Why chat-svc says no. Whatever was refused is certainly not stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ChatRefusal {
    /// Also the answer where existence is secret.
    #[error("there is no such room, member or invite")]
    NotFound,
    #[error("the caller's role does not allow this")]
    Forbidden,
    #[error("`{field}` is malformed: {reason}")]
    Malformed { field: String, reason: String },
    #[error("too many messages; try again in {retry_after_s} s")]
    RateLimited { retry_after_s: u32 },
    #[error("the envelope is larger than {limit} octets")]
    EnvelopeTooLarge { limit: u32 },
    /// `rule` names the first rule of the profile that it breaks.
    #[error("the envelope does not follow the profile: {rule}")]
    EnvelopeMalformed { rule: String },
    #[error("the envelope is not encrypted to the organisation's compliance certificate")]
    ComplianceRecipientMissing,
    #[error("the envelope is not encrypted to the room's certificate of this epoch")]
    RoomRecipientMissing,
    #[error("the envelope is encrypted to a certificate that it must not be encrypted to")]
    RecipientUnexpected,
    #[error("the signature is not valid: {rule}")]
    SignatureInvalid { rule: String },
    #[error("the signed context does not match the request: {field}")]
    ContextMismatch { field: String },
    #[error("the room's key epoch is {current}")]
    EpochStale { current: u32 },
    #[error("another message was accepted under this client message id")]
    IdempotencyConflict,
    #[error("the certificate is refused: {reason}")]
    CertificateRefused { reason: String },
    #[error("the grant is refused: {reason}")]
    GrantRefused { reason: String },
    #[error("the invite is unknown, expired, used up or revoked")]
    InviteInvalid,
    #[error("the room takes newcomers by invite link only")]
    InviteOnly,
    #[error("nobody leaves the lobby")]
    LobbyIsForAll,
    #[error("a direct conversation stays between its two people")]
    DirectIsForTwo,
    #[error("it exists already")]
    Conflict,
    #[error("the organisation has no compliance certificate yet")]
    OrganisationNotReady,
    #[error("the limit of {limit} {what} is reached")]
    LimitReached { what: String, limit: u32 },
}
