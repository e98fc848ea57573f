//! How long content stays. A room's day is destroyed as a whole: its data key goes in the transaction that writes the leaf
//! of its destruction record, under the log's lock, so that no hold can come in between.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context as _;
use sealcast_contracts::{HoldId, RoomId, audit::RetentionRule, events::AuditEventKind, stream::STREAM_AGE_MAX_S};
use sqlx::{PgConnection, PgPool};
use time::{Date, OffsetDateTime, format_description::well_known::Iso8601};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    appends::AppendKey,
    cases::CaseError,
    identities::sha256_of_lines,
    journal,
    store::{self, Append, DueKey},
};

/// Days destroyed in one transaction: the log's lock is held meanwhile.
const BATCH_DAYS: i64 = 20;

/// Whole days that a stream keeps a message: what it still holds is not destroyed by destroying our key. By then a message that
/// came late into the archive, which a hold of its sender would keep a day for, is in it, too.
pub const STREAM_DAYS: u32 = (STREAM_AGE_MAX_S / 86_400) as u32;

/// The newest rule of the organisation and of each room that has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    pub organisation: Option<RetentionRule>,
    pub rooms: BTreeMap<RoomId, RetentionRule>,
}

/// Reads the rules from their events.
///
/// # Errors
/// See [`CaseError`].
pub async fn rules(conn: &mut PgConnection) -> Result<Rules, CaseError> {
    let mut rules = Rules::default();
    for (event, leaf_index) in store::read_retention(conn).await? {
        let what = journal::what(&event).map_err(CaseError::Event)?;
        let set_by = event.actor.context("it names nobody").map_err(CaseError::Event)?;
        let AuditEventKind::RetentionSet { room_id, days } = what else { continue };
        let rule = RetentionRule { room_id, days, set_by, set_at: event.at, leaf_index };
        match room_id {
            Some(room_id) => drop(rules.rooms.insert(room_id, rule)),
            None => rules.organisation = Some(rule),
        }
    }
    Ok(rules)
}

impl Rules {
    /// The rule that a room is under, when it says a number of days.
    fn of(&self, room_id: RoomId) -> Option<(&RetentionRule, u32)> {
        let own = self.rooms.get(&room_id).filter(|rule| rule.days.is_some());
        let rule = own.or(self.organisation.as_ref())?;
        Some((rule, rule.days?))
    }

    /// What they demand the end of, `among` some keys or all, a batch at most; nothing that is younger than `days_min`.
    async fn due(
        &self,
        conn: &mut PgConnection,
        today: Date,
        days_min: u32,
        among: Option<&[Uuid]>,
    ) -> Result<Vec<DueKey>, CaseError> {
        let days = |rule: &RetentionRule| Some(rule.days?.max(days_min));
        let own: Vec<(RoomId, u32)> = self.rooms.iter().filter_map(|(room_id, rule)| Some((*room_id, days(rule)?))).collect();
        let organisation = self.organisation.as_ref().and_then(days);
        Ok(store::due_keys(conn, today, organisation, &own, among, BATCH_DAYS).await?)
    }
}

/// Destroys what is due on a day, and says how many days of rooms that were. Nothing that is younger than `days_min`, whatever the
/// rules say; nothing more once `stop` is cancelled.
///
/// # Errors
/// See [`CaseError`]; what was committed before stays destroyed.
pub async fn shred_due(
    pool: &PgPool,
    key: &AppendKey,
    today: Date,
    days_min: u32,
    stop: &CancellationToken,
) -> Result<u64, CaseError> {
    let mut total = 0;
    while !stop.is_cancelled() {
        let shredded = shred_batch(pool, key, today, days_min).await?;
        total += shredded;
        if shredded == 0 {
            break;
        }
    }
    Ok(total)
}

async fn shred_batch(pool: &PgPool, key: &AppendKey, today: Date, days_min: u32) -> Result<u64, CaseError> {
    // Looking for what is due may take a while, and needs no lock; what was found is looked at again under it.
    let mut conn = pool.acquire().await.map_err(store::StoreError::from)?;
    let found = rules(&mut conn).await?.due(&mut conn, today, days_min, None).await?;
    drop(conn);
    if found.is_empty() {
        return Ok(0);
    }
    let among: Vec<Uuid> = found.iter().map(|key| key.dek_id).collect();
    let mut append = Append::begin(pool.begin().await.map_err(store::StoreError::from)?, key).await?;
    let rules = rules(append.conn()).await?;
    let due = rules.due(append.conn(), today, days_min, Some(&among)).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let holds = store::active_holds(append.conn()).await?;
    let mut events = Vec::new();
    for key in &due {
        let event = journal::event(None, record(key, &rules, &holds).map_err(CaseError::Event)?).map_err(CaseError::Event)?;
        let leaf_index = append.push(&event.leaf());
        events.push((event, leaf_index));
    }
    store::insert_events(append.conn(), &events).await?;
    let dek_ids: Vec<Uuid> = due.iter().map(|key| key.dek_id).collect();
    store::delete_data_keys(append.conn(), &dek_ids).await?;
    append.commit().await?;
    metrics::counter!("audit_shredded_days_total").increment(due.len() as u64);
    for key in &due {
        tracing::info!(room_id = %key.room_id, day = %key.day, messages = key.messages, "a day is destroyed");
    }
    Ok(due.len() as u64)
}

/// The destruction record: which rule demanded it, and that none of the active holds covers the day.
fn record(key: &DueKey, rules: &Rules, holds: &[HoldId]) -> anyhow::Result<AuditEventKind> {
    let (rule, retention_days) = rules.of(key.room_id).context("a key is due without a rule")?;
    Ok(AuditEventKind::DayShredded {
        dek_id: key.dek_id,
        room_id: key.room_id,
        day: key.day.format(&Iso8601::DATE)?,
        messages: key.messages,
        retention_days,
        rule_leaf: rule.leaf_index,
        holds_active: holds.len() as u64,
        holds_sha256: sha256_of_lines(holds),
    })
}

/// Destroys what is due, at the start and then at intervals, until the shutdown.
pub async fn run(pool: PgPool, key: AppendKey, interval: Duration, shutdown: CancellationToken) {
    loop {
        let today = OffsetDateTime::now_utc().date();
        match shred_due(&pool, &key, today, STREAM_DAYS, &shutdown).await {
            Ok(0) => {}
            Ok(days) => tracing::info!(days, "retention is done"),
            Err(error) => {
                metrics::counter!("audit_retention_failed_total").increment(1);
                tracing::warn!(error = format!("{:#}", anyhow::Error::new(error)), "retention was not completed");
            }
        }
        if tokio::time::timeout(interval, shutdown.cancelled()).await.is_ok() {
            return;
        }
    }
}
