//! The account that a command works with.

use std::{
    env,
    path::{Path, PathBuf},
};

use sealcast_client::{
    Client, Entered, Server, Session,
    profile::{Profile, Stored},
    trust::Trust,
};
use sealcast_contracts::{UserId, auth::Account};
use time::{Duration, OffsetDateTime};

use crate::{
    args::{Address, Global},
    failure::Failure,
    output::Output,
    secrets,
};

/// A session that ends sooner than this is refreshed first.
const REFRESH_BEFORE: Duration = Duration::HOUR;

/// The profile, and how its key is unlocked.
pub struct Workplace {
    pub profile: Profile,
    password_file: Option<PathBuf>,
}

impl Workplace {
    /// Finds the profile's directory.
    ///
    /// # Errors
    /// [`Failure::Usage`] when there is no home directory either.
    pub fn new(global: &Global) -> Result<Self, Failure> {
        let dir = match &global.profile {
            Some(dir) => dir.clone(),
            None => default_dir().ok_or_else(|| Failure::Usage("there is no home directory: give --profile".to_owned()))?,
        };
        Ok(Self { profile: Profile::at(&dir), password_file: global.password_file.clone() })
    }

    /// The file that holds the password, if one was named.
    pub fn password_file(&self) -> Option<&Path> {
        self.password_file.as_deref()
    }

    /// The stored account with a session that is good for a while.
    ///
    /// # Errors
    /// When there is none, or it has ended.
    pub async fn stored(&self) -> Result<Stored, Failure> {
        let mut stored = self.profile.load()?;
        if stored.token.is_none() || stored.session.expires_at - OffsetDateTime::now_utc() > REFRESH_BEFORE {
            return Ok(stored);
        }
        let mut session = Session::resume(&stored)?;
        session.refresh().await?;
        self.profile.update(|kept| {
            kept.set_session(&session);
            stored = kept.clone();
        })?;
        Ok(stored)
    }

    /// What needs no key.
    ///
    /// # Errors
    /// As [`Self::stored`].
    pub async fn session(&self) -> Result<Session, Failure> {
        Ok(Session::resume(&self.stored().await?)?)
    }

    /// The account with its key unlocked.
    ///
    /// # Errors
    /// As [`Self::stored`], and for a wrong password.
    pub async fn client(&self, output: &Output) -> Result<Client, Failure> {
        let stored = self.stored().await?;
        let password = secrets::password(self.password_file(), false)?;
        let spinner = output.spinner("unlocking the key");
        let client = Client::resume(&stored, &password).await;
        spinner.finish_and_clear();
        Ok(client?)
    }

    /// Keeps what the client learned.
    ///
    /// # Errors
    /// When the profile cannot be written.
    pub fn keep(&self, client: &Client) -> Result<(), Failure> {
        self.keep_trust(client.trust())
    }

    /// Keeps pins beside those that another process has learned meanwhile.
    ///
    /// # Errors
    /// When the profile cannot be written.
    pub fn keep_trust(&self, mut trust: Trust) -> Result<(), Failure> {
        self.profile.update(|stored| {
            trust.merge(&stored.trust);
            stored.trust = trust;
        })?;
        Ok(())
    }

    /// Keeps a new login.
    ///
    /// # Errors
    /// When the profile cannot be written.
    pub fn keep_entered(&self, entered: &Entered, ca: Option<&str>) -> Result<(), Failure> {
        Ok(self.profile.save(&entered.to_stored(ca))?)
    }
}

/// The server at an address, and the authority to be kept with the account.
///
/// # Errors
/// When the authority's file cannot be read.
pub fn server(address: &Address) -> Result<(Server, Option<String>), Failure> {
    let read = |file: &PathBuf| std::fs::read_to_string(file).map_err(Failure::io(format!("reading {}", file.display())));
    let ca = address.ca.as_ref().map(read).transpose()?;
    Ok((Server::new(&address.server, ca.as_deref().map(str::as_bytes))?, ca))
}

/// The account with this id or name.
///
/// # Errors
/// [`Failure::NoSuchAccount`].
pub async fn find_account(session: &Session, text: &str) -> Result<Account, Failure> {
    if let Ok(user_id) = text.parse::<UserId>() {
        return Ok(session.account(user_id).await?);
    }
    let accounts = session.accounts().await?;
    accounts.into_iter().find(|account| account.username == text).ok_or_else(|| Failure::NoSuchAccount(text.to_owned()))
}

fn default_dir() -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share")))?;
    Some(data.join("sealcast"))
}
