//! What JetStream says of a stream and of its consumers, for people.

use anyhow::Context as _;
use sealcast_contracts::admin::{ConsumerReport, StreamReport};
use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;

use crate::Bus;

const NANOS: u64 = 1_000_000_000;

#[derive(Deserialize)]
struct StreamInfo {
    #[serde(with = "time::serde::rfc3339")]
    created: OffsetDateTime,
    config: Config,
    state: State,
}

#[derive(Deserialize)]
struct Config {
    max_bytes: i64,
    max_age: u64,
    num_replicas: u32,
}

#[derive(Deserialize)]
struct State {
    first_seq: u64,
    last_seq: u64,
    messages: u64,
    bytes: u64,
}

#[derive(Deserialize)]
struct ConsumerInfo {
    num_pending: u64,
    num_ack_pending: u64,
    ack_floor: AckFloor,
}

#[derive(Deserialize)]
struct AckFloor {
    stream_seq: u64,
}

impl Bus {
    /// Describes a stream and the named consumers; the stream epoch is not JetStream's to know.
    ///
    /// # Errors
    /// JetStream did not answer, or one of them does not exist.
    pub async fn describe_stream(&self, stream: &str, consumers: &[&str]) -> anyhow::Result<StreamReport> {
        let info = self.jetstream_api(&format!("STREAM.INFO.{stream}"), &json!({})).await?;
        let StreamInfo { created, config, state } = serde_json::from_value(info).context("reading a stream's information")?;
        let mut reports = Vec::new();
        for name in consumers {
            let info = self.jetstream_api(&format!("CONSUMER.INFO.{stream}.{name}"), &json!({})).await?;
            let info: ConsumerInfo = serde_json::from_value(info).context("reading a consumer's information")?;
            reports.push(ConsumerReport {
                name: (*name).to_owned(),
                acknowledged_seq: info.ack_floor.stream_seq,
                lag: info.num_pending + info.num_ack_pending,
            });
        }
        Ok(StreamReport {
            name: stream.to_owned(),
            created_at: created,
            epoch: None,
            first_seq: state.first_seq,
            last_seq: state.last_seq,
            messages: state.messages,
            octets: state.bytes,
            // JetStream says -1 for "without limit".
            octets_max: u64::try_from(config.max_bytes).unwrap_or(u64::MAX),
            age_max_s: config.max_age / NANOS,
            replicas: config.num_replicas,
            consumers: reports,
        })
    }
}
