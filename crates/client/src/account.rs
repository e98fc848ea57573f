//! Registration and login: the secrets are made here, and only what proves them is sent.

use reqwest::Method;
use sealcast_contracts::{
    Base64, Fingerprint,
    auth::{Kdf, Proof, Recovery},
};
use sealcast_pgp::keyring::{KeyError, SecretKey};
use time::OffsetDateTime;
use unicode_normalization::UnicodeNormalization as _;

use crate::{
    Client, Error, InviteLink, RecoveryKey, Server, Session,
    bodies::{InviteProof, LoginReply, LoginRequest, PreloginRequest, RegisterRequest, TOKEN},
    profile::{NewAccount, Stored},
    secrets::{Derived, new_kdf},
    succession::Succession,
    trust::Trust,
};

/// A new account.
#[derive(Clone, Copy, Default)]
pub struct Registration<'a> {
    pub username: &'a str,
    pub password: &'a str,
    /// The link that leads here; its compliance certificate is pinned, and its room joined by [`Client::redeem`].
    pub invite: Option<&'a InviteLink>,
    /// Makes the organisation's first admin.
    pub bootstrap_token: Option<&'a str>,
}

/// Somebody who has just come in.
pub struct Entered {
    pub client: Client,
    /// To be shown once; only a registration makes one.
    pub recovery_key: Option<RecoveryKey>,
    kdf: Kdf,
    locked_key: Base64,
    certificate: Base64,
    device: Option<String>,
}

impl Entered {
    /// What a profile keeps.
    pub fn to_stored(&self, ca: Option<&str>) -> Stored {
        use secrecy::ExposeSecret as _;
        let session = self.client.session();
        Stored::new(NewAccount {
            server: session.server().url().to_string(),
            ca: ca.map(str::to_owned),
            kdf: self.kdf.clone(),
            locked_key: self.locked_key.clone(),
            certificate: self.certificate.clone(),
            token: session.token().expose_secret().to_owned(),
            device: self.device.clone(),
            session: session.info().clone(),
            trust: self.client.trust(),
        })
    }
}

impl Server {
    /// Makes an account and logs it in.
    ///
    /// # Errors
    /// [`Error::Verification`] when the server's compliance certificate is not the one that the invite link spells.
    pub async fn register(&self, registration: Registration<'_>) -> Result<Entered, Error> {
        let Registration { username, password, invite, bootstrap_token } = registration;
        let username = normalised(username);
        let mut trust = Trust::default();
        if let Some(link) = invite {
            trust.compliance = Some(self.check_invite(link).await?);
        }
        let kdf = new_kdf();
        let (derived, recovery_key) = (Derived::from_password(password, &kdf).await?, RecoveryKey::generate());
        let recovery = recovery_key.derive();
        let key = SecretKey::generate_user(&username, OffsetDateTime::now_utc()).map_err(key_error)?;
        let locked = |derived: &Derived| key.lock(&derived.passphrase()).map(Base64).map_err(key_error);
        let request = RegisterRequest {
            username: &username,
            auth: derived.auth_base64(),
            kdf: kdf.clone(),
            certificate: Base64(key.certificate_octets().map_err(key_error)?),
            locked_key: locked(&derived)?,
            recovery: Recovery { auth: recovery.auth_base64(), locked_key: locked(&recovery)? },
            bootstrap_token,
            invite: invite.map(|link| InviteProof { invite_id: link.invite_id, auth: link.derive().auth_base64() }),
            session: TOKEN,
        };
        let reply: LoginReply = self.write(Method::POST, "auth/register", &request, None).await?;
        let mut entered = self.enter(reply, kdf, key, trust).await?;
        entered.recovery_key = Some(recovery_key);
        Ok(entered)
    }

    /// Logs in and unlocks the secret key. `trust` holds the pins of earlier logins, if there were any. What the server said at an
    /// earlier one (see [`Self::remember`]) goes along: failed logins of others do not count against this one.
    ///
    /// # Errors
    /// [`Error::Refused`] for a wrong name or password, and with `second-factor-required` when a code is needed.
    pub async fn log_in(&self, username: &str, password: &str, trust: Trust) -> Result<Entered, Error> {
        self.log_in_with(username, password, None, trust).await
    }

