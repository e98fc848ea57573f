//! The people, registered or found again, each with a client of its own.

use anyhow::{Context, Result};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use sealcast_client::{Client, InviteLink, Registration, Server, trust::Trust};
use sealcast_contracts::auth::Role;

use crate::{cast, play::progress, record::Account};

/// Registrations and logins at once: each takes 64 MiB and a core for a while.
const ENTRIES_AT_ONCE: usize = 2;
/// Other requests at once.
pub const REQUESTS_AT_ONCE: usize = 8;

/// The organisation's first admin.
pub struct Admin {
    pub client: Client,
    pub account: Account,
}

/// Everybody.
pub struct Company {
    pub people: Vec<Client>,
    auditors: Vec<Client>,
    admin: Admin,
}

impl Company {
    /// Brings everybody in through the invite link.
    ///
    /// # Errors
    /// When somebody cannot come in: nothing is left half done that a second run would not finish.
    pub async fn assemble(server: &Server, invite: &InviteLink, admin: Admin, users: usize) -> Result<Self> {
        let bar = progress("accounts", users + cast::AUDITORS.len());
        let names = (0..users).map(cast::username).chain(cast::AUDITORS.map(str::to_owned));
        let advance = &|| bar.inc(1);
        let entries = names.map(|name| async move {
            let client = enter(server, invite, &name).await.with_context(|| format!("bringing in {name}"));
            advance();
            client
        });
        let mut people: Vec<Client> = stream::iter(entries).buffered(ENTRIES_AT_ONCE).try_collect().await?;
        bar.finish_and_clear();
        // They are the last of the list.
        let auditors = people.split_off(users);
        for auditor in &auditors {
            if auditor.session().info().role != Role::Auditor {
                admin.client.session().set_role(auditor.session().info().user_id, Role::Auditor).await?;
            }
        }
        Ok(Self { people, auditors, admin })
    }

    /// The accounts as they are printed.
    pub fn accounts(&self) -> Vec<Account> {
        let account = |client: &Client, role: &str| {
            let username = client.session().info().username.clone();
            Account { password: cast::password(&username), username, role: role.to_owned() }
        };
        let people = self.people.iter().map(|client| account(client, "member"));
        let auditors = self.auditors.iter().map(|client| account(client, "auditor"));
        people.chain(auditors).chain([self.admin.account.clone()]).collect()
    }

    /// Ends the sessions that were opened for the seed. One that does not end now expires.
    pub async fn go_home(&self) {
        let everybody = self.people.iter().chain(&self.auditors).chain([&self.admin.client]);
        let leaving = everybody.map(|client| async { drop(client.session().log_out().await) });
        stream::iter(leaving).buffer_unordered(REQUESTS_AT_ONCE).collect::<Vec<_>>().await;
    }
}

async fn enter(server: &Server, invite: &InviteLink, username: &str) -> Result<Client> {
    let password = cast::password(username);
    let registration = Registration { username, password: &password, invite: Some(invite), bootstrap_token: None };
    let entered = match server.register(registration).await {
        Err(error) if error.is_refusal("username-taken") => server.log_in(username, &password, Trust::default()).await?,
        other => other?,
    };
    // Harmless when it was followed before.
    entered.client.redeem(invite).await?;
    Ok(entered.client)
}
