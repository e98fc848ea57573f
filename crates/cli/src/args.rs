//! What can be typed.

mod admin;
mod audit;
mod cases;
mod compliance;
mod rooms;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};
use sealcast_client::Url;
use sealcast_contracts::{EventId, SessionId};

pub use admin::{AccountSessionAction, AdminAction, LimitAction, Role, RoleAction, UserAction};
pub use audit::{AuditAction, AuditEvents, AuditExport, AuditQuery, AuditVerify};
pub use cases::{Action, Answer, CaseAction, CaseOpen, RetentionAction, RetentionSet, ScopeArgs};
pub use compliance::{Canary, ComplianceAction, ComplianceInit, ComplianceKeys, ComplianceRotate, ComplianceUnlock};
pub use rooms::{Admission, Kind, RoomAction, Terms};

const EXAMPLES: &str = "\
Examples:
  sealcast register --server https://chat.example --invite @link.txt --username ada --password-file pw
  sealcast send --room lobby 'Good morning'
  uptime | sealcast send --room ops -
  sealcast tail --room lobby --json
  sealcast audit proof 1-4711

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 denied, 5 verification failed.";

/// Encrypted team messaging with a verifiable audit log.
#[derive(Parser)]
#[command(name = "sealcast", version, after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(ClapArgs)]
pub struct Global {
    /// Where the account is kept [default: $XDG_DATA_HOME/sealcast or ~/.local/share/sealcast]
    #[arg(long, global = true, value_name = "DIR")]
    pub profile: Option<PathBuf>,
    /// Print one JSON object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// File that holds the password, `-` for stdin; asked for on the terminal when absent
    #[arg(long, global = true, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Make an account
    #[command(
        after_help = "Example:\n  sealcast register --server https://chat.example --ca ca.pem --invite @link.txt --username ada"
    )]
    Register(Register),
    /// Log in to an existing account
    #[command(
        after_help = "Example:\n  sealcast login --server https://chat.example --ca ca.pem --username ada --password-file pw"
    )]
    Login(Login),
    /// End the session; the locked key and the pins stay
    Logout,
    /// Send a message to a room or to a person
    #[command(
        after_help = "Examples:\n  sealcast send --room lobby 'Hello'\n  sealcast send --to bob 'Only you read this'\n  date | sealcast send --room lobby -"
    )]
    Send(Send),
    /// Save the files of a message
    #[command(after_help = "Example:\n  sealcast save --room lobby 1-4711 --dir ~/Downloads")]
    Save(Save),
    /// Follow the live messages
    #[command(after_help = "Examples:\n  sealcast tail --room lobby\n  sealcast tail --since 1-4711 --json")]
    Tail(Tail),
    /// Show stored messages
    #[command(after_help = "Example:\n  sealcast history --room lobby --limit 20")]
    History(History),
    /// List, make, enter and leave rooms
    #[command(after_help = "Examples:\n  sealcast rooms\n  sealcast rooms --json\n  sealcast rooms create --help")]
    Rooms {
        #[command(subcommand)]
        action: Option<RoomAction>,
    },
    /// List and end sessions
    #[command(after_help = "Examples:\n  sealcast sessions\n  sealcast sessions revoke --others")]
    Sessions {
        #[command(subcommand)]
        action: Option<SessionAction>,
    },
    /// Ask for a one-time code at each login, beside the password
    #[command(after_help = "Examples:\n  sealcast second-factor add\n  sealcast second-factor remove 123456")]
    SecondFactor {
        #[command(subcommand)]
        action: Option<SecondFactorAction>,
    },
    /// Query the archive and check the log
    Audit {
        #[command(subcommand)]
        action: AuditAction,
    },
    /// Open cases and let a second officer consent; auditors only
    Case {
        #[command(subcommand)]
        action: CaseAction,
    },
    /// Show who looked at your own messages
    #[command(after_help = "Example:\n  sealcast accesses --json")]
    Accesses,
    /// Show and set how long messages stay readable
    Retention {
        #[command(subcommand)]
        action: RetentionAction,
    },
    /// Make the compliance key offline, and use it
    Compliance {
        #[command(subcommand)]
        action: ComplianceAction,
    },
    /// Set up an organisation
    Org {
        #[command(subcommand)]
        action: OrgAction,
    },
    /// Manage accounts: roles, locks, sessions, limits; admins only
    #[command(after_help = admin::EXAMPLES)]
    Admin {
        #[command(subcommand)]
        action: AdminAction,
    },
}

