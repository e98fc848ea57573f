use sealcast_contracts::{
    audit::{AuditRefusal, ListRetention, RetentionRule, SetRetention},
    auth::Role,
    events::AuditEventKind,
    limits::RETENTION_DAYS_MAX,
};

use super::{Archive, CallFailure, case_failure, cases, malformed, store_failure};
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
    let append = cases::begin(archive).await?;
    let written = cases::write(append, &caller, AuditEventKind::RetentionSet { room_id, days }).await?;
    Ok(RetentionRule { room_id, days, set_by: caller.user_id, set_at: written.at, leaf_index: written.leaf_index })
}

/// All rules, the organisation's first.
pub async fn list(archive: &Archive, _: ListRetention) -> Result<Vec<RetentionRule>, CallFailure> {
    let mut conn = archive.pool.acquire().await.map_err(|error| store_failure(error.into()))?;
    let rules = retention::rules(&mut conn).await.map_err(case_failure)?;
    Ok(rules.organisation.into_iter().chain(rules.rooms.into_values()).collect())
}
