use sealcast_chat_svc::RateConfig;
use sealcast_contracts::{
    RoomId,
    chat::{
        Admission, ChatRefusal, GetOrganisation, GetRoom, History, JoinOutcome, JoinRoom, LeaveRoom, ListMembers, ListMemberships,
        ListMembershipsOf, ListReadMarkers, ListRequests, ReadMarker, RemoveMember, RoomKind, RoomRole, SetHistory, SetReadMarker,
    },
};
use time::OffsetDateTime;

use crate::world::{RoomKeys, World, listed};

#[tokio::test]
async fn every_account_is_in_the_lobby_and_waits_for_its_key() {
    let world = World::start().await;
    let early = world.person("early");
    let (admin, _) = world.organisation().await;
    assert!(listed(&world, &early, RoomId::generate()).await.is_none());

    let keys = RoomKeys::generate(RoomId::generate(), 1, None);
    let creation = keys.creation(&admin, "Lobby", RoomKind::Lobby, Admission::Approval);
    let by_member = keys.creation(&early, "Lobby", RoomKind::Lobby, Admission::Approval);
    assert_eq!(world.refused(&by_member).await, ChatRefusal::Forbidden);
    let room = world.ok(&creation).await;
    assert_eq!((room.member_count, room.role, room.granted), (1, Some(RoomRole::Admin), true));
    assert_eq!(world.ok(&GetOrganisation {}).await.lobby, Some(keys.room_id));
    let second = RoomKeys::generate(RoomId::generate(), 1, None);
    let second = second.creation(&admin, "Lobby 2", RoomKind::Lobby, Admission::Approval);
    assert_eq!(world.refused(&second).await, ChatRefusal::Conflict);

    // An account that was there before the lobby, and one that only an edge's stream has asked about.
    let late = world.person("late");
    let room = listed(&world, &early, keys.room_id).await.expect("the lobby");
    assert_eq!((room.role, room.granted, room.requested), (Some(RoomRole::Member), false, true));
    assert_eq!(world.ok(&ListMemberships { user_id: late.id() }).await, [keys.room_id]);
    assert_eq!(world.refused(&ListMemberships { user_id: sealcast_contracts::UserId::generate() }).await, ChatRefusal::NotFound);

    let waiting = world.ok(&ListRequests { caller: admin.caller.clone(), room_id: keys.room_id }).await;
    let names: Vec<_> = waiting.iter().map(|request| request.username.as_str()).collect();
    assert_eq!(names, ["early", "late"]);
    assert_eq!(
        world.ok(&JoinRoom { caller: early.caller.clone(), room_id: keys.room_id }).await,
        JoinOutcome::Requested,
        "asking again is harmless"
    );
    assert_eq!(world.refused(&LeaveRoom { caller: late.caller.clone(), room_id: keys.room_id }).await, ChatRefusal::LobbyIsForAll);
    let removal = RemoveMember { caller: admin.caller.clone(), room_id: keys.room_id, user_id: late.id() };
    assert_eq!(world.refused(&removal).await, ChatRefusal::LobbyIsForAll);

    let joined = world.wait_for_events("member_joined", 3).await;
    let by: Vec<_> = joined.iter().map(|event| event["body"]["by"].as_str().expect("by").to_owned()).collect();
    assert_eq!(by, ["creation", "registration", "registration"]);

    // Many at once: somebody known, nobody, somebody whom only this question makes known.
    let (nobody, later) = (sealcast_contracts::UserId::generate(), world.person("later"));
    let asked = ListMembershipsOf { user_ids: vec![late.id(), nobody, later.id()] };
    assert_eq!(world.ok(&asked).await, [vec![keys.room_id], vec![], vec![keys.room_id]]);
    let too_many = ListMembershipsOf { user_ids: vec![nobody; sealcast_contracts::limits::BATCH_MAX + 1] };
    assert!(matches!(world.refused(&too_many).await, ChatRefusal::Malformed { field, .. } if field == "user_ids"));
}

