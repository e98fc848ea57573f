//! `sealcast audit`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use sealcast_contracts::{EventId, UserId};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::IdRange;

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
    /// Decrypt and verify here, with this key file
    #[arg(long, value_name = "FILE")]
    pub compliance_key: Option<PathBuf>,
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
