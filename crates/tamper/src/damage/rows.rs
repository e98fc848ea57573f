use anyhow::Result;
use sqlx::PgConnection;

use super::{Done, execute, leaves};
use crate::chance::Chance;

/// Each way to change a message's row, one field at a time.
const RECORD_CHANGES: [&str; 9] = [
    "epoch = epoch + 1",
    "accepted_at = accepted_at + interval '1 millisecond'",
    "accepted_at = accepted_at - interval '1 day'",
    "sender = gen_random_uuid()",
    "cid = gen_random_uuid()",
    "room_id = gen_random_uuid()",
    "sender_fp = sha256(sender_fp)",
    "env_sha256 = sha256(env_sha256)",
    "sig_sha256 = sha256(sig_sha256)",
];
const EVENT_CHANGES: [&str; 5] = [
    "kind = 'member_left'",
    "actor = gen_random_uuid()",
    "at = at + interval '1 millisecond'",
    "body = (body::text || ' ')::json",
    "event_id = gen_random_uuid()",
];

pub async fn flip(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let (leaf, change) = (*chance.one_of(&leaves(conn, "records").await?), chance.one_of(&RECORD_CHANGES));
    execute(conn, &format!("update audit.records set {change} where leaf_index = {leaf}")).await?;
    Ok(Done { what: format!("leaf {leaf}: {change}"), names: vec![format!("(leaf {leaf})"), format!("leaf {leaf},")] })
}

pub async fn flip_content(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let (leaf, bit) = (*chance.one_of(&leaves(conn, "records").await?), chance.below(8 * 64));
    let seq = seq_of(conn, leaf).await?;
    execute(
        conn,
        &format!("update audit.records set sealed = set_bit(sealed, {bit}, 1 - get_bit(sealed, {bit})) where leaf_index = {leaf}"),
    )
    .await?;
    Ok(Done { what: format!("message 1-{seq}: bit {bit} of its content"), names: vec![format!("message 1-{seq}:")] })
}

pub async fn flip_event(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let all = leaves(conn, "events").await?;
    let change = chance.one_of(&EVENT_CHANGES);
    let leaf = *chance.one_of(&all);
    execute(conn, &format!("update audit.events set {change} where leaf_index = {leaf}")).await?;
    Ok(Done { what: format!("leaf {leaf}: {change}"), names: vec![format!("(leaf {leaf})")] })
}

pub async fn delete(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let table = chance.one_of(&["records", "events"]);
    let leaf = *chance.one_of(&leaves(conn, table).await?);
    execute(conn, &format!("delete from audit.{table} where leaf_index = {leaf}")).await?;
    Ok(Done { what: format!("leaf {leaf}: its row of {table} deleted"), names: vec![format!("removed: the row of leaf {leaf}\n")] })
}

pub async fn swap(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let table = chance.one_of(&["records", "events"]);
    let all = leaves(conn, table).await?;
    let (one, two) = chance.two_below(all.len());
    let (one, two) = (all[one], all[two]);
    for (from, to) in [(one, 1_000_000), (two, one), (1_000_000, two)] {
        execute(conn, &format!("update audit.{table} set leaf_index = {to} where leaf_index = {from}")).await?;
    }
    let names = vec![format!("stands at leaf {one}, it belongs to leaf {two}\n")];
    Ok(Done { what: format!("rows of {table} at leaves {one} and {two} exchanged"), names })
}

pub async fn swap_contents(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let all = leaves(conn, "records").await?;
    let (one, two) = chance.two_below(all.len());
    let (one, two) = (all[one], all[two]);
    let seq = seq_of(conn, one).await?;
    let text = format!(
        "update audit.records r set sealed = o.sealed, dek_id = o.dek_id from audit.records o
         where (r.leaf_index, o.leaf_index) in (({one}, {two}), ({two}, {one}))"
    );
    execute(conn, &text).await?;
    Ok(Done { what: format!("contents of leaves {one} and {two} exchanged"), names: vec![format!("message 1-{seq}:")] })
}

pub async fn forge(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let leaf = *chance.one_of(&leaves(conn, "records").await?);
    // Above all others: a place that no leaf was given out for.
    let text = format!(
        "insert into audit.records (stream_epoch, seq, room_id, cid, sender, sender_fp, epoch, accepted_at, env_sha256, sig_sha256,
                                    sealed, dek_id, leaf_index)
         select stream_epoch, 900000, room_id, gen_random_uuid(), sender, sender_fp, epoch, accepted_at, env_sha256, sig_sha256, sealed,
                dek_id, (select 1 + greatest((select max(leaf_index) from audit.records), (select max(leaf_index) from audit.events)))
         from audit.records where leaf_index = {leaf}"
    );
    execute(conn, &text).await?;
    Ok(Done { what: format!("a copy of leaf {leaf} behind the end"), names: vec!["message 1-900000".to_owned()] })
}

pub async fn truncate(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let table = chance.one_of(&["records", "events"]);
    let first = leaves(conn, table).await?[0];
    execute(conn, &format!("delete from audit.{table}")).await?;
    Ok(Done { what: format!("{table} emptied"), names: vec![format!("removed: the row of leaf {first}\n")] })
}

async fn seq_of(conn: &mut PgConnection, leaf: i64) -> Result<i64> {
    Ok(sqlx::query_scalar("select seq from audit.records where leaf_index = $1").bind(leaf).fetch_one(conn).await?)
}
