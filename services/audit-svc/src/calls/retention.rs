use sealcast_contracts::{
    audit::{AuditRefusal, ListRetention, RetentionRule, SetRetention},
    auth::Role,
    events::AuditEventKind,
    limits::{RETENTION_DAYS_MAX, RETENTION_RULES_MAX},
};

use super::{Archive, CallFailure, access, case_failure, cases, malformed, store_failure};
use crate::retention;

/// Sets a rule; admins only. What it destroys it destroys from the next round on, so a hold has to be placed before.
pub async fn set(archive: &Archive, call: SetRetention) -> Result<RetentionRule, CallFailure> {
    if call.caller.role != Role::Admin {
        return Err(AuditRefusal::Forbidden.into());
    }
    let SetRetention { caller, room_id, days } = call;
    if days.is_some_and(|days| days == 0 || days > RETENTION_DAYS_MAX) {
        return Err(malformed("days", &format!("1 to {RETENTION_DAYS_MAX}, or null")));
    }
    let mut append = cases::begin(archive).await?;
    if let (Some(room_id), Some(_)) = (room_id, days) {
        let own = retention::rules(append.conn()).await.map_err(case_failure)?.rooms;
        let others = own.values().filter(|rule| rule.days.is_some() && rule.room_id != Some(room_id)).count();
        if others >= RETENTION_RULES_MAX {
            let limit = RETENTION_RULES_MAX as u32;
            return Err(AuditRefusal::LimitReached { what: "rooms with a rule of their own".to_owned(), limit }.into());
        }
    }
    let written = cases::write(append, &caller, AuditEventKind::RetentionSet { room_id, days }).await?;
    Ok(RetentionRule { room_id, days, set_by: caller.user_id, set_at: written.at, leaf_index: written.leaf_index })
}

/// The rules, the organisation's first: all for those who set them and watch them, else those of the caller's rooms. A room that has
/// given its rule up has none.
pub async fn list(archive: &Archive, call: ListRetention) -> Result<Vec<RetentionRule>, CallFailure> {
    let mine = match call.caller.role {
        Role::Admin | Role::Auditor => None,
        _ => Some(access::memberships(archive, call.caller.user_id).await?),
    };
    let mut conn = archive.pool.acquire().await.map_err(|error| store_failure(error.into()))?;
    let rules = retention::rules(&mut conn).await.map_err(case_failure)?;
    let shown = |rule: &RetentionRule| {
        rule.days.is_some() && mine.as_ref().is_none_or(|rooms| rule.room_id.is_some_and(|room_id| rooms.contains(&room_id)))
    };
    Ok(rules.organisation.into_iter().chain(rules.rooms.into_values().filter(shown)).collect())
}
