use sealcast_contracts::{
    RoomId,
    chat::{AddGrants, Admission, ChatRefusal, NewGrant, OpenEpoch, RoomKind},
};
use time::OffsetDateTime;

use crate::world::{Person, RoomKeys, Scene, World, listed};

fn adding(scene: &Scene, granter: &Person, grant: NewGrant) -> AddGrants {
    AddGrants { caller: granter.caller.clone(), room_id: scene.room_id(), grants: vec![grant] }
}

fn rotation(keys: &RoomKeys, opener: &Person) -> OpenEpoch {
    let grants = vec![keys.grant(opener, opener)];
    OpenEpoch { caller: opener.caller.clone(), room_id: keys.room_id, epoch: keys.opening(opener), grants }
}

async fn reason(world: &World, call: &AddGrants) -> String {
    match world.refused(call).await {
        ChatRefusal::GrantRefused { reason } => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_grant_answers_a_waiting_lobby_member() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Lobby, Admission::Approval).await;
    let (alice, room_id) = (world.person("alice"), scene.room_id());
    assert!(listed(&world, &alice, room_id).await.expect("the lobby").requested);
    let call = adding(&scene, &scene.admin, scene.keys.grant(&scene.admin, &alice));
    world.ok(&call).await;
    world.ok(&call).await;
    let view = world.view(&alice, room_id).await;
    assert_eq!((view.room.granted, view.room.requested, view.grants.len()), (true, false, 1));
    let blob_key = alice.key.open_pkesk(view.grants[0].pkesk.as_slice()).expect("it opens");
    let room_key = sealcast_pgp::epoch::open_blob(view.epochs[0].blob.as_slice(), &blob_key).expect("the blob opens");
    assert_eq!(room_key.fingerprint(), view.epochs[0].fingerprint);
    assert_eq!(world.wait_for_events("grant_added", 2).await.len(), 2, "the repetition is not an event");

    // After a rotation whoever got no grant waits again.
    let next = scene.keys.next();
    world.ok(&rotation(&next, &scene.admin)).await;
    let room = listed(&world, &alice, room_id).await.expect("the lobby");
    assert_eq!((room.epoch, room.granted, room.requested), (2, false, true));
}

#[tokio::test]
async fn forged_grants_are_refused() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Lobby, Admission::Approval).await;
    let (alice, bob) = (world.person("alice"), world.person("bob"));
    listed(&world, &alice, scene.room_id()).await.expect("the lobby");
    let (keys, admin) = (&scene.keys, &scene.admin);

    assert_eq!(reason(&world, &adding(&scene, admin, keys.grant(&bob, &alice))).await, "the signature: issuer");
    let stale = keys.grant_at(admin, &alice, OffsetDateTime::now_utc() - time::Duration::seconds(301));
    assert_eq!(reason(&world, &adding(&scene, admin, stale)).await, "the signature: time-skew");
    let for_bobs_key = NewGrant { pkesk: keys.grant(admin, &bob).pkesk, ..keys.grant(admin, &alice) };
    assert_eq!(reason(&world, &adding(&scene, admin, for_bobs_key)).await, "pkesk-recipient");
    let with_bobs_certificate = NewGrant { to: alice.id(), ..keys.grant(admin, &bob) };
    assert!(reason(&world, &adding(&scene, admin, with_bobs_certificate)).await.contains("certificate"));
    let other_epoch = NewGrant { epoch: 7, ..keys.grant(admin, &alice) };
    assert_eq!(reason(&world, &adding(&scene, admin, other_epoch)).await, "there is no such epoch");
    let other_room = RoomKeys::generate(RoomId::generate(), 1, None).grant(admin, &alice);
    assert_eq!(reason(&world, &adding(&scene, admin, other_room)).await, "the signature: bad");
    let truncated = NewGrant { pkesk: sealcast_contracts::Base64(vec![0; 110]), ..keys.grant(admin, &alice) };
    assert_eq!(reason(&world, &adding(&scene, admin, truncated)).await, "pkesk-form");
    let stranger = keys.grant(admin, &Person { caller: bob.caller.clone(), key: alice.key.clone() });
    assert!(reason(&world, &adding(&scene, admin, stranger)).await.contains("certificate"));
    // Nobody in the lobby has met bob yet.
    let not_a_member = keys.grant(admin, &bob);
    assert!(reason(&world, &adding(&scene, admin, not_a_member)).await.contains("not a member"));
    let none = AddGrants { caller: admin.caller.clone(), room_id: scene.room_id(), grants: Vec::new() };
    assert!(matches!(world.refused(&none).await, ChatRefusal::Malformed { .. }));
    let mut twice = adding(&scene, admin, keys.grant(admin, &alice));
    twice.grants.push(keys.grant(admin, &alice));
    assert!(matches!(world.refused(&twice).await, ChatRefusal::Malformed { .. }));
    assert!(!listed(&world, &alice, scene.room_id()).await.expect("the lobby").granted);
}

#[tokio::test]
async fn epochs_follow_each_other_without_gap_and_once() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Lobby, Admission::Approval).await;
    let (room_id, admin, alice) = (scene.room_id(), &scene.admin, world.person("alice"));
    assert_eq!(world.refused(&rotation(&scene.keys.next(), &alice)).await, ChatRefusal::Forbidden);
    let gap = RoomKeys::generate(room_id, 3, Some(scene.keys.key.fingerprint()));
    assert_eq!(world.refused(&rotation(&gap, admin)).await, ChatRefusal::Conflict);
    let wrong_prev = RoomKeys::generate(room_id, 2, Some(alice.key.fingerprint()));
    assert_eq!(world.refused(&rotation(&wrong_prev, admin)).await, ChatRefusal::Conflict);
    let mut forged = rotation(&scene.keys.next(), admin);
    forged.epoch.blob = scene.keys.next().opening(admin).blob;
    assert!(matches!(world.refused(&forged).await, ChatRefusal::SignatureInvalid { .. }), "another blob than the signed one");

    // Two openers at once: one wins, the other learns it.
    let (one, two) = (rotation(&scene.keys.next(), admin), rotation(&scene.keys.next(), admin));
    let (first, second) = futures::future::join(world.call(&one), world.call(&two)).await;
    assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|ok| **ok).count(), 1);
    let winner = if first.is_ok() { &one } else { &two };
    let opened = world.ok(winner).await;
    assert_eq!((opened.epoch, opened.prev_fp), (2, Some(scene.keys.key.fingerprint())), "repeating it is harmless");
    let view = world.view(admin, room_id).await;
    assert_eq!(view.epochs.iter().map(|epoch| epoch.epoch).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(world.wait_for_events("epoch_opened", 2).await.len(), 2);
}