#[tokio::test]
async fn a_room_is_created_once_and_whole() {
    let world = World::start().await;
    let (admin, _) = world.organisation().await;
    let alice = world.person("alice");
    let keys = RoomKeys::generate(RoomId::generate(), 1, None);
    let creation = keys.creation(&alice, "Plans", RoomKind::Private, Admission::Invite);

    let mut wrong = creation.clone();
    wrong.epoch.sig = keys.opening(&admin).sig;
    assert!(matches!(world.refused(&wrong).await, ChatRefusal::SignatureInvalid { .. }), "signed by somebody else");
    let mut wrong = creation.clone();
    wrong.epoch = keys.opening_at(&alice, OffsetDateTime::now_utc() - time::Duration::seconds(310));
    assert!(matches!(world.refused(&wrong).await, ChatRefusal::SignatureInvalid { rule } if rule == "time-skew"));
    let mut wrong = creation.clone();
    wrong.epoch.cert = sealcast_contracts::Base64(alice.key.certificate_octets().expect("a certificate"));
    assert!(matches!(world.refused(&wrong).await, ChatRefusal::CertificateRefused { .. }), "a user's certificate");
    let mut wrong = creation.clone();
    wrong.epoch.blob.0.truncate(40);
    assert!(matches!(world.refused(&wrong).await, ChatRefusal::Malformed { field, .. } if field == "blob"));
    let mut wrong = creation.clone();
    wrong.grant = keys.grant(&alice, &admin);
    assert!(matches!(world.refused(&wrong).await, ChatRefusal::GrantRefused { .. }), "somebody else's grant");
    for name in ["", " padded", "a\u{7}", &"x".repeat(81)] {
        let wrong = sealcast_contracts::chat::CreateRoom { name: name.to_owned(), ..creation.clone() };
        assert!(matches!(world.refused(&wrong).await, ChatRefusal::Malformed { field, .. } if field == "name"), "{name:?}");
    }

    let room = world.ok(&creation).await;
    assert_eq!(world.ok(&creation).await, room, "repeating it is harmless");
    let other = sealcast_contracts::chat::CreateRoom { name: "Other".into(), ..creation.clone() };
    assert_eq!(world.refused(&other).await, ChatRefusal::Conflict);
    let view = world.view(&alice, keys.room_id).await;
    assert_eq!((view.epochs.len(), view.grants.len()), (1, 1));
    assert_eq!(view.epochs[0].fingerprint, keys.key.fingerprint());
    alice.key.open_pkesk(view.grants[0].pkesk.as_slice()).expect("the grant opens");
    let kinds = ["room_created", "member_joined", "epoch_opened", "grant_added"];
    for kind in kinds {
        assert_eq!(world.wait_for_events(kind, 1).await.len(), 1, "{kind}");
    }
}

#[tokio::test]
async fn a_private_room_does_not_exist_for_others() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Private, Admission::Approval).await;
    let (room_id, mallory) = (scene.room_id(), world.person("mallory"));
    let caller = || mallory.caller.clone();
    assert!(listed(&world, &mallory, room_id).await.is_none());
    assert_eq!(world.refused(&GetRoom { caller: caller(), room_id }).await, ChatRefusal::NotFound);
    assert_eq!(world.refused(&JoinRoom { caller: caller(), room_id }).await, ChatRefusal::NotFound);
    assert_eq!(world.refused(&LeaveRoom { caller: caller(), room_id }).await, ChatRefusal::NotFound);
    let members = ListMembers { caller: caller(), room_id, cursor: None, limit: 10 };
    assert_eq!(world.refused(&members).await, ChatRefusal::NotFound);
    // The envelope of a non-member looks the same to a room that exists and to one that does not.
    assert_eq!(world.refused(&scene.message(&mallory, "knock")).await, ChatRefusal::NotFound);
    let mut nowhere = crate::world::Draft::new(&scene, &mallory, "knock");
    nowhere.room_id = RoomId::generate();
    nowhere.context.room_id = nowhere.room_id;
    assert_eq!(world.refused(&nowhere.sign()).await, ChatRefusal::NotFound);
}

