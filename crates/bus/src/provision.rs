//! The streams and consumers as they must be; only the provisioner's credential may make them.

use sealcast_contracts::stream::{
    AUDIT_CONSUMER, DUPLICATE_WINDOW_S, ENVELOPE_SUBJECTS, ENVELOPES, ENVELOPES_OCTETS_MAX, EVENT_SUBJECTS, EVENTS,
    EVENTS_OCTETS_MAX, STREAM_AGE_MAX_S, STREAM_MESSAGE_OCTETS_MAX,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Bus, log::ApiError};

const STREAM_NOT_FOUND: u64 = 10_059;
const NANOS: u64 = 1_000_000_000;

/// A stream after provisioning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provisioned {
    /// RFC 3339, as JetStream says it: another value means another stream of the same name.
    pub created: String,
    pub last_seq: u64,
    pub existed: bool,
}

impl Bus {
    /// Makes or updates both streams and audit-svc's consumers; gives the state of [`ENVELOPES`].
    ///
    /// # Errors
    /// JetStream did not answer, or refused a change.
    pub async fn provision(&self, replicas: u32) -> anyhow::Result<Provisioned> {
        let envelopes = self.put_stream(ENVELOPES, &envelopes(replicas)).await?;
        self.put_stream(EVENTS, &events(replicas)).await?;
        for stream in [ENVELOPES, EVENTS] {
            self.jetstream_api(&format!("CONSUMER.DURABLE.CREATE.{stream}.{AUDIT_CONSUMER}"), &consumer(stream)).await?;
        }
        Ok(envelopes)
    }

    /// Whether there is a stream of this name.
    ///
    /// # Errors
    /// JetStream did not answer.
    pub async fn stream_exists(&self, name: &str) -> anyhow::Result<bool> {
        match self.stream_state(name).await {
            Ok(_) => Ok(true),
            Err(error) if error.downcast_ref::<ApiError>().is_some_and(|error| error.err_code == STREAM_NOT_FOUND) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn put_stream(&self, name: &str, config: &Value) -> anyhow::Result<Provisioned> {
        #[derive(Deserialize)]
        struct Info {
            created: String,
            state: State,
        }
        #[derive(Deserialize)]
        struct State {
            last_seq: u64,
        }
        let existed = self.stream_exists(name).await?;
        let verb = if existed { "UPDATE" } else { "CREATE" };
        let info: Info = serde_json::from_value(self.jetstream_api(&format!("STREAM.{verb}.{name}"), config).await?)?;
        Ok(Provisioned { created: info.created, last_seq: info.state.last_seq, existed })
    }
}

fn envelopes(replicas: u32) -> Value {
    let mut config = stream(ENVELOPES, ENVELOPE_SUBJECTS, ENVELOPES_OCTETS_MAX, replicas);
    config["republish"] = json!({"src": ENVELOPE_SUBJECTS, "dest": format!("live.{ENVELOPE_SUBJECTS}"), "headers_only": false});
    config
}

fn events(replicas: u32) -> Value {
    stream(EVENTS, EVENT_SUBJECTS, EVENTS_OCTETS_MAX, replicas)
}

/// A full stream refuses new messages rather than drop ones that audit-svc has not stored.
fn stream(name: &str, subjects: &str, octets_max: i64, replicas: u32) -> Value {
    json!({
        "name": name, "subjects": [subjects], "retention": "limits", "storage": "file", "num_replicas": replicas,
        "max_age": STREAM_AGE_MAX_S * NANOS, "max_bytes": octets_max, "max_msg_size": STREAM_MESSAGE_OCTETS_MAX,
        "max_msgs": -1, "max_msgs_per_subject": -1, "max_consumers": 8, "discard": "new",
        "duplicate_window": DUPLICATE_WINDOW_S * NANOS, "deny_delete": true, "deny_purge": true, "allow_direct": true,
    })
}

fn consumer(stream: &str) -> Value {
    json!({"stream_name": stream, "config": {
        "durable_name": AUDIT_CONSUMER, "ack_policy": "explicit", "ack_wait": 5 * NANOS, "max_deliver": -1,
        "max_ack_pending": 5_000, "deliver_policy": "all", "replay_policy": "instant",
    }})
}
