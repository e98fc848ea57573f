use std::time::Duration;

use sealcast_chat_svc::{Loss, MIGRATOR, migrate, provision};
use sealcast_contracts::{
    Caller,
    admin::{DescribeStreams, ListChatLimits},
    auth::Role,
    chat::{Admission, ChatRefusal, RoomKind},
    stream::{ENVELOPES, EVENTS},
};
use sealcast_testkit::eventually;
use serde_json::{Value, json};

use crate::world::World;

/// A start that takes longer than this is waiting.
const WAITS: Duration = Duration::from_millis(500);

async fn info(world: &World, stream: &str) -> Value {
    world.bus.jetstream_api(&format!("STREAM.INFO.{stream}"), &json!({})).await.expect("the stream")
}

#[tokio::test]
async fn streams_refuse_rather_than_forget() {
    let world = World::start().await;
    provision(&world.owner(), Loss::Refuse).await.expect("repeating it is harmless");
    for stream in [ENVELOPES, EVENTS] {
        let config = info(&world, stream).await["config"].clone();
        assert_eq!(config["discard"], "new", "{stream}");
        assert_eq!(config["duplicate_window"], 600_000_000_000_i64);
        for key in ["deny_delete", "deny_purge", "allow_direct"] {
            assert_eq!(config[key], true, "{stream}: {key}");
        }
        let consumer = world.bus.jetstream_api(&format!("CONSUMER.INFO.{stream}.audit"), &json!({})).await.expect("the consumer");
        assert_eq!(consumer["config"]["ack_policy"], "explicit");
    }
    assert_eq!(info(&world, ENVELOPES).await["config"]["republish"]["dest"], "live.room.>");
}

#[tokio::test]
async fn a_stream_made_again_gets_a_new_epoch() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Lobby, Admission::Invite).await;
    let alice = world.person("alice");
    let first = world.ok(&scene.message(&alice, "first life")).await;
    world.bus.jetstream_api(&format!("STREAM.DELETE.{ENVELOPES}"), &json!({})).await.expect("an operator's mistake");
    let refused = provision(&world.owner(), Loss::Refuse).await.expect_err("nobody said that they may be lost");
    assert!(format!("{refused:#}").contains("--accept-loss"), "{refused:#}");
    let missing = world.bus.jetstream_api(&format!("STREAM.INFO.{ENVELOPES}"), &json!({})).await;
    assert!(missing.is_err(), "a refusal makes nothing");
    provision(&world.owner(), Loss::Accept).await.expect("provisioned");
    // The running service sees it by itself.
    let second = eventually("the new epoch", async || {
        let accepted = world.call(&scene.message(&alice, "second life")).await.ok()?;
        (accepted.id.stream_epoch == 2).then_some(accepted)
    })
    .await;
    assert!(second.id > first.id, "ids never come again");
}

#[tokio::test]
async fn a_lost_tail_stops_the_start_until_the_epoch_rises() {
    let mut world = World::start().await;
    let scene = world.room(RoomKind::Lobby, Admission::Invite).await;
    let alice = world.person("alice");
    world.ok(&scene.message(&alice, "hello")).await;
    world.stop().await;
    // What Postgres remembers is more than the stream has: the tail went.
    let owner = world.database.pool("chat_owner");
    sqlx::query("update chat.stream_epoch set last_seq = 1000").execute(&owner).await.expect("the owner's memory");
    let error = world.restart().await.expect_err("an unsound stream");
    assert!(format!("{error:#}").contains("provision"), "{error:#}");
    let refused = provision(&world.owner(), Loss::Refuse).await.expect_err("nobody said that they may be lost");
    assert!(format!("{refused:#}").contains("messages up to 1000"), "{refused:#}");
    provision(&world.owner(), Loss::Accept).await.expect("provisioned");
    world.restart().await.expect("sound again");
    assert_eq!(world.ok(&scene.message(&alice, "again")).await.id.stream_epoch, 2);
}

#[tokio::test]
async fn lost_events_are_not_forgotten_in_silence() {
    let world = World::start().await;
    world.bus.jetstream_api(&format!("STREAM.DELETE.{EVENTS}"), &json!({})).await.expect("an operator's mistake");
    let refused = provision(&world.owner(), Loss::Refuse).await.expect_err("nobody said that they may be lost");
    assert!(format!("{refused:#}").contains(EVENTS), "{refused:#}");
    provision(&world.owner(), Loss::Accept).await.expect("provisioned");
    assert_eq!(info(&world, EVENTS).await["state"]["messages"], 0);
}