#[tokio::test]
async fn members_are_listed_in_pages() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Lobby, Admission::Invite).await;
    for name in ["alice", "bob", "carol"] {
        listed(&world, &world.person(name), scene.room_id()).await.expect("the lobby");
    }
    let mut call = ListMembers { caller: scene.admin.caller.clone(), room_id: scene.room_id(), cursor: None, limit: 3 };
    let first = world.ok(&call).await;
    call.cursor = first.next_cursor.clone();
    let second = world.ok(&call).await;
    let names: Vec<_> = first.items.iter().chain(&second.items).map(|member| member.username.as_str()).collect();
    assert_eq!(names, ["root", "alice", "bob", "carol"]);
    assert!(second.next_cursor.is_none());
    let granted: Vec<_> = first.items.iter().map(|member| member.granted).collect();
    assert_eq!(granted, [true, false, false]);
    call.cursor = Some("x".into());
    assert!(matches!(world.refused(&call).await, ChatRefusal::Malformed { field, .. } if field == "cursor"));
    call.limit = 201;
    assert!(matches!(world.refused(&call).await, ChatRefusal::Malformed { field, .. } if field == "limit"));
}

#[tokio::test]
async fn admins_decide_what_newcomers_read() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Lobby, Admission::Approval).await;
    let (room_id, alice) = (scene.room_id(), world.person("alice"));
    assert_eq!(listed(&world, &alice, room_id).await.expect("the lobby").history, History::CurrentKey);
    let set = |caller: &crate::world::Person, history| SetHistory { caller: caller.caller.clone(), room_id, history };
    assert_eq!(world.refused(&set(&alice, History::Everything)).await, ChatRefusal::Forbidden);
    for _ in 0..2 {
        assert_eq!(world.ok(&set(&scene.admin, History::Everything)).await.history, History::Everything);
    }
    assert_eq!(world.view(&alice, room_id).await.room.history, History::Everything);
    world.ok(&set(&scene.admin, History::CurrentKey)).await;
    // The repetition changed nothing, so it left nothing.
    let events = world.wait_for_events("history_set", 2).await;
    let history: Vec<_> = events.iter().map(|event| event["body"]["history"].as_str().expect("history")).collect();
    assert_eq!(history, ["everything", "current_key"]);
}

#[tokio::test]
async fn how_far_somebody_read_is_kept_for_its_own_clients_and_ends_with_the_membership() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Private, Admission::Approval).await;
    let (room_id, admin, mallory) = (scene.room_id(), &scene.admin, world.person("mallory"));
    let set = |person: &crate::world::Person, octets: Vec<u8>| SetReadMarker {
        caller: person.caller.clone(),
        marker: ReadMarker { room_id, sealed: sealcast_contracts::Base64(octets) },
    };
    let list = |person: &crate::world::Person| ListReadMarkers { caller: person.caller.clone() };
    assert!(matches!(world.refused(&set(admin, vec![1; 59])).await, ChatRefusal::Malformed { field, .. } if field == "sealed"));
    assert_eq!(world.refused(&set(&mallory, vec![1; 60])).await, ChatRefusal::NotFound);
    for octet in [1, 2] {
        world.ok(&set(admin, vec![octet; 60])).await;
    }
    let kept = world.ok(&list(admin)).await;
    assert_eq!(kept, [ReadMarker { room_id, sealed: sealcast_contracts::Base64(vec![2; 60]) }]);
    assert_eq!(world.ok(&list(&mallory)).await, []);
    world.ok(&LeaveRoom { caller: admin.caller.clone(), room_id }).await;
    assert_eq!(world.ok(&list(admin)).await, []);
}

#[tokio::test]
async fn read_markers_are_counted() {
    let rate = RateConfig { messages: 1_000, read_markers: 2, window_s: 3_600 };
    let world = World::start_at(OffsetDateTime::now_utc, rate).await;
    let scene = world.room(RoomKind::Private, Admission::Approval).await;
    let marker = ReadMarker { room_id: scene.room_id(), sealed: sealcast_contracts::Base64(vec![1; 60]) };
    let set = SetReadMarker { caller: scene.admin.caller.clone(), marker };
    for _ in 0..2 {
        world.ok(&set).await;
    }
    assert!(matches!(world.refused(&set).await, ChatRefusal::RateLimited { .. }));
}
