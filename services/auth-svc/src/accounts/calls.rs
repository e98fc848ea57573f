use std::sync::Arc;

use sealcast_bus::ServeError;
use sealcast_contracts::{
    UserId,
    auth::{Account, AuthRefusal, Kdf, Login, RegisterAccount, Role, SetRole},
    control::RoleChanged,
    events::AuditEventKind,
};
use sealcast_pgp::certificate::Certificate;
use sqlx::PgConnection;

use super::{
    Username,
    store::{self, InsertError},
};
use crate::{
    Auth, admins, directory,
    events::happened,
    failure::{self, Answer, commit, malformed},
    passwords::{self, Rank, check_kdf},
    secret,
    sessions::{self, open::How},
    throttle::{Network, Throttled},
};

/// Makes an account and opens its first session.
///
/// # Errors
/// [`AuthRefusal::UsernameInvalid`], [`AuthRefusal::UsernameTaken`], [`AuthRefusal::CertificateRefused`],
/// [`AuthRefusal::Malformed`], [`AuthRefusal::KdfOutOfRange`], [`AuthRefusal::Throttled`], [`AuthRefusal::Busy`],
/// [`AuthRefusal::BootstrapRefused`].
pub async fn register_account(auth: Arc<Auth>, call: RegisterAccount) -> Answer<Login> {
    let username = Username::normalise(&call.username)?;
    let secrets = Secrets::of(&call)?;
    throttle(&auth, Network::of(call.origin.address)).await?;
    let role = wanted_role(&auth, call.bootstrap_token.as_deref())?;
    let now = auth.clock.now();
    let certificate = Certificate::parse_user(call.certificate.as_slice(), username.as_str(), now)
        .map_err(|error| AuthRefusal::CertificateRefused { reason: error.to_string() })?;
    if store::is_taken(&auth.pool, &username).await.map_err(failure::store("looking for a user name"))? {
        return Err(AuthRefusal::UsernameTaken.into());
    }
    let password_hash = auth.hasher.hash(Rank::Stranger, secrets.password).await.map_err(failure::hash)?;
    let recovery_hash = auth.hasher.hash(Rank::Stranger, secrets.recovery).await.map_err(failure::hash)?;
    let account = Account {
        user_id: UserId::generate(),
        username: username.to_string(),
        role,
        fingerprint: certificate.key.fingerprint,
        certificate: call.certificate.clone(),
        created_at: now,
    };
    let mut tx = auth.pool.begin().await.map_err(failure::store("beginning"))?;
    if role == Role::Admin && store::count_admins(&mut tx).await.map_err(failure::store("counting admins"))? > 0 {
        return Err(AuthRefusal::BootstrapRefused.into());
    }
    store::insert(&mut tx, &account, &username).await.map_err(insert_refused)?;
    let password = passwords::store::NewPassword { hash: &password_hash, kdf: secrets.kdf, locked_key: secrets.locked_key };
    let recovery = passwords::store::NewRecovery { hash: &recovery_hash, locked_key: secrets.recovery_locked_key };
    passwords::store::insert(&mut tx, account.user_id, &password, &recovery, now)
        .await
        .map_err(failure::store("storing credentials"))?;
    record_registration(&mut tx, &account, &call).await?;
    // Whoever brings the bootstrap token sets the organisation up in this session; the next login is asked as everybody's.
    let how = How { by_recovery_key: false, second_factor: role == Role::Admin };
    let opened = sessions::open::open(&auth, &mut tx, &account, &call.origin, now, how).await?;
    commit(tx).await?;
    tracing::info!(
        user_id = %account.user_id, role = role.as_str(), fingerprint = %account.fingerprint,
        session_id = %opened.session.session_id, "account registered"
    );
    let device = Some(auth.devices.issue(account.user_id, now)?);
    Ok(Login { token: opened.token, session: opened.session, account, locked_key: call.locked_key, device })
}

