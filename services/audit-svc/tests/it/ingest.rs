use sealcast_contracts::{
    RoomId,
    audit::{MessageFilter, Order, QueryEvents},
    auth::Role,
    events::AuditEventKind,
    stream::{ENVELOPES, EVENTS, header},
};
use sealcast_testkit::eventually;
use time::Duration;

use crate::harness::{Stack, caller, logged_out, message};

#[tokio::test]
async fn messages_become_sealed_rows_and_open_for_a_query() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let _chat = stack.serve_memberships().await;
    let (room, other) = (RoomId::generate(), RoomId::generate());
    let mut messages = Vec::new();
    for i in 0..20 {
        let mut message = message(if i % 2 == 0 { room } else { other });
        // Three days, so three data keys a room: more than the cache holds.
        message.accepted_at -= Duration::days(i % 3);
        let id = stack.publish(&message).await;
        messages.push((id, message));
    }
    stack.covered(messages[19].0).await;

    let page = stack.query(&stack.member(&[room, other]), MessageFilter::default()).await.unwrap();
    assert_eq!(page.stored_up_to, Some(messages[19].0));
    assert_eq!(page.items.len(), 20);
    for (stored, (id, message)) in page.items.iter().zip(&messages) {
        assert_eq!((stored.id, stored.room_id, stored.cid, stored.sender), (*id, message.room_id, message.cid, message.sender));
        assert_eq!((stored.sender_fp, stored.epoch, stored.accepted_at), (message.sender_fp, message.epoch, message.accepted_at));
        assert_eq!((stored.env.as_slice(), stored.sig.as_slice()), (&message.env[..], &message.sig[..]));
    }
    assert_eq!(stack.count("data_keys").await, 6);

    // Nothing in the database shows any part of an envelope or a signature.
    let rows: Vec<String> = sqlx::query_scalar("select r::text from audit.records r").fetch_all(&stack.superuser()).await.unwrap();
    let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
    for (_, message) in &messages {
        for part in message.env.chunks(16).chain(message.sig.chunks(16)) {
            assert!(!rows.iter().any(|row| row.contains(&hex(part))));
        }
    }
    service.stop().await;
}

#[tokio::test]
async fn events_are_archived_once_with_their_very_octets() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let event = logged_out();
    stack.publish_event(&event).await;
    stack.publish_event(&event).await;
    // A newer service's kind, which this build does not know.
    let unknown = br#"{"event_id":"01890a5d-ac96-774b-bcce-b302099a8057","at":"2026-11-24T01:02:03.5Z","kind":"thing_done","body":{"b":1,  "a":[]}}"#;
    stack.publish_raw("event.thing_done", &[], unknown.to_vec()).await;
    stack.idle(EVENTS).await;
    assert_eq!(stack.count("events").await, 2);
    let body: String = sqlx::query_scalar("select body::text from audit.events where kind = 'thing_done'")
        .fetch_one(&stack.superuser())
        .await
        .unwrap();
    assert_eq!(body, r#"{"b":1,  "a":[]}"#);

    let page = stack.bus.call(&query_events(Some("logged_out"))).await.unwrap();
    assert_eq!(page.items.len(), 1);
    assert_eq!((page.items[0].event_id, page.items[0].actor), (event.event_id, event.actor));
    assert_eq!(serde_json::to_value(&event.what).unwrap()["body"], page.items[0].body);
    service.stop().await;
}

#[tokio::test]
async fn another_message_with_a_stored_id_raises_an_alarm_and_is_kept_apart() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let _chat = stack.serve_memberships().await;
    let room = RoomId::generate();
    let first = message(room);
    let first_id = stack.publish(&first).await;
    let mut forged = message(room);
    (forged.sender, forged.cid) = (first.sender, first.cid);
    let conflict_id = stack.publish(&forged).await;
    let last_id = stack.publish(&message(room)).await;
    stack.covered(last_id).await;
    stack.idle(ENVELOPES).await;

    let page = stack.query(&stack.member(&[room]), MessageFilter::default()).await.unwrap();
    assert_eq!(page.items.iter().map(|item| item.id).collect::<Vec<_>>(), [first_id, last_id]);
    assert_eq!(page.items[0].env.as_slice(), first.env);
    assert_eq!(stack.count("quarantine").await, 1);
    let events = stack.bus.call(&query_events(Some("log_conflict"))).await.unwrap();
    let expected = AuditEventKind::LogConflict { id: conflict_id, room_id: room };
    assert_eq!(events.items.len(), 1);
    assert_eq!(events.items[0].body, serde_json::to_value(expected).unwrap()["body"]);
    service.stop().await;
}

