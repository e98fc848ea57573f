use anyhow::Result;
use sqlx::PgConnection;

use super::{Done, execute};
use crate::chance::Chance;

const CHANGES: [&str; 4] = [
    "root = sha256(root)",
    "note = overlay(note placing 'x' from length(note) - 20 for 1)",
    "note = replace(note, 'sealcast', 'sealcasT')",
    "note = left(note, length(note) - 2)",
];

pub async fn flip(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let (size, change) = (size(conn, chance).await?, chance.one_of(&CHANGES));
    execute(conn, &format!("update audit.checkpoints set {change} where size = {size}")).await?;
    let names = vec![format!("checkpoint: the one of size {size} ")];
    Ok(Done { what: format!("checkpoint of size {size}: {change}"), names })
}

/// What was signed last is signed no more.
pub async fn delete(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let size = size(conn, chance).await?;
    execute(conn, &format!("delete from audit.checkpoints where size >= {size}")).await?;
    Ok(Done { what: format!("checkpoints from size {size} on deleted"), names: vec!["unsigned: leaves ".to_owned()] })
}

pub async fn move_covers(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let sizes: Vec<i64> =
        sqlx::query_scalar("select distinct size from audit.checkpoints where covers_seq is not null order by size")
            .fetch_all(&mut *conn)
            .await?;
    let size = *chance.one_of(&sizes[1..]);
    let change =
        chance.one_of(&["covers_seq = covers_seq + 100000", "covers_seq = 0", "covers_stream_epoch = covers_stream_epoch + 1"]);
    execute(conn, &format!("update audit.checkpoints set {change} where size = {size}")).await?;
    let names = vec![format!("checkpoint: what the one of size {size} covers was changed")];
    Ok(Done { what: format!("checkpoint of size {size}: {change}"), names })
}

async fn size(conn: &mut PgConnection, chance: &mut Chance) -> Result<i64> {
    let sizes: Vec<i64> = sqlx::query_scalar("select distinct size from audit.checkpoints order by size").fetch_all(conn).await?;
    Ok(*chance.one_of(&sizes))
}
