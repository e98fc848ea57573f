//! The wire form of the contracts. An old golden file is never edited: last week's replica must still understand it.
//!
//! A new type gets its file by `SEALCAST_WRITE_GOLDEN=1 cargo test -p sealcast-contracts`, which writes only files that are absent.

#![allow(clippy::unwrap_used)]

use std::{collections::BTreeSet, path::PathBuf};

use sealcast_contracts::{
    ApprovalId, Base64, Call, Caller, CaseId, ClientMessageId, EventId, ExportId, Fingerprint, HoldId, InviteId, Page, RoomId,
    SessionId, UserId, admin, audit, auth, chat, control, events, limits, sse,
};
use serde::{Serialize, de::DeserializeOwned};
use time::{OffsetDateTime, macros::datetime};
use uuid::{Uuid, uuid};

const ID: Uuid = uuid!("01890a5d-ac96-774b-bcce-b302099a8057");
const AT: OffsetDateTime = datetime!(2026-11-24 01:02:03.456 UTC);
const EVENT: EventId = EventId { stream_epoch: 1, seq: 4_711 };

fn octets(n: usize) -> Base64 {
    Base64(vec![7; n])
}

fn caller() -> Caller {
    Caller {
        user_id: UserId(ID),
        username: "alice".to_owned(),
        role: auth::Role::Auditor,
        fingerprint: Fingerprint([1; 32]),
        session_id: SessionId(ID),
    }
}

fn directory() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))
}

fn check<T: Serialize + DeserializeOwned>(name: &str, value: &T) {
    let path = directory().join(format!("{name}.json"));
    let written = serde_json::to_value(value).unwrap();
    if !path.exists() && std::env::var_os("SEALCAST_WRITE_GOLDEN").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&written).unwrap() + "\n").unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let golden: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(written, golden, "{name}: what is written today differs from the golden file");
    let read: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: the golden file cannot be read: {error}"));
    assert_eq!(serde_json::to_value(&read).unwrap(), golden, "{name}: reading loses something");
}

#[test]
fn auth_contracts() {
    let kdf = auth::Kdf { m_kib: 65_536, t: 3, p: 1, salt: octets(16) };
    let origin = auth::Origin { address: [127, 0, 0, 1].into(), device: "sealcast/0.1".to_owned() };
    let account = auth::Account {
        user_id: UserId(ID),
        username: "alice".to_owned(),
        role: auth::Role::Member,
        fingerprint: Fingerprint([1; 32]),
        certificate: octets(4),
        created_at: AT,
    };
    let session = auth::Session {
        session_id: SessionId(ID),
        user_id: UserId(ID),
        username: "alice".to_owned(),
        role: auth::Role::Admin,
        fingerprint: Fingerprint([1; 32]),
        expires_at: AT,
    };
    check(
        "auth.register_account",
        &auth::RegisterAccount {
            username: "alice".to_owned(),
            auth: octets(32),
            kdf: kdf.clone(),
            certificate: octets(4),
            locked_key: octets(5),
            recovery: auth::Recovery { auth: octets(32), locked_key: octets(6) },
            bootstrap_token: None,
            origin: origin.clone(),
        },
    );
    check(
        "auth.log_in",
        &auth::LogIn { username: "alice".to_owned(), proof: auth::Proof::Password(octets(32)), origin, device: None, code: None },
    );
    check("auth.verify_sessions", &auth::VerifySessions { tokens: vec!["t".to_owned(), "u".to_owned()] });
    check("auth.verified_sessions", &vec![None, Some(session.clone())]);
    check(
        "auth.login",
        &auth::Login { token: "t".to_owned(), session, account: account.clone(), locked_key: octets(5), device: None },
    );
    check("auth.accounts", &Page { items: vec![account], next_cursor: Some("c".to_owned()) });
    check(
        "auth.revoke_sessions",
        &auth::RevokeSessions { caller: caller(), scope: auth::RevokeScope::One(SessionId(ID)), logout: false },
    );
    check("auth.refusal", &auth::AuthRefusal::Throttled { retry_after_s: 30 });
}

