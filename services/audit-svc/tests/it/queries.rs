use std::time::Duration;

use sealcast_bus::CallError;
use sealcast_contracts::{
    Caller, EventId, RoomId,
    audit::{AuditRefusal, MessageFilter, MessagePage, Order, QueryEvents, QueryMessages, Scope},
    auth::Role,
    stream::StreamMessage,
};
use sqlx::Connection as _;

use crate::harness::{Stack, caller, logged_out, message};

/// The lock of `store::Append`.
const APPEND_LOCK: i64 = 0x6175_6469_7400_0002;

#[tokio::test]
async fn members_see_their_rooms_auditors_all_and_nobody_else_anything() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let (room, other) = (RoomId::generate(), RoomId::generate());
    let in_room = stack.publish(&message(room)).await;
    let elsewhere = stack.publish(&message(other)).await;
    stack.covered(elsewhere).await;
    let of_room = |room_id| MessageFilter { room_id: Some(room_id), ..MessageFilter::default() };
    let member = stack.member(&[room]);

    // While chat-svc cannot be asked, nothing opens.
    let refused = stack.query(&member, of_room(room)).await;
    assert!(matches!(refused, Err(CallError::Unavailable { .. })), "{refused:?}");

    let _chat = stack.serve_memberships().await;
    assert_eq!(ids(&stack.query(&member, MessageFilter::default()).await.unwrap()), [in_room]);
    assert_eq!(ids(&stack.query(&member, of_room(room)).await.unwrap()), [in_room]);
    for hidden in [other, RoomId::generate()] {
        let refused = stack.query(&member, of_room(hidden)).await;
        assert!(matches!(refused, Err(CallError::Refused(AuditRefusal::NotFound))), "{refused:?}");
    }
    // An admin gives roles; it reads no more than any member.
    let admin = caller(Role::Admin);
    assert_eq!(ids(&stack.query(&admin, MessageFilter::default()).await.unwrap()), []);
    let refused = stack.query(&admin, of_room(room)).await;
    assert!(matches!(refused, Err(CallError::Refused(AuditRefusal::NotFound))), "{refused:?}");
    let refused = stack.bus.call(&query_events(&admin, None, None)).await;
    assert!(matches!(refused, Err(CallError::Refused(AuditRefusal::Forbidden))), "{refused:?}");
    assert_eq!(stack.count("events").await, 0, "nobody looked at other people's messages");

    // Without a case an auditor is a member like any other, and is told what is missing.
    let auditor = stack.officer(&[room]);
    assert_eq!(ids(&stack.query(&auditor, MessageFilter::default()).await.unwrap()), [in_room]);
    let refused = stack.query(&auditor, of_room(other)).await;
    assert!(matches!(refused, Err(CallError::Refused(AuditRefusal::CaseRequired))), "{refused:?}");
    assert_eq!(stack.count("events").await, 0);

    let case = stack.approved_case(&auditor, Scope::default()).await;
    assert_eq!(ids(&stack.query_in(&auditor, case.case_id, MessageFilter::default()).await.unwrap()), [in_room, elsewhere]);
    assert_eq!(ids(&stack.query_in(&auditor, case.case_id, of_room(other)).await.unwrap()), [elsewhere]);
    let events = stack.bus.call(&query_events(&auditor, Some("messages_queried"), None)).await.unwrap();
    assert_eq!(events.items.len(), 2);
    assert!(events.items.iter().all(|event| event.actor == Some(auditor.user_id)));
    assert_eq!(events.items[1].body["filter"]["room_id"], other.to_string());
    // Its own look at the events is the next leaf.
    let events = stack.bus.call(&query_events(&auditor, Some("events_queried"), None)).await.unwrap();
    assert_eq!(events.items.len(), 2);
    service.stop().await;
}

#[tokio::test]
async fn an_auditors_answer_waits_for_its_leaf() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let id = stack.publish(&message(RoomId::generate())).await;
    stack.covered(id).await;
    let auditor = caller(Role::Auditor);
    let case = stack.approved_case(&auditor, Scope::default()).await;
    let before = stack.count("events").await;
    let mut call = query(&auditor, MessageFilter::default(), Order::OldestFirst, None, 10);
    call.case_id = Some(case.case_id);
    let mut conn = sqlx::PgConnection::connect(&stack.database.url("postgres")).await.unwrap();
    sqlx::query("select pg_advisory_lock($1)").bind(APPEND_LOCK).execute(&mut conn).await.unwrap();
    let waiting = stack.bus.call_within(&call, Duration::from_secs(1)).await;
    assert!(matches!(waiting, Err(CallError::Unknown { .. })), "no leaf, no answer: {waiting:?}");
    assert_eq!(stack.count("events").await, before);
    conn.close().await.unwrap();
    let page = stack.bus.call(&call).await.unwrap();
    assert_eq!(ids(&page), [id]);
    // Both the answered and the abandoned query are in the log.
    assert_eq!(stack.count("events").await, before + 2);
    service.stop().await;
}

