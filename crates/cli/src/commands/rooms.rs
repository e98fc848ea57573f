//! Rooms, their members and their invite links.

use sealcast_client::{Client, InviteTerms, NewRoom, Session};
use sealcast_contracts::{
    RoomId,
    chat::{self, Invite, JoinOutcome, Room, RoomKind},
};
use serde_json::json;
use time::Duration;

use crate::{
    args::{Admission, Kind, RoomAction, Terms},
    failure::Failure,
    output::{Output, time_text},
    secrets,
    workplace::{Workplace, find_account},
};

pub async fn run(action: Option<RoomAction>, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    match action.unwrap_or(RoomAction::List) {
        action @ (RoomAction::Create { .. }
        | RoomAction::Invite { .. }
        | RoomAction::Redeem { .. }
        | RoomAction::Approve { .. }
        | RoomAction::Rotate { .. }) => {
            let client = workplace.client(output).await?;
            let outcome = with_key(action, &client, output).await;
            workplace.keep(&client)?;
            outcome
        }
        action => without_key(action, &workplace.session().await?, output).await,
    }
}

async fn with_key(action: RoomAction, client: &Client, output: &Output) -> Result<(), Failure> {
    match action {
        RoomAction::Create { name, kind, admission } => {
            let kind = match kind {
                Kind::Public => RoomKind::Public,
                Kind::Private => RoomKind::Private,
            };
            let admission = match admission {
                Admission::Invite => chat::Admission::Invite,
                Admission::Approval => chat::Admission::Approval,
                Admission::Open => chat::Admission::Open,
            };
            let room = client.create_room(NewRoom { room_id: RoomId::generate(), name: &name, kind, admission }).await?;
            show(output, &room)
        }
        RoomAction::Invite { room, terms } => {
            let room = client.find_room(&room).await?;
            let (link, invite) = client.create_invite(room.room_id, terms.limits()).await?;
            let object = json!({"invite": link.to_string(), "room_id": room.room_id, "expires_at": time_text(invite.expires_at), "uses_max": invite.uses_max});
            output.line(|| link.to_string(), &object)
        }
        RoomAction::Redeem { link } => show(output, &client.redeem(&secrets::invite(&link)?).await?),
        RoomAction::Approve { room, user } => {
            let room = client.find_room(&room).await?;
            let account = find_account(client.session(), &user).await?;
            client.approve(room.room_id, account.user_id).await?;
            done(output, "approved", &account.username)
        }
        RoomAction::Rotate { room } => {
            let room = client.find_room(&room).await?;
            let epoch = client.open_epoch(room.room_id).await?;
            let object = json!({"room_id": room.room_id, "epoch": epoch.epoch, "fingerprint": epoch.fingerprint});
            output.line(|| format!("{} is in epoch {}", room.name, epoch.epoch), &object)
        }
        _ => Ok(()),
    }
}

async fn without_key(action: RoomAction, session: &Session, output: &Output) -> Result<(), Failure> {
    match action {
        RoomAction::Join { room } => {
            let room = session.find_room(&room).await?;
            let outcome = session.join(room.room_id).await?;
            let text = match outcome {
                JoinOutcome::Member => "you are a member already",
                JoinOutcome::Requested => "asked; a member has to approve it",
            };
            output.line(|| text.to_owned(), &outcome)
        }
        RoomAction::Requests { room } => {
            let room = session.find_room(&room).await?;
            session.join_requests(room.room_id).await?.iter().try_for_each(|request| {
                output.line(|| format!("{}  {}", time_text(request.requested_at), request.username), request)
            })
        }
        RoomAction::Refuse { room, user } => {
            let (room, account) = (session.find_room(&room).await?, find_account(session, &user).await?);
            session.refuse_request(room.room_id, account.user_id).await?;
            done(output, "refused", &account.username)
        }
        RoomAction::Members { room } => {
            let room = session.find_room(&room).await?;
            session.members(room.room_id).await?.iter().try_for_each(|member| {
                let key = if member.granted { "has the key" } else { "waits for the key" };
                output.line(|| format!("{:<24} {:<7} {key}", member.username, format!("{:?}", member.role).to_lowercase()), member)
            })
        }
        RoomAction::Remove { room, user } => {
            let (room, account) = (session.find_room(&room).await?, find_account(session, &user).await?);
            session.remove_member(room.room_id, account.user_id).await?;
            output.note("what was granted stays readable; `sealcast rooms rotate` keeps what follows from them");
            done(output, "removed", &account.username)
        }
        RoomAction::Leave { room } => {
            let room = session.find_room(&room).await?;
            session.leave(room.room_id).await?;
            done(output, "left", &room.name)
        }
        RoomAction::Invites { room } => {
            let room = session.find_room(&room).await?;
            session.invites(room.room_id).await?.iter().try_for_each(|invite| output.line(|| invite_text(invite), invite))
        }
        RoomAction::RevokeInvite { room, invite } => {
            let room = session.find_room(&room).await?;
            session.revoke_invite(room.room_id, invite).await?;
            done(output, "revoked", &invite.to_string())
        }
        _ => session.rooms().await?.iter().try_for_each(|room| show(output, room)),
    }
}

impl Terms {
    /// As the client takes them.
    fn limits(&self) -> InviteTerms {
        InviteTerms { lifetime: Duration::days(self.days.into()), uses_max: self.uses }
    }
}

fn show(output: &Output, room: &Room) -> Result<(), Failure> {
    let state = match (room.role.is_some(), room.granted, room.requested) {
        (true, true, _) => "member",
        (true, false, _) => "waits for the key",
        (false, _, true) => "asked to join",
        (false, ..) => "not a member",
    };
    let kind = format!("{:?}", room.kind).to_lowercase();
    output.line(|| format!("{}  {:<24} {kind:<8} {:>4} members  {state}", room.room_id, room.name, room.member_count), room)
}

fn invite_text(invite: &Invite) -> String {
    let state = if invite.revoked { "revoked" } else { "" };
    format!("{}  until {}  {}/{} uses {state}", invite.invite_id, time_text(invite.expires_at), invite.uses, invite.uses_max)
}

fn done(output: &Output, what: &str, whom: &str) -> Result<(), Failure> {
    output.line(|| format!("{what} {whom}"), &json!({ what: whom }))
}
