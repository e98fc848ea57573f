//! The compliance key: made and split offline, opened where an officer works.

mod canary;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use sealcast_client::{
    ComplianceKey, Error,
    shares::{self, SECRET_OCTETS, Share},
};
use sealcast_contracts::Base64;
use serde_json::json;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::org::write_private;
use crate::{
    args::{ComplianceAction, ComplianceInit, ComplianceKeys, ComplianceRotate, ComplianceUnlock},
    failure::Failure,
    output::{Output, time_text},
    workplace::Workplace,
};

pub async fn run(action: ComplianceAction, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    match action {
        ComplianceAction::Init(args) => init(&args, output),
        ComplianceAction::Unlock(args) => unlock(&args, output),
        ComplianceAction::Rotate(args) => rotate(&args, output),
        ComplianceAction::Canary(args) => canary::run(&args, workplace, output).await,
    }
}

/// The keys that were named.
///
/// # Errors
/// One cannot be read, or the shares do not open it.
pub fn read(keys: &ComplianceKeys) -> Result<Vec<ComplianceKey>, Failure> {
    keys.compliance_key.iter().map(|file| read_one(file, &keys.share)).collect()
}

/// An open key, or a locked one with its shares among those that were given.
fn read_one(file: &Path, share_files: &[PathBuf]) -> Result<ComplianceKey, Failure> {
    let octets = Zeroizing::new(fs::read(file).map_err(Failure::io(format!("reading {}", file.display())))?);
    let open = ComplianceKey::from_octets(&octets);
    if open.is_ok() || share_files.is_empty() {
        return Ok(open?);
    }
    // Shares of several keys may be given together: those of one split belong together.
    let mut splits: BTreeMap<String, Vec<Share>> = BTreeMap::new();
    for share in share_files {
        let share = read_share(share)?;
        splits.entry(share.set()).or_default().push(share);
    }
    let unlock = |shares: &Vec<Share>| ComplianceKey::unlock(&octets, &*shares::combine(shares)?);
    let mut outcome = Err(Error::Usage("no share was given".to_owned()));
    for shares in splits.values() {
        outcome = unlock(shares);
        if outcome.is_ok() {
            break;
        }
    }
    Ok(outcome?)
}

fn rotate(args: &ComplianceRotate, output: &Output) -> Result<(), Failure> {
    let key = read_one(&args.key, &args.share)?;
    let certificate = fs::read(&args.certificate).map_err(Failure::io(format!("reading {}", args.certificate.display())))?;
    let named = key.name_successor(Base64(certificate), OffsetDateTime::now_utc() + args.delay)?;
    let text = serde_json::to_vec_pretty(&named).map_err(|error| Failure::Usage(error.to_string()))?;
    write_private(&args.out, &text)?;
    let at = time_text(named.rotation.effective_at);
    let object = json!({"old": named.old, "fingerprint": named.fingerprint, "effective_at": at, "statement": args.out});
    output.line(
        || {
            format!(
                "{} names {} from {at} on\n  statement    {} (for an admin: sealcast org rotate-compliance)",
                named.old,
                named.fingerprint,
                args.out.display()
            )
        },
        &object,
    )
}

fn init(args: &ComplianceInit, output: &Output) -> Result<(), Failure> {
    let key = ComplianceKey::generate(&args.name)?;
    let certificate = beside(&args.out, "cert");
    let mut files = Vec::new();
    match args.shares.zip(args.threshold) {
        None => write_private(&args.out, &key.to_octets()?)?,
        Some((count, threshold)) => {
            let secret: Zeroizing<[u8; SECRET_OCTETS]> = Zeroizing::new(sealcast_client::secrets::random());
            let split = shares::split(&secret, threshold, count)?;
            write_private(&args.out, &key.lock(&secret)?)?;
            for share in &split {
                let file = beside(&args.out, &format!("share-{}", share.number));
                write_private(&file, Zeroizing::new(page(share, &key, count)).as_bytes())?;
                files.push(file);
            }
        }
    }
    write_private(&certificate, key.certificate()?.as_slice())?;
    let fingerprint = key.fingerprint();
    let object = json!({
        "fingerprint": fingerprint, "key": args.out, "certificate": certificate, "shares": files, "threshold": args.threshold,
    });
    output.line(
        || {
            let mut text = format!("compliance key {fingerprint}\n  certificate  {} (for the servers)\n", certificate.display());
            match args.threshold {
                None => text += &format!("  secret key   {} (keep it offline)", args.out.display()),
                Some(threshold) => {
                    text += &format!("  locked key   {} (useless without {threshold} shares)", args.out.display());
                    files
                        .iter()
                        .for_each(|file| text += &format!("\n  share        {} (give it away and delete it here)", file.display()));
                }
            }
            text
        },
        &object,
    )
}

fn unlock(args: &ComplianceUnlock, output: &Output) -> Result<(), Failure> {
    let octets = fs::read(&args.key).map_err(Failure::io(format!("reading {}", args.key.display())))?;
    let key = ComplianceKey::unlock(&octets, &*combine(&args.share)?)?;
    write_private(&args.out, &key.to_octets()?)?;
    let fingerprint = key.fingerprint();
    let object = json!({"fingerprint": fingerprint, "key": args.out});
    output.line(|| format!("{fingerprint} is open in {}: destroy that file when you are done", args.out.display()), &object)
}

/// The secret behind the shares in these files.
fn combine(files: &[PathBuf]) -> Result<Zeroizing<[u8; SECRET_OCTETS]>, Failure> {
    let shares = files.iter().map(|file| read_share(file)).collect::<Result<Vec<_>, _>>()?;
    Ok(shares::combine(&shares)?)
}

/// A share's words; lines with a `#` in front are for people.
fn read_share(file: &Path) -> Result<Share, Failure> {
    let text = Zeroizing::new(fs::read_to_string(file).map_err(Failure::io(format!("reading {}", file.display())))?);
    let words: Zeroizing<String> = Zeroizing::new(text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join(" "));
    words.parse().map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))
}

/// What a holder gets.
fn page(share: &Share, key: &ComplianceKey, count: u8) -> String {
    format!(
        "# Sealcast compliance key {}\n# Share {} of {count} of split {}; {} are needed. Keep it secret, and apart from the others.\n{share}\n",
        key.fingerprint(),
        share.number,
        share.set(),
        share.threshold
    )
}

/// `compliance.key` and `cert` make `compliance.key.cert`.
fn beside(file: &Path, what: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".");
    name.push(what);
    PathBuf::from(name)
}
