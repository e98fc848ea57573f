use sealcast_contracts::{
    Base64, InviteId,
    chat::{
        AddGrants, Admission, ChatRefusal, CreateInvite, DecideRequest, JoinOutcome, JoinRoom, LeaveRoom, ListInvites,
        ListRequests, NewInvite, OlderKey, OpenEpoch, PreviewInvite, RedeemInvite, RemoveMember, RevokeInvite, RoomKind, RoomRole,
    },
};
use time::OffsetDateTime;

use crate::world::{Person, Scene, World, listed, sha256};

const AUTH: [u8; 32] = [7; 32];

pub fn invite(scene: &Scene, maker: &Person, uses_max: u32) -> CreateInvite {
    let invite = NewInvite {
        invite_id: InviteId::generate(),
        auth_hash: Base64(sha256(&AUTH).to_vec()),
        locked: Base64(vec![9; 60]),
        epoch: scene.keys.epoch,
        older: vec![],
        expires_at: OffsetDateTime::now_utc() + time::Duration::days(1),
        uses_max,
    };
    CreateInvite { caller: maker.caller.clone(), room_id: scene.room_id(), invite }
}

pub fn redemption(person: &Person, invite: &CreateInvite) -> RedeemInvite {
    RedeemInvite { caller: person.caller.clone(), invite_id: invite.invite.invite_id, auth: Base64(AUTH.to_vec()) }
}

fn self_grant(scene: &Scene, person: &Person) -> AddGrants {
    AddGrants { caller: person.caller.clone(), room_id: scene.room_id(), grants: vec![scene.keys.grant(person, person)] }
}

#[tokio::test]
async fn a_link_lets_a_newcomer_read_with_nobody_online() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Private, Admission::Invite).await;
    let invite = invite(&scene, &scene.admin, 2);
    let made = world.ok(&invite).await;
    assert_eq!(world.ok(&invite).await, made, "repeating it is harmless");

    let preview = PreviewInvite { invite_id: made.invite_id, auth: Base64(AUTH.to_vec()) };
    assert_eq!(world.ok(&preview).await.room_name, "Room");
    let wrong = PreviewInvite { auth: Base64(vec![0; 32]), ..preview.clone() };
    assert_eq!(world.refused(&wrong).await, ChatRefusal::InviteInvalid);

    let (alice, bob, carol) = (world.person("alice"), world.person("bob"), world.person("carol"));
    let wrong = RedeemInvite { auth: Base64(vec![0; 32]), ..redemption(&alice, &invite) };
    assert_eq!(world.refused(&wrong).await, ChatRefusal::InviteInvalid);
    let redeemed = world.ok(&redemption(&alice, &invite)).await;
    assert_eq!((redeemed.locked.0, redeemed.epoch.blob.0), (vec![9; 60], scene.keys.blob.clone()));
    assert_eq!((redeemed.room.role, redeemed.room.granted), (Some(RoomRole::Member), false));
    world.ok(&self_grant(&scene, &alice)).await;
    assert!(world.view(&alice, scene.room_id()).await.room.granted);
    world.ok(&scene.message(&alice, "hello")).await;

    // A repetition is not another use; the second account takes the last one.
    world.ok(&redemption(&alice, &invite)).await;
    world.ok(&redemption(&bob, &invite)).await;
    assert_eq!(world.refused(&redemption(&carol, &invite)).await, ChatRefusal::InviteInvalid);
    assert_eq!(world.refused(&preview).await, ChatRefusal::InviteInvalid);
    world.ok(&redemption(&alice, &invite)).await;
    let listing = world.ok(&ListInvites { caller: scene.admin.caller.clone(), room_id: scene.room_id() }).await;
    assert_eq!(listing.iter().map(|invite| invite.uses).collect::<Vec<_>>(), [2]);
    let own = world.ok(&ListInvites { caller: alice.caller.clone(), room_id: scene.room_id() }).await;
    assert!(own.is_empty(), "members see their own invites only");
    let joined = world.wait_for_events("member_joined", 3).await;
    assert_eq!(joined.iter().filter(|event| event["body"]["by"] == "invite").count(), 2);
}

