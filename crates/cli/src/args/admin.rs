//! `sealcast admin`.

use clap::{Subcommand, ValueEnum};
use sealcast_contracts::SessionId;

pub(super) const EXAMPLES: &str = "\
Examples:
  sealcast admin users list --locked
  sealcast admin users lock mallory --reason 'laptop stolen, ticket 4711'
  sealcast admin sessions revoke mallory --all
  sealcast admin roles set ada auditor

Every change, and every look at somebody's sessions, is an event of the audit log under your name.
An account is locked, not deleted: what it signed must stay verifiable.";

#[derive(Subcommand)]
pub enum AdminAction {
    /// List, show, lock and unlock accounts
    Users {
        #[command(subcommand)]
        action: UserAction,
    },
    /// Say who has which role
    Roles {
        #[command(subcommand)]
        action: RoleAction,
    },
    /// List and end somebody's sessions
    Sessions {
        #[command(subcommand)]
        action: AccountSessionAction,
    },
    /// Show the limits in force; let somebody log in again who mistyped too often
    Limits {
        #[command(subcommand)]
        action: LimitAction,
    },
    /// Show how full the streams are and how far their consumers have come
    ///
    /// Streams are made by `chat-svc provision`, which has the credential for it. It refuses to replace a stream that
    /// lost messages, unless it is told `--accept-loss`.
    Streams,
}

#[derive(Subcommand)]
pub enum UserAction {
    /// List all accounts
    List {
        /// Only locked ones
        #[arg(long)]
        locked: bool,
    },
    /// Show one account
    Show {
        /// Name or id
        user: String,
    },
    /// End an account's sessions and let nobody log in to it
    #[command(after_help = "Example:\n  sealcast admin users lock mallory --reason 'left the company'")]
    Lock {
        /// Name or id
        user: String,
        /// Why, in one line; it stands in the audit log
        #[arg(long)]
        reason: String,
    },
    /// Let an account's owner log in again
    Unlock {
        /// Name or id
        user: String,
    },
}

#[derive(Subcommand)]
pub enum RoleAction {
    /// List admins and auditors
    List,
    /// Give an account a role; its sessions have it at once
    Set {
        /// Name or id
        user: String,
        #[arg(value_enum)]
        role: Role,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Role {
    Member,
    Admin,
    Auditor,
}

#[derive(Subcommand)]
pub enum AccountSessionAction {
    /// List an account's open sessions
    List {
        /// Name or id
        user: String,
    },
    /// End sessions; their streams close within a second
    #[command(group = clap::ArgGroup::new("which").required(true))]
    Revoke {
        /// Name or id
        user: String,
        #[arg(group = "which")]
        session: Option<SessionId>,
        /// All of them
        #[arg(long, group = "which")]
        all: bool,
    },
}

#[derive(Subcommand)]
pub enum LimitAction {
    /// Show the limits that are in force
    Show,
    /// Fill an account's login budgets again; those of addresses stay as they are
    Reset {
        /// Name or id
        user: String,
    },
}
