//! One attempt to send, as the wire shows it: the client crate would try again.

use std::time::{Duration, Instant};

use anyhow::Result;
use sealcast_client::{NewMessage, Url};
use sealcast_contracts::{ClientMessageId, RoomId, chat::AcceptedMessage};
use sealcast_e2e::Person;
use secrecy::ExposeSecret as _;

use crate::{
    ledger::{Answer, Key, Sent},
    site::Site,
};

/// Longer than the server tries by itself.
const TIMEOUT: Duration = Duration::from_secs(20);

/// What came of it.
#[derive(Debug)]
pub struct Attempt {
    pub answer: Answer,
    pub took: Duration,
    pub accepted: Option<AcceptedMessage>,
}

impl Attempt {
    /// As the ledger keeps it.
    pub fn to_sent(&self, key: Key) -> Sent {
        Sent { key, answer: self.answer }
    }
}

/// Posts a sealed message once, through the ingress or straight to an edge.
pub async fn post(site: &Site, person: &Person, url: &Url, room_id: RoomId, message: &NewMessage) -> Result<Attempt> {
    let url = url.join(&format!("api/v1/rooms/{room_id}/messages"))?;
    let token = person.client.session().token().expose_secret().to_owned();
    let request = site.http().post(url).bearer_auth(token).header("Idempotency-Key", message.cid.to_string());
    let begun = Instant::now();
    let answer = match request.json(message).timeout(TIMEOUT).send().await {
        Ok(answer) => answer,
        Err(error) => {
            // A connection that was never made carried nothing.
            let answer = if error.is_connect() { Answer::Rejected } else { Answer::Unknown };
            return Ok(Attempt { answer, took: begun.elapsed(), accepted: None });
        }
    };
    let status = answer.status();
    let rejected =
        status.is_client_error() || answer.headers().get("sealcast-outcome").is_some_and(|outcome| outcome == "rejected");
    let accepted = if status.is_success() { answer.json::<AcceptedMessage>().await.ok() } else { None };
    let outcome = match &accepted {
        Some(accepted) => Answer::Acked(accepted.id),
        None if rejected => Answer::Rejected,
        None => Answer::Unknown,
    };
    Ok(Attempt { answer: outcome, took: begun.elapsed(), accepted })
}

/// Sealed messages of one person, to be posted while the person's client could not seal any.
pub struct Sealed<'a> {
    site: &'a Site,
    person: &'a Person,
    url: Url,
    room_id: RoomId,
    messages: Vec<NewMessage>,
}

impl<'a> Sealed<'a> {
    /// Seals them for a room. A signature is good for five minutes.
    pub async fn new(site: &'a Site, person: usize, url: Url, count: usize) -> Result<Self> {
        let (person, room_id) = (site.person(person)?, site.common);
        // So that nothing need be fetched later.
        person.client.send(room_id, "before").await?;
        let mut messages = Vec::new();
        for _ in 0..count {
            messages.push(person.client.seal(room_id, ClientMessageId::generate(), "during").await?);
        }
        Ok(Self { site, person, url, room_id, messages })
    }

    /// Posts the next one once; nothing when all are used up.
    pub async fn post(&mut self) -> Result<Option<(Sent, Attempt)>> {
        let Some(message) = self.messages.pop() else { return Ok(None) };
        let attempt = post(self.site, self.person, &self.url, self.room_id, &message).await?;
        let key = Key { sender: self.person.client.session().info().user_id, room_id: self.room_id, cid: message.cid };
        Ok(Some((attempt.to_sent(key), attempt)))
    }
}

/// What attempts during a fault came to.
#[derive(Default)]
pub struct Attempts {
    pub acked: usize,
    pub rejected: usize,
    pub unknown: usize,
    pub slowest: Duration,
    /// The slowest of those that began after the first had been given up.
    pub slowest_later: Duration,
}

impl Attempts {
    pub fn add(&mut self, attempt: &Attempt) {
        let first = self.acked + self.rejected + self.unknown == self.acked;
        match attempt.answer {
            Answer::Acked(_) => self.acked += 1,
            Answer::Rejected => self.rejected += 1,
            Answer::Unknown => self.unknown += 1,
        }
        self.slowest = self.slowest.max(attempt.took);
        if !first {
            self.slowest_later = self.slowest_later.max(attempt.took);
        }
    }
}
