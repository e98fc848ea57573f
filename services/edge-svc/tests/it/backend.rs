//! What the other services would answer, on the real bus.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use sealcast_bus::{Bus, ServeError};
use sealcast_contracts::{
    Base64, Call as _, EventId, Fingerprint, RoomId, SessionId, UserId,
    audit::{AuditRefusal, Checkpoint, Cosignature, GetCheckpoint, GetTile, TileOctets},
    auth::{
        Account, AuthRefusal, CheckSessions, Kdf, LogIn, Login, Origin, Prelogin, RefreshSession, RefreshedSession,
        RegisterAccount, RevokeSessions, RevokedSessions, Role, Session, VerifySession, VerifySessions,
    },
    chat::{
        AcceptMessage, AcceptedMessage, ChatRefusal, GetOrganisation, InvitePreview, ListMemberships, ListMembershipsOf,
        Organisation, PreviewInvite,
    },
};
use sealcast_runtime::Runtime;
use time::OffsetDateTime;

/// What the responders know; tests change it.
#[derive(Default)]
pub struct Facts {
    pub sessions: HashMap<String, Session>,
    pub memberships: HashMap<UserId, Vec<RoomId>>,
    /// Where the last login came from.
    pub origin: Option<Origin>,
    /// And what it showed of an earlier one.
    pub device: Option<String>,
    /// What chat-svc does with messages.
    pub acceptance: Acceptance,
    /// How often a session was verified.
    pub verifications: u32,
    /// auth-svc takes every call and answers none.
    pub auth_is_silent: bool,
    /// How often a tile was asked for.
    pub tiles_asked: u32,
}

#[derive(Clone, Copy, Debug, Default)]
pub enum Acceptance {
    #[default]
    Accepted,
    ComplianceMissing,
    Unavailable,
    Unknown,
}

#[derive(Clone, Default)]
pub struct Backend {
    pub facts: Arc<Mutex<Facts>>,
}

impl Backend {
    pub fn with<T>(&self, look: impl FnOnce(&mut Facts) -> T) -> T {
        look(&mut self.facts.lock().unwrap())
    }

    /// A new account with a session in these rooms; gives the session and its token.
    pub fn member(&self, rooms: &[RoomId]) -> (Session, String) {
        let session = session("ada");
        let token = format!("token-{}", session.session_id);
        self.with(|facts| {
            facts.sessions.insert(token.clone(), session.clone());
            facts.memberships.insert(session.user_id, rooms.to_vec());
        });
        (session, token)
    }