#[tokio::test]
async fn a_link_may_open_older_keys_too() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Private, Admission::Invite).await;
    let key = |epoch: u32, octets: usize| OlderKey { epoch, locked: Base64(vec![epoch as u8; octets]) };
    let mut invite = invite(&scene, &scene.admin, 2);
    // The room is at its first epoch: nothing is older.
    for older in [vec![key(1, 60)], vec![key(0, 60)], vec![key(2, 60)]] {
        invite.invite.older = older;
        assert!(matches!(world.refused(&invite).await, ChatRefusal::Malformed { field, .. } if field == "older"));
    }
    let next = scene.keys.next();
    let grants = vec![next.grant(&scene.admin, &scene.admin)];
    let rotation =
        OpenEpoch { caller: scene.admin.caller.clone(), room_id: scene.room_id(), epoch: next.opening(&scene.admin), grants };
    world.ok(&rotation).await;
    invite.invite.epoch = next.epoch;
    for older in [vec![key(1, 59)], vec![key(1, 60), key(1, 60)]] {
        invite.invite.older = older;
        assert!(matches!(world.refused(&invite).await, ChatRefusal::Malformed { field, .. } if field == "older"));
    }
    invite.invite.older = vec![key(1, 60)];
    world.ok(&invite).await;
    let alice = world.person("alice");
    assert_eq!(world.ok(&redemption(&alice, &invite)).await.older, invite.invite.older);
    invite.invite.older.clear();
    assert_eq!(world.refused(&invite).await, ChatRefusal::Conflict, "another invite under this id");
}

#[tokio::test]
async fn concurrent_redemptions_do_not_exceed_the_uses() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Private, Admission::Invite).await;
    let invite = invite(&scene, &scene.admin, 3);
    world.ok(&invite).await;
    let people: Vec<Person> = (0..8).map(|i| world.person(&format!("p{i}"))).collect();
    let redemptions: Vec<RedeemInvite> = people.iter().map(|person| redemption(person, &invite)).collect();
    let outcomes = futures::future::join_all(redemptions.iter().map(|call| world.call(call))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 3);
    assert_eq!(world.view(&scene.admin, scene.room_id()).await.room.member_count, 4);
}

#[tokio::test]
async fn a_link_ends_by_expiry_revocation_and_rotation() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Private, Admission::Invite).await;
    let alice = world.person("alice");
    let [revoked, expired, rotated] = [5; 3].map(|uses| invite(&scene, &scene.admin, uses));
    for call in [&revoked, &expired, &rotated] {
        world.ok(call).await;
    }
    let revocation =
        RevokeInvite { caller: scene.admin.caller.clone(), room_id: scene.room_id(), invite_id: revoked.invite.invite_id };
    assert_eq!(world.refused(&RevokeInvite { caller: alice.caller.clone(), ..revocation.clone() }).await, ChatRefusal::NotFound);
    world.ok(&revocation).await;
    world.ok(&revocation).await;
    assert_eq!(world.refused(&redemption(&alice, &revoked)).await, ChatRefusal::InviteInvalid);
    assert_eq!(world.wait_for_events("invite_revoked", 1).await.len(), 1);

    sqlx::query("update chat.invites set expires_at = now() where invite_id = $1")
        .bind(expired.invite.invite_id.0)
        .execute(&world.database.pool("chat_owner"))
        .await
        .expect("the owner moves the clock");
    assert_eq!(world.refused(&redemption(&alice, &expired)).await, ChatRefusal::InviteInvalid);

    let next = scene.keys.next();
    let grants = vec![next.grant(&scene.admin, &scene.admin)];
    let rotation =
        OpenEpoch { caller: scene.admin.caller.clone(), room_id: scene.room_id(), epoch: next.opening(&scene.admin), grants };
    world.ok(&rotation).await;
    assert_eq!(world.refused(&redemption(&alice, &rotated)).await, ChatRefusal::InviteInvalid);
    let stale = invite(&scene, &scene.admin, 1);
    assert_eq!(world.refused(&stale).await, ChatRefusal::EpochStale { current: 2 });
}

