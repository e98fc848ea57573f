use anyhow::Result;
use sqlx::PgConnection;

use super::{Done, execute};
use crate::chance::Chance;

pub async fn flip(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let (index, bit) = (index(conn, chance).await?, chance.below(256));
    execute(
        conn,
        &format!("update audit.log_hashes set hash = set_bit(hash, {bit}, 1 - get_bit(hash, {bit})) where idx = {index}"),
    )
    .await?;
    Ok(Done { what: format!("bit {bit} of stored hash {index}"), names: names(conn, index).await? })
}

pub async fn delete(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let index = index(conn, chance).await?;
    let mut names = names(conn, index).await?;
    execute(conn, &format!("delete from audit.log_hashes where idx = {index}")).await?;
    names.push("tree: the stored hashes are not those of any tree".to_owned());
    Ok(Done { what: format!("stored hash {index} deleted"), names })
}

pub async fn swap(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let one = index(conn, chance).await?;
    let mut two = index(conn, chance).await?;
    while two == one {
        two = index(conn, chance).await?;
    }
    let text = format!(
        "update audit.log_hashes a set hash = b.hash from audit.log_hashes b
         where (a.idx, b.idx) in (({one}, {two}), ({two}, {one}))"
    );
    execute(conn, &text).await?;
    let mut all = names(conn, one).await?;
    all.extend(names(conn, two).await?);
    Ok(Done { what: format!("stored hashes {one} and {two} exchanged"), names: all })
}

async fn index(conn: &mut PgConnection, chance: &mut Chance) -> Result<i64> {
    let count: i64 = sqlx::query_scalar("select count(*) from audit.log_hashes").fetch_one(conn).await?;
    Ok(chance.below(usize::try_from(count)?) as i64)
}

/// A leaf's hash is named by its leaf, an inner one by its place.
async fn names(conn: &mut PgConnection, index: i64) -> Result<Vec<String>> {
    let size: i64 = sqlx::query_scalar("select max(size) from audit.checkpoints").fetch_one(conn).await?;
    let leaf = (0..size as u64).find(|leaf| sealcast_merkle::tree::stored_count(*leaf) == index as u64);
    Ok(match leaf {
        Some(leaf) => vec![format!("(leaf {leaf})"), format!("at leaf {leaf},")],
        None => vec![format!("stored hash {index} ")],
    })
}
