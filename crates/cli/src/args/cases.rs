//! `sealcast case`, `sealcast retention`.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use sealcast_contracts::{ApprovalId, HoldId};
use time::OffsetDateTime;

use super::audit::{TimeRange, time};

#[derive(Subcommand)]
pub enum CaseAction {
    /// Open a case: why, on which legal basis, about whom, until when
    #[command(
        after_help = "Example:\n  sealcast case open 2026-17 --reason 'complaint of 12 November' --legal-basis 'GDPR 6(1)(c)' \\\n    --days 30 --room lobby --person ada --from 2026-11-01T00:00:00Z"
    )]
    Open(CaseOpen),
    /// List cases, newest first
    List,
    /// Show a case with its approvals
    Show { case: String },
    /// End a case; what was logged under it stays
    Close {
        case: String,
        /// What came of it
        #[arg(long)]
        note: String,
    },
    /// Ask for a second officer's consent
    #[command(after_help = "Example:\n  sealcast case ask 2026-17 query --reason 'to read the thread of 12 November'")]
    Ask {
        case: String,
        action: Action,
        #[arg(long)]
        reason: String,
    },
    /// Consent to what another officer asked for
    Approve(Answer),
    /// Refuse what another officer asked for
    Refuse(Answer),
    /// Keep messages from being destroyed by retention
    #[command(after_help = "Example:\n  sealcast case hold 2026-17 --reason litigation --room lobby")]
    Hold {
        case: String,
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        scope: ScopeArgs,
    },
    /// List holds, newest first
    Holds,
    /// End a hold
    Release {
        hold: HoldId,
        #[arg(long)]
        reason: String,
    },
}

#[derive(ClapArgs)]
pub struct CaseOpen {
    /// As the organisation numbers its cases
    pub number: String,
    #[arg(long)]
    pub reason: String,
    #[arg(long)]
    pub legal_basis: String,
    /// The case expires after this many days
    #[arg(long, default_value_t = 30)]
    pub days: u16,
    /// The people concerned are told only then (RFC 3339); at once when absent
    #[arg(long, value_parser = time)]
    pub sealed_until: Option<OffsetDateTime>,
    #[command(flatten)]
    pub scope: ScopeArgs,
}

/// What it is about; what is absent does not narrow.
#[derive(ClapArgs)]
pub struct ScopeArgs {
    /// Name or id of a room; repeatable
    #[arg(long = "room")]
    pub rooms: Vec<String>,
    /// Name or id of a sender; repeatable
    #[arg(long = "person")]
    pub people: Vec<String>,
    #[command(flatten)]
    pub times: TimeRange,
}

#[derive(ClapArgs)]
pub struct Answer {
    pub case: String,
    /// The request, as `case show` names it
    pub approval: ApprovalId,
    #[arg(long)]
    pub reason: String,
}

/// What a second officer consents to.
#[derive(Clone, Copy, ValueEnum)]
pub enum Action {
    Query,
    Decrypt,
    Export,
    ReleaseHold,
}

#[derive(Subcommand)]
pub enum RetentionAction {
    /// Show how long messages stay readable
    List,
    /// Say how long messages stay readable; admins only
    #[command(
        after_help = "Examples:\n  sealcast retention set --days 365\n  sealcast retention set --room lobby --days 30\n  sealcast retention set --room lobby --keep"
    )]
    Set(RetentionSet),
}

#[derive(ClapArgs)]
pub struct RetentionSet {
    /// Name or id of a room [default: the whole organisation]
    #[arg(long)]
    pub room: Option<String>,
    /// Days after the day of a message
    #[arg(long, required_unless_present = "keep", conflicts_with = "keep")]
    pub days: Option<u32>,
    /// No rule: a room follows the organisation, the organisation keeps everything
    #[arg(long)]
    pub keep: bool,
}