#[tokio::test]
async fn pages_neither_repeat_nor_miss_while_messages_arrive() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let _chat = stack.serve_memberships().await;
    let (room, other) = (RoomId::generate(), RoomId::generate());
    let mut sent: Vec<(EventId, StreamMessage)> = Vec::new();
    for i in 0..24 {
        let message = message(if i % 3 == 0 { other } else { room });
        sent.push((stack.publish(&message).await, message));
    }
    stack.covered(sent[23].0).await;
    let member = stack.member(&[room, other]);
    let middle = sent[11].0;
    let filters = [
        MessageFilter::default(),
        MessageFilter { room_id: Some(room), ..MessageFilter::default() },
        MessageFilter { after: Some(sent[3].0), before: Some(sent[20].0), ..MessageFilter::default() },
        MessageFilter { sender: Some(sent[5].1.sender), ..MessageFilter::default() },
        MessageFilter { from: Some(sent[4].1.accepted_at), to: Some(sent[19].1.accepted_at), ..MessageFilter::default() },
    ];
    for filter in &filters {
        let mut expected: Vec<EventId> =
            sent.iter().filter(|(id, message)| matches(filter, *id, message)).map(|(id, _)| *id).collect();
        for limit in [1, 5, 200] {
            for order in [Order::OldestFirst, Order::NewestFirst] {
                let mut found = Vec::new();
                let mut cursor = None;
                loop {
                    let page = stack.bus.call(&query(&member, filter.clone(), order, cursor, limit)).await.unwrap();
                    assert!(page.items.len() <= limit as usize);
                    found.extend(ids(&page));
                    if found.len() == 5 {
                        let message = message(room);
                        let id = stack.publish(&message).await;
                        stack.covered(id).await;
                        sent.push((id, message));
                        // Pages that move upwards reach it, those that move downwards do not.
                        if order == Order::OldestFirst && matches(filter, id, &sent[sent.len() - 1].1) {
                            expected.push(id);
                        }
                    }
                    cursor = page.next_cursor;
                    if cursor.is_none() {
                        break;
                    }
                }
                if order == Order::NewestFirst {
                    found.reverse();
                }
                found.retain(|id| *id <= middle);
                let below: Vec<EventId> = expected.iter().copied().filter(|id| *id <= middle).collect();
                assert_eq!(found, below, "{filter:?} {order:?} {limit}");
            }
        }
    }
    service.stop().await;
}

#[tokio::test]
async fn pages_of_some_time_follow_the_time_where_clocks_differ_from_the_order_of_the_log() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let _chat = stack.serve_memberships().await;
    let room = RoomId::generate();
    let begin = time::OffsetDateTime::now_utc().replace_nanosecond(0).unwrap();
    let mut sent = Vec::new();
    // Two chat-svc in turn, one of them ahead, and several messages in one second.
    for i in 0..20_i64 {
        let mut message = message(room);
        message.accepted_at = begin + time::Duration::seconds(if i % 2 == 0 { i / 4 } else { 8 - i / 4 });
        sent.push((message.accepted_at, stack.publish(&message).await));
    }
    stack.covered(sent[19].1).await;
    let member = stack.member(&[room]);
    let (from, to) = (begin + time::Duration::seconds(2), begin + time::Duration::seconds(7));
    let filter = MessageFilter { room_id: Some(room), from: Some(from), to: Some(to), ..MessageFilter::default() };
    let mut expected: Vec<_> = sent.iter().copied().filter(|(at, _)| (from..to).contains(at)).collect();
    let in_the_log = expected.clone();
    expected.sort_unstable();
    assert_ne!(expected, in_the_log, "the two orders differ");
    for limit in [1, 3, 200] {
        for order in [Order::OldestFirst, Order::NewestFirst] {
            let (mut found, mut cursor) = (Vec::new(), None);
            loop {
                let page = stack.bus.call(&query(&member, filter.clone(), order, cursor, limit)).await.unwrap();
                found.extend(page.items.iter().map(|item| (item.accepted_at, item.id)));
                cursor = page.next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
            if order == Order::NewestFirst {
                found.reverse();
            }
            assert_eq!(found, expected, "{order:?} {limit}");
        }
    }
    service.stop().await;
}

