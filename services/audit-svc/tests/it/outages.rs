use std::{sync::Arc, time::Duration};

use sealcast_audit_svc::{
    data_keys::DataKeys,
    ingest::{Archivist, Disposition, Source},
    sealing::Keks,
};
use sealcast_contracts::{RoomId, audit::MessageFilter, stream::ENVELOPES};
use sealcast_testkit::eventually;
use sqlx::{Connection as _, PgConnection};

use crate::harness::{Stack, message};

/// A crash between commit and acknowledgement: the batch is committed, and no acknowledgement is ever sent.
#[tokio::test]
async fn a_batch_that_was_committed_but_not_acknowledged_is_absorbed() {
    const MESSAGES: i64 = 50;
    let stack = Stack::start().await;
    stack.redeliver_after_s(1).await;
    let room = RoomId::generate();
    let mut last = None;
    for _ in 0..MESSAGES {
        last = Some(stack.publish(&message(room)).await);
    }
    let archivist = Archivist::new(Arc::new(DataKeys::new(Keks::read(stack.keys.path()).unwrap(), 8)), stack.append_key());
    let consumer = stack.bus.consumer(ENVELOPES, "audit").await.unwrap();
    let batch = consumer.next_batch(500, Duration::from_millis(500)).await.unwrap();
    assert_eq!(batch.len() as i64, MESSAGES);
    let mut conn = PgConnection::connect(&stack.database.url("audit_svc")).await.unwrap();
    let dispositions = archivist.store(&mut conn, Source::Envelopes, &batch).await.unwrap();
    assert!(dispositions.iter().all(|disposition| *disposition == Disposition::Stored));
    drop((batch, conn));
    assert_eq!(consumer.state().await.unwrap().lag as i64, MESSAGES);

    let service = stack.serve().await;
    let _chat = stack.serve_memberships().await;
    stack.covered(last.unwrap()).await;
    assert_eq!(consumer.state().await.unwrap().lag, 0);
    assert_eq!((stack.count("records").await, stack.count("quarantine").await), (MESSAGES, 0));
    let page = stack.query(&stack.member(&[room]), MessageFilter::default()).await.unwrap();
    assert_eq!(page.items.len() as i64, MESSAGES);
    assert_intact(&stack).await;
    service.stop().await;
}

#[tokio::test]
async fn killing_postgres_while_messages_arrive_loses_nothing() {
    let mut stack = Stack::start().await;
    let service = stack.serve().await;
    let room = RoomId::generate();
    let mut ids = Vec::new();
    for i in 0..300 {
        ids.push(stack.publish(&message(room)).await);
        if i == 100 {
            stack.covered(ids[0]).await;
            stack.postgres.kill();
        }
        if i == 200 {
            stack.postgres.restart();
        }
    }
    stack.covered(*ids.last().unwrap()).await;
    let mut stored: Vec<i64> = sqlx::query_scalar("select seq from audit.records").fetch_all(&stack.superuser()).await.unwrap();
    stored.sort_unstable();
    assert_eq!(stored, ids.iter().map(|id| id.seq as i64).collect::<Vec<_>>());
    assert_intact(&stack).await;
    service.stop().await;
}

#[tokio::test]
async fn killing_nats_while_messages_arrive_loses_nothing() {
    let mut stack = Stack::start().await;
    let service = stack.serve().await;
    let room = RoomId::generate();
    let mut last = None;
    for i in 0..60 {
        if i == 30 {
            stack.nats.restart();
            eventually("the connection is back", async || stack.bus.stream_state(ENVELOPES).await.ok()).await;
        }
        last = Some(stack.publish(&message(room)).await);
    }
    stack.covered(last.unwrap()).await;
    assert_eq!(stack.count("records").await, 60);
    assert_intact(&stack).await;
    service.stop().await;
}

#[tokio::test]
async fn a_drain_commits_and_acknowledges_what_was_taken() {
    let stack = Stack::start().await;
    let service = stack.serve().await;
    for _ in 0..20 {
        stack.publish(&message(RoomId::generate())).await;
    }
    service.stop().await;
    let consumer = stack.bus.consumer(ENVELOPES, "audit").await.unwrap();
    let lag = consumer.state().await.unwrap().lag as i64;
    assert_eq!(stack.count("records").await, 20 - lag, "what is stored is acknowledged, and the rest was not taken");
}

async fn assert_intact(stack: &Stack) {
    let report = stack.verify().await;
    assert_eq!(report.findings, [], "{report}");
}
