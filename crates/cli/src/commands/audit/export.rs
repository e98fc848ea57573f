//! Exports: fetched page by page, written as one file, and checked before anybody relies on it.

use std::path::PathBuf;

use sealcast_bundle::{Anchors, CertificateLine, Draft, Exporter, Finish, Query, verify};
use sealcast_client::{Client, Disclosed, Error, Session};
use sealcast_contracts::{
    CaseId,
    audit::{MessageFilter, StoredMessage},
    chat::Organisation,
    limits::DECRYPTIONS_PER_GRANT_MAX,
};
use serde_json::json;
use time::OffsetDateTime;

use super::{
    super::{cases, compliance},
    find_room,
};
use crate::{
    args::AuditExport,
    failure::Failure,
    output::{Output, plain},
    workplace::Workplace,
};

pub async fn run(args: &AuditExport, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    if args.out.exists() {
        return Err(Failure::Usage(format!("{} is there already: evidence is not written over", args.out.display())));
    }
    let keys = compliance::read(&args.keys)?;
    let client = workplace.client(output).await?;
    let session = client.session();
    let case = cases::find(session, &args.case).await?;
    let room_id = find_room(session, &args.room).await?;
    let query = Query { room_id, from: args.times.from, to: args.times.to, case: Some(case.number) };
    let draft = collect(args, (session, case.case_id), query, output).await?;
    let disclosed = if keys.is_empty() { None } else { Some(Disclosed::new(session.clone(), keys, client.trust()).await?) };
    if disclosed.is_some() {
        // What is opened is logged first, and the people concerned are told.
        for ids in draft.ids()?.chunks(DECRYPTIONS_PER_GRANT_MAX) {
            session.grant_decryption(case.case_id, ids).await?;
        }
    }
    let organisation = session.server().info().await?.organisation;
    let certificates = certificates(&client, &draft, &organisation).await?;
    let info = session.info();
    let exporter = Exporter { user_id: info.user_id, username: info.username.clone(), fingerprint: info.fingerprint };
    // Signatures state seconds.
    let made_at = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap_or_else(|_| OffsetDateTime::now_utc());
    let open = disclosed.map(|disclosed| move |message: &StoredMessage| disclosed.session_key(message.env.as_slice()));
    let compliance = organisation.compliance.map(|compliance| compliance.fingerprint);
    let disclosure = open.as_ref().map(|open| open as &sealcast_bundle::Disclosure<'_>);
    let finish = Finish { exporter, made_at, certificates, compliance, disclosure };
    let spinner = output.spinner("writing and checking");
    let sign = |octets: &[u8]| client.sign_export(octets, made_at).map_err(|error| error.to_string());
    let manifest = draft.finish(&args.out, &finish, sign)?;
    let trust = client.trust();
    let seen = trust.head();
    let exporter = Some(finish.exporter.fingerprint);
    let anchors = Anchors { log_vkey: trust.log_vkey, witnesses: trust.witnesses, exporter, seen };
    let report = verify(&args.out, &anchors).map_err(Failure::io(format!("reading {}", args.out.display())))?;
    spinner.finish_and_clear();
    workplace.keep(&client)?;
    let object = json!({"file": args.out, "manifest": manifest, "report": report});
    output.line(|| format!("{}\n{}", args.out.display(), plain(&report.to_string())), &object)?;
    if report.verified {
        Ok(())
    } else {
        Err(Failure::NotVerified("what the server gave does not verify; the file says what".to_owned()))
    }
}

/// Fetches what is not here yet.
async fn collect(
    args: &AuditExport,
    (session, case_id): (&Session, CaseId),
    query: Query,
    output: &Output,
) -> Result<Draft, Failure> {
    let mut dir = args.out.clone().into_os_string();
    dir.push(".part");
    let dir = PathBuf::from(dir);
    let mut draft = match Draft::resume(&dir, &query)? {
        Some(draft) => {
            output.note(&format!("going on at leaf {}", draft.state().next_leaf));
            draft
        }
        None => {
            let filter = MessageFilter { room_id: Some(query.room_id), from: query.from, to: query.to, ..MessageFilter::default() };
            let export_id = session.start_export(case_id, &filter).await?.export_id;
            let range = session.leaf_range(export_id).await?;
            let before = session.room_events(export_id, range.from).await?;
            Draft::begin(&dir, query, range, before)?
        }
    };
    let range = draft.state().range.clone();
    let bar = output.progress("leaves", range.to - range.from);
    while !draft.is_complete() {
        bar.set_position(draft.state().next_leaf - range.from);
        draft.add(session.leaves(range.export_id, draft.state().next_leaf, range.to).await?)?;
    }
    bar.finish_and_clear();
    Ok(draft)
}

/// Of every sender, of the exporter, and the compliance certificates up to the one in force, which comes last.
async fn certificates(client: &Client, draft: &Draft, organisation: &Organisation) -> Result<Vec<CertificateLine>, Failure> {
    let session = client.session();
    let mut fingerprints = draft.senders()?;
    if !fingerprints.contains(&session.info().fingerprint) {
        fingerprints.push(session.info().fingerprint);
    }
    let mut lines = Vec::new();
    for fingerprint in fingerprints {
        match session.account_of(fingerprint).await {
            Ok(account) => {
                let (user_id, username, certificate) = (account.user_id, account.username, account.certificate);
                lines.push(CertificateLine::Account { user_id, username, certificate });
            }
            // The verifier will name the messages that nobody answers for.
            Err(Error::Refused(problem)) if problem.status == 404 => {}
            Err(error) => return Err(error.into()),
        }
    }
    if let Some(in_force) = &organisation.compliance {
        let earlier = organisation.compliance_succession.iter().take_while(|step| step.fingerprint != in_force.fingerprint);
        let certificates = earlier.map(|step| &step.certificate).chain([&in_force.certificate]);
        lines.extend(certificates.map(|certificate| CertificateLine::Compliance { certificate: certificate.clone() }));
    }
    Ok(lines)
}
