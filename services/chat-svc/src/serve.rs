//! Which handler answers which call.

use std::sync::Arc;

use sealcast_contracts::{
    admin::{DescribeStreams, ListChatLimits},
    attachments::{BeginAttachment, CompleteAttachment, DropAttachment, GetAttachment, GetChunk, PutChunk},
    chat::{
        AcceptMessage, AddGrants, CreateInvite, CreateRoom, DecideRequest, GetOrganisation, GetRoom, JoinRoom, LeaveRoom,
        ListInvites, ListMembers, ListMemberships, ListMembershipsOf, ListReadMarkers, ListRequests, ListRooms, OpenDirect,
        OpenEpoch, PreviewInvite, RedeemInvite, RemoveMember, RevokeInvite, RotateCompliance, SetCompliance, SetHistory,
        SetReadMarker,
    },
    stream::ENVELOPES,
};
use sealcast_runtime::Runtime;

use crate::{Chat, Config, META};

/// Registers `$call` with the method of [`Chat`] that answers it.
macro_rules! answer {
    ($server:ident, $chat:ident: $($call:ident => $method:ident,)*) => {
        $({
            let chat = $chat.clone();
            $server
                .serve::<$call, _, _>(move |call| {
                    let chat = chat.clone();
                    async move { chat.$method(call).await.map_err(Into::into) }
                })
                .await?;
        })*
    };
}

pub(crate) async fn register(chat: &Arc<Chat>, runtime: &Runtime<Config>) -> anyhow::Result<()> {
    let server = chat.bus.server(META.version, &runtime.tasks, &runtime.shutdown).await?;
    answer! { server, chat:
        GetOrganisation => get_organisation,
        SetCompliance => set_compliance,
        RotateCompliance => rotate_compliance,
        CreateRoom => create_room,
        OpenDirect => open_direct,
        ListRooms => list_rooms,
        GetRoom => get_room,
        SetHistory => set_history,
        SetReadMarker => set_read_marker,
        ListReadMarkers => list_read_markers,
        ListMembers => list_members,
        ListMemberships => list_memberships,
        ListMembershipsOf => list_memberships_of,
        JoinRoom => join_room,
        ListRequests => list_requests,
        DecideRequest => decide_request,
        LeaveRoom => leave_room,
        RemoveMember => remove_member,
        OpenEpoch => open_epoch,
        AddGrants => add_grants,
        CreateInvite => create_invite,
        ListInvites => list_invites,
        RevokeInvite => revoke_invite,
        PreviewInvite => preview_invite,
        RedeemInvite => redeem_invite,
        AcceptMessage => accept_message,
        DescribeStreams => describe_streams,
        ListChatLimits => list_limits,
        BeginAttachment => begin_attachment,
        PutChunk => put_chunk,
        CompleteAttachment => complete_attachment,
        DropAttachment => drop_attachment,
        GetAttachment => get_attachment,
        GetChunk => get_chunk,
    }
    // One round trip on the same connection: NATS knows the subscriptions, so nobody hears "nobody listens" any more.
    chat.bus.stream_state(ENVELOPES).await?;
    Ok(())
}
