//! Changes of what decides, tells or vouches, and is no leaf itself.

use anyhow::Result;
use sealcast_merkle::{
    leaf::{self, EventLeaf},
    tree::{Frontier, StoredHashes},
};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Done, execute, leaves};
use crate::chance::Chance;

/// A message gets the data key of another day: whatever destroys that one destroys the message.
pub async fn exchange_key(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let leaf = *chance.one_of(&leaves(conn, "records").await?);
    execute(
        conn,
        "insert into audit.data_keys (dek_id, room_id, day, wrapped, kek_version)
         select gen_random_uuid(), room_id, '2001-01-01', wrapped, kek_version from audit.data_keys limit 1",
    )
    .await?;
    let other = "(select dek_id from audit.data_keys where day = '2001-01-01')";
    execute(conn, &format!("update audit.records set dek_id = {other}, sealed = '\\x00' where leaf_index = {leaf}")).await?;
    Ok(Done { what: format!("leaf {leaf}: the data key of another day"), names: vec!["key: message 1-".to_owned()] })
}

/// Somebody is told of an access later, or never.
pub async fn silence(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let leaf = *chance.one_of(&leaves(conn, "concerned").await?);
    let change = chance.one_of(&["visible_from = 'infinity'", "visible_from = visible_from + interval '1 day'"]);
    let one = format!("(select min(user_id::text)::uuid from audit.concerned where leaf_index = {leaf})");
    execute(conn, &format!("update audit.concerned set {change} where leaf_index = {leaf} and user_id = {one}")).await?;
    let names = vec![format!("(leaf {leaf}) is not told to those whom it concerns")];
    Ok(Done { what: format!("access at leaf {leaf}: {change}"), names })
}

/// Somebody is told of an access that there was not.
pub async fn alarm(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let joined: Vec<i64> =
        sqlx::query_scalar("select leaf_index from audit.events where kind = 'member_joined'").fetch_all(&mut *conn).await?;
    let leaf = *chance.one_of(&joined);
    execute(conn, &format!("insert into audit.concerned values (gen_random_uuid(), {leaf}, 1, now())")).await?;
    Ok(Done { what: format!("somebody is told of leaf {leaf}"), names: vec![format!("told of leaf {leaf},")] })
}

/// The table that keeps a day from being destroyed says something else than the log.
pub async fn free_hold(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let hold: Uuid = sqlx::query_scalar("select hold_id from audit.holds limit 1").fetch_one(&mut *conn).await?;
    let changes = [
        "delete from audit.holds".to_owned(),
        "update audit.holds set day_to = '2001-01-01'".to_owned(),
        "update audit.holds set rooms = array[gen_random_uuid()]".to_owned(),
        format!("insert into audit.hold_releases select '{hold}', min(leaf_index) from audit.events"),
    ];
    let change = chance.one_of(&changes);
    execute(conn, change).await?;
    Ok(Done { what: change.clone(), names: vec![format!("hold: the table does not say of hold {hold} what")] })
}

/// A witness seems to have cosigned.
pub async fn forge_cosignature(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let sizes: Vec<i64> = sqlx::query_scalar("select distinct size from audit.checkpoints").fetch_all(&mut *conn).await?;
    let size = *chance.one_of(&sizes);
    execute(conn, &format!("insert into audit.cosignatures (witness, size, line) values ('w+00000000+AAAA', {size}, '— w AAAA')"))
        .await?;
    Ok(Done { what: format!("a cosignature of size {size}"), names: vec![format!("cosignature: the line of size {size} is not")] })
}

/// An old checkpoint takes the newest one's place.
pub async fn replay_checkpoint(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let sizes: Vec<i64> =
        sqlx::query_scalar("select distinct size from audit.checkpoints order by size").fetch_all(&mut *conn).await?;
    let size = sizes[chance.below(sizes.len() - 1)];
    let text = format!(
        "insert into audit.checkpoints (size, root, note, covers_stream_epoch, covers_seq)
         select size, root, note, covers_stream_epoch, covers_seq from audit.checkpoints where size = {size} limit 1"
    );
    execute(conn, &text).await?;
    Ok(Done {
        what: format!("the checkpoint of size {size} again"),
        names: vec![format!("one of size {size} came after a larger")],
    })
}

/// The checkpoint that an export began at is deleted, none else.
pub async fn delete_exported(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let sizes: Vec<i64> = sqlx::query_scalar("select (body ->> 'size')::bigint from audit.events where kind = 'export_started'")
        .fetch_all(&mut *conn)
        .await?;
    let size = *chance.one_of(&sizes);
    execute(conn, &format!("delete from audit.checkpoints where size = {size}")).await?;
    Ok(Done { what: format!("the checkpoint of size {size} deleted"), names: vec![format!("one of size {size} was removed")] })
}

/// A leaf that audit-svc did not write, with the hashes that it takes.
pub async fn append(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as("select idx, hash from audit.log_hashes").fetch_all(&mut *conn).await?;
    let size: i64 = sqlx::query_scalar("select max(size) from audit.appends").fetch_one(&mut *conn).await?;
    let stored = rows.into_iter().map(|(index, hash)| Some((index as u64, hash.try_into().ok()?)));
    let stored: StoredHashes = stored.collect::<Option<_>>().unwrap_or_default();
    let mut frontier = Frontier::restore(size as u64, &stored)?;
    let kind = chance.one_of(&["approval_decided", "role_changed", "hold_released", "logged_out"]);
    let (event_id, at) = (Uuid::now_v7(), OffsetDateTime::now_utc().replace_nanosecond(0)?);
    sqlx::query("insert into audit.events (event_id, kind, at, body, leaf_index) values ($1, $2, $3, '{}', $4)")
        .bind(event_id)
        .bind(kind)
        .bind(at)
        .bind(size)
        .execute(&mut *conn)
        .await?;
    let text = EventLeaf { event_id, kind, actor: None, at, body: b"{}" }.to_string();
    for (index, hash) in frontier.append(leaf::hash(&text)) {
        let insert = sqlx::query("insert into audit.log_hashes (idx, hash) values ($1, $2)").bind(index as i64);
        insert.bind(&hash[..]).execute(&mut *conn).await?;
    }
    let names = vec![format!("foreign: the state of {} leaves", size + 1)];
    Ok(Done { what: format!("an event {kind} appended with its hashes"), names })
}

/// What was kept apart is gone.
pub async fn empty_quarantine(conn: &mut PgConnection) -> Result<Done> {
    execute(conn, "delete from audit.quarantine").await?;
    Ok(Done { what: "the quarantine emptied".to_owned(), names: vec!["quarantine: what was kept apart of ".to_owned()] })
}

/// What refuses changes is another function, for the next time.
pub async fn disarm(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let guards = [
        ("audit.refuse_rewrite()", "trigger language plpgsql as 'begin return old; end'"),
        ("audit.refuse_shredding()", "trigger language plpgsql as 'begin return old; end'"),
        ("audit.active_holds_on(room uuid, on_day date)", "setof uuid language sql stable as 'select null::uuid where false'"),
    ];
    let (function, body) = *chance.one_of(&guards);
    sqlx::query(&format!("create or replace function {function} returns {body}")).execute(&mut *conn).await?;
    let name = function.split('(').next().unwrap_or_default();
    Ok(Done { what: format!("{name} replaced"), names: vec![format!("guard: the function {name}")] })
}
