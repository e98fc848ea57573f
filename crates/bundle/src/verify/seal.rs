//! The frame: parts, manifest, certificates, signatures of exporter, log and witnesses.

use std::{collections::BTreeMap, io};

use sealcast_contracts::{Fingerprint, UserId, context::EXPORT_NOTATION};
use sealcast_merkle::{
    checkpoint::{self, NOTE_OCTETS_MAX},
    cosignature,
};
use sealcast_pgp::{certificate::Certificate, signature::verify_past};
use time::OffsetDateTime;

use super::{Anchors, Bundle, Report, Sealed};
use crate::{
    digest::measure,
    fault::Fault,
    manifest::{FORMAT, Manifest},
    parts::{CERTIFICATES, CHECKPOINT, CertificateLine, EML, LISTED, MANIFEST, RANGE, RangePart, SIGNATURE, VIEW},
    ustar,
};

/// Octets of the manifest, of a signature, of the range.
const MANIFEST_OCTETS_MAX: u64 = 64 * 1024;
const SIGNATURE_OCTETS_MAX: u64 = 1_024;
const RANGE_OCTETS_MAX: u64 = 64 * 1024;

/// The certificates that signatures verify with.
#[derive(Default)]
pub struct Certificates {
    pub accounts: BTreeMap<Fingerprint, (UserId, Certificate)>,
    pub names: BTreeMap<UserId, String>,
}

/// What is checked first; `None` when nothing behind it could be judged.
pub fn check(bundle: &Bundle<'_>, anchors: &Anchors, report: &mut Report) -> io::Result<Option<Sealed>> {
    let Some(octets) = bundle.octets(MANIFEST, MANIFEST_OCTETS_MAX)? else {
        report.fault(Fault::part(MANIFEST, "it is missing or too large"));
        return Ok(None);
    };
    let manifest: Manifest = match serde_json::from_slice(&octets) {
        Ok(manifest) => manifest,
        Err(error) => {
            report.fault(Fault::part(MANIFEST, format!("it is not a manifest: {error}")));
            return Ok(None);
        }
    };
    if manifest.format != FORMAT {
        report.fault(Fault::part(MANIFEST, format!("its format is not {FORMAT}")));
        return Ok(None);
    }
    if !parts(bundle, &manifest, report)? {
        return Ok(None);
    }
    let certificates = certificates(bundle, &manifest, report)?;
    exporter(bundle, (&manifest, &octets), &certificates, anchors, report)?;
    note(bundle, &manifest, anchors, report)?;
    let range = bundle.octets(RANGE, RANGE_OCTETS_MAX)?.and_then(|octets| serde_json::from_slice::<RangePart>(&octets).ok());
    let Some(range) = range else {
        report.fault(Fault::part(RANGE, "it is missing, too large or malformed"));
        return Ok(None);
    };
    Ok(Some(Sealed { manifest, certificates, range }))
}

/// Whether every part is there, in order; each is compared with its digest.
fn parts(bundle: &Bundle<'_>, manifest: &Manifest, report: &mut Report) -> io::Result<bool> {
    let before = report.faults.len();
    let listed: Vec<&str> = manifest.parts.iter().map(|part| part.name.as_str()).collect();
    if listed != LISTED && listed[..] != LISTED[..LISTED.len() - 1] {
        report.fault(Fault::part(MANIFEST, "it does not list the parts of an export"));
        return Ok(false);
    }
    let expected = [MANIFEST, SIGNATURE].into_iter().chain(listed.iter().copied());
    let found = bundle.entries.iter().map(|entry| entry.name.as_str());
    if let Some((expected, found)) =
        expected.zip(found.chain(std::iter::repeat("nothing"))).find(|(expected, found)| expected != found)
    {
        report.fault(Fault::part("the archive", format!("{found} stands where {expected} belongs")));
        return Ok(false);
    }
    let views = listed.contains(&VIEW);
    if let Some(entry) = bundle.entries.iter().skip(2 + listed.len()).find(|entry| !views || !entry.name.starts_with(EML)) {
        report.fault(Fault::part(&entry.name, "no part of an export has this name"));
    }
    for (record, entry) in manifest.parts.iter().zip(bundle.entries.iter().skip(2)) {
        let measured = measure(ustar::open(bundle.path, entry)?)?;
        if (measured.octets, measured.lines, measured.sha256) != (record.octets, record.lines, record.sha256) {
            report.fault(Fault::part(&record.name, "it is not the part that the manifest states: its SHA-256 or length differs"));
        }
    }
    report.step_since(before, "parts", format!("{} parts are those that the manifest states", manifest.parts.len()));
    Ok(true)
}

