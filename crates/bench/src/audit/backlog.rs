//! Messages that wait in the stream, as after an outage of audit-svc.

use std::time::Duration as StdDuration;

use anyhow::{Context as _, Result, ensure};
use futures::{StreamExt as _, stream};
use sealcast_bus::Bus;
use sealcast_contracts::{
    ClientMessageId, RoomId,
    stream::{StreamMessage, room_subject},
};
use time::{Duration, OffsetDateTime};

use super::AuditArgs;
use crate::{
    fixture::{Fixture, Sealed},
    os,
    plan::AuditPlan,
    progress,
};

/// The number that the backlog's client message ids begin with.
const BASE: u64 = 1;
/// Real envelopes that most messages repeat: audit-svc hashes and seals each, and does not look inside.
const ENVELOPES: u64 = 256;
/// The repeated ones are so old, which keeps them out of the export's margins.
const OLDER_BY: Duration = Duration::hours(3);
const ACKNOWLEDGED_WITHIN: StdDuration = StdDuration::from_secs(60);
const IN_FLIGHT: usize = 512;
/// The service that publishes, as NATS knows it.
const PUBLISHER: &str = "chat-svc";

/// What waits.
pub struct Backlog {
    pub messages: u64,
    pub octets_each: u64,
    pub exported: u64,
    pub room_id: RoomId,
    /// From when on the exported messages were accepted.
    pub from: OffsetDateTime,
}

impl Backlog {
    /// Publishes it to JetStream, which is on disk when this returns.
    ///
    /// # Errors
    /// JetStream refuses it.
    pub async fn publish(audit: &AuditPlan, fixture: &Fixture, args: &AuditArgs) -> Result<Self> {
        progress::say(format_args!("sealing {} messages", args.exported + ENVELOPES));
        let repeated = fixture.seal(BASE, ENVELOPES, u64::MAX, "as long as many messages are: a line of text, or two")?;
        let from = OffsetDateTime::now_utc();
        let exported = fixture.seal(BASE + args.messages, args.exported, 1, "one of those that are exported")?;
        let bus = Bus::connect(&audit.bus, PUBLISHER).await?;
        progress::say(format_args!("publishing {} messages to JetStream", args.messages));
        let older = (0..args.messages - args.exported).map(|nth| {
            let sealed = &repeated[(nth % ENVELOPES) as usize];
            message(sealed, ClientMessageId::generate(), from - OLDER_BY)
        });
        let newer = exported.iter().map(|sealed| message(sealed, sealed.message.cid, OffsetDateTime::now_utc()));
        let room_id = exported.first().context("nothing to export")?.room_id;
        let mut octets = 0;
        let mut published = stream::iter(older.chain(newer)).map(|message| publish(&bus, message)).buffer_unordered(IN_FLIGHT);
        let mut done = 0;
        while let Some(outcome) = published.next().await {
            octets += outcome?;
            done += 1;
            ensure!(!os::stop_asked(), "interrupted");
            progress::show(format_args!("{done} of {}", args.messages));
        }
        Ok(Self { messages: args.messages, octets_each: octets / args.messages, exported: args.exported, room_id, from })
    }
}

async fn publish(bus: &Bus, message: StreamMessage) -> Result<u64> {
    let payload = message.payload();
    let octets = payload.len() as u64;
    let id = message.cid.to_string();
    bus.publish(room_subject(message.room_id), &id, &message.headers(), payload.into(), ACKNOWLEDGED_WITHIN).await?;
    Ok(octets)
}

fn message(sealed: &Sealed, cid: ClientMessageId, accepted_at: OffsetDateTime) -> StreamMessage {
    let Sealed { room_id, sender_id: sender, sender_fp, .. } = *sealed;
    let (env, sig) = (sealed.message.env.as_slice().to_vec(), sealed.message.sig.as_slice().to_vec());
    StreamMessage { room_id, stream_epoch: 1, sender, sender_fp, cid, epoch: sealed.message.epoch, accepted_at, env, sig }
}
