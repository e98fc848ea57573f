//! Other people's accounts.

use sealcast_client::Session;
use sealcast_contracts::{
    SessionId, UserId,
    admin::{ManagedAccount, StreamReport},
    auth,
};
use serde_json::json;

use super::sessions;
use crate::{
    args::{AccountSessionAction, AdminAction, LimitAction, Role, RoleAction, UserAction},
    failure::Failure,
    output::{Output, plain, time_text},
    workplace::{Workplace, find_account},
};

pub async fn run(action: AdminAction, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let session = workplace.session().await?;
    match action {
        AdminAction::Users { action } => users(action, &session, output).await,
        AdminAction::Roles { action: RoleAction::List } => list_roles(&session, output).await,
        AdminAction::Roles { action: RoleAction::Set { user, role } } => set_role(&user, role, &session, output).await,
        AdminAction::Sessions { action: AccountSessionAction::List { user } } => {
            let user_id = find(&user, &session).await?;
            session.sessions_of(user_id).await?.iter().try_for_each(|info| sessions::show(info, output))
        }
        AdminAction::Sessions { action: AccountSessionAction::Revoke { user, session: one, .. } } => {
            revoke(&user, one, &session, output).await
        }
        AdminAction::Limits { action: LimitAction::Show } => session.limits().await?.iter().try_for_each(|limit| {
            let window = limit.window_s.map_or_else(String::new, |window| format!(" in {window} s"));
            output.line(|| format!("{:<36} {}{window}", limit.name, limit.limit), limit)
        }),
        AdminAction::Limits { action: LimitAction::Reset { user } } => {
            let account = session.reset_login_limits(find(&user, &session).await?).await?;
            output.line(|| format!("{} can log in again", account.username), &account)
        }
        AdminAction::Streams => session.streams().await?.iter().try_for_each(|stream| show_stream(stream, output)),
    }
}

async fn users(action: UserAction, session: &Session, output: &Output) -> Result<(), Failure> {
    let account = match action {
        UserAction::List { locked } => {
            return session.managed_accounts(locked).await?.iter().try_for_each(|account| show(account, output));
        }
        UserAction::Show { user } => session.managed_account(find(&user, session).await?).await?,
        UserAction::Lock { user, reason } => session.lock_account(find(&user, session).await?, &reason).await?,
        UserAction::Unlock { user } => session.unlock_account(find(&user, session).await?).await?,
    };
    show(&account, output)
}

async fn list_roles(session: &Session, output: &Output) -> Result<(), Failure> {
    let accounts = session.managed_accounts(false).await?;
    accounts.iter().filter(|account| account.role != auth::Role::Member).try_for_each(|account| show(account, output))
}

async fn set_role(user: &str, role: Role, session: &Session, output: &Output) -> Result<(), Failure> {
    let role = match role {
        Role::Member => auth::Role::Member,
        Role::Admin => auth::Role::Admin,
        Role::Auditor => auth::Role::Auditor,
    };
    let account = session.set_role(find(user, session).await?, role).await?;
    let object = json!({"user_id": account.user_id, "username": account.username, "role": account.role});
    output.line(|| format!("{} is {} now", account.username, account.role.as_str()), &object)
}

async fn revoke(user: &str, one: Option<SessionId>, session: &Session, output: &Output) -> Result<(), Failure> {
    let revoked = session.revoke_sessions_of(find(user, session).await?, one).await?;
    output.line(|| format!("ended {} sessions", revoked.revoked), &revoked)
}

async fn find(user: &str, session: &Session) -> Result<UserId, Failure> {
    Ok(find_account(session, user).await?.user_id)
}

fn show(account: &ManagedAccount, output: &Output) -> Result<(), Failure> {
    let text = || {
        let ManagedAccount { user_id, username, role, sessions, last_seen_at, lock, .. } = account;
        let seen = last_seen_at.map_or_else(|| "-".to_owned(), time_text);
        let lock =
            lock.as_ref().map_or_else(String::new, |lock| format!("  locked {}: {}", time_text(lock.at), plain(&lock.reason)));
        format!("{user_id}  {username:<20} {:<8} {sessions:>3} sessions  seen {seen}{lock}", role.as_str())
    };
    output.line(text, account)
}

fn show_stream(stream: &StreamReport, output: &Output) -> Result<(), Failure> {
    const MIB: u64 = 1024 * 1024;
    let text = || {
        let StreamReport { name, epoch, first_seq, last_seq, messages, octets, octets_max, replicas, consumers, .. } = stream;
        let epoch = epoch.map_or_else(String::new, |epoch| format!("  epoch {epoch}"));
        let readers: Vec<String> = consumers.iter().map(|reader| format!("{} is {} behind", reader.name, reader.lag)).collect();
        let (used, limit) = (octets.div_ceil(MIB), octets_max / MIB);
        format!(
            "{name:<10}{epoch}  {messages} messages ({first_seq} to {last_seq})  {used} of {limit} MiB  {replicas} copies  {}",
            readers.join(", ")
        )
    };
    output.line(text, stream)
}
