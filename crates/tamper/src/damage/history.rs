//! Changes that leave a log without a flaw in it, only another one than was seen.

use anyhow::{Context, Result};
use sealcast_merkle::{
    checkpoint::{SigningKey, TreeHead},
    leaf::{self, LeafText},
    tree::{Frontier, stored_count},
};
use sqlx::{PgConnection, Row as _};

use super::{Done, execute};
use crate::{archive::Archive, chance::Chance};

/// Rows, hashes and checkpoints cut off together.
pub async fn roll_back(conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let sizes: Vec<i64> =
        sqlx::query_scalar("select distinct size from audit.checkpoints order by size").fetch_all(&mut *conn).await?;
    let size = sizes[chance.below(sizes.len() - 1)];
    let first = stored_count(size as u64);
    for (statement, bound) in [
        ("delete from audit.records where leaf_index >= $1", size),
        ("delete from audit.events where leaf_index >= $1", size),
        ("delete from audit.log_hashes where idx >= $1", first as i64),
        ("delete from audit.checkpoints where size > $1", size),
        ("delete from audit.appends where size > $1", size),
        ("delete from audit.concerned where leaf_index >= $1", size),
        ("delete from audit.hold_releases where released_leaf >= $1", size),
        ("delete from audit.holds where placed_leaf >= $1", size),
    ] {
        sqlx::query(statement).bind(bound).execute(&mut *conn).await?;
    }
    Ok(Done { what: format!("the log rolled back to {size}"), names: vec![format!("rolled back: the log has {size} leaves")] })
}

/// A message becomes another sender's; tree and checkpoints are made anew and signed with the log's own key.
pub async fn fork(archive: &Archive, conn: &mut PgConnection, chance: &mut Chance) -> Result<Done> {
    let all = super::leaves(conn, "records").await?;
    let changed = *chance.one_of(&all);
    execute(conn, &format!("update audit.records set sender = gen_random_uuid() where leaf_index = {changed}")).await?;
    let key = SigningKey::parse(&archive.log_key()?)?;
    let mut leaves = hashes(conn).await?;
    leaves[changed as usize] = leaf::hash(&text_of(conn, changed).await?);
    let (mut frontier, mut made) = (Frontier::default(), Vec::new());
    let mut roots = Vec::new();
    for leaf in leaves {
        made.extend(frontier.append(leaf));
        roots.push(frontier.root());
    }
    for (index, hash) in made {
        sqlx::query("update audit.log_hashes set hash = $2 where idx = $1")
            .bind(index as i64)
            .bind(&hash[..])
            .execute(&mut *conn)
            .await?;
    }
    let sizes: Vec<i64> = sqlx::query_scalar("select distinct size from audit.checkpoints where size > $1")
        .bind(changed)
        .fetch_all(&mut *conn)
        .await?;
    for size in sizes {
        let root = *roots.get(size as usize - 1).context("a checkpoint is larger than the log")?;
        let note = key.sign(&TreeHead { size: size as u64, root });
        sqlx::query("update audit.checkpoints set root = $2, note = $3 where size = $1")
            .bind(size)
            .bind(&root[..])
            .bind(note)
            .execute(&mut *conn)
            .await?;
    }
    let names = vec![format!("forked: another log of {} leaves", archive.seen.size)];
    Ok(Done { what: format!("leaf {changed} rewritten, tree and checkpoints signed anew"), names })
}

/// The stored hashes of all leaves.
async fn hashes(conn: &mut PgConnection) -> Result<Vec<[u8; 32]>> {
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as("select idx, hash from audit.log_hashes order by idx").fetch_all(conn).await?;
    let (mut leaves, mut next) = (Vec::new(), 0);
    for (index, hash) in rows {
        if index as u64 == next {
            leaves.push(hash.try_into().map_err(|_| anyhow::anyhow!("a stored hash is not 32 octets"))?);
            next = stored_count(leaves.len() as u64);
        }
    }
    Ok(leaves)
}

/// The leaf of a message's row, with the row's sender.
async fn text_of(conn: &mut PgConnection, leaf_index: i64) -> Result<String> {
    use sealcast_contracts::{ClientMessageId, EventId, Fingerprint, RoomId, UserId};
    let row = sqlx::query("select * from audit.records where leaf_index = $1").bind(leaf_index).fetch_one(conn).await?;
    let hash = |column: &str| {
        let octets: Vec<u8> = row.try_get(column)?;
        <[u8; 32]>::try_from(octets).map_err(|_| anyhow::anyhow!("{column} is not 32 octets"))
    };
    let digests = sealcast_merkle::leaf::MessageDigests {
        id: EventId { stream_epoch: row.try_get::<i64, _>("stream_epoch")? as u32, seq: row.try_get::<i64, _>("seq")? as u64 },
        room_id: RoomId(row.try_get("room_id")?),
        epoch: row.try_get::<i64, _>("epoch")? as u32,
        cid: ClientMessageId(row.try_get("cid")?),
        sender: UserId(row.try_get("sender")?),
        sender_fp: Fingerprint(hash("sender_fp")?),
        accepted_at: row.try_get("accepted_at")?,
        env_sha256: hash("env_sha256")?,
        sig_sha256: hash("sig_sha256")?,
    };
    let text = digests.to_string();
    anyhow::ensure!(matches!(leaf::read(&text), Some(LeafText::Message(_))), "the rewritten row has no leaf");
    Ok(text)
}
