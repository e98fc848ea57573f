//! What streams promise.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use sealcast_client::{Error, Event, Feed};
use sealcast_contracts::{EventId, sse::Resume};
use sealcast_e2e::{People, Stack};

use super::{PATIENCE, greeted, next_message};
/// How long a revoked stream may stay open.
const REVOKED_WITHIN: Duration = Duration::from_secs(1);

pub async fn across_edges(stack: &Stack, people: &People) -> Result<()> {
    let (ann, ben) = people.pair()?;
    let mut feed = Feed::new(ben.through(stack.edge(1)?), None);
    greeted(&mut feed).await?;
    let sender = ann.log_in(&stack.edge(0)?).await?;
    let sent = sender.send(people.room_id, "Grüße 👋 across").await?;
    let message = next_message(&mut feed).await?;
    ensure!(message.id == sent.id && message.env == sent.env, "another message came");
    let reading = ben.client.read(message).await?;
    ensure!(reading.text.as_deref() == Ok("Grüße 👋 across"), "it reads {:?}", reading.text);
    ensure!(reading.sender.as_deref() == Some(&ann.client.session().info().username), "it is from {:?}", reading.sender);
    Ok(())
}

pub async fn resumes_elsewhere(stack: &Stack, people: &People) -> Result<()> {
    let (ann, ben) = people.pair()?;
    let before = ann.client.send(people.room_id, "before").await?;
    let mut missed = Vec::new();
    for text in ["one", "two", "three"] {
        missed.push(ann.client.send(people.room_id, text).await?.id);
    }
    for edge in [0, 1] {
        let mut feed = Feed::new(ben.through(stack.edge(edge)?), Some(before.id));
        ensure!(greeted(&mut feed).await?.resume == Resume::Exact, "edge {edge} does not resume exactly");
        for id in &missed {
            ensure!(next_message(&mut feed).await?.id == *id, "edge {edge} does not give what was missed, in order");
        }
    }
    Ok(())
}

pub async fn resets(stack: &Stack, people: &People) -> Result<()> {
    let (_, ben) = people.pair()?;
    let unknown = EventId { stream_epoch: 999_999, seq: 1 };
    let mut feed = Feed::new(ben.through(stack.edge(0)?), Some(unknown));
    ensure!(greeted(&mut feed).await?.resume == Resume::Reset, "hello does not say reset");
    let reset = async {
        loop {
            match feed.next().await? {
                Event::Reset(_) => return anyhow::Ok(()),
                Event::Message(_) => bail!("a message came before the reset"),
                _ => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, reset).await.context("no reset came")?
}

pub async fn revoked(stack: &Stack, people: &People) -> Result<()> {
    let (ann, _) = people.pair()?;
    let second = ann.log_in(&stack.edge(1)?).await?;
    let mut feed = second.feed(None);
    greeted(&mut feed).await?;
    let begun = Instant::now();
    ann.through(stack.edge(0)?).revoke_session(second.session().info().session_id).await?;
    let end = async {
        loop {
            match feed.next().await {
                Err(Error::Revoked(_)) => return anyhow::Ok(()),
                Err(error) => bail!("the stream ended otherwise: {error}"),
                Ok(Event::Lost { reason, .. }) => bail!("the stream ended without revoke: {reason}"),
                Ok(_) => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, end).await.context("the stream did not end")??;
    ensure!(begun.elapsed() < REVOKED_WITHIN, "it took {:?}", begun.elapsed());
    let refused = second.session().rooms().await;
    ensure!(matches!(&refused, Err(Error::Refused(problem)) if problem.status == 401), "the session still works: {refused:?}");
    Ok(())
}
