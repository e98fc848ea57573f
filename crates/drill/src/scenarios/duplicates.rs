//! One message id used again and again: by its owner, in another room, by somebody else.

use std::time::Duration;

use anyhow::{Context, Result};
use futures::{StreamExt as _, stream};
use sealcast_contracts::ClientMessageId;

use crate::{
    attempt,
    dice::Dice,
    figures::Figures,
    ledger::{Answer, Key, Sent},
    site::Site,
    traffic::{Load, Traffic},
};

const AT_ONCE: usize = 64;

/// R16.
pub async fn ids(site: &Site, _: Dice) -> Result<Figures> {
    let load = Load { readers: 12, writers: 0, pace: Duration::from_secs(1) };
    let traffic = Traffic::open(site, load).await?;
    let copies = site.size.pick(200, 1_000);
    let (owner, other) = (site.person(0)?, site.person(2)?);
    let cid = ClientMessageId::generate();
    let message = owner.client.seal(site.common, cid, "one of many").await?;
    let edges = [site.stack.edge(0)?, site.stack.edge(1)?];
    let posting = stream::iter(0..copies).map(|copy| {
        let url = edges[copy % edges.len()].url().clone();
        let message = &message;
        async move { attempt::post(site, owner, &url, site.common, message).await }
    });
    let attempts: Vec<_> = posting.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await.into_iter().collect::<Result<_>>()?;
    let acked: Vec<_> = attempts.iter().filter_map(|attempt| attempt.accepted.as_ref()).collect();
    let first = acked.first().context("no copy was accepted")?;
    let differing = acked.iter().filter(|accepted| accepted.id != first.id).count();
    let first_id = first.id;
    traffic.note(Sent {
        key: Key { sender: owner.client.session().info().user_id, room_id: site.common, cid },
        answer: Answer::Acked(first_id),
    });
    // The same id in another room, and the same id by somebody else in the same room: both are messages of their own.
    let elsewhere = owner.client.send_as(site.half, cid, "the same id elsewhere").await.context("the same id in another room")?;
    let others = other.client.send_as(site.common, cid, "the same id by somebody else").await.context("somebody else's same id")?;
    traffic.note_accepted(&elsewhere);
    traffic.note_accepted(&others);
    let acked = acked.len();
    let outcome = traffic.settle().await?;
    let mut figures = Figures::default();
    figures.count("copies", copies);
    figures.count("answered 2xx", acked);
    figures.none("with another id", differing);
    outcome.tell(&mut figures);
    Ok(figures)
}