#[tokio::test]
async fn malformed_invites_are_refused() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Public, Admission::Invite).await;
    let good = invite(&scene, &scene.admin, 1);
    let spoil = |change: &dyn Fn(&mut NewInvite)| {
        let mut call = good.clone();
        change(&mut call.invite);
        call
    };
    for (field, call) in [
        ("auth_hash", spoil(&|invite| invite.auth_hash.0.truncate(31))),
        ("locked", spoil(&|invite| invite.locked.0.push(0))),
        ("expires_at", spoil(&|invite| invite.expires_at = OffsetDateTime::now_utc() - time::Duration::seconds(1))),
        ("expires_at", spoil(&|invite| invite.expires_at = OffsetDateTime::now_utc() + time::Duration::days(500))),
        ("uses_max", spoil(&|invite| invite.uses_max = 0)),
    ] {
        assert!(matches!(world.refused(&call).await, ChatRefusal::Malformed { field: found, .. } if found == field), "{field}");
    }
    let mallory = world.person("mallory");
    assert_eq!(world.refused(&CreateInvite { caller: mallory.caller.clone(), ..good }).await, ChatRefusal::Forbidden);
    let join = JoinRoom { caller: mallory.caller, room_id: scene.room_id() };
    assert_eq!(world.refused(&join).await, ChatRefusal::InviteOnly);
}

#[tokio::test]
async fn approval_brings_membership_and_key_together() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Public, Admission::Approval).await;
    let (alice, bob, room_id) = (world.person("alice"), world.person("bob"), scene.room_id());
    let join = |person: &Person| JoinRoom { caller: person.caller.clone(), room_id };
    assert_eq!(world.ok(&join(&alice)).await, JoinOutcome::Requested);
    assert_eq!(world.ok(&join(&alice)).await, JoinOutcome::Requested);
    world.ok(&join(&bob)).await;
    let room = listed(&world, &alice, room_id).await.expect("a public room");
    assert_eq!((room.role, room.requested), (None, true));
    assert!(world.view(&alice, room_id).await.epochs.is_empty(), "no keys before the answer");
    let requests = ListRequests { caller: scene.admin.caller.clone(), room_id };
    assert_eq!(world.ok(&requests).await.len(), 2);
    assert_eq!(world.refused(&ListRequests { caller: bob.caller.clone(), room_id }).await, ChatRefusal::Forbidden);

    let decision = |person: &Person, approve, grants| DecideRequest {
        caller: scene.admin.caller.clone(),
        room_id,
        user_id: person.id(),
        approve,
        grants,
    };
    let without_key = decision(&alice, true, Vec::new());
    assert!(matches!(world.refused(&without_key).await, ChatRefusal::GrantRefused { .. }));
    let for_another = decision(&alice, true, vec![scene.keys.grant(&scene.admin, &bob)]);
    assert!(matches!(world.refused(&for_another).await, ChatRefusal::GrantRefused { .. }));
    let by_outsider = DecideRequest { caller: bob.caller.clone(), ..decision(&bob, true, vec![scene.keys.grant(&bob, &bob)]) };
    assert_eq!(world.refused(&by_outsider).await, ChatRefusal::Forbidden);

    let approval = decision(&alice, true, vec![scene.keys.grant(&scene.admin, &alice)]);
    world.ok(&approval).await;
    world.ok(&approval).await;
    let view = world.view(&alice, room_id).await;
    assert_eq!((view.room.role, view.room.granted, view.room.requested), (Some(RoomRole::Member), true, false));
    assert_eq!(world.ok(&join(&alice)).await, JoinOutcome::Member);
    world.ok(&scene.message(&alice, "hello")).await;

    world.ok(&decision(&bob, false, Vec::new())).await;
    assert_eq!(world.refused(&decision(&bob, false, Vec::new())).await, ChatRefusal::NotFound);
    assert!(!listed(&world, &bob, room_id).await.expect("a public room").requested);
    assert!(world.ok(&requests).await.is_empty());
    assert_eq!(world.wait_for_events("join_requested", 2).await.len(), 2);
    assert_eq!(world.wait_for_events("join_refused", 1).await.len(), 1);
}

