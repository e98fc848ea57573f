//! `sealcast compliance`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use sealcast_client::shares::{SHARES_MAX, THRESHOLD_MIN};

/// Compliance keys, whole or in shares.
#[derive(ClapArgs)]
pub struct ComplianceKeys {
    /// Decrypt and verify here, with this key file; repeat it where the organisation's key has changed
    #[arg(long, value_name = "FILE")]
    pub compliance_key: Vec<PathBuf>,
    /// A holder's share of a key file's lock; repeat it for each
    #[arg(long, value_name = "FILE", requires = "compliance_key")]
    pub share: Vec<PathBuf>,
}

#[derive(Subcommand)]
pub enum ComplianceAction {
    /// Make the key and its certificate; needs no network, and belongs on a machine without one
    #[command(
        after_help = "Examples:\n  sealcast compliance init --out compliance.key\n  sealcast compliance init --out compliance.key --shares 5 --threshold 3\n\nThen carry only compliance.key.cert to the servers: sealcast org init --compliance-certificate compliance.key.cert …"
    )]
    Init(ComplianceInit),
    /// Write the unlocked key, from the locked one and enough shares
    #[command(
        after_help = "Example:\n  sealcast compliance unlock --key compliance.key --share ann.share --share ben.share --share cy.share --out open.key"
    )]
    Unlock(ComplianceUnlock),
    /// Name the next compliance certificate with the key of today; needs no network, and belongs on a machine without one
    #[command(
        after_help = "Example:\n  sealcast compliance init --out next.key\n  sealcast compliance rotate --key compliance.key --certificate next.key.cert --in 8d --out rotation.json\n\nThen an admin publishes it: sealcast org rotate-compliance --statement rotation.json. The server asks for a delay, a week by default,\nfrom that moment on: leave time for the way."
    )]
    Rotate(ComplianceRotate),
    /// Open messages as they arrive and report senders whose messages do not open; runs outside the servers, as an auditor
    #[command(
        after_help = "Example:\n  sealcast compliance canary --compliance-key compliance.key --json\n\nIt goes on where it stopped. With --once the exit code is 5 when a message did not open.\nAround a change of the key, give both: --compliance-key old.key --compliance-key new.key"
    )]
    Canary(Canary),
}

#[derive(ClapArgs)]
pub struct ComplianceInit {
    /// Where the secret key is written; the certificate goes to FILE.cert
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Name in the certificate
    #[arg(long, default_value = "Compliance")]
    pub name: String,
    /// Lock the key and split its lock into this many shares, FILE.share-1 …
    #[arg(long, value_name = "N", requires = "threshold", value_parser = clap::value_parser!(u8).range(THRESHOLD_MIN as i64..=SHARES_MAX as i64))]
    pub shares: Option<u8>,
    /// Shares that are needed to open it
    #[arg(long, value_name = "T", requires = "shares")]
    pub threshold: Option<u8>,
}

#[derive(ClapArgs)]
pub struct ComplianceUnlock {
    /// The locked key
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// A holder's share, a file with its words; repeat it for each
    #[arg(long, value_name = "FILE", required = true)]
    pub share: Vec<PathBuf>,
    /// Where the unlocked key is written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(ClapArgs)]
pub struct ComplianceRotate {
    /// The key of today
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// A holder's share, a file with its words; repeat it for each when the key is locked
    #[arg(long, value_name = "FILE")]
    pub share: Vec<PathBuf>,
    /// The certificate of the next key
    #[arg(long, value_name = "FILE")]
    pub certificate: PathBuf,
    /// How long from now until messages are encrypted to it: a number with s, m, h or d
    #[arg(long = "in", value_name = "TIME", default_value = "8d", value_parser = delay)]
    pub delay: time::Duration,
    /// Where the signed statement is written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `7d`, `90m`.
fn delay(text: &str) -> Result<time::Duration, String> {
    let wrong = || "a number with s, m, h or d, for example 8d".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: u32 = text.strip_suffix(unit).and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
    let number = i64::from(number);
    match unit {
        's' => Ok(time::Duration::seconds(number)),
        'm' => Ok(time::Duration::minutes(number)),
        'h' => Ok(time::Duration::hours(number)),
        'd' => Ok(time::Duration::days(number)),
        _ => Err(wrong()),
    }
}

#[derive(ClapArgs)]
pub struct Canary {
    #[command(flatten)]
    pub keys: ComplianceKeys,
    /// Number or id of the case that covers it; without one, the rooms that the account is in
    #[arg(long)]
    pub case: Option<String>,
    /// Seconds between two looks at the log
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub interval_s: u64,
    /// Look at what there is and stop
    #[arg(long)]
    pub once: bool,
    /// Begin with the oldest message instead of where the last run stopped
    #[arg(long)]
    pub all: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_have_a_unit() {
        assert_eq!(delay("8d"), Ok(time::Duration::days(8)));
        assert_eq!(delay("90m"), Ok(time::Duration::minutes(90)));
        for bad in ["", "8", "d", "-1d", "8 d", "8w", "8\u{e4}"] {
            assert!(delay(bad).is_err(), "{bad}");
        }
    }
}