#[tokio::test]
async fn a_client_id_is_its_senders_own() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let _chat = stack.serve_memberships().await;
    let room = RoomId::generate();
    let first = message(room);
    let mut other = message(room);
    other.cid = first.cid;
    assert_ne!(first.sender, other.sender);
    let ids = [stack.publish(&first).await, stack.publish(&other).await];
    stack.covered(ids[1]).await;
    stack.idle(ENVELOPES).await;
    let page = stack.query(&stack.member(&[room]), MessageFilter::default()).await.unwrap();
    assert_eq!(page.items.iter().map(|item| item.id).collect::<Vec<_>>(), ids);
    assert_eq!(stack.count("quarantine").await, 0);
    service.stop().await;
}

#[tokio::test]
async fn what_is_no_message_goes_to_quarantine_and_the_log_goes_on() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let room = RoomId::generate();
    let mut headers = message(room).headers().to_vec();
    headers.retain(|(name, _)| *name != header::CID);
    stack.publish_raw(&format!("room.{room}"), &headers, b"\0\x01ab".to_vec()).await;
    stack.publish_raw("room.nonsense", &[], b"plain nonsense".to_vec()).await;
    stack.publish_raw("event.logged_out", &[], b"{}".to_vec()).await;
    // A body that no JSON parser of ours accepts any deeper, and a kind that is not the subject's.
    stack.publish_raw("event.other", &[], serde_json::to_vec(&logged_out()).unwrap()).await;
    let id = stack.publish(&message(room)).await;
    stack.covered(id).await;
    stack.idle(EVENTS).await;

    assert_eq!((stack.count("records").await, stack.count("quarantine").await), (1, 4));
    let kinds: Vec<String> = sqlx::query_scalar("select kind from audit.events").fetch_all(&stack.superuser()).await.unwrap();
    assert_eq!(kinds, vec!["message_quarantined"; 4]);
    // The evidence is sealed.
    let plain: i64 = sqlx::query_scalar("select count(*) from audit.quarantine where position('nonsense'::bytea in sealed) > 0")
        .fetch_one(&stack.superuser())
        .await
        .unwrap();
    assert_eq!(plain, 0);
    service.stop().await;
}

#[tokio::test]
async fn a_second_replica_stands_by_and_takes_over() {
    let stack = Stack::start().await;
    let first = stack.serve().await;
    let room = RoomId::generate();
    let id = stack.publish(&message(room)).await;
    stack.covered(id).await;
    let second = stack.serve().await;
    let holders = async || -> i64 {
        let query = "select count(*) from pg_locks where locktype = 'advisory' and granted and objid = 1946157057";
        sqlx::query_scalar(query).fetch_one(&stack.superuser()).await.unwrap()
    };
    assert_eq!(holders().await, 1);
    first.stop().await;
    let id = stack.publish(&message(room)).await;
    stack.covered(id).await;
    eventually("the second leads", async || (holders().await == 1).then_some(())).await;
    assert_eq!(stack.count("records").await, 2);
    second.stop().await;
}

/// The stream was lost and made anew: it gives the same sequences out again, under a new stream epoch.
#[tokio::test]
async fn a_sequence_of_a_new_stream_epoch_is_another_message() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    let room = RoomId::generate();
    let old = stack.publish(&message(room)).await;
    stack.covered(old).await;
    stack.bus.jetstream_api(&format!("STREAM.DELETE.{ENVELOPES}"), &serde_json::json!({})).await.unwrap();
    stack.bus.provision(1).await.unwrap();
    let mut message = message(room);
    message.stream_epoch = 2;
    let new = stack.publish(&message).await;
    assert_eq!((old.seq, new.seq), (1, 1));
    stack.covered(new).await;
    assert_eq!((stack.count("records").await, stack.count("quarantine").await), (2, 0));
    service.stop().await;
}

fn query_events(kind: Option<&str>) -> QueryEvents {
    QueryEvents {
        caller: caller(Role::Auditor),
        kind: kind.map(str::to_owned),
        actor: None,
        from: None,
        to: None,
        order: Order::OldestFirst,
        cursor: None,
        limit: 50,
        case_id: None,
    }
}