/// Gives an account a role. The caller's own is read again: a session may be older than it.
///
/// # Errors
/// [`AuthRefusal::Forbidden`] for who is not an admin, [`AuthRefusal::NotFound`], [`AuthRefusal::Malformed`] for the last admin.
pub async fn set_role(auth: Arc<Auth>, call: SetRole) -> Answer<Account> {
    let (now, caller, user_id) = (auth.clock.now(), call.caller.user_id, call.user_id);
    let mut tx = auth.pool.begin().await.map_err(failure::store("beginning"))?;
    // Looking for them also makes changes of roles wait for each other.
    let other_admin = store::has_other_admin(&mut tx, user_id).await.map_err(failure::store("looking for admins"))?;
    admins::require_admin(&auth, &mut tx, &call.caller).await?;
    let from = store::role_of(&mut tx, user_id).await.map_err(failure::store("reading a role"))?.ok_or(AuthRefusal::NotFound)?;
    if from == Role::Admin && call.role != Role::Admin && !other_admin {
        // Without an admin the bootstrap token would work again; with locked ones only, nobody could unlock them.
        return Err(malformed("role", "the last admin stays admin"));
    }
    if from != call.role {
        store::set_role(&mut tx, user_id, call.role).await.map_err(failure::store("setting a role"))?;
        // What was opened under the old role lasts no longer than what the new one opens now.
        let ends_at = auth.sessions.ends_at(now, call.role);
        sessions::store::shorten(&mut tx, user_id, ends_at).await.map_err(failure::store("shortening sessions"))?;
        happened(&mut tx, now, Some(caller), AuditEventKind::RoleChanged { user_id, from, to: call.role }).await?;
        commit(tx).await?;
        // Edges believe what they have verified for some seconds; a lost signal ends no later than that.
        if let Err(error) = auth.bus.signal(&RoleChanged { user_id }).await {
            tracing::warn!(error = format!("{error:#}"), "edges were not told that a role changed");
        }
        tracing::info!(%user_id, by = %caller, from = from.as_str(), to = call.role.as_str(), "role changed");
    }
    let account = directory::store::by_id(&auth.pool, user_id).await.map_err(failure::store("finding an account"))?;
    Ok(account.ok_or(AuthRefusal::NotFound)?)
}

/// What a registration brings, of the lengths that the contract says.
struct Secrets<'a> {
    password: &'a [u8],
    kdf: &'a Kdf,
    locked_key: &'a [u8],
    recovery: &'a [u8],
    recovery_locked_key: &'a [u8],
}

impl<'a> Secrets<'a> {
    fn of(call: &'a RegisterAccount) -> Answer<Self> {
        check_kdf(&call.kdf)?;
        Ok(Self {
            password: secret::auth_secret("auth", &call.auth)?,
            kdf: &call.kdf,
            locked_key: secret::locked_key("locked_key", &call.locked_key)?,
            recovery: secret::auth_secret("recovery.auth", &call.recovery.auth)?,
            recovery_locked_key: secret::locked_key("recovery.locked_key", &call.recovery.locked_key)?,
        })
    }
}

async fn throttle(auth: &Auth, network: Network) -> Answer<()> {
    let Err(Throttled { retry_after_s }) = auth.throttle.register(network).await else { return Ok(()) };
    if auth.throttle.is_worth_an_event("", network).await {
        tracing::warn!(%network, "registrations are throttled");
    }
    Err(AuthRefusal::Throttled { retry_after_s }.into())
}

fn wanted_role(auth: &Auth, bootstrap_token: Option<&str>) -> Answer<Role> {
    match (bootstrap_token, &auth.bootstrap) {
        (None, _) => Ok(Role::Member),
        (Some(token), Some(expected)) if expected.is(token) => Ok(Role::Admin),
        (Some(_), _) => Err(AuthRefusal::BootstrapRefused.into()),
    }
}

fn insert_refused(error: InsertError) -> ServeError<AuthRefusal> {
    match error {
        InsertError::UsernameTaken => AuthRefusal::UsernameTaken.into(),
        InsertError::CertificateTaken => {
            AuthRefusal::CertificateRefused { reason: "it belongs to another account".to_owned() }.into()
        }
        InsertError::Database(error) => failure::store("storing an account")(error),
    }
}

async fn record_registration(connection: &mut PgConnection, account: &Account, call: &RegisterAccount) -> Answer<()> {
    let Account { user_id, username, role, fingerprint, created_at, .. } = account.clone();
    let address = call.origin.address.to_canonical().to_string();
    let registered = AuditEventKind::AccountRegistered { user_id, username, role, address };
    happened(connection, created_at, Some(user_id), registered).await?;
    let certificate_sha256 = secret::hex(&secret::sha256(call.certificate.as_slice()));
    let published = AuditEventKind::CertificatePublished { user_id, fingerprint, certificate_sha256 };
    happened(connection, created_at, Some(user_id), published).await
}
