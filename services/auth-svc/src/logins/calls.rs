use std::sync::Arc;

use sealcast_contracts::auth::{AuthRefusal, LogIn, Login};

use super::{Who, note_failed, prove};
use crate::{
    Auth,
    accounts::Username,
    directory,
    failure::{self, Answer, commit},
    passwords::{self, Rank},
    second_factors::{self, Checked},
    sessions::{self, open::How},
    throttle::Seen,
};

/// Opens a session for whoever proves to be the account's owner.
///
/// # Errors
/// [`AuthRefusal::InvalidCredentials`], [`AuthRefusal::SecondFactorRequired`], [`AuthRefusal::SecondFactorWrong`], [`AuthRefusal::AccountLocked`],
/// [`AuthRefusal::Throttled`], [`AuthRefusal::Busy`], [`AuthRefusal::Malformed`].
pub async fn log_in(auth: Arc<Auth>, call: LogIn) -> Answer<Login> {
    let LogIn { username, proof, origin, device, code } = call;
    // A crowd is refused before anything is looked up. Who shows a device may be known: that is not sure yet.
    let shown = if device.is_some() { Rank::Known } else { Rank::Stranger };
    auth.hasher.check_place(shown).map_err(failure::hash)?;
    let name = Username::normalise(&username).ok();
    // A name that nobody can have goes the way of one that nobody has; nobody has the empty one.
    let found = directory::store::by_username(&auth.pool, name.as_ref().map_or("", Username::as_str)).await;
    let account = found.map_err(failure::store("finding an account"))?;
    let username = name.map_or(username, |name| name.to_string());
    let who = Who { username: &username, user_id: account.as_ref().map(|account| account.user_id) };
    let known = |user_id| device.as_deref().and_then(|device| auth.devices.read(device, user_id, auth.clock.now()));
    let seen = who.user_id.and_then(known).map_or(Seen::No, Seen::Device);
    let proved = prove(&auth, &who, &proof, &origin, seen).await?;
    let account = account.ok_or(AuthRefusal::InvalidCredentials)?;
    let (now, user_id) = (auth.clock.now(), account.user_id);
    let mut tx = auth.pool.begin().await.map_err(failure::store("beginning"))?;
    if let Some((old, new)) = &proved.rehashed {
        passwords::store::replace_hash(&mut tx, user_id, old, new).await.map_err(failure::store("storing a new hash"))?;
    }
    // The recovery key is for who has lost everything else.
    let checked = match proved.by_recovery_key {
        true => Checked::Absent,
        false => second_factors::check(&auth, &mut tx, (user_id, &account.username), code.as_deref(), seen).await?,
    };
    match checked {
        Checked::Absent | Checked::Passed => {}
        Checked::Missing => {
            auth.throttle.give_back(proved.ticket).await;
            return Err(AuthRefusal::SecondFactorRequired.into());
        }
        Checked::Wrong => {
            drop(tx);
            note_failed(&auth, &who, &origin).await?;
            return Err(AuthRefusal::SecondFactorWrong.into());
        }
    }
    let how = How { by_recovery_key: proved.by_recovery_key, second_factor: checked == Checked::Passed };
    let opened = sessions::open::open(&auth, &mut tx, &account, &origin, now, how).await?;
    commit(tx).await?;
    auth.throttle.give_back(proved.ticket).await;
    metrics::counter!("auth_logins_total", "outcome" => "succeeded").increment(1);
    tracing::info!(
        %user_id, session_id = %opened.session.session_id, by_recovery_key = proved.by_recovery_key,
        rehashed = proved.rehashed.is_some(), "session opened"
    );
    sessions::announce(&auth, user_id, opened.ended).await;
    let device = Some(auth.devices.issue(user_id, now)?);
    Ok(Login { token: opened.token, session: opened.session, account, locked_key: proved.locked_key.into(), device })
}
