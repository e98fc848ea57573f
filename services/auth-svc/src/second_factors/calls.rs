use std::sync::Arc;

use sealcast_bus::ServeError;
use sealcast_contracts::{
    Caller, UserId,
    auth::{
        AuthRefusal, BeginSecondFactor, ConfirmSecondFactor, GetSecondFactor, NewSecondFactor, RemoveSecondFactor, Role,
        SecondFactor,
    },
    control::RoleChanged,
    events::AuditEventKind,
};
use sqlx::PgConnection;

use super::{codes, store};
use crate::{
    Auth, accounts,
    events::happened,
    failure::{self, Answer, commit},
    logins::{self, Who},
    throttle::{Account, Seen, Throttled},
};

/// What came of looking at a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    /// The account has no second factor in force.
    Absent,
    Passed,
    Missing,
    Wrong,
}

/// Looks at the code that comes with a right password. A code that passes is taken, in the caller's transaction.
///
/// # Errors
/// [`AuthRefusal::Throttled`]: whoever knows the password still guesses only so often.
pub(crate) async fn check(
    auth: &Auth,
    connection: &mut PgConnection,
    (user_id, username): (UserId, &str),
    code: Option<&str>,
    seen: Seen,
) -> Answer<Checked> {
    let found = store::find(&mut *connection, user_id).await.map_err(failure::store("finding a second factor"))?;
    let Some(stored) = found.filter(|stored| stored.confirmed) else { return Ok(Checked::Absent) };
    let Some(code) = code else { return Ok(Checked::Missing) };
    let account = Account { username, resets: stored.resets };
    let ticket = auth.throttle.second_factor(account, seen).await.map_err(throttled)?;
    let codes = auth.second_factors.open(user_id, username, &stored.sealed).map_err(ServeError::Bug)?;
    let Some(step) = codes::step_of(&codes, code, auth.clock.now()) else { return Ok(Checked::Wrong) };
    if !store::take_step(connection, user_id, step).await.map_err(failure::store("taking a code"))? {
        return Ok(Checked::Wrong);
    }
    auth.throttle.give_back(ticket).await;
    Ok(Checked::Passed)
}

/// Whether the caller's role counts only with a second factor that this session did not have.
pub(crate) async fn is_missing(auth: &Auth, connection: &mut PgConnection, caller: &Caller, role: Role) -> Answer<bool> {
    if !auth.required_for.contains(&role) {
        return Ok(false);
    }
    let used = store::was_used(connection, caller.session_id).await;
    Ok(!used.map_err(failure::store("looking at a session"))?)
}

/// What the caller has.
///
/// # Errors
/// [`AuthRefusal::NotFound`].
pub async fn get_second_factor(auth: Arc<Auth>, call: GetSecondFactor) -> Answer<SecondFactor> {
    let mut connection = auth.pool.acquire().await.map_err(failure::store("connecting"))?;
    look(&auth, &mut connection, &call.caller).await
}

/// Draws a secret for whoever proves to be the account's owner.
///
/// # Errors
/// [`AuthRefusal::SecondFactorActive`], [`AuthRefusal::InvalidCredentials`], [`AuthRefusal::Throttled`], [`AuthRefusal::Busy`].
pub async fn begin_second_factor(auth: Arc<Auth>, call: BeginSecondFactor) -> Answer<NewSecondFactor> {
    let BeginSecondFactor { caller, proof, origin } = call;
    let who = Who { username: &caller.username, user_id: Some(caller.user_id) };
    let proved = logins::prove(&auth, &who, &proof, &origin, Seen::Session(caller.session_id)).await?;
    auth.throttle.give_back(proved.ticket).await;
    let (secret, codes) = codes::draw(&caller.username).map_err(ServeError::Bug)?;
    let sealed = auth.second_factors.seal(caller.user_id, &*secret).map_err(ServeError::Bug)?;
    let mut connection = auth.pool.acquire().await.map_err(failure::store("connecting"))?;
    let kept = store::begin(&mut connection, caller.user_id, &sealed, auth.clock.now()).await;
    if !kept.map_err(failure::store("keeping a second factor"))? {
        return Err(AuthRefusal::SecondFactorActive.into());
    }
    let uri = codes.to_url().map_err(|error| ServeError::Bug(anyhow::Error::new(error).context("a key URI")))?;
    Ok(NewSecondFactor { secret: codes.secret().to_base32(), uri })
}