#[test]
fn admin_contracts() {
    let account = admin::ManagedAccount {
        user_id: UserId(ID),
        username: "alice".to_owned(),
        role: auth::Role::Member,
        fingerprint: Fingerprint([1; 32]),
        created_at: AT,
        sessions: 2,
        last_seen_at: Some(AT),
        lock: Some(admin::AccountLock { at: AT, by: UserId(ID), reason: "a laptop was stolen".to_owned() }),
    };
    check("admin.managed_accounts", &Page { items: vec![account], next_cursor: None });
    check("admin.lock_account", &admin::LockAccount { caller: caller(), user_id: UserId(ID), reason: "x".to_owned() });
    check(
        "admin.revoke_account_sessions",
        &admin::RevokeAccountSessions { caller: caller(), user_id: UserId(ID), session_id: Some(SessionId(ID)) },
    );
    let consumer = admin::ConsumerReport { name: "audit".to_owned(), acknowledged_seq: 4_700, lag: 11 };
    check(
        "admin.stream_report",
        &admin::StreamReport {
            name: "ENVELOPES".to_owned(),
            created_at: AT,
            epoch: Some(1),
            first_seq: 1,
            last_seq: 4_711,
            messages: 4_711,
            octets: 5_000_000,
            octets_max: 6_442_450_944,
            age_max_s: 2_592_000,
            replicas: 3,
            consumers: vec![consumer],
        },
    );
}

#[test]
fn chat_contracts() {
    let grant = chat::NewGrant { epoch: 1, to: UserId(ID), to_fp: Fingerprint([2; 32]), pkesk: octets(111), sig: octets(9) };
    let epoch = chat::NewEpoch { epoch: 1, cert: octets(4), blob: octets(5), prev_fp: None, sig: octets(6) };
    check(
        "chat.open_direct",
        &chat::OpenDirect {
            caller: caller(),
            with: UserId(ID),
            room_id: RoomId(ID),
            epoch: epoch.clone(),
            grants: vec![grant.clone(), grant.clone()],
        },
    );
    check(
        "chat.direct_room",
        &chat::Room {
            room_id: RoomId(ID),
            name: "alice, bob".to_owned(),
            kind: chat::RoomKind::Private,
            admission: chat::Admission::Invite,
            history: chat::History::CurrentKey,
            epoch: 1,
            member_count: 2,
            role: Some(chat::RoomRole::Admin),
            granted: true,
            requested: false,
            peer: Some(chat::Peer { user_id: UserId(ID), username: "bob".to_owned() }),
            created_at: AT,
        },
    );
    check(
        "chat.create_room",
        &chat::CreateRoom {
            caller: caller(),
            room_id: RoomId(ID),
            name: "Lobby".to_owned(),
            kind: chat::RoomKind::Lobby,
            admission: chat::Admission::Approval,
            epoch,
            grant,
        },
    );
    check(
        "chat.accept_message",
        &chat::AcceptMessage {
            caller: caller(),
            room_id: RoomId(ID),
            cid: ClientMessageId(ID),
            epoch: 1,
            env: octets(10),
            sig: octets(11),
        },
    );
    check("chat.accepted_message", &chat::AcceptedMessage { id: EVENT, cid: ClientMessageId(ID), accepted_at: AT });
    check(
        "chat.new_invite",
        &chat::NewInvite {
            invite_id: InviteId(ID),
            auth_hash: octets(32),
            locked: octets(60),
            epoch: 1,
            older: vec![],
            expires_at: AT,
            uses_max: 10,
        },
    );
    check("chat.older_key", &chat::OlderKey { epoch: 1, locked: octets(60) });
    check("chat.read_marker", &chat::ReadMarker { room_id: RoomId(ID), sealed: octets(60) });
    check("chat.refusal", &chat::ChatRefusal::EnvelopeMalformed { rule: "seipd-version".to_owned() });
    check("chat.list_memberships_of", &chat::ListMembershipsOf { user_ids: vec![UserId(ID), UserId(Uuid::nil())] });
    check("chat.memberships_of", &vec![vec![RoomId(ID)], vec![]]);
    check("chat.join_outcome", &chat::JoinOutcome::Requested);
}

