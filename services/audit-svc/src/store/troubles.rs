use sealcast_contracts::stream::ENVELOPES;
use sqlx::PgExecutor;
use time::OffsetDateTime;

use super::{StoreError, from_bigint};

/// What the archive says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// When the newest checkpoint was signed.
    pub signed_at: Option<OffsetDateTime>,
    pub looked_at: u64,
    pub missing: u64,
    pub kept_apart: u64,
    pub conflicts: u64,
    pub witness_alarms: u64,
}

/// Counts what is missing of the newest `window` messages that the newest checkpoint covers, and what is kept apart.
///
/// # Errors
/// See [`StoreError`].
pub async fn count_troubles(conn: impl PgExecutor<'_>, window: u32) -> Result<Counted, StoreError> {
    let row = sqlx::query!(
        r#"with newest as (
             select signed_at, covers_stream_epoch * 281474976710656 as base, covers_seq as last
             from audit.checkpoints order by checkpoint_id desc limit 1
           ), span as (
             select base, last, greatest(last - $1::bigint,
               (select seq - 1 from audit.records where position > base order by position limit 1)) as first
             from newest where last is not null
           ), found as (
             select count(*) as many from (
               select r.position from audit.records r, span where r.position > span.base + span.first and r.position <= span.base + span.last
               union
               select span.base + q.seq from audit.quarantine q, span where q.stream = $2 and q.seq > span.first and q.seq <= span.last
             ) as known
           )
           select
             (select signed_at from newest) as "signed_at?",
             coalesce((select last - first from span), 0) as "looked_at!",
             coalesce((select last - first - many from span, found), 0) as "missing!",
             (select count(*) from audit.quarantine) as "kept_apart!",
             (select count(*) from audit.events where kind = 'log_conflict') as "conflicts!",
             (select count(*) from audit.events where kind = 'witness_alarmed') as "witness_alarms!""#,
        i64::from(window),
        ENVELOPES
    )
    .fetch_one(conn)
    .await?;
    Ok(Counted {
        signed_at: row.signed_at,
        looked_at: from_bigint(row.looked_at)?,
        missing: from_bigint(row.missing)?,
        kept_apart: from_bigint(row.kept_apart)?,
        conflicts: from_bigint(row.conflicts)?,
        witness_alarms: from_bigint(row.witness_alarms)?,
    })
}
