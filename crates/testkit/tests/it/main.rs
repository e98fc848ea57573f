//! The engines start, and `bus` and `signals` keep their word over them.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use sealcast_bus::{CallError, ServeError};
use sealcast_contracts::{
    RoomId, UserId,
    chat::{ChatRefusal, ListMemberships},
    presence::{Presence, PresenceChanged},
    stream::{ENVELOPES, room_subject},
};
use sealcast_runtime::Runtime;
use sealcast_signals::{Limit, Signal};
use sealcast_testkit::{Nats, Postgres, Redis, eventually};

#[tokio::test]
async fn a_call_ends_in_one_of_four_ways() {
    let nats = Nats::start();
    let (caller, callee) = (nats.bus("edge-svc").await, nats.bus("chat-svc").await);
    let call = ListMemberships { user_id: UserId::generate() };
    assert!(matches!(caller.call(&call).await, Err(CallError::Unavailable { .. })), "nobody listens");

    let runtime = Runtime::detached(());
    let server = callee.server("0.1.0", &runtime.tasks, &runtime.shutdown).await.unwrap();
    let (known, slow) = (call.user_id, UserId::generate());
    server
        .serve::<ListMemberships, _, _>(move |call| async move {
            if call.user_id == slow {
                std::future::pending::<()>().await;
            }
            if call.user_id == known { Ok(vec![RoomId::generate()]) } else { Err(ServeError::Refused(ChatRefusal::NotFound)) }
        })
        .await
        .unwrap();
    let rooms = eventually("a reply", async || caller.call(&call).await.ok()).await;
    assert_eq!(rooms.len(), 1);
    let refused = caller.call(&ListMemberships { user_id: UserId::generate() }).await;
    assert!(matches!(refused, Err(CallError::Refused(ChatRefusal::NotFound))), "{refused:?}");
    let unknown = caller.call_within(&ListMemberships { user_id: slow }, Duration::from_millis(100)).await;
    assert!(matches!(unknown, Err(CallError::Unknown { .. })), "{unknown:?}");
}

#[tokio::test]
async fn a_call_waits_for_a_service_that_starts_anew() {
    let nats = Nats::start();
    let (caller, callee) = (nats.bus("edge-svc").await, nats.bus("chat-svc").await);
    let call = ListMemberships { user_id: UserId::generate() };
    let runtime = Runtime::detached(());
    let starting = async {
        // The caller finds nobody several times meanwhile.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let server = callee.server("0.1.0", &runtime.tasks, &runtime.shutdown).await.unwrap();
        server.serve::<ListMemberships, _, _>(|_| async { Ok(Vec::new()) }).await.unwrap();
    };
    let (reply, ()) = tokio::join!(caller.call(&call), starting);
    assert!(reply.is_ok(), "{reply:?}");
}

#[tokio::test]
async fn the_stream_keeps_what_it_acknowledged_through_a_kill() {
    let mut nats = Nats::start();
    let bus = nats.provisioned("chat-svc").await;
    let room = RoomId::generate();
    let publish = async |id: String, payload: &'static str| {
        bus.publish(room_subject(room), &id, &[], payload.into(), Duration::from_secs(2)).await
    };
    let mut live = bus.subscribe("live.room.>").await.unwrap();
    let first = publish("a".to_owned(), "one").await.unwrap();
    assert_eq!((first.seq, first.duplicate), (1, false));
    assert_eq!(live.next().await.unwrap().sequence(), Some(1));
    assert!(publish("a".to_owned(), "one").await.unwrap().duplicate);

    nats.kill();
    assert!(publish("b".to_owned(), "two").await.is_err());
    nats.restart();
    let second = eventually("the stream is back", async || publish("b".to_owned(), "two").await.ok()).await;
    let stored = bus.read(ENVELOPES, "room.>", 1, 10).await.unwrap();
    assert_eq!(stored.len(), 2);
    assert_eq!((stored[1].sequence(), &stored[1].payload[..]), (Some(second.seq), &b"two"[..]));

    let consumer = bus.consumer(ENVELOPES, "audit").await.unwrap();
    let batch = consumer.next_batch(10, Duration::from_millis(500)).await.unwrap();
    assert_eq!(batch.iter().map(|delivery| delivery.seq).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn signals_survive_an_outage_of_redis() {
    let mut redis = Redis::start();
    let signals = redis.signals();
    let mut receiver = signals.subscribe().unwrap();
    assert_eq!(receiver.next().await, Some(Signal::Resubscribed));
    let change = PresenceChanged { user_id: UserId::generate(), state: Presence::Online, at: time::OffsetDateTime::UNIX_EPOCH };
    let other = PresenceChanged { user_id: UserId::generate(), ..change.clone() };
    signals.publish_presence(&[change.clone(), other.clone()]).await.unwrap();
    assert_eq!(receiver.next().await, Some(Signal::Presence(change.clone())));
    assert_eq!(receiver.next().await, Some(Signal::Presence(other)));

    redis.kill();
    let started = std::time::Instant::now();
    assert!(signals.publish_presence(std::slice::from_ref(&change)).await.is_err());
    assert!(started.elapsed() < Duration::from_secs(2), "a dead Redis must not hold a caller up");
    redis.restart();
    eventually("the subscription is back", async || {
        let _ = signals.publish_presence(std::slice::from_ref(&change)).await;
        let signal = tokio::time::timeout(Duration::from_millis(200), receiver.next()).await.ok()?;
        (signal == Some(Signal::Presence(change.clone()))).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_budget_is_shared_and_refills() {
    let redis = Redis::start();
    let signals = redis.signals();
    let limit = Limit { burst: 2, window: Duration::from_secs(60) };
    eventually("Redis answers", async || signals.ping().await.ok()).await;
    assert!(signals.take("k", limit, 1).await.unwrap().is_allowed());
    assert!(redis.signals().take("k", limit, 1).await.unwrap().is_allowed());
    assert!(!signals.take("k", limit, 1).await.unwrap().is_allowed());
    assert!(signals.take("other", limit, 1).await.unwrap().is_allowed());
}

#[tokio::test]
async fn each_service_sees_only_its_own_schema() {
    let postgres = Postgres::start();
    let database = postgres.database().await;
    let owner = database.pool("chat_owner");
    sqlx::query("create table secret (x int)").execute(&owner).await.unwrap();
    let foreign = sqlx::query("select * from chat.secret").fetch_all(&database.pool("auth_svc")).await;
    assert!(foreign.is_err_and(|error| error.as_database_error().and_then(|error| error.code()).as_deref() == Some("42501")));
}
