//! The outbox over a real Postgres and a real nats-server.

use sealcast_contracts::{
    SessionId, UserId,
    events::{AuditEvent, AuditEventKind},
    stream,
};
use sealcast_outbox::{Schema, record, relay};
use sealcast_testkit::{Nats, Postgres, eventually};
use sqlx::PgPool;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The table as the crate's documentation gives it.
const TABLE: &str = "create table chat.outbox (
    position    bigint generated always as identity primary key,
    event_id    uuid not null unique,
    subject     text not null,
    body        text not null,
    recorded_at timestamptz not null default now()
);
grant select, insert, delete on chat.outbox to chat_svc;";

async fn outbox(postgres: &Postgres) -> PgPool {
    let database = postgres.database().await;
    sqlx::raw_sql(TABLE).execute(&database.pool("chat_owner")).await.expect("the table");
    database.pool("chat_svc")
}

fn event() -> AuditEvent {
    let what = AuditEventKind::LoggedOut { session_id: SessionId::generate() };
    AuditEvent::now(Uuid::now_v7(), OffsetDateTime::now_utc(), Some(UserId::generate()), what)
}

async fn record_committed(pool: &PgPool, event: &AuditEvent) {
    let mut tx = pool.begin().await.expect("a transaction");
    record(&mut tx, Schema::Chat, event).await.expect("recorded");
    tx.commit().await.expect("committed");
}

async fn left(pool: &PgPool) -> i64 {
    sqlx::query_scalar("select count(*) from chat.outbox").fetch_one(pool).await.expect("a count")
}

#[tokio::test(flavor = "multi_thread")]
async fn events_outlive_an_outage_and_arrive_once_and_in_order() {
    sealcast_testkit::install_crypto_provider();
    let (postgres, mut nats) = (Postgres::start(), Nats::start());
    let (pool, bus, shutdown) = (outbox(&postgres).await, nats.provisioned("chat-svc").await, CancellationToken::new());
    // Two replicas relay the same outbox.
    let relays = [0, 1].map(|_| tokio::spawn(relay(pool.clone(), Schema::Chat, bus.clone(), shutdown.clone())));
    let mut recorded = vec![event()];
    record_committed(&pool, &recorded[0]).await;
    eventually("the first event relayed", async || (left(&pool).await == 0).then_some(())).await;

    nats.kill();
    for _ in 0..250 {
        recorded.push(event());
        record_committed(&pool, recorded.last().expect("an event")).await;
    }
    assert_eq!(left(&pool).await, 250, "nothing leaves the outbox without an acknowledgement");
    nats.restart();
    eventually("an empty outbox", async || (left(&pool).await == 0).then_some(())).await;

    let mut arrived: Vec<AuditEvent> = Vec::new();
    loop {
        let from = arrived.len() as u64 + 1;
        let page = bus.read(stream::EVENTS, stream::EVENT_SUBJECTS, from, 100).await.expect("the stream");
        if page.is_empty() {
            break;
        }
        arrived.extend(page.iter().map(|message| serde_json::from_slice::<AuditEvent>(&message.payload).expect("an event")));
    }
    assert_eq!(arrived, recorded);
    shutdown.cancel();
    for relay in relays {
        relay.await.expect("a relay that ends");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_did_not_happen_and_a_shutdown_relays_the_rest() {
    sealcast_testkit::install_crypto_provider();
    let (postgres, nats) = (Postgres::start(), Nats::start());
    let (pool, bus, shutdown) = (outbox(&postgres).await, nats.provisioned("chat-svc").await, CancellationToken::new());
    let mut tx = pool.begin().await.expect("a transaction");
    record(&mut tx, Schema::Chat, &event()).await.expect("recorded");
    tx.rollback().await.expect("rolled back");
    let kept = event();
    record_committed(&pool, &kept).await;
    shutdown.cancel();
    relay(pool.clone(), Schema::Chat, bus.clone(), shutdown).await;
    let arrived = bus.read(stream::EVENTS, stream::EVENT_SUBJECTS, 1, 10).await.expect("the stream");
    assert_eq!(arrived.len(), 1);
    assert_eq!(arrived[0].header("Nats-Msg-Id"), Some(kept.event_id.to_string().as_str()));
    assert_eq!(left(&pool).await, 0);
}
