//! `sealcast compliance`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use sealcast_client::shares::{SHARES_MAX, THRESHOLD_MIN};

/// The compliance key, whole or in shares.
#[derive(ClapArgs)]
pub struct ComplianceKeys {
    /// Decrypt and verify here, with this key file
    #[arg(long, value_name = "FILE")]
    pub compliance_key: Option<PathBuf>,
    /// A holder's share of the key file's lock; repeat it for each
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
    /// Open messages as they arrive and report senders whose messages do not open; runs outside the servers, as an auditor
    #[command(
        after_help = "Example:\n  sealcast compliance canary --compliance-key compliance.key --json\n\nIt goes on where it stopped. With --once the exit code is 5 when a message did not open."
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
