use sealcast_contracts::{
    ExportId,
    audit::{AccessAction, AuditRefusal, Export, StartExport},
    events::AuditEventKind,
};

use super::{
    Archive, CallFailure,
    access::{self, Concerned, Reach},
    exported, messages,
    narrowed::within,
    store_failure,
};
use crate::store;

/// Begins an export: its leaf speaks for everything that is read with its id, so it concerns everybody who is in it.
pub async fn start(archive: &Archive, call: StartExport) -> Result<Export, CallFailure> {
    let StartExport { caller, case_id, filter } = call;
    messages::check_filter(&filter)?;
    let reach = access::reach(archive, &caller, Some(case_id)).await?;
    let Reach::Case(case) = &reach else { return Err(AuditRefusal::CaseRequired.into()) };
    let narrowed = within(&case.scope, &filter)?;
    // Before anybody is told: what cannot be read afterwards does not begin.
    exported::the_room(&narrowed)?;
    let checkpoint = store::latest_checkpoint(&archive.pool).await.map_err(store_failure)?;
    let size = checkpoint.map_or(0, |checkpoint| checkpoint.size);
    let matching = store::count_by_sender(&archive.pool, &narrowed, size).await.map_err(store_failure)?;
    let messages = matching.values().sum();
    let people = matching.into_iter().filter(|(sender, _)| *sender != caller.user_id).collect();
    let concerned = Concerned { messages, people };
    let export_id = ExportId::generate();
    let logged = filter.clone();
    let what = |access| AuditEventKind::ExportStarted { export_id, filter: logged, size, access };
    let receipt = access::record_in_case(archive, &caller, case_id, AccessAction::Export, concerned, what).await?;
    Ok(Export { export_id, case_id, filter, size, messages, leaf_index: receipt.leaf_index })
}
