//! The commands, one file a noun.

mod account;
mod admin;
mod audit;
mod cases;
mod compliance;
mod files;
mod messages;
mod org;
mod rooms;
mod second_factor;
mod sessions;
mod tail;

use crate::{
    args::{Command, OrgAction},
    failure::Failure,
    output::Output,
    workplace::Workplace,
};

/// Runs one command.
///
/// # Errors
/// Why it failed; the failure knows its exit code.
pub async fn run(command: Command, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    match command {
        Command::Register(args) => account::register(&args, workplace, output).await,
        Command::Login(args) => account::log_in(&args, workplace, output).await,
        Command::Logout => account::log_out(workplace, output).await,
        Command::Send(args) => messages::send(args, workplace, output).await,
        Command::Save(args) => files::save(&args, workplace, output).await,
        Command::Tail(args) => tail::run(args, workplace, output).await,
        Command::History(args) => messages::history(&args, workplace, output).await,
        Command::Rooms { action } => rooms::run(action, workplace, output).await,
        Command::Sessions { action } => sessions::run(action, workplace, output).await,
        Command::SecondFactor { action } => second_factor::run(action, workplace, output).await,
        Command::Audit { action } => audit::run(action, workplace, output).await,
        Command::Case { action } => cases::run(action, workplace, output).await,
        Command::Accesses => cases::accesses(workplace, output).await,
        Command::Retention { action } => cases::retention(action, workplace, output).await,
        Command::Compliance { action } => compliance::run(action, workplace, output).await,
        Command::Org { action: OrgAction::Init(args) } => org::init(&args, workplace, output).await,
        Command::Org { action: OrgAction::RotateCompliance(args) } => org::rotate_compliance(&args, workplace, output).await,
        Command::Admin { action } => admin::run(action, workplace, output).await,
    }
}
