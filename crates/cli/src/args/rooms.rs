//! `sealcast rooms`.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use sealcast_contracts::InviteId;

#[derive(Subcommand)]
pub enum RoomAction {
    /// List your rooms and the public ones (the default)
    List,
    /// Make a room
    Create {
        name: String,
        #[arg(long, value_enum, default_value_t = Kind::Private)]
        kind: Kind,
        /// How the room's key reaches newcomers
        #[arg(long, value_enum, default_value_t = Admission::Invite)]
        admission: Admission,
    },
    /// Make an invite link
    Invite {
        room: String,
        #[command(flatten)]
        terms: Terms,
    },
    /// Follow an invite link (`@FILE` or `-` reads it)
    Redeem { link: String },
    /// Ask to join a public room
    Join { room: String },
    /// List who waits for the room's key
    Requests { room: String },
    /// Let somebody in who waits
    Approve { room: String, user: String },
    /// Turn somebody away who waits
    Refuse { room: String, user: String },
    /// List the members
    Members { room: String },
    /// Remove a member; open a new epoch afterwards
    Remove { room: String, user: String },
    /// Leave a room
    Leave { room: String },
    /// Open the next key epoch for the members of now
    Rotate { room: String },
    /// List a room's invites
    Invites { room: String },
    /// End an invite
    RevokeInvite { room: String, invite: InviteId },
}

/// How long and how often an invite link works.
#[derive(ClapArgs)]
pub struct Terms {
    /// Days until it expires
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub days: u32,
    /// How many people can use it
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..))]
    pub uses: u32,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Kind {
    Public,
    Private,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Admission {
    /// By link
    Invite,
    /// A member decides
    Approval,
    /// Members' clients hand the key to whoever asks, at the server's word
    Open,
}
