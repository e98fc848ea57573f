//! Significant events: durable, each a leaf of the audit log.
//!
//! A service writes an event into its outbox in the transaction that makes it true, and relays it to the stream
//! [`crate::stream::EVENTS`]. Bodies hold identifiers and hashes, never secrets, tokens or plaintext.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    ApprovalId, AttachmentId, CaseId, EventId, ExportId, Fingerprint, HoldId, InviteId, RoomId, SessionId, UserId,
    audit::{AccessAction, MessageFilter, Scope},
    auth::Role,
    chat::{Admission, History, RoomKind},
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
    SecondFactorAdded {
        user_id: UserId,
    },
    SecondFactorRemoved {
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
    /// The compliance key before named this one as its successor. Messages are encrypted to it from `effective_at` on.
    ComplianceRotated {
        old_fp: Fingerprint,
        fingerprint: Fingerprint,
        certificate_sha256: String,
        #[serde(with = "time::serde::rfc3339")]
        effective_at: OffsetDateTime,
    },
    RoomCreated {
        room_id: RoomId,
        name: String,
        room_kind: RoomKind,
        admission: Admission,
        /// The other person of a direct conversation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        direct_with: Option<UserId>,
    },
    /// An admin decided what newcomers get of the past.
    HistorySet {
        room_id: RoomId,
        history: History,
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
    /// All chunks of an attachment arrived; `sha256` is over the SHA-256 of each, in order.
    AttachmentStored {
        attachment_id: AttachmentId,
        room_id: RoomId,
        octets: u64,
        sha256: String,
    },
    /// An auditor who is not in the room read sealed chunks; recorded before the answer.
    AttachmentRead {
        attachment_id: AttachmentId,
        room_id: RoomId,
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
    /// Written by audit-svc itself, as everything from here on; an access before its answer goes out.
    MessagesQueried {
        filter: MessageFilter,
        limit: u32,
        #[serde(default, flatten, skip_serializing_if = "Option::is_none")]
        access: Option<CaseAccess>,
    },
    /// These messages are about to be opened with the compliance key.
    DecryptionGranted {
        ids: Vec<EventId>,
        #[serde(flatten)]
        access: CaseAccess,
    },
    /// The messages that match, as far as the log of `size` leaves has them.
    ExportStarted {
        export_id: ExportId,
        filter: MessageFilter,
        size: u64,
        #[serde(flatten)]
        access: CaseAccess,
    },
    CaseOpened {
        case_id: CaseId,
        number: String,
        reason: String,
        legal_basis: String,
        scope: Scope,
        #[serde(with = "time::serde::rfc3339")]
        expires_at: OffsetDateTime,
        #[serde(default, with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
        sealed_until: Option<OffsetDateTime>,
    },
    CaseClosed {
        case_id: CaseId,
        note: String,
    },
    ApprovalRequested {
        case_id: CaseId,
        approval_id: ApprovalId,
        action: AccessAction,
        reason: String,
    },
    ApprovalDecided {
        case_id: CaseId,
        approval_id: ApprovalId,
        granted: bool,
        reason: String,
        #[serde(with = "time::serde::rfc3339")]
        valid_until: OffsetDateTime,
    },
    RetentionSet {
        room_id: Option<RoomId>,
        days: Option<u32>,
    },
    HoldPlaced {
        case_id: CaseId,
        hold_id: HoldId,
        scope: Scope,
        reason: String,
    },
    HoldReleased {
        case_id: CaseId,
        hold_id: HoldId,
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approval_id: Option<ApprovalId>,
    },
    /// The data key of a room's day is destroyed in the transaction that writes this leaf.
    DayShredded {
        dek_id: Uuid,
        room_id: RoomId,
        /// UTC, `YYYY-MM-DD`.
        day: String,
        messages: u64,
        /// The rule that demanded it: days, and the leaf that set it.
        retention_days: u32,
        rule_leaf: u64,
        /// The holds that were active in the log up to here, none of which covers the day: how many, and the hex SHA-256 over
        /// their UUIDs, sorted, each on a line.
        holds_active: u64,
        holds_sha256: String,
    },
    EventsQueried {
        kind_filter: Option<String>,
        actor_filter: Option<UserId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        case_filter: Option<CaseId>,
        limit: u32,
    },
    /// All data keys lie under this key-encryption key now.
    DataKeysRewrapped {
        kek_version: u32,
        count: u64,
    },
    /// A witness has seen another log than this one.
    WitnessAlarmed {
        witness: String,
        alarm: WitnessAlarm,
        /// Leaves that the witness has seen.
        seen: u64,
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

/// What an access to other people's messages stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseAccess {
    pub case_id: CaseId,
    /// The second officer's consent, where the policy asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_id: Option<ApprovalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<UserId>,
    /// Messages that the answer holds.
    pub count: u64,
    /// Hex SHA-256 over the senders concerned, each UUID on a line, sorted: who is told of this.
    pub people_sha256: String,
}

/// Why a witness does not cosign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WitnessAlarm {
    /// It has seen more leaves than there are.
    RolledBack,
    /// It has seen another tree of the same size.
    Forked,
    /// What it has seen does not lead to what there is.
    Rewritten,
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

    /// Events that audit-svc alone writes: none of them may come from another service.
    pub const OF_AUDIT: [&str; 16] = [
        "messages_queried",
        "events_queried",
        "decryption_granted",
        "export_started",
        "case_opened",
        "case_closed",
        "approval_requested",
        "approval_decided",
        "retention_set",
        "hold_placed",
        "hold_released",
        "day_shredded",
        "witness_alarmed",
        "data_keys_rewrapped",
        "log_conflict",
        "message_quarantined",
    ];

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