fn health_contracts() {
    check("audit.get_log_health", &audit::GetLogHealth { caller: caller() });
    check(
        "audit.log_health",
        &audit::LogHealth {
            signed_at: Some(AT),
            waiting_messages: 1,
            waiting_events: 2,
            looked_at: 3,
            missing: 4,
            kept_apart: 5,
            conflicts: 6,
            witness_alarms: 7,
        },
    );
}

fn leaves_contracts(checkpoint: &audit::Checkpoint) {
    use audit::leaves::{FindLeafRange, LeafContent, LeafPage, LeafRange, ListRoomEvents, LogLeaf, ProvenEvent, ReadLeaves};
    check("audit.find_leaf_range", &FindLeafRange { caller: caller(), export_id: ExportId(ID) });
    check(
        "audit.leaf_range",
        &LeafRange {
            export_id: ExportId(ID),
            room_id: RoomId(ID),
            since: Some(AT),
            until: None,
            from: 1,
            to: 3,
            frontier: vec![octets(32)],
            consistency: vec![octets(32)],
            checkpoint: checkpoint.clone(),
        },
    );
    check("audit.read_leaves", &ReadLeaves { caller: caller(), export_id: ExportId(ID), from: 1, to: 3 });
    let message = Some(LeafContent { env: octets(3), sig: octets(2) });
    let leaf = |leaf_index, message, body| LogLeaf { leaf_index, leaf: "l".to_owned(), message, body };
    check("audit.leaf_page", &LeafPage { items: vec![leaf(1, message, None), leaf(2, None, Some("{}".to_owned()))] });
    check(
        "audit.list_room_events",
        &ListRoomEvents { caller: caller(), export_id: ExportId(ID), before: 2, cursor: None, limit: 50 },
    );
    check(
        "audit.proven_event",
        &ProvenEvent {
            leaf_index: 0,
            event_id: ID,
            kind: "member_joined".to_owned(),
            actor: Some(UserId(ID)),
            at: AT,
            body: "{}".to_owned(),
            path: vec![octets(32)],
        },
    );
}

#[test]
fn audit_contracts() {
    let filter = audit::MessageFilter { room_id: Some(RoomId(ID)), from: Some(AT), after: Some(EVENT), ..Default::default() };
    check(
        "audit.query_messages",
        &audit::QueryMessages {
            caller: caller(),
            filter: filter.clone(),
            order: audit::Order::OldestFirst,
            cursor: None,
            limit: 50,
            case_id: None,
        },
    );
    let checkpoint = audit::Checkpoint {
        size: 3,
        root: octets(32),
        note: "n".to_owned(),
        vkey: "v".to_owned(),
        covers: Some(EVENT),
        cosignatures: Vec::new(),
    };
    check(
        "audit.inclusion_proof",
        &audit::InclusionProof { leaf_index: 2, leaf: "l".to_owned(), path: vec![octets(32)], checkpoint: checkpoint.clone() },
    );
    health_contracts();
    leaves_contracts(&checkpoint);
    check("control.checkpoint_published", &control::CheckpointPublished { checkpoint, covers: EVENT });
    check("control.sessions_revoked", &control::SessionsRevoked { user_id: UserId(ID), session_ids: vec![SessionId(ID)] });
    check(
        "events.messages_queried",
        &events::AuditEvent {
            event_id: ID,
            actor: Some(UserId(ID)),
            at: AT,
            what: events::AuditEventKind::MessagesQueried { filter: filter.clone(), limit: 50, access: None },
        },
    );
    let access = events::CaseAccess {
        case_id: CaseId(ID),
        approval_id: Some(ApprovalId(ID)),
        approver: Some(UserId(ID)),
        count: 3,
        people_sha256: "00".repeat(32),
    };
    let event = |what| events::AuditEvent { event_id: ID, actor: Some(UserId(ID)), at: AT, what };
    check(
        "events.messages_queried_in_case",
        &event(events::AuditEventKind::MessagesQueried { filter, limit: 50, access: Some(access.clone()) }),
    );
    check("events.decryption_granted", &event(events::AuditEventKind::DecryptionGranted { ids: vec![EVENT], access }));
    check(
        "events.day_shredded",
        &event(events::AuditEventKind::DayShredded {
            dek_id: ID,
            room_id: RoomId(ID),
            day: "2026-11-24".to_owned(),
            messages: 3,
            retention_days: 30,
            rule_leaf: 4,
            holds_active: 1,
            holds_sha256: "00".repeat(32),
        }),
    );
}

