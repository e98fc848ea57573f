//! auth-svc: accounts, passwords, sessions, the certificate directory.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{Base64, Caller, Fingerprint, Page, SessionId, UserId, call};

/// What an account may do beyond its own rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    Member,
    /// Gives roles and sets up the organisation.
    Admin,
    /// Queries the whole audit archive; every query leaves a leaf in the log.
    Auditor,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }
}

/// Password-based key derivation in the client: Argon2id (RFC 9106), version 0x13, one lane, 32 octets out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Kdf {
    /// Memory, KiB.
    pub m_kib: u32,
    /// Passes.
    pub t: u32,
    /// Lanes; always 1.
    pub p: u32,
    /// 16 random octets.
    pub salt: Base64,
}

/// Where a request came from, for throttling and the session list. Never logged with a password attempt's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    pub address: std::net::IpAddr,
    /// User agent, at most 256 characters.
    pub device: String,
}

/// The second copy of the secret key, locked under the recovery key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recovery {
    /// Derived from the recovery key as `auth` is from the password; 32 octets.
    pub auth: Base64,
    pub locked_key: Base64,
}

/// What the caller knows: one secret derived from the password or from the recovery key, 32 octets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "auth", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Proof {
    Password(Base64),
    Recovery(Base64),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    pub user_id: UserId,
    pub username: String,
    pub role: Role,
    pub fingerprint: Fingerprint,
    /// The OpenPGP certificate (transferable public key, binary).
    pub certificate: Base64,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    pub session_id: SessionId,
    pub user_id: UserId,
    pub username: String,
    pub role: Role,
    pub fingerprint: Fingerprint,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

impl From<&Session> for Caller {
    fn from(session: &Session) -> Self {
        Self {
            user_id: session.user_id,
            username: session.username.clone(),
            role: session.role,
            fingerprint: session.fingerprint,
            session_id: session.session_id,
        }
    }
}

/// A row of the session list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionInfo {
    pub session_id: SessionId,
    pub device: String,
    pub address: String,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub last_seen_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// Whether the request that asked came through this session.
    pub current: bool,
}

/// What only the owner gets, and only with a fresh proof: the session's token and the locked secret key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// base64url without padding; a bearer secret, stored by auth-svc as a hash only.
    pub token: String,
    pub session: Session,
    pub account: Account,
    /// The copy that the proof unlocks.
    pub locked_key: Base64,
    /// For the browser to bring along next time: nobody elsewhere can then make its owner wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
}

/// The key-derivation parameters of an account: the same shape, and as long, for one that does not exist.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Prelogin {
    pub username: String,
}
call!(Prelogin, "sealcast.v1.auth.prelogin", Kdf, AuthRefusal);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RegisterAccount {
    pub username: String,
    pub auth: Base64,
    pub kdf: Kdf,
    pub certificate: Base64,
    pub locked_key: Base64,
    pub recovery: Recovery,
    /// Makes the first admin of an organisation; works as long as there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bootstrap_token: Option<String>,
    pub origin: Origin,
}
call!(RegisterAccount, "sealcast.v1.auth.register_account", Login, AuthRefusal);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LogIn {
    pub username: String,
    pub proof: Proof,
    pub origin: Origin,
    /// What an earlier login gave this browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The second factor's code, for an account that has one and comes with its password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}
call!(LogIn, "sealcast.v1.auth.log_in", Login, AuthRefusal);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VerifySession {
    pub token: String,
}
call!(VerifySession, "sealcast.v1.auth.verify_session", Session, AuthRefusal);

/// Many [`VerifySession`] in one: edges ask it when clients come back in crowds. The reply has the sessions in the order of
/// the tokens; `None` is what alone would be [`AuthRefusal::SessionInvalid`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VerifySessions {
    /// At most [`crate::limits::BATCH_MAX`].
    pub tokens: Vec<String>,
}
call!(VerifySessions, "sealcast.v1.auth.verify_sessions", Vec<Option<Session>>, AuthRefusal);

/// Which of the given sessions are still valid; edges ask it for the streams they hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CheckSessions {
    /// At most 1,000.
    pub session_ids: Vec<SessionId>,
}
call!(CheckSessions, "sealcast.v1.auth.check_sessions", Vec<SessionId>, AuthRefusal);