#[tokio::test]
async fn a_page_of_large_envelopes_is_cut_to_what_a_reply_can_hold() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let _chat = stack.serve_memberships().await;
    let room = RoomId::generate();
    let mut sent = Vec::new();
    for _ in 0..7 {
        let mut large = message(room);
        large.env = vec![7; 65_536];
        sent.push(stack.publish(&large).await);
    }
    stack.covered(sent[6]).await;
    let member = stack.member(&[room]);
    let (mut found, mut cursor, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = stack.bus.call(&query(&member, MessageFilter::default(), Order::OldestFirst, cursor, 200)).await.unwrap();
        found.extend(ids(&page));
        pages += 1;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((found, pages), (sent, 4));
    service.stop().await;
}

#[tokio::test]
async fn malformed_queries_are_refused_and_leave_no_leaf() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let auditor = caller(Role::Auditor);
    let now = time::OffsetDateTime::now_utc();
    let backwards = MessageFilter { from: Some(now), to: Some(now), ..MessageFilter::default() };
    for (filter, cursor, limit, field) in [
        (MessageFilter::default(), None, 0, "limit"),
        (MessageFilter::default(), None, 201, "limit"),
        (MessageFilter::default(), Some("nonsense".to_owned()), 1, "cursor"),
        (backwards, None, 1, "to"),
    ] {
        let refused = stack.bus.call(&query(&auditor, filter, Order::NewestFirst, cursor, limit)).await;
        let Err(CallError::Refused(AuditRefusal::Malformed { field: named, .. })) = refused else { panic!("{field}: {refused:?}") };
        assert_eq!(named, field);
    }
    assert_eq!(stack.count("events").await, 0);
    service.stop().await;
}

#[tokio::test]
async fn pages_of_events_go_both_ways() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let mut sent = Vec::new();
    for _ in 0..7 {
        let event = logged_out();
        stack.publish_event(&event).await;
        sent.push(event.event_id);
    }
    stack.idle("EVENTS").await;
    let auditor = caller(Role::Auditor);
    for order in [Order::OldestFirst, Order::NewestFirst] {
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let call = QueryEvents { order, limit: 3, ..query_events(&auditor, Some("logged_out"), cursor) };
            let page = stack.bus.call(&call).await.unwrap();
            found.extend(page.items.iter().map(|event| event.event_id));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        if order == Order::NewestFirst {
            found.reverse();
        }
        assert_eq!(found, sent);
    }
    service.stop().await;
}

#[tokio::test]
async fn postgres_away_is_unavailable_and_heals() {
    let mut stack = Stack::start().await;
    let service = stack.serve().await;
    let _chat = stack.serve_memberships().await;
    let room = RoomId::generate();
    let id = stack.publish(&message(room)).await;
    stack.covered(id).await;
    let member = stack.member(&[room]);
    stack.postgres.kill();
    let call = query(&member, MessageFilter::default(), Order::NewestFirst, None, 10);
    let away = stack.bus.call_within(&call, Duration::from_secs(10)).await;
    assert!(matches!(away, Err(CallError::Unavailable { .. })), "{away:?}");
    stack.postgres.restart();
    let page = sealcast_testkit::eventually("an answer", async || stack.bus.call(&call).await.ok()).await;
    assert_eq!(ids(&page), [id]);
    service.stop().await;
}

fn query(caller: &Caller, filter: MessageFilter, order: Order, cursor: Option<String>, limit: u32) -> QueryMessages {
    QueryMessages { caller: caller.clone(), filter, order, cursor, limit, case_id: None }
}

fn query_events(caller: &Caller, kind: Option<&str>, cursor: Option<String>) -> QueryEvents {
    QueryEvents {
        caller: caller.clone(),
        kind: kind.map(str::to_owned),
        actor: None,
        from: None,
        to: None,
        order: Order::OldestFirst,
        cursor,
        limit: 50,
        case_id: None,
    }
}

fn ids(page: &MessagePage) -> Vec<EventId> {
    page.items.iter().map(|item| item.id).collect()
}

fn matches(filter: &MessageFilter, id: EventId, message: &StreamMessage) -> bool {
    filter.room_id.is_none_or(|room_id| message.room_id == room_id)
        && filter.sender.is_none_or(|sender| message.sender == sender)
        && filter.from.is_none_or(|from| message.accepted_at >= from)
        && filter.to.is_none_or(|to| message.accepted_at < to)
        && filter.after.is_none_or(|after| id > after)
        && filter.before.is_none_or(|before| id < before)
}
