//! Asks witnesses to cosign checkpoints (C2SP tlog-witness). It stands beside the ingest: a witness that is away, slow or
//! alarmed holds nothing up but its own cosignature.

use std::time::Duration;

use anyhow::Context as _;
use reqwest::{StatusCode, Url};
use sealcast_contracts::{
    audit::Cosignature,
    events::{AuditEventKind, WitnessAlarm},
};
use sealcast_merkle::{
    cosignature,
    tree::{self, TreeError},
    witness::AddCheckpoint,
};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    appends::AppendKey,
    config::WitnessConfig,
    journal,
    store::{self, StoreError, StoredCheckpoint},
};

/// How often it is looked whether there is a new checkpoint.
const POLL: Duration = Duration::from_millis(500);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
const RETRY_DELAY_MIN: Duration = Duration::from_secs(1);
const RETRY_DELAY_MAX: Duration = Duration::from_secs(60);
/// Octets of an answer that are read; a cosignature line has about 200.
const ANSWER_OCTETS_MAX: usize = 4 * 1024;

/// One witness that is asked.
#[derive(Debug)]
pub struct Asker {
    pool: PgPool,
    append_key: AppendKey,
    http: reqwest::Client,
    url: Url,
    vkey: String,
    /// What the witness has seen, as far as we know.
    seen: u64,
    /// The alarm that is in the log already, and its event.
    told: Option<(WitnessAlarm, Uuid)>,
}

