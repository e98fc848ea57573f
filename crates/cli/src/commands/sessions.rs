//! The account's sessions.

use sealcast_contracts::auth::SessionInfo;

use crate::{
    args::SessionAction,
    failure::Failure,
    output::{Output, plain, time_text},
    workplace::Workplace,
};

pub async fn run(action: Option<SessionAction>, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let session = workplace.session().await?;
    let revoked = match action.unwrap_or(SessionAction::List) {
        SessionAction::List => return session.sessions().await?.iter().try_for_each(|info| show(info, output)),
        SessionAction::Revoke { session: Some(session_id), .. } => session.revoke_session(session_id).await?,
        SessionAction::Revoke { all, .. } => session.revoke_sessions(all).await?,
    };
    output.line(|| format!("ended {} sessions", revoked.revoked), &revoked)
}

/// One session of a list.
pub(super) fn show(info: &SessionInfo, output: &Output) -> Result<(), Failure> {
    let current = if info.current { "  (this one)" } else { "" };
    let seen = time_text(info.last_seen_at);
    output.line(|| format!("{}  seen {seen}  {}  {}{current}", info.session_id, info.address, plain(&info.device)), info)
}
