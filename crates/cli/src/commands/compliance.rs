//! The compliance key: made and split offline, opened where an officer works.

mod canary;

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use sealcast_client::{
    ComplianceKey,
    shares::{self, SECRET_OCTETS, Share},
};
use serde_json::json;
use zeroize::Zeroizing;

use super::org::write_private;
use crate::{
    args::{ComplianceAction, ComplianceInit, ComplianceKeys, ComplianceUnlock},
    failure::Failure,
    output::Output,
    workplace::Workplace,
};

pub async fn run(action: ComplianceAction, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    match action {
        ComplianceAction::Init(args) => init(&args, output),
        ComplianceAction::Unlock(args) => unlock(&args, output),
        ComplianceAction::Canary(args) => canary::run(&args, workplace, output).await,
    }
}

/// The key that was named, if one was.
///
/// # Errors
/// It cannot be read, or the shares do not open it.
pub fn read(keys: &ComplianceKeys) -> Result<Option<ComplianceKey>, Failure> {
    let Some(file) = &keys.compliance_key else { return Ok(None) };
    let octets = Zeroizing::new(fs::read(file).map_err(Failure::io(format!("reading {}", file.display())))?);
    if keys.share.is_empty() {
        return Ok(Some(ComplianceKey::from_octets(&octets)?));
    }
    Ok(Some(ComplianceKey::unlock(&octets, &*combine(&keys.share)?)?))
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
