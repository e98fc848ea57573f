//! Exports, fetched as edge-svc fetches them and written as `sealcast audit export` writes them.

use std::path::Path;

use anyhow::{Result, anyhow};
use sealcast_bundle::{CertificateLine, Draft, Exporter, Finish, Query};
use sealcast_bus::Bus;
use sealcast_contracts::{
    Base64, Caller, ExportId, RoomId, SessionId, UserId,
    audit::{
        AccessAction, DecideApproval, MessageFilter, NewCase, OpenCase, PlaceHold, RequestApproval, Scope, StartExport,
        StoredMessage,
        leaves::{FindLeafRange, ListRoomEvents, ReadLeaves},
    },
    auth::Role,
    context::EXPORT_NOTATION,
    limits::PAGE_ITEMS_MAX,
};
use time::{Duration, OffsetDateTime};

use crate::conversation::{Company, Person};

/// Writes an export of a room, with its texts.
pub async fn write(bus: &Bus, company: &Company, room_id: RoomId, out: &Path) -> Result<()> {
    let officer = &company.people[0];
    let caller = Caller {
        user_id: officer.id,
        username: officer.name.clone(),
        role: Role::Auditor,
        fingerprint: officer.key.fingerprint(),
        session_id: SessionId::generate(),
    };
    let export_id = begin(bus, &caller, company.second, room_id).await?;
    let range = bus.call(&FindLeafRange { caller: caller.clone(), export_id }).await?;
    let (before, limit) = (range.from, PAGE_ITEMS_MAX);
    let events = bus.call(&ListRoomEvents { caller: caller.clone(), export_id, before, cursor: None, limit }).await?.items;
    let query = Query { room_id, from: None, to: None, case: None };
    let mut draft = Draft::begin(&out.with_extension("part"), query, range.clone(), events)?;
    while !draft.is_complete() {
        draft
            .add(bus.call(&ReadLeaves { caller: caller.clone(), export_id, from: draft.state().next_leaf, to: range.to }).await?)?;
    }
    let made_at = OffsetDateTime::now_utc().replace_nanosecond(0)?;
    let (room, ours) =
        (company.room_key.certificate().encryption.fingerprint, company.compliance.certificate().encryption.fingerprint);
    let open = |message: &StoredMessage| {
        let opened = sealcast_pgp::message::open(message.env.as_slice(), &room, &ours, &company.compliance);
        opened.map(|opened| Base64(opened.session_key.as_octets().to_vec())).map_err(|error| error.to_string())
    };
    let finish = Finish {
        exporter: Exporter { user_id: officer.id, username: officer.name.clone(), fingerprint: officer.key.fingerprint() },
        made_at,
        certificates: certificates(company)?,
        compliance: Some(company.compliance.fingerprint()),
        disclosure: Some(&open),
    };
    let sign = |octets: &[u8]| officer.key.sign(octets, EXPORT_NOTATION, "v1", made_at).map_err(|error| error.to_string());
    draft.finish(out, &finish, sign).map(drop).map_err(|error| anyhow!("{error}"))
}

/// A case with a hold, the consent of a second officer, and the export that both allow.
async fn begin(bus: &Bus, officer: &Caller, second: UserId, room_id: RoomId) -> Result<ExportId> {
    let case = NewCase {
        number: format!("drill-{room_id}"),
        reason: "the tamper drill".to_owned(),
        legal_basis: "none is needed".to_owned(),
        expires_at: OffsetDateTime::now_utc() + Duration::HOUR,
        scope: Scope::default(),
        sealed_until: None,
    };
    let case_id = bus.call(&OpenCase { caller: officer.clone(), case }).await?.case_id;
    let held = Scope { rooms: vec![room_id], ..Scope::default() };
    bus.call(&PlaceHold { caller: officer.clone(), case_id, scope: held, reason: "the tamper drill".to_owned() }).await?;
    let (action, reason) = (AccessAction::Export, "the tamper drill".to_owned());
    let asked = bus.call(&RequestApproval { caller: officer.clone(), case_id, action, reason: reason.clone() }).await?;
    let second = Caller { user_id: second, username: "second".to_owned(), ..officer.clone() };
    let approval_id = asked.approval_id;
    bus.call(&DecideApproval { caller: second, case_id, approval_id, granted: true, reason, valid_until: None }).await?;
    let filter = MessageFilter { room_id: Some(room_id), ..MessageFilter::default() };
    Ok(bus.call(&StartExport { caller: officer.clone(), case_id, filter }).await?.export_id)
}

fn certificates(company: &Company) -> Result<Vec<CertificateLine>> {
    let account = |person: &Person| -> Result<CertificateLine> {
        let certificate = Base64(person.key.certificate_octets()?);
        Ok(CertificateLine::Account { user_id: person.id, username: person.name.clone(), certificate })
    };
    let mut lines = company.people.iter().map(account).collect::<Result<Vec<_>>>()?;
    lines.push(CertificateLine::Compliance { certificate: Base64(company.compliance.certificate_octets()?) });
    Ok(lines)
}
