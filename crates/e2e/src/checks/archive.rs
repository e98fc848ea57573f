//! What is kept, and who gets to see it.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use sealcast_client::Error;
use sealcast_contracts::{audit::MessageFilter, audit::Order, sse};
use sealcast_e2e::{People, Stack};

use super::PATIENCE;
const POLL: Duration = Duration::from_millis(100);
/// Octets of the envelope that are looked for: enough to be unique.
const NEEDLE_OCTETS: usize = 32;

pub async fn proven(_: &Stack, people: &People) -> Result<()> {
    let (ann, ben) = people.pair()?;
    let sent = ann.client.send(people.room_id, "for the record").await?;
    let prove = async {
        loop {
            match ben.client.prove(&sent).await {
                Err(error) if error.is_refusal("not-yet-logged") || error.is_refusal("not-found") || error.is_unavailable() => {}
                other => return other,
            }
            tokio::time::sleep(POLL).await;
        }
    };
    let proven = tokio::time::timeout(PATIENCE, prove).await.context("no checkpoint covers it")??;
    ensure!(proven.leaf.contains(&format!("id={}\n", sent.id)), "the leaf is another message's");
    let altered = sse::Message { accepted_at: sent.accepted_at + time::Duration::MINUTE, ..sent };
    ensure!(matches!(ben.client.prove(&altered).await, Err(Error::Verification(_))), "an altered message is proven too");
    Ok(())
}

pub async fn unauthenticated(stack: &Stack, people: &People) -> Result<()> {
    let http = reqwest::Client::builder()
        .tls_built_in_root_certs(false)
        .add_root_certificate(reqwest::Certificate::from_pem(stack.ca())?)
        .no_proxy()
        .build()?;
    let room = people.room_id;
    let paths = ["audit/messages", "audit/events", "audit/checkpoint", "rooms", "users", "sessions", "presence", "events"];
    let paths = paths.map(str::to_owned).into_iter().chain([format!("rooms/{room}"), format!("rooms/{room}/messages")]);
    for path in paths {
        let url = stack.url()?.join(&format!("api/v1/{path}"))?;
        for token in [None, Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")] {
            let request = http.get(url.clone()).timeout(PATIENCE);
            let answer = match token {
                Some(token) => request.bearer_auth(token),
                None => request,
            };
            let answer = answer.send().await?;
            let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
            ensure!(answer.status() == 401, "{path} answers {}", answer.status());
            ensure!(kind.starts_with("application/problem+json"), "{path} answers with {kind}");
        }
    }
    Ok(())
}

pub async fn outsiders(_: &Stack, people: &People) -> Result<()> {
    let session = people.outside.client.session();
    let room_id = people.room_id;
    ensure!(session.rooms().await?.iter().all(|room| room.room_id != room_id), "the room is listed");
    let filter = MessageFilter { room_id: Some(room_id), ..MessageFilter::default() };
    let answers = [
        session.room_keys(room_id).await.map(drop),
        session.members(room_id).await.map(drop),
        session.history_page(room_id, &filter, Order::NewestFirst, None, 1).await.map(drop),
    ];
    for answer in answers {
        ensure!(matches!(&answer, Err(Error::Refused(problem)) if problem.status == 404), "it answers {answer:?}");
    }
    match session.audit_messages(&filter, Order::NewestFirst, None, 10).await {
        Ok(page) => ensure!(page.items.is_empty(), "the archive shows its messages"),
        Err(Error::Refused(problem)) => ensure!(problem.status == 404, "the archive answers {problem}"),
        Err(error) => bail!(error),
    }
    let events = session.audit_events(&sealcast_client::EventFilter::default(), Order::NewestFirst, None, 1).await;
    ensure!(matches!(&events, Err(Error::Refused(problem)) if problem.status == 403), "a member may query events: {events:?}");
    Ok(())
}

pub async fn sealed_rows(stack: &Stack, people: &People) -> Result<()> {
    let (ann, _) = people.pair()?;
    let text = format!("needle {}", people.room_id);
    let sent = ann.client.send(people.room_id, &text).await?;
    let row = async {
        loop {
            let sql = format!("select encode(sealed, 'hex') from audit.records where cid = '{}'", sent.cid);
            let sealed = stack.query(&sql)?;
            if !sealed.trim().is_empty() {
                return anyhow::Ok(sealed);
            }
            tokio::time::sleep(POLL).await;
        }
    };
    let sealed = tokio::time::timeout(PATIENCE, row).await.context("the row does not come")??;
    let env = sent.env.as_slice();
    ensure!(sealed.trim().len() / 2 > env.len(), "the row is too short to hold the envelope");
    let needle = env.get(env.len() - NEEDLE_OCTETS..).context("the envelope is long enough")?;
    ensure!(!sealed.contains(&hex(needle)), "the row holds the envelope as it is");
    ensure!(!sealed.contains(&hex(text.as_bytes())), "the row holds the plaintext");
    let tables = "select string_agg(format('select %L, t::text from %I.%I t', schemaname || '.' || tablename, schemaname, tablename), \
                  ' union all ') from pg_tables where schemaname in ('auth', 'chat', 'audit')";
    let everything = stack.query(&stack.query(tables)?)?;
    for needle in [text.clone(), hex(text.as_bytes()), hex(needle), BASE64_STANDARD.encode(env)] {
        ensure!(!everything.contains(&needle), "a table holds it");
    }
    Ok(())
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