    /// Answers until the runtime stops.
    pub async fn serve(&self, bus: &Bus, runtime: &Runtime<()>) {
        let server = bus.server("0.0.0", &runtime.tasks, &runtime.shutdown).await.unwrap();
        macro_rules! answer {
            ($call:ty, $answer:expr) => {{
                let backend = self.clone();
                server
                    .serve(move |call: $call| {
                        let answer: Result<_, ServeError<_>> = backend.with(|facts| $answer(facts, call));
                        let silent = <$call>::SUBJECT.contains(".auth.") && backend.with(|facts| facts.auth_is_silent);
                        async move { if silent { std::future::pending().await } else { answer } }
                    })
                    .await
                    .unwrap();
            }};
        }
        answer!(Prelogin, |_: &mut Facts, _| Ok(kdf()));
        answer!(LogIn, |facts: &mut Facts, call: LogIn| {
            facts.origin = Some(call.origin);
            facts.device = call.device;
            match call.username.as_str() {
                "nobody" => return Err(AuthRefusal::InvalidCredentials.into()),
                "crowd" => return Err(AuthRefusal::Busy { retry_after_s: 2 }.into()),
                _ => {}
            }
            Ok(log_in(facts, &call.username))
        });
        answer!(RegisterAccount, |facts: &mut Facts, call: RegisterAccount| Ok(log_in(facts, &call.username)));
        answer!(VerifySession, |facts: &mut Facts, call: VerifySession| {
            facts.verifications += 1;
            facts.sessions.get(&call.token).cloned().ok_or(AuthRefusal::SessionInvalid.into())
        });
        answer!(VerifySessions, |facts: &mut Facts, call: VerifySessions| {
            facts.verifications += call.tokens.len() as u32;
            Ok(call.tokens.iter().map(|token| facts.sessions.get(token).cloned()).collect())
        });
        answer!(RefreshSession, |facts: &mut Facts, call: RefreshSession| {
            let session = facts.sessions.remove(&call.token).ok_or(AuthRefusal::SessionInvalid)?;
            facts.sessions.insert("fresh".to_owned(), session.clone());
            Ok(RefreshedSession { token: "fresh".to_owned(), session })
        });
        answer!(RevokeSessions, |_: &mut Facts, _| Ok(RevokedSessions { revoked: 1 }));
        answer!(CheckSessions, |facts: &mut Facts, call: CheckSessions| {
            let valid = |id: &SessionId| facts.sessions.values().any(|session| session.session_id == *id);
            Ok(call.session_ids.into_iter().filter(valid).collect())
        });
        answer!(ListMemberships, |facts: &mut Facts, call: ListMemberships| {
            Ok(facts.memberships.get(&call.user_id).cloned().unwrap_or_default())
        });
        answer!(ListMembershipsOf, |facts: &mut Facts, call: ListMembershipsOf| {
            Ok(call.user_ids.iter().map(|user_id| facts.memberships.get(user_id).cloned().unwrap_or_default()).collect())
        });
        answer!(GetOrganisation, |_: &mut Facts, _| Ok(Organisation {
            compliance: None,
            compliance_succession: Vec::new(),
            lobby: None
        }));
        answer!(GetCheckpoint, checkpoint);
        answer!(GetTile, tile);
        answer!(PreviewInvite, |_: &mut Facts, call: PreviewInvite| {
            if call.auth.as_slice() != b"right" {
                return Err(ChatRefusal::InviteInvalid.into());
            }
            let expires_at = OffsetDateTime::now_utc() + time::Duration::days(1);
            Ok(InvitePreview { room_id: RoomId::generate(), room_name: "lobby".to_owned(), expires_at })
        });
        answer!(AcceptMessage, |facts: &mut Facts, call: AcceptMessage| match facts.acceptance {
            Acceptance::Accepted => {
                let id = EventId { stream_epoch: 1, seq: 1 };
                Ok(AcceptedMessage { id, cid: call.cid, accepted_at: OffsetDateTime::now_utc() })
            }
            Acceptance::ComplianceMissing => Err(ChatRefusal::ComplianceRecipientMissing.into()),
            Acceptance::Unavailable => Err(ServeError::Unavailable(std::io::Error::other("on purpose").into())),
            Acceptance::Unknown => Err(ServeError::Unknown(std::io::Error::other("on purpose").into())),
        });
    }
}

fn checkpoint(_: &mut Facts, call: GetCheckpoint) -> Result<Checkpoint, ServeError<AuditRefusal>> {
    if !call.witnessed {
        return Err(AuditRefusal::NotFound.into());
    }
    let cosignature = Cosignature { vkey: "witness".to_owned(), line: "— witness abc=".to_owned() };
    let (root, note, vkey) = (Base64(vec![1; 32]), "the note\n".to_owned(), "log".to_owned());
    Ok(Checkpoint { size: 300, root, note, vkey, covers: None, cosignatures: vec![cosignature] })
}

fn tile(facts: &mut Facts, call: GetTile) -> Result<TileOctets, ServeError<AuditRefusal>> {
    facts.tiles_asked += 1;
    match call.path.as_str() {
        "0/000" => Ok(TileOctets { octets: Base64(vec![7; 8_192]), full: true }),
        "0/001.p/44" => Ok(TileOctets { octets: Base64(vec![8; 44 * 32]), full: false }),
        _ => Err(AuditRefusal::NotFound.into()),
    }
}

fn log_in(facts: &mut Facts, username: &str) -> Login {
    let session = session(username);
    facts.sessions.insert("crumb".to_owned(), session.clone());
    let account = Account {
        user_id: session.user_id,
        username: username.to_owned(),
        role: Role::Member,
        fingerprint: session.fingerprint,
        certificate: Base64(vec![1]),
        created_at: OffsetDateTime::now_utc(),
    };
    Login { token: "crumb".to_owned(), session, account, locked_key: Base64(vec![2]), device: Some("browser".to_owned()) }
}

fn session(username: &str) -> Session {
    Session {
        session_id: SessionId::generate(),
        user_id: UserId::generate(),
        username: username.to_owned(),
        role: Role::Member,
        fingerprint: Fingerprint([5; 32]),
        expires_at: OffsetDateTime::now_utc() + time::Duration::hours(1),
    }
}

fn kdf() -> Kdf {
    Kdf { m_kib: 65_536, t: 3, p: 1, salt: Base64(vec![0; 16]) }
}
