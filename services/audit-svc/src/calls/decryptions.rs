use std::collections::BTreeSet;

use sealcast_contracts::{
    EventId,
    audit::{AccessAction, AccessReceipt, AuditRefusal, GrantDecryption},
    events::AuditEventKind,
    limits::DECRYPTIONS_PER_GRANT_MAX,
};

use super::{
    Archive, CallFailure,
    access::{self, Concerned, Reach},
    malformed,
    narrowed::covers,
    store_failure,
};
use crate::store;

/// Logs which messages an officer is about to open.
pub async fn grant(archive: &Archive, call: GrantDecryption) -> Result<AccessReceipt, CallFailure> {
    let ids: Vec<EventId> = BTreeSet::from_iter(call.ids).into_iter().collect();
    if ids.is_empty() || ids.len() > DECRYPTIONS_PER_GRANT_MAX {
        return Err(malformed("ids", &format!("1 to {DECRYPTIONS_PER_GRANT_MAX} of them")));
    }
    let reach = access::reach(archive, &call.caller, Some(call.case_id)).await?;
    let Reach::Case(case) = &reach else { return Err(AuditRefusal::CaseRequired.into()) };
    let records = store::read_records_by_id(&archive.pool, &ids).await.map_err(store_failure)?;
    // What is outside of the case and what does not exist look the same.
    if records.len() < ids.len() || !records.iter().all(|record| covers(&case.scope, &record.digests)) {
        return Err(AuditRefusal::OutOfScope { field: "ids".to_owned() }.into());
    }
    let concerned = Concerned::of(&records, &call.caller);
    let what = |access| AuditEventKind::DecryptionGranted { ids, access };
    access::record_in_case(archive, &call.caller, call.case_id, AccessAction::Decrypt, concerned, what).await
}
