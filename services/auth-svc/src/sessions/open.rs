//! How a session begins, after a registration and after a login alike.

use sealcast_contracts::{
    SessionId,
    auth::{Account, AuthRefusal, Origin, Session},
    events::AuditEventKind,
};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{store, token};
use crate::{
    Auth, admins,
    events::happened,
    failure::{self, Answer},
    throttle::{self, Network},
};

/// Characters of a device that are kept.
const DEVICE_CHARS_MAX: usize = 256;

/// A session that is open when the transaction commits.
pub(crate) struct Opened {
    pub token: String,
    pub session: Session,
    /// Sessions that ended because the account has too many.
    pub ended: Vec<SessionId>,
}

/// What opens a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct How {
    pub by_recovery_key: bool,
    /// A one-time code came along, or none could have been asked for.
    pub second_factor: bool,
}

/// Opens a session in the caller's transaction and remembers where it came from.
///
/// # Errors
/// [`AuthRefusal::AccountLocked`].
pub(crate) async fn open(
    auth: &Auth,
    connection: &mut PgConnection,
    account: &Account,
    origin: &Origin,
    at: OffsetDateTime,
    how: How,
) -> Answer<Opened> {
    // Whatever proved the owner: a locked account gets no session.
    if admins::store::is_locked(&mut *connection, account.user_id).await.map_err(failure::store("looking for a lock"))? {
        return Err(AuthRefusal::AccountLocked.into());
    }
    let (token, token_hash) = token::generate()?;
    let (session_id, user_id) = (SessionId::generate(), account.user_id);
    let ends_at = auth.sessions.ends_at(at, account.role);
    let expires_at = auth.sessions.expiry(at, ends_at);
    let device: String = origin.device.chars().filter(|c| !c.is_control()).take(DEVICE_CHARS_MAX).collect();
    let address = origin.address.to_canonical().to_string();
    let How { by_recovery_key, second_factor } = how;
    let new = store::NewSession {
        session_id,
        user_id,
        token_hash,
        device: &device,
        address: address.clone(),
        at,
        expires_at,
        ends_at,
        second_factor,
    };
    store::insert(connection, &new).await.map_err(failure::store("opening a session"))?;
    let kept = i64::from(auth.sessions.per_account_max);
    let ended = store::end_surplus(connection, user_id, kept).await.map_err(failure::store("ending surplus sessions"))?;
    throttle::store::remember_network(connection, user_id.0, Network::of(origin.address), at)
        .await
        .map_err(failure::store("remembering a network"))?;
    let what = AuditEventKind::SessionOpened { user_id, session_id, address, by_recovery_key };
    happened(connection, at, Some(user_id), what).await?;
    if !ended.is_empty() {
        happened(connection, at, Some(user_id), AuditEventKind::SessionsRevoked { user_id, session_ids: ended.clone() }).await?;
    }
    let Account { username, role, fingerprint, .. } = account.clone();
    let role = auth.role_in_force(role, second_factor);
    Ok(Opened { token, session: Session { session_id, user_id, username, role, fingerprint, expires_at }, ended })
}