/// Replaces the token and moves the expiry; the old token ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RefreshSession {
    pub token: String,
}
call!(RefreshSession, "sealcast.v1.auth.refresh_session", RefreshedSession, AuthRefusal);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshedSession {
    pub token: String,
    pub session: Session,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListSessions {
    pub caller: Caller,
}
call!(ListSessions, "sealcast.v1.auth.list_sessions", Vec<SessionInfo>, AuthRefusal);

/// Which sessions of an account end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "which", content = "session_id", rename_all = "snake_case")]
pub enum RevokeScope {
    One(SessionId),
    Others,
    All,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RevokeSessions {
    pub caller: Caller,
    pub scope: RevokeScope,
    /// A logout is the revocation of one's own session, logged under its own name.
    pub logout: bool,
}
call!(RevokeSessions, "sealcast.v1.auth.revoke_sessions", RevokedSessions, AuthRefusal);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RevokedSessions {
    pub revoked: u32,
}

/// Sets a new password; every other session of the account ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangePassword {
    pub caller: Caller,
    pub proof: Proof,
    pub auth: Base64,
    pub kdf: Kdf,
    pub locked_key: Base64,
    pub origin: Origin,
}
call!(ChangePassword, "sealcast.v1.auth.change_password", RevokedSessions, AuthRefusal);

/// What an account has beside its password: time-based one-time codes (RFC 6238: SHA-1, 6 digits, 30 s).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecondFactor {
    /// A login by password needs a code.
    pub active: bool,
    /// The account's role counts only in sessions that were opened with a code.
    pub required: bool,
    /// This session was.
    pub used: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GetSecondFactor {
    pub caller: Caller,
}
call!(GetSecondFactor, "sealcast.v1.auth.get_second_factor", SecondFactor, AuthRefusal);

/// Draws a secret for one-time codes. It takes effect when a first code confirms it; until then it may be drawn again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BeginSecondFactor {
    pub caller: Caller,
    pub proof: Proof,
    pub origin: Origin,
}
call!(BeginSecondFactor, "sealcast.v1.auth.begin_second_factor", NewSecondFactor, AuthRefusal);

/// What an authenticator app needs; shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewSecondFactor {
    /// Base32 (RFC 4648), to be typed.
    pub secret: String,
    /// The same as a key URI (`otpauth://totp/...`), to be scanned.
    pub uri: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConfirmSecondFactor {
    pub caller: Caller,
    pub code: String,
}
call!(ConfirmSecondFactor, "sealcast.v1.auth.confirm_second_factor", SecondFactor, AuthRefusal);

/// Needs a code, or the recovery key: that is for who has lost the authenticator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemoveSecondFactor {
    pub caller: Caller,
    pub proof: Proof,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    pub origin: Origin,
}
call!(RemoveSecondFactor, "sealcast.v1.auth.remove_second_factor", SecondFactor, AuthRefusal);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GetAccount {
    pub key: AccountKey,
}
call!(GetAccount, "sealcast.v1.auth.get_account", Account, AuthRefusal);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKey {
    UserId(UserId),
    Fingerprint(Fingerprint),
    Username(String),
}

/// The certificate directory, by account id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListAccounts {
    pub cursor: Option<String>,
    pub limit: u32,
    /// Only accounts whose user name holds this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
call!(ListAccounts, "sealcast.v1.auth.list_accounts", Page<Account>, AuthRefusal);

/// Gives an account a role; admins only. Its sessions see the new role at their next check.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetRole {
    pub caller: Caller,
    pub user_id: UserId,
    pub role: Role,
}
call!(SetRole, "sealcast.v1.auth.set_role", Account, AuthRefusal);

/// Why auth-svc says no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum AuthRefusal {
    #[error("the user name is taken")]
    UsernameTaken,
    #[error("the user name is not allowed: {reason}")]
    UsernameInvalid { reason: String },
    #[error("the certificate is refused: {reason}")]
    CertificateRefused { reason: String },
    #[error("`{field}` is malformed: {reason}")]
    Malformed { field: String, reason: String },
    #[error("the key-derivation parameters are outside the allowed range")]
    KdfOutOfRange,
    /// One answer for a wrong password and an unknown user.
    #[error("the user name or the password is wrong")]
    InvalidCredentials,
    /// Said only after a right proof: who cannot log in learns nothing of the account.
    #[error("an admin has locked the account")]
    AccountLocked,
    /// Said only after a right password.
    #[error("a code of the second factor is needed")]
    SecondFactorRequired,
    #[error("the code is wrong, too old, or was used already")]
    SecondFactorWrong,
    #[error("the account has a second factor already; remove it first")]
    SecondFactorActive,
    #[error("too many attempts; try again in {retry_after_s} s")]
    Throttled { retry_after_s: u32 },
    #[error("all hashing workers are busy; try again in {retry_after_s} s")]
    Busy { retry_after_s: u32 },
    #[error("the session is unknown, expired or revoked")]
    SessionInvalid,
    #[error("there is no such account or session")]
    NotFound,
    #[error("the account's role does not allow this")]
    Forbidden,
    #[error("the bootstrap token is wrong or was used")]
    BootstrapRefused,
}