#[tokio::test]
async fn an_open_room_takes_requests_that_any_member_answers() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Public, Admission::Open).await;
    let (alice, bob, room_id) = (world.person("alice"), world.person("bob"), scene.room_id());
    let join = |person: &Person| JoinRoom { caller: person.caller.clone(), room_id };
    let letting_in = |by: &Person, person: &Person| DecideRequest {
        caller: by.caller.clone(),
        room_id,
        user_id: person.id(),
        approve: true,
        grants: vec![scene.keys.grant(by, person)],
    };
    assert_eq!(world.ok(&join(&alice)).await, JoinOutcome::Requested);
    assert!(world.view(&alice, room_id).await.epochs.is_empty(), "the server has no key to give");
    world.ok(&letting_in(&scene.admin, &alice)).await;
    world.ok(&join(&bob)).await;
    world.ok(&letting_in(&alice, &bob)).await;
    let room = listed(&world, &bob, room_id).await.expect("a public room");
    assert_eq!((room.role, room.granted, room.admission), (Some(RoomRole::Member), true, Admission::Open));
}

#[tokio::test]
async fn a_removed_member_is_shut_out_of_what_follows() {
    let world = World::start().await;
    let mut scene = world.room(RoomKind::Private, Admission::Invite).await;
    let (alice, mallory, room_id) = (world.person("alice"), world.person("mallory"), scene.room_id());
    let link = invite(&scene, &scene.admin, 10);
    world.ok(&link).await;
    for person in [&alice, &mallory] {
        world.ok(&redemption(person, &link)).await;
        world.ok(&self_grant(&scene, person)).await;
    }
    let by_mallory = invite(&scene, &mallory, 10);
    world.ok(&by_mallory).await;

    let removal = RemoveMember { caller: scene.admin.caller.clone(), room_id, user_id: mallory.id() };
    assert_eq!(world.refused(&RemoveMember { caller: alice.caller.clone(), ..removal.clone() }).await, ChatRefusal::Forbidden);
    world.ok(&removal).await;
    assert_eq!(world.refused(&removal).await, ChatRefusal::NotFound);
    assert_eq!(world.refused(&scene.message(&mallory, "still here")).await, ChatRefusal::NotFound);
    for link in [&link, &by_mallory] {
        assert_eq!(world.refused(&redemption(&mallory, link)).await, ChatRefusal::InviteInvalid, "no way back by a known link");
    }
    let carol = world.person("carol");
    assert_eq!(world.refused(&redemption(&carol, &by_mallory)).await, ChatRefusal::InviteInvalid, "its links end with it");

    let next = scene.keys.next();
    let grants = vec![next.grant(&scene.admin, &scene.admin), next.grant(&scene.admin, &alice)];
    let rotation = |grants| OpenEpoch { caller: scene.admin.caller.clone(), room_id, epoch: next.opening(&scene.admin), grants };
    let to_mallory = rotation(vec![next.grant(&scene.admin, &mallory)]);
    assert!(matches!(world.refused(&to_mallory).await, ChatRefusal::GrantRefused { .. }));
    let before = scene.message(&alice, "old key");
    world.ok(&rotation(grants)).await;
    assert_eq!(world.refused(&before).await, ChatRefusal::EpochStale { current: 2 });
    scene.keys = next;
    world.ok(&scene.message(&alice, "new key")).await;

    let fresh = invite(&scene, &scene.admin, 1);
    world.ok(&fresh).await;
    world.ok(&redemption(&mallory, &fresh)).await;
    assert_eq!(world.wait_for_events("member_removed", 1).await.len(), 1);
}

#[tokio::test]
async fn the_last_admin_leaves_the_room_to_its_oldest_member() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Private, Admission::Invite).await;
    let (alice, room_id) = (world.person("alice"), scene.room_id());
    let link = invite(&scene, &scene.admin, 1);
    world.ok(&link).await;
    world.ok(&redemption(&alice, &link)).await;
    world.ok(&LeaveRoom { caller: scene.admin.caller.clone(), room_id }).await;
    let view = world.view(&alice, room_id).await;
    assert_eq!((view.room.role, view.room.member_count), (Some(RoomRole::Admin), 1));
    assert_eq!(world.wait_for_events("member_left", 1).await.len(), 1);
}
