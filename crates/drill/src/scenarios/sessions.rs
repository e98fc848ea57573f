//! Sessions that end while what carries hints is gone.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use sealcast_client::{Error, Event, Feed};
use sealcast_e2e::Person;

use crate::{
    dice::Dice,
    faults::process::Frozen,
    figures::{Figures, percentile, seconds},
    site::Site,
};

/// How long an ended session may live on before that is an error and not a figure.
const PATIENCE: Duration = Duration::from_secs(40);
const POLL: Duration = Duration::from_millis(20);

/// S3 with Redis dead.
pub async fn revoked(site: &Site, _: Dice) -> Result<Figures> {
    let rounds = site.size.pick(3, 20);
    let mut streams = Vec::new();
    let mut requests = Vec::new();
    let mut after_the_end = 0;
    let frozen = Frozen::new(site, "redis")?;
    for round in 0..rounds {
        let person = site.person(round)?;
        // The budget of logins from one's own network; what is given back needs Redis.
        let client = person.log_in(&site.stack.edge(round % 2)?).await.context("logging in without Redis")?;
        let session = client.session();
        let mut feeds = Vec::new();
        for edge in 0..2 {
            let through = sealcast_client::Session::new(site.stack.edge(edge)?, session.token().clone(), session.info().clone());
            let mut feed = Feed::new(through, None);
            greeted(&mut feed).await?;
            feeds.push(feed);
        }
        let begun = Instant::now();
        revoke(person, session.info().session_id).await?;
        for feed in &mut feeds {
            streams.push(ended(feed, begun).await?);
        }
        for edge in 0..2 {
            let through = sealcast_client::Session::new(site.stack.edge(edge)?, session.token().clone(), session.info().clone());
            while !matches!(&through.rooms().await, Err(Error::Refused(problem)) if problem.status == 401) {
                if begun.elapsed() > PATIENCE {
                    bail!("the session still works");
                }
                tokio::time::sleep(POLL).await;
            }
            requests.push(begun.elapsed());
        }
        // A stream that has ended is over: the client comes back and is refused.
        for feed in &mut feeds {
            after_the_end += said_after(feed).await?;
        }
    }
    drop(frozen);
    let mut figures = Figures::default();
    figures.count("sessions", rounds);
    figures.at_most("streams closed p99 s", seconds(percentile(&streams, 99)), 1.0);
    figures.at_most("401 p99 s", seconds(percentile(&requests, 99)), 1.0);
    figures.none("events after the end", after_the_end);
    Ok(figures)
}

async fn revoke(person: &Person, session_id: sealcast_contracts::SessionId) -> Result<()> {
    person.client.session().revoke_session(session_id).await.map(drop).context("revoking without Redis")
}

async fn greeted(feed: &mut Feed) -> Result<()> {
    let greeting = async {
        loop {
            if let Event::Hello(_) = feed.next().await? {
                return anyhow::Ok(());
            }
        }
    };
    tokio::time::timeout(PATIENCE, greeting).await.context("a stream did not open")?
}

/// What the server still says on a stream that has ended, until it refuses the client that comes back.
async fn said_after(feed: &mut Feed) -> Result<usize> {
    let ending = async {
        let mut said = 0;
        loop {
            match feed.next().await {
                Err(Error::Refused(problem)) if problem.status == 401 => return anyhow::Ok(said),
                Err(error) => return Err(error).context("coming back to an ended session"),
                Ok(Event::Lost { .. }) => {}
                Ok(_) => said += 1,
            }
        }
    };
    tokio::time::timeout(PATIENCE, ending).await.context("an ended session is not refused")?
}

/// When a stream ended as revoked.
async fn ended(feed: &mut Feed, begun: Instant) -> Result<Duration> {
    let ending = async {
        loop {
            match feed.next().await {
                Err(Error::Revoked(_)) => return anyhow::Ok(begun.elapsed()),
                Err(error) => return Err(error).context("the stream ended otherwise"),
                Ok(_) => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, ending).await.context("the stream of an ended session stays open")?
}