#[tokio::test]
async fn an_admin_sees_the_streams_and_their_readers() {
    let world = World::start().await;
    let scene = world.room(RoomKind::Lobby, Admission::Invite).await;
    let alice = world.person("alice");
    let accepted = world.ok(&scene.message(&alice, "hello")).await;
    let caller = |role| Caller { role, ..alice.caller.clone() };
    let streams = world.ok(&DescribeStreams { caller: caller(Role::Admin) }).await;
    let names: Vec<_> = streams.iter().map(|stream| stream.name.as_str()).collect();
    assert_eq!(names, [ENVELOPES, EVENTS]);
    let envelopes = &streams[0];
    assert_eq!((envelopes.epoch, envelopes.last_seq, envelopes.messages), (Some(1), accepted.id.seq, accepted.id.seq));
    assert!(envelopes.octets > 0 && envelopes.octets < envelopes.octets_max);
    // Nobody runs audit-svc here.
    assert_eq!((envelopes.consumers[0].name.as_str(), envelopes.consumers[0].lag), ("audit", accepted.id.seq));
    let limits = world.ok(&ListChatLimits { caller: caller(Role::Admin) }).await;
    assert!(limits.iter().any(|limit| limit.name == "chat.rate.messages" && limit.limit > 0));
    let refused = world.refused(&DescribeStreams { caller: caller(Role::Auditor) }).await;
    assert_eq!(refused, ChatRefusal::Forbidden);
    assert_eq!(world.refused(&ListChatLimits { caller: caller(Role::Member) }).await, ChatRefusal::Forbidden);
}

#[tokio::test]
async fn serve_waits_for_its_schema_and_its_stream() {
    let mut world = World::start().await;
    migrate(&world.owner()).await.expect("repeating it is harmless");
    world.stop().await;
    let newest = MIGRATOR.iter().map(|migration| migration.version).max().expect("a migration");
    let (owner, config) = (world.database.pool("chat_owner"), world.owner());
    let older = format!("update chat._sqlx_migrations set success = false where version = {newest}");
    sqlx::query(&older).execute(&owner).await.expect("an older schema");
    sqlx::query("delete from chat.stream_epoch").execute(&owner).await.expect("no stream that anybody remembers");
    let start = world.restart();
    tokio::pin!(start);
    assert!(tokio::time::timeout(WAITS, &mut start).await.is_err(), "there is no schema yet");
    sqlx::query("update chat._sqlx_migrations set success = true").execute(&owner).await.expect("migrated");
    assert!(tokio::time::timeout(WAITS, &mut start).await.is_err(), "there is no stream yet");
    provision(&config, Loss::Refuse).await.expect("provisioned");
    start.await.expect("everything is there");
}

#[tokio::test]
async fn the_release_before_runs_on_a_newer_schema() {
    let mut world = World::start().await;
    let newer = "insert into chat._sqlx_migrations (version, description, success, checksum, execution_time)
        select max(version) + 1, 'of the next release', true, '', 0 from chat._sqlx_migrations";
    sqlx::query(newer).execute(&world.database.pool("chat_owner")).await.expect("a newer schema");
    migrate(&world.owner()).await.expect("there is nothing for it to do");
    world.restart().await.expect("it serves");
}

#[tokio::test]
async fn every_column_is_described_and_the_service_cannot_rewrite_keys() {
    let world = World::start().await;
    let superuser = world.database.pool("postgres");
    let undescribed: Vec<String> = sqlx::query_scalar(
        "select c.relname || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
         where c.relnamespace = 'chat'::regnamespace and c.relkind = 'r' and c.relname <> '_sqlx_migrations'
            and (col_description(c.oid, a.attnum) is null or obj_description(c.oid) is null)",
    )
    .fetch_all(&superuser)
    .await
    .expect("the catalogue");
    assert!(undescribed.is_empty(), "{undescribed:?}");
    let service = world.database.pool("chat_svc");
    for statement in [
        "update chat.epochs set blob = ''",
        "delete from chat.grants",
        "update chat.stream_epoch set epoch = 7",
        "truncate chat.rooms",
        "delete from chat.removals",
    ] {
        let error = sqlx::query(statement).execute(&service).await.expect_err(statement);
        assert!(error.to_string().contains("permission denied"), "{statement}: {error}");
    }
}