/// Why there is no cosignature.
#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the stored tree")]
    Tree(#[from] TreeError),
    #[error("the witness does not answer")]
    Away(#[source] reqwest::Error),
    #[error("the witness refuses with {0}")]
    Refused(StatusCode),
    #[error("the witness has seen {0} leaves, more than there are: the log was rolled back, or somebody else signs with its key")]
    RolledBack(u64),
    #[error("the witness has seen another tree of {0} leaves: the log's key signed two")]
    Forked(u64),
    #[error("the witness does not accept the proof: the log was rewritten")]
    Rewritten,
    #[error("the answer is no cosignature of this witness")]
    Answer,
}

impl Asker {
    /// Prepares asking one witness.
    ///
    /// # Errors
    /// Its address or verifier key is unusable.
    pub fn new(pool: PgPool, append_key: AppendKey, config: &WitnessConfig) -> anyhow::Result<Self> {
        cosignature::check_vkey(&config.vkey).with_context(|| format!("witnesses: {:?} is no verifier key", config.vkey))?;
        let http = reqwest::Client::builder().timeout(REQUEST_TIMEOUT).no_proxy().build().context("preparing to ask witnesses")?;
        let base: Url = config.url.parse().with_context(|| format!("witnesses: {:?} is no address", config.url))?;
        let url = base.join("add-checkpoint").context("witnesses: the address")?;
        Ok(Self { pool, append_key, http, url, vkey: config.vkey.clone(), seen: 0, told: None })
    }

    /// Asks about each new checkpoint, until the shutdown.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut delay = POLL;
        let mut known = false;
        loop {
            if tokio::time::timeout(delay, shutdown.cancelled()).await.is_ok() {
                return;
            }
            let asked = match known {
                true => self.ask().await,
                // After a restart the newest stored cosignature says what the witness has seen; the witness itself knows better.
                false => self.recall().await,
            };
            delay = match asked {
                Ok(()) => {
                    known = true;
                    POLL
                }
                Err(error) => {
                    self.tell(error).await;
                    (delay * 2).clamp(RETRY_DELAY_MIN, RETRY_DELAY_MAX)
                }
            };
        }
    }

    async fn recall(&mut self) -> Result<(), AskError> {
        self.seen = store::cosigned_up_to(&self.pool, &self.vkey).await?;
        Ok(())
    }

    /// Has the newest checkpoint cosigned, if it is not yet.
    async fn ask(&mut self) -> Result<(), AskError> {
        let Some(latest) = store::latest_checkpoint(&self.pool).await?.filter(|latest| latest.size > 0) else { return Ok(()) };
        metrics::gauge!("audit_witness_lag_leaves", "witness" => self.name()).set(latest.size.saturating_sub(self.seen) as f64);
        // A row proves nothing: only what the witness signed counts.
        let stored = store::read_cosignatures(&self.pool, std::slice::from_ref(&self.vkey), latest.size).await?;
        if stored.iter().any(|stored| is_cosigned(&latest.note, stored)) {
            self.seen = self.seen.max(latest.size);
            return Ok(());
        }
        // Once more when the witness says what it has seen.
        for _ in 0..2 {
            if self.seen > latest.size {
                // Another replica may have had a newer one cosigned meanwhile: only a log that is shorter now was rolled back.
                let newest = store::latest_checkpoint(&self.pool).await?.map_or(0, |newest| newest.size);
                return if self.seen > newest { Err(AskError::RolledBack(self.seen)) } else { Ok(()) };
            }
            if self.ask_about(&latest).await? {
                return Ok(());
            }
        }
        Err(AskError::Refused(StatusCode::CONFLICT))
    }

    /// Whether the checkpoint is cosigned; otherwise the size that the witness has seen is known now.
    async fn ask_about(&mut self, latest: &StoredCheckpoint) -> Result<bool, AskError> {
        let proof = match self.seen {
            0 => Vec::new(),
            seen => {
                let indexes = tree::consistency_indexes(seen, latest.size)?;
                let stored = store::read_hashes(&self.pool, &indexes).await?;
                tree::consistency_proof(seen, latest.size, &stored)?
            }
        };
        let request = AddCheckpoint { old_size: self.seen, proof, note: latest.note.clone() };
        let answer = self.http.post(self.url.clone()).body(request.to_body()).send().await.map_err(AskError::Away)?;
        let status = answer.status();
        let body = read(answer).await?;
        match status {
            StatusCode::OK => {
                let line = body.trim_end();
                // The line is believed only as a signature of this very note.
                let cosignature = Cosignature { vkey: self.vkey.clone(), line: line.to_owned() };
                if !is_cosigned(&latest.note, &cosignature) {
                    return Err(AskError::Answer);
                }
                store::insert_cosignature(&self.pool, &self.vkey, latest.size, line).await?;
                self.seen = latest.size;
                metrics::counter!("audit_cosigned_total", "witness" => self.name()).increment(1);
                Ok(true)
            }
            StatusCode::CONFLICT => {
                let seen = body.trim().parse().map_err(|_| AskError::Answer)?;
                if seen == self.seen {
                    return Err(AskError::Forked(seen));
                }
                self.seen = seen;
                Ok(false)
            }
            StatusCode::UNPROCESSABLE_ENTITY => Err(AskError::Rewritten),
            status => Err(AskError::Refused(status)),
        }
    }

    /// An alarm goes into the log too, once: officers see it, and nobody takes it back.
    async fn tell(&mut self, error: AskError) {
        let alarm = match &error {
            AskError::RolledBack(_) => Some(WitnessAlarm::RolledBack),
            AskError::Forked(_) => Some(WitnessAlarm::Forked),
            AskError::Rewritten => Some(WitnessAlarm::Rewritten),
            _ => None,
        };
        let error = format!("{:#}", anyhow::Error::new(error));
        let Some(alarm) = alarm else { return tracing::warn!(witness = self.name(), error, "no cosignature") };
        metrics::counter!("audit_witness_alarms_total", "witness" => self.name()).increment(1);
        tracing::error!(witness = self.name(), error, "ALARM: the log is not what a witness has seen");
        if self.is_told(alarm).await {
            return;
        }
        let what = AuditEventKind::WitnessAlarmed { witness: self.name(), alarm, seen: self.seen };
        let event = match journal::event(None, what) {
            Ok(event) => event,
            Err(error) => return tracing::error!(error = format!("{error:#}"), "the alarm has no form"),
        };
        let event_id = event.event_id;
        match journal::write(&self.pool, &self.append_key, event).await {
            Ok(_) => self.told = Some((alarm, event_id)),
            Err(error) => {
                tracing::warn!(error = format!("{:#}", anyhow::Error::new(error)), "the alarm is not in the log yet");
            }
        }
    }

    /// Whether the alarm is in the log: whoever cut the log off may have cut it off, too.
    async fn is_told(&self, alarm: WitnessAlarm) -> bool {
        let Some((_, event_id)) = self.told.filter(|(told, _)| *told == alarm) else { return false };
        store::find_events(&self.pool, &[event_id]).await.is_ok_and(|found| !found.is_empty())
    }

    fn name(&self) -> String {
        self.vkey.split('+').next().unwrap_or_default().to_owned()
    }
}

/// Whether the line is a signature of this very note by the witness that it stands under.
pub fn is_cosigned(note: &str, cosignature: &Cosignature) -> bool {
    let Cosignature { vkey, line } = cosignature;
    cosignature::verify(&format!("{note}{line}\n"), vkey).is_ok()
}

async fn read(mut answer: reqwest::Response) -> Result<String, AskError> {
    let mut octets = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(AskError::Away)? {
        octets.extend_from_slice(&chunk);
        if octets.len() > ANSWER_OCTETS_MAX {
            return Err(AskError::Answer);
        }
    }
    String::from_utf8(octets).map_err(|_| AskError::Answer)
}
