use sealcast_bus::CallError;
use sealcast_contracts::{
    Caller, ExportId, RoomId, UserId,
    audit::{
        AuditRefusal, MessageFilter, Scope, StartExport,
        leaves::{FindLeafRange, LeafRange, ListRoomEvents, ReadLeaves},
    },
    auth::Role,
    events::{AuditEvent, AuditEventKind, JoinedBy},
};
use sealcast_merkle::{
    leaf,
    tree::{Frontier, verify_consistency, verify_inclusion},
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::harness::{Stack, caller, message};

fn joined(room_id: RoomId) -> AuditEvent {
    let user_id = UserId::generate();
    AuditEvent::now(
        Uuid::now_v7(),
        OffsetDateTime::now_utc(),
        Some(user_id),
        AuditEventKind::MemberJoined { room_id, user_id, by: JoinedBy::Invite },
    )
}

fn hashes(octets: &[sealcast_contracts::Base64]) -> Vec<[u8; 32]> {
    octets.iter().map(|hash| hash.as_slice().try_into().unwrap()).collect()
}

/// Two rooms, with a member who joins one of them first.
async fn two_rooms(stack: &Stack) -> (RoomId, RoomId) {
    let (room, other) = (RoomId::generate(), RoomId::generate());
    stack.publish_event(&joined(room)).await;
    stack.publish_event(&joined(other)).await;
    stack.idle("EVENTS").await;
    let mut last = None;
    for index in 0..6 {
        last = Some(stack.publish(&message(if index % 2 == 0 { room } else { other })).await);
    }
    stack.covered(last.unwrap()).await;
    (room, other)
}

#[tokio::test]
async fn leaves_come_without_a_gap_and_lead_to_the_signed_root() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let (room, _) = two_rooms(&stack).await;
    let auditor = caller(Role::Auditor);
    let export_id = begin(&stack, &auditor, room, (None, None)).await;
    let find = FindLeafRange { caller: auditor.clone(), export_id };
    let LeafRange { from, to, frontier, consistency, checkpoint, .. } = stack.bus.call(&find).await.unwrap();
    assert_eq!((from, to, frontier.len()), (0, checkpoint.size, 0));

    let read = ReadLeaves { caller: auditor.clone(), export_id, from, to };
    let page = stack.bus.call(&read).await.unwrap();
    let mut frontier = Frontier::from_subtrees(from, &[]).unwrap();
    for (index, item) in (from..).zip(&page.items) {
        assert_eq!(item.leaf_index, index);
        frontier.append(leaf::hash(&item.leaf));
        let ours = item.leaf.contains(&format!("\nroom={room}\n"));
        assert_eq!(item.message.is_some(), ours, "{}", item.leaf);
        assert_eq!(item.body.is_some(), item.leaf.contains("\nkind=member_joined\n"), "{}", item.leaf);
    }
    let root: [u8; 32] = checkpoint.root.as_slice().try_into().unwrap();
    verify_consistency(to, &frontier.root(), checkpoint.size, &root, &hashes(&consistency)).unwrap();

    // From the middle, the frontier stands for what came before.
    let middle = Frontier::restore(3, &{
        let mut all = Frontier::default();
        page.items.iter().take(3).flat_map(|item| all.append(leaf::hash(&item.leaf))).collect()
    });
    let mut frontier = Frontier::from_subtrees(3, &middle.unwrap().subtrees()).unwrap();
    page.items.iter().skip(3).for_each(|item| drop(frontier.append(leaf::hash(&item.leaf))));
    verify_consistency(to, &frontier.root(), checkpoint.size, &root, &hashes(&consistency)).unwrap();

    let events = ListRoomEvents { caller: auditor, export_id, before: to, cursor: None, limit: 10 };
    let events = stack.bus.call(&events).await.unwrap().items;
    let [event] = &events[..] else { panic!("{events:?}") };
    let leaf = &page.items[event.leaf_index as usize];
    assert_eq!(leaf.body.as_ref(), Some(&event.body));
    verify_inclusion(event.leaf_index, to, &leaf::hash(&leaf.leaf), &hashes(&event.path), &root).unwrap();
    service.stop().await;
}

#[tokio::test]
async fn a_range_reaches_beyond_the_times_that_were_asked_for() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let room = RoomId::generate();
    let start = OffsetDateTime::now_utc() - Duration::hours(3);
    let mut last = None;
    for minutes in [0, 30, 60, 90, 120] {
        let accepted_at = (start + Duration::minutes(minutes)).replace_nanosecond(0).unwrap();
        last = Some(stack.publish(&sealcast_contracts::stream::StreamMessage { accepted_at, ..message(room) }).await);
    }
    stack.covered(last.unwrap()).await;
    let at = |minutes| Some(start + Duration::minutes(minutes));
    let auditor = caller(Role::Auditor);
    let export_id = begin(&stack, &auditor, room, (at(55), at(65))).await;
    let range_of = auditor.clone();
    let range = stack.bus.call(&FindLeafRange { caller: auditor, export_id }).await.unwrap();
    assert_eq!((range.since, range.until), (at(55), at(65)));
    assert_eq!((range.from, range.to), (1, 4));
    for (from, to) in [(0, 4), (1, 5)] {
        let beyond = stack.bus.call(&ReadLeaves { caller: range_of.clone(), export_id, from, to }).await;
        assert!(matches!(beyond, Err(CallError::Refused(AuditRefusal::NotFound))), "{from} to {to}: {beyond:?}");
    }
    assert_eq!(range.frontier.len(), 1);
    service.stop().await;
}

#[tokio::test]
async fn only_whoever_began_an_export_reads_its_leaves_and_no_further() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let (room, _) = two_rooms(&stack).await;
    let auditor = caller(Role::Auditor);
    let export_id = begin(&stack, &auditor, room, (None, None)).await;
    let refused = async |caller: &Caller, export_id, from, to| match stack
        .bus
        .call(&ReadLeaves { caller: caller.clone(), export_id, from, to })
        .await
    {
        Err(CallError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&caller(Role::Member), export_id, 0, 1).await, AuditRefusal::Forbidden);
    assert_eq!(refused(&caller(Role::Auditor), export_id, 0, 1).await, AuditRefusal::NotFound);
    assert_eq!(refused(&auditor, ExportId::generate(), 0, 1).await, AuditRefusal::NotFound);
    assert_eq!(refused(&auditor, export_id, 0, 1_000_000).await, AuditRefusal::NotFound);
    assert!(matches!(refused(&auditor, export_id, 3, 3).await, AuditRefusal::Malformed { .. }));
    service.stop().await;
}

/// An approved export of a room.
async fn begin(
    stack: &Stack,
    officer: &Caller,
    room_id: RoomId,
    (from, to): (Option<OffsetDateTime>, Option<OffsetDateTime>),
) -> ExportId {
    let case_id = stack.approved_case(officer, Scope::default()).await.case_id;
    let filter = MessageFilter { room_id: Some(room_id), from, to, ..MessageFilter::default() };
    stack.bus.call(&StartExport { caller: officer.clone(), case_id, filter }).await.unwrap().export_id
}
