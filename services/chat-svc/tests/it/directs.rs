//! Direct conversations.

use sealcast_contracts::{
    Base64, InviteId, RoomId, UserId,
    chat::{
        AddGrants, ChatRefusal, CreateInvite, LeaveRoom, ListMembers, ListMemberships, NewInvite, OpenDirect, RemoveMember,
        RoomKind, RoomRole,
    },
};
use time::OffsetDateTime;

use crate::world::{Draft, Person, RoomKeys, Scene, World, listed};

fn opening(keys: &RoomKeys, from: &Person, to: &Person) -> OpenDirect {
    OpenDirect {
        caller: from.caller.clone(),
        with: to.id(),
        room_id: keys.room_id,
        epoch: keys.opening(from),
        grants: vec![keys.grant(from, from), keys.grant(from, to)],
    }
}

fn fresh() -> RoomKeys {
    RoomKeys::generate(RoomId::generate(), 1, None)
}

#[tokio::test]
async fn a_pair_has_one_conversation_that_both_can_read_and_write() {
    let world = World::start().await;
    let (admin, compliance) = world.organisation().await;
    let (alice, bob) = (world.person("alice"), world.person("bob"));
    let keys = fresh();
    let room = world.ok(&opening(&keys, &alice, &bob)).await;
    assert_eq!((room.kind, room.member_count, room.role, room.granted), (RoomKind::Private, 2, Some(RoomRole::Admin), true));
    assert_eq!(room.peer.as_ref().map(|peer| peer.username.as_str()), Some("bob"));

    // Bob never asked for anything, and holds the key; to him the other one is alice.
    let seen = listed(&world, &bob, room.room_id).await.expect("listed");
    assert_eq!((seen.granted, seen.peer.map(|peer| peer.user_id)), (true, Some(alice.id())));
    assert_eq!(world.ok(&ListMemberships { user_id: bob.id() }).await, [room.room_id]);
    let view = world.view(&bob, room.room_id).await;
    bob.key.open_pkesk(view.grants[0].pkesk.as_slice()).expect("the grant opens");
    assert!(listed(&world, &admin, room.room_id).await.is_none(), "nobody else sees it");

    // Whoever offers another room for the pair gets the one that is there.
    assert_eq!(world.ok(&opening(&fresh(), &bob, &alice)).await.room_id, room.room_id);
    assert_eq!(world.ok(&opening(&keys, &alice, &bob)).await, room);

    let scene = Scene { admin, compliance, keys };
    for person in [&alice, &bob] {
        world.ok(&Draft::new(&scene, person, "hello").sign()).await;
    }
    let created = &world.wait_for_events("room_created", 1).await[0];
    assert_eq!(created["body"]["direct_with"], serde_json::json!(bob.id()));
    assert_eq!(world.wait_for_events("grant_added", 2).await.len(), 2);
}

#[tokio::test]
async fn an_account_opens_fifty_conversations_a_day() {
    let world = World::start().await;
    world.organisation().await;
    let alice = world.person("alice");
    // All at once: none is counted before another is made.
    let calls: Vec<_> = (0..60).map(|n| opening(&fresh(), &alice, &world.person(&format!("person-{n}")))).collect();
    let outcomes = futures::future::join_all(calls.iter().map(|call| world.call(call))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 50, "{outcomes:?}");
    let (bob, carol) = (world.person("bob"), world.person("carol"));
    let refusal = world.refused(&opening(&fresh(), &alice, &bob)).await;
    assert!(matches!(refusal, ChatRefusal::LimitReached { limit: 50, .. }), "{refusal:?}");
    // What others begin is not hers.
    world.ok(&opening(&fresh(), &bob, &alice)).await;
    world.ok(&opening(&fresh(), &bob, &carol)).await;
}

#[tokio::test]
async fn two_who_write_to_each_other_at_once_meet_in_one_room() {
    let world = World::start().await;
    world.organisation().await;
    let (alice, bob) = (world.person("alice"), world.person("bob"));
    for _ in 0..8 {
        let (one, other) = (opening(&fresh(), &alice, &bob), opening(&fresh(), &bob, &alice));
        let (one, other) = tokio::join!(world.ok(&one), world.ok(&other));
        assert_eq!(one.room_id, other.room_id);
    }
    assert_eq!(world.ok(&ListMemberships { user_id: alice.id() }).await.len(), 1);
}

#[tokio::test]
async fn a_direct_conversation_stays_between_two() {
    let world = World::start().await;
    world.organisation().await;
    let (alice, bob, carol) = (world.person("alice"), world.person("bob"), world.person("carol"));
    let keys = fresh();

    let mut wrong = opening(&keys, &alice, &bob);
    wrong.grants.pop();
    assert!(matches!(world.refused(&wrong).await, ChatRefusal::GrantRefused { .. }), "bob could not read");
    let mut wrong = opening(&keys, &alice, &bob);
    wrong.grants[1] = keys.grant(&alice, &carol);
    assert!(matches!(world.refused(&wrong).await, ChatRefusal::GrantRefused { .. }), "somebody else would");
    let myself = OpenDirect { with: alice.id(), ..opening(&keys, &alice, &bob) };
    assert!(matches!(world.refused(&myself).await, ChatRefusal::Malformed { field, .. } if field == "user_id"));
    let nobody = OpenDirect { with: UserId::generate(), ..opening(&keys, &alice, &bob) };
    assert_eq!(world.refused(&nobody).await, ChatRefusal::NotFound);

    let room_id = world.ok(&opening(&keys, &alice, &bob)).await.room_id;
    let caller = || bob.caller.clone();
    assert_eq!(world.refused(&LeaveRoom { caller: caller(), room_id }).await, ChatRefusal::DirectIsForTwo);
    let removal = RemoveMember { caller: caller(), room_id, user_id: alice.id() };
    assert_eq!(world.refused(&removal).await, ChatRefusal::DirectIsForTwo);
    let invite = NewInvite {
        invite_id: InviteId::generate(),
        auth_hash: Base64(vec![7; 32]),
        locked: Base64(vec![9; 60]),
        epoch: 1,
        older: vec![],
        expires_at: OffsetDateTime::now_utc() + time::Duration::days(1),
        uses_max: 1,
    };
    let invite = CreateInvite { caller: caller(), room_id, invite };
    assert_eq!(world.refused(&invite).await, ChatRefusal::DirectIsForTwo);
    let grant = AddGrants { caller: caller(), room_id, grants: vec![keys.grant(&bob, &carol)] };
    assert!(matches!(world.refused(&grant).await, ChatRefusal::GrantRefused { .. }));
    let members = ListMembers { caller: carol.caller.clone(), room_id, cursor: None, limit: 10 };
    assert_eq!(world.refused(&members).await, ChatRefusal::NotFound);
}
