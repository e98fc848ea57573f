use sealcast_bus::ServeError;
use sealcast_contracts::{
    UserId,
    auth::{AuthRefusal, Origin, Proof},
    events::AuditEventKind,
};

use super::store;
use crate::{
    Auth,
    events::happened,
    failure::{self, Answer, commit},
    passwords::{self, Verdict},
    secret,
    throttle::{self, Network, Seen, Ticket},
};

/// Whom a proof is about.
pub(crate) struct Who<'a> {
    /// As it was asked for.
    pub username: &'a str,
    /// Absent when there is no such account: the work is done all the same.
    pub user_id: Option<UserId>,
}

/// A proof that held.
pub(crate) struct Proved {
    pub by_recovery_key: bool,
    /// The copy of the secret key that the proof unlocks.
    pub locked_key: Vec<u8>,
    /// The hash that was verified, and one of higher costs to put in its place.
    pub rehashed: Option<(String, String)>,
    pub ticket: Ticket,
}

/// Checks a proof, within the limits. A wrong proof and an unknown account take the same way and give the same answer.
///
/// `seen`: what is known of where it comes from, beside the network.
pub(crate) async fn prove(auth: &Auth, who: &Who<'_>, proof: &Proof, origin: &Origin, seen: Seen) -> Answer<Proved> {
    let (by_recovery_key, secret) = match proof {
        Proof::Password(secret) => (false, secret::auth_secret("proof", secret)?),
        Proof::Recovery(secret) => (true, secret::auth_secret("proof", secret)?),
    };
    let network = Network::of(origin.address);
    // The nil id belongs to nobody: looking for it costs what looking for an account costs.
    let user_id = who.user_id.unwrap_or(UserId(uuid::Uuid::nil()));
    let standing = store::standing(&auth.pool, user_id, network).await.map_err(failure::store("looking for a network"))?;
    let seen = if standing.known && seen == Seen::No { Seen::Network } else { seen };
    let rank = seen.rank();
    auth.hasher.check_place(rank).map_err(failure::hash)?;
    let account = throttle::Account { username: who.username, resets: standing.resets };
    let ticket = match auth.throttle.log_in(account, network, seen).await {
        Ok(ticket) => ticket,
        Err(throttled) => {
            note_throttled(auth, who, origin, network).await?;
            return Err(AuthRefusal::Throttled { retry_after_s: throttled.retry_after_s }.into());
        }
    };
    let credentials = passwords::store::find(&auth.pool, user_id).await.map_err(failure::store("finding credentials"))?;
    let (stored, locked_key) = match credentials {
        Some(found) if by_recovery_key => (Some(found.recovery_hash), found.recovery_locked_key),
        Some(found) => (Some(found.password_hash), found.locked_key),
        None => (None, Vec::new()),
    };
    match (auth.hasher.verify(rank, secret, stored.as_deref()).await, stored) {
        (Ok(Verdict::Match { rehashed }), Some(stored)) => {
            Ok(Proved { by_recovery_key, locked_key, rehashed: rehashed.map(|new| (stored, new)), ticket })
        }
        (Ok(_), _) => {
            note_failed(auth, who, origin).await?;
            Err(AuthRefusal::InvalidCredentials.into())
        }
        (Err(error), _) => {
            // Nothing was guessed. Who makes everybody wait pays for it all the same.
            auth.throttle.give_back(ticket.without_address()).await;
            Err(failure::hash(error))
        }
    }
}

pub(super) async fn note_failed(auth: &Auth, who: &Who<'_>, origin: &Origin) -> Answer<()> {
    let address = origin.address.to_canonical().to_string();
    tracing::info!(address, "login failed");
    metrics::counter!("auth_logins_total", "outcome" => "failed").increment(1);
    record_alone(auth, AuditEventKind::LoginFailed { username: printable(who.username), address }).await
}

async fn note_throttled(auth: &Auth, who: &Who<'_>, origin: &Origin, network: Network) -> Answer<()> {
    metrics::counter!("auth_logins_total", "outcome" => "throttled").increment(1);
    if !auth.throttle.is_worth_an_event(who.username, network).await {
        return Ok(());
    }
    let address = origin.address.to_canonical().to_string();
    tracing::warn!(address, "logins are throttled");
    record_alone(auth, AuditEventKind::LoginThrottled { username: printable(who.username), address }).await
}

async fn record_alone(auth: &Auth, what: AuditEventKind) -> Result<(), ServeError<AuthRefusal>> {
    let mut tx = auth.pool.begin().await.map_err(failure::store("beginning"))?;
    happened(&mut tx, auth.clock.now(), None, what).await?;
    commit(tx).await
}

/// What the log keeps of a name that somebody asked for.
fn printable(username: &str) -> String {
    const CHARS_MAX: usize = 64;
    username.chars().filter(|c| !c.is_control()).take(CHARS_MAX).collect()
}
