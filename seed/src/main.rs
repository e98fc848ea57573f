//! `sealcast-seed`: fills an organisation with people, rooms and a conversation, as real clients would.
//!
//! Everything goes through the public interface and is encrypted here. A second run finds what the first one made and
//! adds nothing: people and rooms have fixed names, and each message has a client message id computed from its place.

mod cast;
mod company;
mod ids;
mod play;
mod record;
mod script;

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use sealcast_client::{InviteLink, Server, Url, profile::Profile};

use crate::{
    company::{Admin, Company},
    record::{Account, Record, Seeded},
};

/// Fill an organisation with mock people, rooms and a conversation.
///
/// Messages carry the time of now, because the servers stamp what they accept; the conversation's content spans five days.
#[derive(Parser)]
#[command(name = "sealcast-seed", version)]
struct Args {
    /// The server's address
    #[arg(long)]
    url: Url,
    /// The authority that issued its certificate, PEM
    #[arg(long, value_name = "FILE")]
    ca: PathBuf,
    /// Invite link to the lobby, or `@FILE` that holds it
    #[arg(long, value_name = "LINK")]
    invite: String,
    /// Profile of the admin that `sealcast org init` made
    #[arg(long, value_name = "DIR")]
    admin_profile: PathBuf,
    /// File that holds the admin's password
    #[arg(long, value_name = "FILE")]
    admin_password_file: PathBuf,
    /// People, the auditors not counted
    #[arg(long, default_value_t = cast::NAMES.len())]
    users: usize,
    /// Messages
    #[arg(long, default_value_t = 300)]
    messages: usize,
    /// Where the accounts with their passwords are written; also says what was seeded
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    ensure!((2..=cast::USERS_MAX).contains(&args.users), "--users must be between 2 and {}", cast::USERS_MAX);
    let ca = fs::read(&args.ca).with_context(|| format!("reading {}", args.ca.display()))?;
    let server = Server::new(&args.url, Some(&ca))?;
    let organisation = server.info().await?.organisation;
    let compliance = organisation.compliance.context("the organisation is not set up: run `sealcast org init` first")?.fingerprint;
    let lobby = organisation.lobby.context("the organisation has no lobby: run `sealcast org init` again")?;
    let seeded = Seeded { compliance, lobby, users: args.users, messages: args.messages };
    if let Some(record) = Record::read(&args.out)?.filter(|record| record.seeded == seeded) {
        eprintln!("seeded already");
        record.print();
        return Ok(());
    }
    let record = seed(&args, &server, seeded).await?;
    record.write(&args.out)?;
    eprintln!("the messages carry the time of now: the servers stamp what they accept");
    record.print();
    Ok(())
}

async fn seed(args: &Args, server: &Server, seeded: Seeded) -> Result<Record> {
    let admin = admin(args, server).await?;
    let invite = invite(&args.invite)?;
    let company = Company::assemble(server, &invite, admin, args.users).await?;
    play::perform(&company, seeded.lobby, args.messages).await?;
    let accounts = company.accounts();
    company.go_home().await;
    Ok(Record { seeded, accounts })
}

/// The admin with a session of its own, so that the profile's stays as it is.
async fn admin(args: &Args, server: &Server) -> Result<Admin> {
    let stored = Profile::at(&args.admin_profile).load()?;
    let file = &args.admin_password_file;
    let password = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let password = password.trim_end_matches(['\r', '\n']).to_owned();
    server.remember(&stored);
    let entered = server.log_in(&stored.username, &password, stored.trust).await.context("logging in as the admin")?;
    let account = Account { username: stored.username, password, role: "admin".to_owned() };
    Ok(Admin { client: entered.client, account })
}

fn invite(text: &str) -> Result<InviteLink> {
    let text = match text.strip_prefix('@') {
        Some(file) => fs::read_to_string(file).with_context(|| format!("reading {file}"))?,
        None => text.to_owned(),
    };
    Ok(text.parse()?)
}