/// Puts the drawn secret into force: from now on a login by password needs a code.
///
/// # Errors
/// [`AuthRefusal::SecondFactorWrong`], [`AuthRefusal::SecondFactorActive`], [`AuthRefusal::NotFound`] when none was drawn,
/// [`AuthRefusal::Throttled`].
pub async fn confirm_second_factor(auth: Arc<Auth>, call: ConfirmSecondFactor) -> Answer<SecondFactor> {
    let ConfirmSecondFactor { caller, code } = call;
    let (now, user_id) = (auth.clock.now(), caller.user_id);
    let mut tx = auth.pool.begin().await.map_err(failure::store("beginning"))?;
    let found = store::find(&mut tx, user_id).await.map_err(failure::store("finding a second factor"))?;
    let stored = found.ok_or(AuthRefusal::NotFound)?;
    if stored.confirmed {
        return Err(AuthRefusal::SecondFactorActive.into());
    }
    let account = Account { username: &caller.username, resets: stored.resets };
    let ticket = auth.throttle.second_factor(account, Seen::Session(caller.session_id)).await.map_err(throttled)?;
    let codes = auth.second_factors.open(user_id, &caller.username, &stored.sealed).map_err(ServeError::Bug)?;
    let step = codes::step_of(&codes, &code, now).ok_or(AuthRefusal::SecondFactorWrong)?;
    if !store::confirm(&mut tx, user_id, &stored.sealed, step, now).await.map_err(failure::store("confirming a second factor"))? {
        // Somebody drew another one meanwhile.
        return Err(AuthRefusal::SecondFactorWrong.into());
    }
    store::note_use(&mut tx, caller.session_id).await.map_err(failure::store("noting a second factor"))?;
    happened(&mut tx, now, Some(user_id), AuditEventKind::SecondFactorAdded { user_id }).await?;
    let factor = look(&auth, &mut tx, &caller).await?;
    commit(tx).await?;
    auth.throttle.give_back(ticket).await;
    tracing::info!(%user_id, "second factor added");
    announce(&auth, user_id).await;
    Ok(factor)
}

/// Does away with the second factor. Sessions that had it count as sessions without.
///
/// # Errors
/// [`AuthRefusal::SecondFactorRequired`], [`AuthRefusal::SecondFactorWrong`], [`AuthRefusal::NotFound`],
/// [`AuthRefusal::InvalidCredentials`], [`AuthRefusal::Throttled`], [`AuthRefusal::Busy`].
pub async fn remove_second_factor(auth: Arc<Auth>, call: RemoveSecondFactor) -> Answer<SecondFactor> {
    let RemoveSecondFactor { caller, proof, code, origin } = call;
    let (now, user_id) = (auth.clock.now(), caller.user_id);
    let who = Who { username: &caller.username, user_id: Some(user_id) };
    let seen = Seen::Session(caller.session_id);
    let proved = logins::prove(&auth, &who, &proof, &origin, seen).await?;
    let by_recovery_key = proved.by_recovery_key;
    auth.throttle.give_back(proved.ticket).await;
    let mut tx = auth.pool.begin().await.map_err(failure::store("beginning"))?;
    if !by_recovery_key {
        match check(&auth, &mut tx, (user_id, &caller.username), code.as_deref(), seen).await? {
            Checked::Absent => return Err(AuthRefusal::NotFound.into()),
            Checked::Missing => return Err(AuthRefusal::SecondFactorRequired.into()),
            Checked::Wrong => return Err(AuthRefusal::SecondFactorWrong.into()),
            Checked::Passed => {}
        }
    }
    if !store::remove(&mut tx, user_id).await.map_err(failure::store("removing a second factor"))? {
        return Err(AuthRefusal::NotFound.into());
    }
    happened(&mut tx, now, Some(user_id), AuditEventKind::SecondFactorRemoved { user_id, by_recovery_key }).await?;
    let factor = look(&auth, &mut tx, &caller).await?;
    commit(tx).await?;
    tracing::info!(%user_id, by_recovery_key, "second factor removed");
    announce(&auth, user_id).await;
    Ok(factor)
}

async fn look(auth: &Auth, connection: &mut PgConnection, caller: &Caller) -> Answer<SecondFactor> {
    let found = store::find(&mut *connection, caller.user_id).await.map_err(failure::store("finding a second factor"))?;
    let role = accounts::store::role_of(&mut *connection, caller.user_id).await.map_err(failure::store("reading a role"))?;
    let used = store::was_used(connection, caller.session_id).await.map_err(failure::store("looking at a session"))?;
    let required = auth.required_for.contains(&role.ok_or(AuthRefusal::NotFound)?);
    Ok(SecondFactor { active: found.is_some_and(|stored| stored.confirmed), required, used })
}

/// Which role counts may have changed; edges that miss it believe the old one for some seconds.
async fn announce(auth: &Auth, user_id: UserId) {
    if let Err(error) = auth.bus.signal(&RoleChanged { user_id }).await {
        tracing::warn!(error = format!("{error:#}"), "edges were not told that a second factor changed");
    }
}

fn throttled(throttled: Throttled) -> ServeError<AuthRefusal> {
    AuthRefusal::Throttled { retry_after_s: throttled.retry_after_s }.into()
}
