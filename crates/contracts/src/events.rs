//! Significant events: durable, each a leaf of the audit log.
//!
//! A service writes an event into its outbox in the transaction that makes it true, and relays it to the stream
//! [`crate::stream::EVENTS`]. Bodies hold identifiers and hashes, never secrets, tokens or plaintext.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    EventId, Fingerprint, InviteId, RoomId, SessionId, UserId,
    audit::MessageFilter,
    auth::Role,
    chat::{Admission, RoomKind},
};

/// One event as it travels: its identity makes redelivery harmless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    pub event_id: Uuid,
    /// Who did it; absent when nobody was logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<UserId>,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    #[serde(flatten)]
    pub what: AuditEventKind,
}

/// What happened. The tag is the event's name in the log and in the query API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "snake_case")]
pub enum AuditEventKind {
    AccountRegistered {
        user_id: UserId,
        username: String,
        role: Role,
        address: String,
    },
    SessionOpened {
        user_id: UserId,
        session_id: SessionId,
        address: String,
        by_recovery_key: bool,
    },
    /// `username` as it was asked for: the account need not exist.
    LoginFailed {
        username: String,
        address: String,
    },
    LoginThrottled {
        username: String,
        address: String,
    },
    LoggedOut {
        session_id: SessionId,
    },
    SessionsRevoked {
        user_id: UserId,
        session_ids: Vec<SessionId>,
    },
    PasswordChanged {
        user_id: UserId,
        by_recovery_key: bool,
    },
    RoleChanged {
        user_id: UserId,
        from: Role,
        to: Role,
    },
    /// Its sessions end with it, as `sessions_revoked`.
    AccountLocked {
        user_id: UserId,
        reason: String,
    },
    AccountUnlocked {
        user_id: UserId,
    },
    /// An admin looked at the sessions of an account.
    SessionsListed {
        user_id: UserId,
    },
    /// An admin filled an account's login budgets again.
    LoginLimitsReset {
        user_id: UserId,
    },
    CertificatePublished {
        user_id: UserId,
        fingerprint: Fingerprint,
        certificate_sha256: String,
    },
    CompliancePublished {
        fingerprint: Fingerprint,
        certificate_sha256: String,
    },
    RoomCreated {
        room_id: RoomId,
        name: String,
        room_kind: RoomKind,
        admission: Admission,
    },
    MemberJoined {
        room_id: RoomId,
        user_id: UserId,
        by: JoinedBy,
    },
    MemberLeft {
        room_id: RoomId,
        user_id: UserId,
    },
    MemberRemoved {
        room_id: RoomId,
        user_id: UserId,
    },
    JoinRequested {
        room_id: RoomId,
        user_id: UserId,
    },
    JoinRefused {
        room_id: RoomId,
        user_id: UserId,
    },
    EpochOpened {
        room_id: RoomId,
        epoch: u32,
        fingerprint: Fingerprint,
        blob_sha256: String,
    },
    GrantAdded {
        room_id: RoomId,
        epoch: u32,
        to: UserId,
        to_fp: Fingerprint,
        pkesk_sha256: String,
    },
    InviteCreated {
        room_id: RoomId,
        invite_id: InviteId,
        epoch: u32,
    },
    InviteRevoked {
        room_id: RoomId,
        invite_id: InviteId,
    },
    /// Written by audit-svc itself, before the answer goes out.
    MessagesQueried {
        filter: MessageFilter,
        limit: u32,
    },
    EventsQueried {
        kind_filter: Option<String>,
        actor_filter: Option<UserId>,
        limit: u32,
    },
    /// All data keys lie under this key-encryption key now.
    DataKeysRewrapped {
        kek_version: u32,
        count: u64,
    },
    /// A message arrived whose client message id belongs to another stored message, or a sequence was given out twice.
    LogConflict {
        id: EventId,
        room_id: RoomId,
    },
    /// What lay in a stream is not of its format; audit-svc keeps it apart, sealed.
    MessageQuarantined {
        stream: String,
        seq: u64,
        payload_sha256: String,
        reason: String,
    },
}

/// How a membership began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinedBy {
    /// The lobby takes every registered account.
    Registration,
    Creation,
    Invite,
    Approval,
}

impl AuditEvent {
    pub fn now(event_id: Uuid, at: OffsetDateTime, actor: Option<UserId>, what: AuditEventKind) -> Self {
        Self { event_id, actor, at, what }
    }

    /// The event's name, as in the log and in the query API.
    pub fn kind(&self) -> String {
        match serde_json::to_value(&self.what) {
            Ok(serde_json::Value::Object(mut object)) => match object.remove("kind") {
                Some(serde_json::Value::String(kind)) => kind,
                _ => String::new(),
            },
            _ => String::new(),
        }
    }

    /// The subject that it is published under.
    pub fn subject(&self) -> String {
        format!("{}.{}", crate::stream::EVENT_SUBJECT_PREFIX, self.kind())
    }
}