#[test]
fn stream_contracts() {
    check(
        "sse.hello",
        &sse::Hello {
            node: "edge-1".to_owned(),
            head: EVENT,
            resume: sse::Resume::Exact,
            rooms: vec![RoomId(ID)],
            server_time: AT,
        },
    );
    check(
        "sse.message",
        &sse::Message {
            id: EVENT,
            room_id: RoomId(ID),
            cid: ClientMessageId(ID),
            sender: UserId(ID),
            sender_fp: Fingerprint([1; 32]),
            epoch: 1,
            env: octets(10),
            sig: octets(11),
            accepted_at: AT,
        },
    );
}

#[test]
fn case_contracts() {
    let scope = audit::Scope { rooms: vec![RoomId(ID)], people: vec![UserId(ID)], from: Some(AT), to: None };
    let decision = audit::Decision { granted: true, reason: "needed".to_owned(), by: UserId(Uuid::nil()), at: AT, valid_until: AT };
    let approval = audit::Approval {
        approval_id: ApprovalId(ID),
        action: audit::AccessAction::ReleaseHold,
        reason: "over".to_owned(),
        requested_by: UserId(ID),
        requested_at: AT,
        decision: Some(decision),
    };
    check(
        "audit.open_case",
        &audit::OpenCase {
            caller: caller(),
            case: audit::NewCase {
                number: "2026-17".to_owned(),
                reason: "a complaint".to_owned(),
                legal_basis: "GDPR 6(1)(c)".to_owned(),
                expires_at: AT,
                scope: scope.clone(),
                sealed_until: Some(AT),
            },
        },
    );
    check(
        "audit.case",
        &audit::Case {
            case_id: CaseId(ID),
            number: "2026-17".to_owned(),
            reason: "a complaint".to_owned(),
            legal_basis: "GDPR 6(1)(c)".to_owned(),
            scope: scope.clone(),
            opened_by: UserId(ID),
            opened_at: AT,
            expires_at: AT,
            sealed_until: None,
            closed_at: None,
            closed_by: None,
            approvals: vec![approval],
            leaf_index: 4,
        },
    );
    check(
        "audit.access",
        &audit::Access {
            leaf_index: 4,
            event_id: ID,
            at: AT,
            action: audit::AccessAction::Query,
            messages: 2,
            officer: UserId(ID),
            approver: None,
            case_number: "2026-17".to_owned(),
            legal_basis: "GDPR 6(1)(c)".to_owned(),
        },
    );
    check(
        "audit.hold",
        &audit::Hold {
            hold_id: HoldId(ID),
            case_id: CaseId(ID),
            scope,
            reason: "litigation".to_owned(),
            placed_by: UserId(ID),
            placed_at: AT,
            leaf_index: 5,
            release: None,
        },
    );
    check("audit.refusal", &audit::AuditRefusal::ApprovalRequired { action: audit::AccessAction::Export });
}

