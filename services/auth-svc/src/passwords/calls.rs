use std::sync::Arc;

use aws_lc_rs::hmac;
use sealcast_contracts::{
    auth::{AuthRefusal, ChangePassword, Kdf, Prelogin, RevokeScope, RevokedSessions},
    events::AuditEventKind,
    limits,
};

use super::{Rank, store};
use crate::{
    Auth,
    accounts::Username,
    events::happened,
    failure::{self, Answer, commit, malformed},
    logins::{self, Who},
    secret, sessions,
    throttle::Seen,
};

/// Octets of a client's salt.
const SALT_OCTETS: usize = 16;

/// The key-derivation parameters of an account. An unknown name gets parameters that look the same and stay the same.
///
/// # Errors
/// None of its own.
pub async fn prelogin(auth: Arc<Auth>, call: Prelogin) -> Answer<Kdf> {
    let name = Username::normalise(&call.username).ok();
    let asked = name.as_ref().map_or(call.username.as_str(), Username::as_str);
    let imagined = hmac::sign(&auth.prelogin_key, asked.as_bytes()).as_ref()[..SALT_OCTETS].to_vec();
    // A name that nobody can have is looked up as the empty one: it costs the same.
    let found = store::find_kdf(&auth.pool, name.as_ref().map_or("", Username::as_str)).await;
    let found = found.map_err(failure::store("finding parameters"))?;
    Ok(found.unwrap_or_else(|| Kdf { m_kib: limits::KDF_M_KIB, t: limits::KDF_T, p: 1, salt: imagined.into() }))
}

/// Sets a new password and ends every other session of the account.
///
/// # Errors
/// [`AuthRefusal::InvalidCredentials`], [`AuthRefusal::Throttled`], [`AuthRefusal::Busy`], [`AuthRefusal::KdfOutOfRange`].
pub async fn change_password(auth: Arc<Auth>, call: ChangePassword) -> Answer<RevokedSessions> {
    let ChangePassword { caller, proof, auth: new, kdf, locked_key, origin } = call;
    let new = secret::auth_secret("auth", &new)?;
    let locked_key = secret::locked_key("locked_key", &locked_key)?;
    check_kdf(&kdf)?;
    let who = Who { username: &caller.username, user_id: Some(caller.user_id) };
    let seen = Seen::Session(caller.session_id);
    let proved = logins::prove(&auth, &who, &proof, &origin, seen).await?;
    let hash = auth.hasher.hash(Rank::Known, new).await.map_err(failure::hash)?;
    let (now, user_id) = (auth.clock.now(), caller.user_id);
    let mut tx = auth.pool.begin().await.map_err(failure::store("beginning"))?;
    let password = store::NewPassword { hash: &hash, kdf: &kdf, locked_key };
    store::set_password(&mut tx, user_id, &password, now).await.map_err(failure::store("setting a password"))?;
    let ended = sessions::store::end(&mut tx, user_id, caller.session_id, &RevokeScope::Others)
        .await
        .map_err(failure::store("ending sessions"))?;
    let by_recovery_key = proved.by_recovery_key;
    happened(&mut tx, now, Some(user_id), AuditEventKind::PasswordChanged { user_id, by_recovery_key }).await?;
    if !ended.is_empty() {
        happened(&mut tx, now, Some(user_id), AuditEventKind::SessionsRevoked { user_id, session_ids: ended.clone() }).await?;
    }
    commit(tx).await?;
    auth.throttle.give_back(proved.ticket).await;
    tracing::info!(%user_id, by_recovery_key, revoked = ended.len(), "password changed");
    Ok(sessions::announce(&auth, user_id, ended).await)
}

/// Checks the parameters that a client chose.
pub(crate) fn check_kdf(kdf: &Kdf) -> Answer<()> {
    if kdf.salt.as_slice().len() != SALT_OCTETS {
        return Err(malformed("kdf.salt", "it must have 16 octets"));
    }
    let m_is_allowed = (limits::KDF_M_KIB_MIN..=limits::KDF_M_KIB_MAX).contains(&kdf.m_kib);
    let t_is_allowed = (limits::KDF_T_MIN..=limits::KDF_T_MAX).contains(&kdf.t);
    if m_is_allowed && t_is_allowed && kdf.p == 1 { Ok(()) } else { Err(AuthRefusal::KdfOutOfRange.into()) }
}