fn certificates(bundle: &Bundle<'_>, manifest: &Manifest, report: &mut Report) -> io::Result<Certificates> {
    let mut read = Certificates::default();
    let (lines, faults) = bundle.lines::<CertificateLine>(CERTIFICATES)?.all()?;
    faults.into_iter().for_each(|fault| report.fault(fault));
    let mut compliance = None;
    for (number, line) in lines {
        let outcome = match &line {
            CertificateLine::Account { user_id, username, certificate } => {
                Certificate::parse_sender(certificate.as_slice(), username, manifest.made_at).map(|certificate| {
                    let fingerprint = certificate.key.fingerprint;
                    // Texts are shown under these names: a line beside the one that signatures lead to would give another.
                    let renamed = read.names.insert(*user_id, username.clone()).is_some_and(|name| name != *username);
                    if renamed || read.accounts.insert(fingerprint, (*user_id, certificate)).is_some() {
                        report.fault(Fault::line(CERTIFICATES, number, "somebody has two names, or a certificate stands twice"));
                    }
                })
            }
            // One after the other, the one in force last: those before may have expired.
            CertificateLine::Compliance { certificate } => {
                Certificate::parse_past_compliance(certificate.as_slice(), manifest.made_at)
                    .map(|certificate| compliance = Some(certificate.key.fingerprint))
            }
        };
        if let Err(error) = outcome {
            report.fault(Fault::line(CERTIFICATES, number, error));
        }
    }
    if compliance != manifest.compliance {
        report.fault(Fault::part(CERTIFICATES, "the compliance certificate is not the one that the manifest names"));
    }
    Ok(read)
}

fn exporter(
    bundle: &Bundle<'_>,
    (manifest, octets): (&Manifest, &[u8]),
    certificates: &Certificates,
    anchors: &Anchors,
    report: &mut Report,
) -> io::Result<()> {
    let exporter = &manifest.exporter;
    if anchors.exporter.is_some_and(|wanted| wanted != exporter.fingerprint) {
        report.fault(Fault::part(
            MANIFEST,
            format!("it was exported by {}, not by the officer who was asked for", exporter.fingerprint),
        ));
    }
    let sig = bundle.octets(SIGNATURE, SIGNATURE_OCTETS_MAX)?.unwrap_or_default();
    let named = certificates.accounts.get(&exporter.fingerprint);
    let Some((_, certificate)) = named.filter(|(user_id, _)| *user_id == exporter.user_id) else {
        report.fault(Fault::part(SIGNATURE, "the exporter's certificate is not in the bundle"));
        return Ok(());
    };
    if certificates.names.get(&exporter.user_id) != Some(&exporter.username) {
        report.fault(Fault::part(MANIFEST, "the exporter's name is not the one in their certificate"));
    }
    match verify_past(&certificate.key, &sig, octets, EXPORT_NOTATION) {
        Ok(verified) if verified.notation == "v1" && near(verified.created, manifest.made_at) => {
            report.step("manifest", format!("signed by {} ({}) at {}", exporter.username, exporter.fingerprint, manifest.made_at));
        }
        Ok(_) => report.fault(Fault::part(SIGNATURE, "it was made for something else, or at another time")),
        Err(error) => report.fault(Fault::part(SIGNATURE, format!("the exporter's signature: {error}"))),
    }
    Ok(())
}

/// Signatures state seconds.
fn near(left: OffsetDateTime, right: OffsetDateTime) -> bool {
    (left - right).abs() <= time::Duration::SECOND
}

/// The signed note, and who cosigned it.
fn note(bundle: &Bundle<'_>, manifest: &Manifest, anchors: &Anchors, report: &mut Report) -> io::Result<()> {
    let Some(note) = bundle.octets(CHECKPOINT, NOTE_OCTETS_MAX as u64)?.and_then(|octets| String::from_utf8(octets).ok()) else {
        report.fault(Fault::part(CHECKPOINT, "it is too large or not text"));
        return Ok(());
    };
    let (log, before) = (&manifest.log, report.faults.len());
    let vkey = anchors.log_vkey.as_deref().unwrap_or(&log.vkey);
    if vkey.trim() != log.vkey.trim() {
        report.fault(Fault::part(MANIFEST, "the log's key is not the pinned one"));
    }
    match checkpoint::verify(&note, vkey) {
        Ok(head) if (head.size, head.root) == (log.size, log.root.0) => {}
        Ok(_) => report.fault(Fault::part(CHECKPOINT, "its size or root is not what the manifest states")),
        Err(error) => report.fault(Fault::part(CHECKPOINT, error)),
    }
    let mut witnessed = Vec::new();
    for witness in &anchors.witnesses {
        match cosignature::verify(&note, witness) {
            Ok(_) => witnessed.push(witness.split('+').next().unwrap_or_default()),
            Err(error) => report.fault(Fault::part(CHECKPOINT, format!("the witness {witness}: {error}"))),
        }
    }
    let by = if witnessed.is_empty() { String::new() } else { format!(", cosigned by {}", witnessed.join(", ")) };
    report.step_since(before, "checkpoint", format!("{} leaves, root {}, signed by the log{by}", log.size, log.root));
    if anchors.log_vkey.is_none() {
        report.caveats.push(format!("the log's key was taken from the bundle itself; compare it: {}", log.vkey));
    }
    if anchors.exporter.is_none() {
        report.caveats.push("the exporter's certificate was taken from the bundle itself; compare its fingerprint".to_owned());
    }
    Ok(())
}
