//! `sealcast audit`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use sealcast_contracts::{EventId, Fingerprint, UserId};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{ComplianceKeys, IdRange};

#[derive(Subcommand)]
pub enum AuditAction {
    /// Stored messages of your rooms; with a case, what the case is about (each such query is a leaf of the log first)
    #[command(
        after_help = "Example:\n  sealcast audit query --case 2026-17 --room lobby --from 2026-11-01T00:00:00Z --compliance-key compliance.key"
    )]
    Query(AuditQuery),
    /// Logged events; auditors only
    Events(AuditEvents),
    /// Prove that a message is in the log
    Proof { id: EventId },
    /// Fetch the newest checkpoint and check that it extends the one seen before
    Checkpoint {
        /// Verifier key of a witness; from now on no checkpoint counts without its cosignature
        #[arg(long, value_name = "KEY")]
        witness: Vec<String>,
    },
    /// Write a room's messages of some time into one file that proves itself; auditors only
    #[command(
        after_help = "Example:\n  sealcast audit export --case 2026-17 --room lobby --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z \\\n    --compliance-key compliance.key --out november.tar\n\nA run that broke off is continued by the same command."
    )]
    Export(AuditExport),
    /// Check an export, offline; or with --live the running log against its database
    #[command(
        after_help = "Examples:\n  sealcast audit verify november.tar --log-key 'sealcast.example/log+1a2b3c4d+AV…'\n  SEALCAST_CONFIG=audit-svc.toml sealcast audit verify --live\n\nThe exit code is 5 when anything does not hold."
    )]
    Verify(AuditVerify),
}

#[derive(ClapArgs)]
pub struct AuditExport {
    /// Number or id of the case that it is made for
    #[arg(long)]
    pub case: String,
    /// Name or id of the room
    #[arg(long)]
    pub room: String,
    #[command(flatten)]
    pub times: TimeRange,
    /// The file to be written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    #[command(flatten)]
    pub keys: ComplianceKeys,
}

#[derive(ClapArgs)]
pub struct AuditVerify {
    /// The export
    #[arg(required_unless_present = "live", conflicts_with = "live", value_name = "FILE")]
    pub bundle: Option<PathBuf>,
    /// The log's verifier key [default: the one that the profile has pinned]
    #[arg(long, value_name = "KEY")]
    pub log_key: Option<String>,
    /// Believe the log's key that stands in the export itself, and say so
    #[arg(long, conflicts_with_all = ["log_key", "live"])]
    pub any_log_key: bool,
    /// A witness's verifier key whose cosignature the checkpoint must carry; repeatable
    #[arg(long, value_name = "KEY", conflicts_with = "live")]
    pub witness: Vec<String>,
    /// Fingerprint of the officer who must have made the export
    #[arg(long, value_name = "FINGERPRINT", conflicts_with = "live")]
    pub exporter: Option<Fingerprint>,
    /// Check the running log against its database, with the configuration of audit-svc (SEALCAST_CONFIG)
    #[arg(long)]
    pub live: bool,
    /// With --live: a state that was seen before, `SIZE:ROOT`, beside the one that the profile has pinned; repeatable
    #[arg(long, value_name = "SIZE:ROOT", requires = "live")]
    pub seen: Vec<String>,
    /// With --live: check digests only, without the key-encryption keys
    #[arg(long, requires = "live")]
    pub no_content: bool,
    /// With --live: the program audit-svc [default: beside this program, or in PATH]
    #[arg(long, value_name = "FILE", requires = "live")]
    pub audit_svc: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub struct AuditQuery {
    /// Number or id of the case that other people's messages are read for; auditors only
    #[arg(long)]
    pub case: Option<String>,
    /// Name or id of a room
    #[arg(long)]
    pub room: Option<String>,
    /// Name or id of a sender
    #[arg(long)]
    pub sender: Option<String>,
    #[command(flatten)]
    pub times: TimeRange,
    #[command(flatten)]
    pub range: IdRange,
    /// At most this many
    #[arg(long, default_value_t = 50)]
    pub limit: usize,
    #[command(flatten)]
    pub keys: ComplianceKeys,
}

#[derive(ClapArgs)]
pub struct AuditEvents {
    /// Only events of this name, such as `session_opened`
    #[arg(long)]
    pub kind: Option<String>,
    /// Only events of this account
    #[arg(long)]
    pub actor: Option<UserId>,
    #[command(flatten)]
    pub times: TimeRange,
    /// Oldest first instead of newest first
    #[arg(long)]
    pub oldest_first: bool,
    /// At most this many
    #[arg(long, default_value_t = 50)]
    pub limit: usize,
}

/// Which messages or events, by time.
#[derive(ClapArgs)]
pub struct TimeRange {
    /// At or after this time (RFC 3339)
    #[arg(long, value_parser = time)]
    pub from: Option<OffsetDateTime>,
    /// Before this time (RFC 3339)
    #[arg(long, value_parser = time)]
    pub to: Option<OffsetDateTime>,
}

pub(super) fn time(text: &str) -> Result<OffsetDateTime, String> {
    OffsetDateTime::parse(text, &Rfc3339).map_err(|_| "expected a time such as 2026-11-24T08:00:00Z".to_owned())
}