/// Of each kind that audit-svc keeps for itself there is an event, and none is misspelt.
#[test]
fn the_events_of_audit_svc_are_named_as_they_are_written() {
    let kinds: BTreeSet<&str> = events::AuditEvent::OF_AUDIT.into_iter().collect();
    assert_eq!(kinds.len(), events::AuditEvent::OF_AUDIT.len());
    for kind in kinds {
        // An empty body lacks fields, but the name is known.
        let read = serde_json::from_value::<events::AuditEventKind>(serde_json::json!({"kind": kind, "body": {}}));
        assert!(!read.is_err_and(|error| error.to_string().contains("unknown variant")), "{kind}");
    }
}

/// The longest replies to questions about many fit a bus message (`max_payload` of deploy/nats/nats.conf).
#[test]
fn batched_replies_fit_a_bus_message() {
    const MESSAGE_OCTETS_MAX: usize = 256 * 1024;
    let session = auth::Session {
        session_id: SessionId(ID),
        user_id: UserId(ID),
        // 32 characters of the longest kind.
        username: "\u{10348}".repeat(32),
        role: auth::Role::Auditor,
        fingerprint: Fingerprint([1; 32]),
        expires_at: AT,
    };
    let sessions = vec![Some(session); limits::BATCH_MAX];
    assert!(serde_json::to_vec(&sessions).unwrap().len() < MESSAGE_OCTETS_MAX);
    // The lists are as even as can be, which takes the most brackets; each may have got the lobby while it was made.
    let rooms = limits::MEMBERSHIPS_PER_REPLY_MAX.div_ceil(limits::BATCH_MAX) + 1;
    let memberships = vec![vec![RoomId(ID); rooms]; limits::BATCH_MAX];
    assert!(serde_json::to_vec(&memberships).unwrap().len() < MESSAGE_OCTETS_MAX);
    const { assert!(limits::ROOMS_PER_USER_MAX < limits::MEMBERSHIPS_PER_REPLY_MAX, "one account is always answered") };
}

#[test]
fn an_event_names_itself() {
    let event = events::AuditEvent {
        event_id: ID,
        actor: None,
        at: AT,
        what: events::AuditEventKind::LoggedOut { session_id: SessionId(ID) },
    };
    assert_eq!((event.kind(), event.subject()), ("logged_out".to_owned(), "event.logged_out".to_owned()));
}

#[test]
fn subjects_are_versioned_and_distinct() {
    let subjects = [
        auth::Prelogin::SUBJECT,
        auth::RegisterAccount::SUBJECT,
        auth::LogIn::SUBJECT,
        auth::VerifySession::SUBJECT,
        auth::VerifySessions::SUBJECT,
        chat::CreateRoom::SUBJECT,
        chat::AcceptMessage::SUBJECT,
        chat::ListMemberships::SUBJECT,
        chat::ListMembershipsOf::SUBJECT,
        audit::QueryMessages::SUBJECT,
        audit::GetCheckpoint::SUBJECT,
        audit::OpenCase::SUBJECT,
        audit::GetCase::SUBJECT,
        audit::ListCases::SUBJECT,
        audit::CloseCase::SUBJECT,
        audit::RequestApproval::SUBJECT,
        audit::DecideApproval::SUBJECT,
        audit::GetLogHealth::SUBJECT,
        audit::GetPolicy::SUBJECT,
        audit::GrantDecryption::SUBJECT,
        audit::StartExport::SUBJECT,
        audit::ListAccesses::SUBJECT,
        audit::GetAccessProof::SUBJECT,
        audit::SetRetention::SUBJECT,
        audit::ListRetention::SUBJECT,
        audit::PlaceHold::SUBJECT,
        audit::ListHolds::SUBJECT,
        audit::ReleaseHold::SUBJECT,
        audit::GetTile::SUBJECT,
    ];
    assert_eq!(subjects.iter().collect::<BTreeSet<_>>().len(), subjects.len());
    assert!(subjects.iter().all(|subject| subject.starts_with("sealcast.v1.")));
}
