//! The stream of accepted messages and its epoch.
//!
//! A sequence identifies a message only as long as the stream never gives it out again. It does after a lost tail or a
//! lost stream, and then the stream epoch must rise; the provisioner decides that, and a running service notices it.

mod provision;
mod silence;
pub(crate) mod store;
mod tail;

pub use provision::Loss;
pub(crate) use provision::provision;
pub(crate) use silence::{Entry, Silence};
pub(crate) use tail::{Tail, watch};

use anyhow::Context as _;
use sealcast_bus::{Bus, log::ApiError};
use sealcast_contracts::stream::ENVELOPES;
use serde::Deserialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use store::Remembered;

/// JetStream's error code.
const STREAM_NOT_FOUND: u64 = 10_059;

/// What JetStream says of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Observed {
    created_at: OffsetDateTime,
    last_seq: u64,
}

impl Observed {
    /// `None` when there is no such stream.
    async fn now(bus: &Bus) -> anyhow::Result<Option<Self>> {
        #[derive(Deserialize)]
        struct Info {
            created: String,
            config: Bounds,
            state: State,
        }
        #[derive(Deserialize)]
        struct Bounds {
            /// -1: none.
            max_bytes: i64,
        }
        #[derive(Deserialize)]
        struct State {
            bytes: u64,
            last_seq: u64,
        }
        let answer = match bus.jetstream_api(&format!("STREAM.INFO.{ENVELOPES}"), &serde_json::json!({})).await {
            Err(error) if error.downcast_ref::<ApiError>().is_some_and(|error| error.err_code == STREAM_NOT_FOUND) => {
                return Ok(None);
            }
            answer => answer?,
        };
        let info: Info = serde_json::from_value(answer).context("reading the stream's information")?;
        metrics::gauge!("chat_stream_octets").set(info.state.bytes as f64);
        metrics::gauge!("chat_stream_octets_max").set(info.config.max_bytes as f64);
        Self::new(&info.created, info.state.last_seq).map(Some)
    }

    fn new(created: &str, last_seq: u64) -> anyhow::Result<Self> {
        let created = OffsetDateTime::parse(created, &Rfc3339).context("the stream's creation time")?;
        // Postgres keeps microseconds.
        let created_at = created.replace_nanosecond(created.microsecond() * 1_000).context("the stream's creation time")?;
        Ok(Self { created_at, last_seq })
    }

    /// Whether this is the remembered stream with everything that was in it.
    fn continues(self, remembered: Remembered) -> bool {
        self.created_at == remembered.created_at && self.last_seq >= remembered.last_seq
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_continues_only_with_its_tail() {
        let observed = Observed::new("2026-11-24T01:02:03.123456789Z", 10).unwrap();
        let remembered = Remembered { epoch: 1, created_at: time::macros::datetime!(2026-11-24 01:02:03.123456 UTC), last_seq: 10 };
        assert!(observed.continues(remembered));
        assert!(observed.continues(Remembered { last_seq: 9, ..remembered }));
        assert!(!observed.continues(Remembered { last_seq: 11, ..remembered }), "the tail is gone");
        let recreated = Observed::new("2026-11-24T01:02:04Z", 10).unwrap();
        assert!(!recreated.continues(remembered), "another stream of the same name");
    }
}
