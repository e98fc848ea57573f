//! The account's sessions.

use crate::{
    args::SessionAction,
    failure::Failure,
    output::{Output, time_text},
    workplace::Workplace,
};

pub async fn run(action: Option<SessionAction>, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let session = workplace.session().await?;
    let revoked = match action.unwrap_or(SessionAction::List) {
        SessionAction::List => {
            return session.sessions().await?.iter().try_for_each(|info| {
                let current = if info.current { "  (this one)" } else { "" };
                let seen = time_text(info.last_seen_at);
                output.line(|| format!("{}  seen {seen}  {}  {}{current}", info.session_id, info.address, info.device), info)
            });
        }
        SessionAction::Revoke { session: Some(session_id), .. } => session.revoke_session(session_id).await?,
        SessionAction::Revoke { all, .. } => session.revoke_sessions(all).await?,
    };
    output.line(|| format!("ended {} sessions", revoked.revoked), &revoked)
}