    /// As [`Self::log_in`], with a code of the account's second factor.
    ///
    /// # Errors
    /// As there, and with `second-factor-wrong` for a code that is wrong or was used.
    pub async fn log_in_with(&self, username: &str, password: &str, code: Option<&str>, trust: Trust) -> Result<Entered, Error> {
        let username = normalised(username);
        let kdf: Kdf = self.write(Method::POST, "auth/prelogin", &PreloginRequest { username: &username }, None).await?;
        let derived = Derived::from_password(password, &kdf).await?;
        let proof = Proof::Password(derived.auth_base64());
        let request = LoginRequest { username: &username, proof, code, device: self.device_of(&username), session: TOKEN };
        let reply: LoginReply = self.write(Method::POST, "auth/login", &request, None).await?;
        let key = unlock(&reply.locked_key, &derived)?;
        self.enter(reply, kdf, key, trust).await
    }

    /// Finds the compliance certificate that a link spells among those that are or were in force; from there the chain counts.
    ///
    /// # Errors
    /// [`Error::Verification`] when there is none.
    pub async fn check_invite(&self, link: &InviteLink) -> Result<Fingerprint, Error> {
        let info = self.info().await?;
        let chain = Succession::verify(&info.organisation, info.time)?
            .ok_or_else(|| Error::Verification("the organisation has no compliance certificate".to_owned()))?;
        let mut fingerprints = chain.until(info.time).iter().map(|step| step.certificate.key.fingerprint);
        fingerprints.find(|fingerprint| link.pins(fingerprint)).ok_or_else(|| {
            Error::Verification("the server's compliance certificate is not the one that the invite link names".to_owned())
        })
    }

    async fn enter(&self, reply: LoginReply, kdf: Kdf, key: SecretKey, trust: Trust) -> Result<Entered, Error> {
        let LoginReply { token, session, account, locked_key, device } = reply;
        if let Some(device) = &device {
            self.set_device(&account.username, device);
        }
        let device = self.device_of(&account.username);
        let token = token.ok_or_else(|| Error::Protocol("the server gave no token".to_owned()))?;
        let session = Session::new(self.clone(), token.into(), session);
        let client = Client::new(session, key, trust).await?;
        Ok(Entered { client, recovery_key: None, kdf, locked_key, certificate: account.certificate, device })
    }
}

impl Client {
    /// Continues a stored account.
    ///
    /// # Errors
    /// [`Error::WrongPassword`]; [`Error::Usage`] after a logout.
    pub async fn resume(stored: &Stored, password: &str) -> Result<Self, Error> {
        let session = Session::resume(stored)?;
        let derived = Derived::from_password(password, &stored.kdf).await?;
        Self::new(session, unlock(&stored.locked_key, &derived)?, stored.trust.clone()).await
    }
}

impl Session {
    /// Continues a stored account without its secret key.
    ///
    /// # Errors
    /// [`Error::Usage`] after a logout.
    pub fn resume(stored: &Stored) -> Result<Self, Error> {
        let token = stored.token.clone().ok_or_else(|| Error::Usage("logged out: run `sealcast login`".to_owned()))?;
        let url = stored.server.parse().map_err(|_| Error::Usage("the profile's server is not a URL".to_owned()))?;
        let server = Server::new(&url, stored.ca.as_deref().map(str::as_bytes))?;
        Ok(Self::new(server, token.into(), stored.session.clone()))
    }
}

/// The form in which the server keeps user names; it judges the rest.
fn normalised(username: &str) -> String {
    username.trim().to_lowercase().nfc().collect()
}

fn unlock(locked_key: &Base64, derived: &Derived) -> Result<SecretKey, Error> {
    SecretKey::unlock(locked_key.as_slice(), &derived.passphrase()).map_err(|error| match error {
        KeyError::Passphrase => Error::WrongPassword,
        other => Error::Verification(format!("the locked secret key: {other}")),
    })
}

#[allow(clippy::needless_pass_by_value, reason = "it is a map_err")]
pub(crate) fn key_error(error: impl std::error::Error) -> Error {
    Error::Key(error.to_string())
}