/// Where the server is.
#[derive(ClapArgs)]
pub struct Address {
    /// The server's address, `https://host[:port]`
    #[arg(long, value_name = "URL")]
    pub server: Url,
    /// The authority that issued its certificate, PEM [default: what the system trusts]
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub struct Register {
    #[command(flatten)]
    pub address: Address,
    /// Invite link; `@FILE` or `-` (stdin) keeps it out of the process list
    #[arg(long, value_name = "LINK")]
    pub invite: Option<String>,
    #[arg(long)]
    pub username: String,
}

#[derive(ClapArgs)]
pub struct Login {
    #[command(flatten)]
    pub address: Address,
    #[arg(long)]
    pub username: String,
    /// One-time code of an account that has a second factor; asked for on the terminal when absent
    #[arg(long)]
    pub code: Option<String>,
}

#[derive(ClapArgs)]
pub struct Send {
    /// Name or id of the room
    #[arg(long, required_unless_present = "to", conflicts_with = "to")]
    pub room: Option<String>,
    /// Name or id of the person; the first message makes a private room of the two
    #[arg(long, value_name = "USER")]
    pub to: Option<String>,
    /// A file to send with it, repeatable
    #[arg(long, value_name = "PATH")]
    pub file: Vec<PathBuf>,
    /// The text; `-` or nothing reads stdin, unless there are files
    pub text: Option<String>,
}

#[derive(ClapArgs)]
pub struct Save {
    /// Name or id of the room
    #[arg(long)]
    pub room: String,
    /// Where to [default: here]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// The message's id
    pub message: EventId,
}

#[derive(ClapArgs)]
pub struct Tail {
    /// Name or id of a room, repeatable [default: all]
    #[arg(long)]
    pub room: Vec<String>,
    /// Begin after this message
    #[arg(long, value_name = "ID", conflicts_with = "all")]
    pub since: Option<EventId>,
    /// Begin with the stored messages
    #[arg(long)]
    pub all: bool,
    /// Leave after this many messages
    #[arg(long, value_name = "N")]
    pub count: Option<usize>,
    /// With --json: also print what else the stream says
    #[arg(long)]
    pub events: bool,
}

#[derive(ClapArgs)]
pub struct History {
    /// Name or id of the room
    #[arg(long)]
    pub room: String,
    #[command(flatten)]
    pub range: IdRange,
    /// At most this many
    #[arg(long, default_value_t = 50)]
    pub limit: usize,
}

/// Which messages, by id.
#[derive(ClapArgs)]
pub struct IdRange {
    /// Only after this message
    #[arg(long, value_name = "ID")]
    pub after: Option<EventId>,
    /// Only before this message
    #[arg(long, value_name = "ID")]
    pub before: Option<EventId>,
    /// Oldest first instead of newest first
    #[arg(long)]
    pub oldest_first: bool,
}

#[derive(Subcommand)]
pub enum SessionAction {
    /// List the account's sessions (the default)
    List,
    /// End sessions; their streams close within a second
    #[command(group = clap::ArgGroup::new("which").required(true))]
    Revoke {
        #[arg(group = "which")]
        session: Option<SessionId>,
        /// All but this one
        #[arg(long, group = "which")]
        others: bool,
        /// All, this one too
        #[arg(long, group = "which")]
        all: bool,
    },
}

#[derive(Subcommand)]
pub enum SecondFactorAction {
    /// Say whether there is one, and whether the role needs it (the default)
    Status,
    /// Make a key for an authenticator app; on a terminal its first code is asked for
    Add,
    /// Put a key into force with its first code
    Confirm { code: String },
    /// Log in without codes again; who has lost the app does it in the browser with the recovery key
    Remove { code: String },
}

#[derive(Subcommand)]
pub enum OrgAction {
    /// Make the compliance key, the first admin, the lobby and the first invite link; a second run says what exists
    #[command(
        after_help = "Example:\n  sealcast org init --server https://chat.example --bootstrap-token-file token \\\n    --username admin --password-file pw --compliance-out compliance.key"
    )]
    Init(Box<OrgInit>),
    /// Publish the next compliance certificate, which the key of today has signed; admins only
    #[command(
        after_help = "Example:\n  sealcast org rotate-compliance --statement rotation.json\n\nThe statement is made offline, by sealcast compliance rotate."
    )]
    RotateCompliance(RotateCompliance),
}

#[derive(ClapArgs)]
pub struct RotateCompliance {
    /// What `sealcast compliance rotate` wrote
    #[arg(long, value_name = "FILE")]
    pub statement: PathBuf,
}

#[derive(ClapArgs)]
pub struct OrgInit {
    #[command(flatten)]
    pub address: Address,
    /// File that holds the server's bootstrap token
    #[arg(long, value_name = "FILE")]
    pub bootstrap_token_file: PathBuf,
    /// The first admin
    #[arg(long)]
    pub username: String,
    /// The compliance certificate, made offline by `sealcast compliance init`; the key itself never comes here
    #[arg(long, value_name = "FILE", required_unless_present = "compliance_out", conflicts_with = "compliance_out")]
    pub compliance_certificate: Option<PathBuf>,
    /// Make the compliance key here and write it to this file; keep it offline
    #[arg(long, value_name = "FILE")]
    pub compliance_out: Option<PathBuf>,
    /// Name in the compliance certificate
    #[arg(long, default_value = "Compliance")]
    pub compliance_name: String,
    /// Name of the room that everybody is in
    #[arg(long, default_value = "Lobby")]
    pub lobby_name: String,
    /// Days until the first invite link expires
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub invite_days: u32,
    /// How many people can use it
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub invite_uses: u32,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn global_flags_stand_anywhere_and_secrets_have_no_flag() {
        let args = Args::try_parse_from(["sealcast", "send", "--room", "lobby", "hi", "--json", "--profile", "/tmp/p"]);
        assert!(args.is_ok_and(|args| args.global.json && args.global.profile.is_some()));
        assert!(
            Args::try_parse_from(["sealcast", "login", "--server", "https://a", "--username", "a", "--password", "x"]).is_err()
        );
        assert!(Args::try_parse_from(["sealcast", "tail", "--since", "1-2", "--all"]).is_err());
        assert!(Args::try_parse_from(["sealcast", "send", "--to", "bob", "hi"]).is_ok());
        assert!(Args::try_parse_from(["sealcast", "send", "hi"]).is_err());
        assert!(Args::try_parse_from(["sealcast", "send", "--to", "bob", "--room", "lobby", "hi"]).is_err());
        assert!(Args::try_parse_from(["sealcast", "tail", "--since", "x"]).is_err());
        assert!(Args::try_parse_from(["sealcast", "sessions", "revoke"]).is_err());
        assert!(Args::try_parse_from(["sealcast", "admin", "sessions", "revoke", "ann"]).is_err());
        assert!(Args::try_parse_from(["sealcast", "admin", "users", "lock", "ann"]).is_err());
    }
}
