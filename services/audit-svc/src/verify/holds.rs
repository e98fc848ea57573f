use std::collections::{BTreeMap, BTreeSet};

use sealcast_contracts::{HoldId, RoomId, events::AuditEventKind};
use sqlx::PgPool;
use time::{Date, format_description::well_known::Iso8601};

use super::{Finding, Report, leaves::Leaf};
use crate::{
    identities::sha256_of_lines,
    journal,
    store::{self, HeldScope, NewEvent, StoreError, StoredHold, held},
};

/// Replays holds and destruction records in the order of the log: what was held may not have been destroyed, and the table that
/// decides about it says what the events say.
#[derive(Debug, Default)]
pub struct HoldCheck {
    active: BTreeMap<HoldId, HeldScope>,
    placed: BTreeMap<HoldId, StoredHold>,
}

impl HoldCheck {
    pub async fn check(&mut self, pool: &PgPool, rows: &BTreeMap<u64, Vec<Leaf>>, report: &mut Report) -> Result<(), StoreError> {
        for (leaf_index, leaf) in rows.iter().flat_map(|(leaf_index, leaves)| leaves.iter().map(move |leaf| (*leaf_index, leaf))) {
            let Some(event) = leaf.event.as_ref().filter(|event| is_about_holds(event)) else { continue };
            // A body that is not of its kind has another leaf, which is a finding already.
            let Ok(what) = journal::what(event) else { continue };
            match what {
                AuditEventKind::HoldPlaced { case_id, hold_id, scope, .. } => {
                    let scope = held(&scope);
                    self.active.insert(hold_id, scope.clone());
                    let placed = StoredHold { case_id, scope, placed_leaf: leaf_index, released_leaf: None };
                    self.placed.insert(hold_id, placed);
                }
                AuditEventKind::HoldReleased { hold_id, .. } => {
                    self.active.remove(&hold_id);
                    if let Some(hold) = self.placed.get_mut(&hold_id) {
                        hold.released_leaf = Some(leaf_index);
                    }
                }
                AuditEventKind::DayShredded { room_id, day, holds_active, holds_sha256, .. } => {
                    let stated = (holds_active, holds_sha256.as_str());
                    if stated != (self.active.len() as u64, sha256_of_lines(self.active.keys()).as_str()) {
                        report.push(Finding::HoldsMisstated { row: leaf.name.clone() });
                    }
                    let Ok(date) = Date::parse(&day, &Iso8601::DATE) else { continue };
                    for hold_id in self.covering(pool, room_id, date).await? {
                        report.push(Finding::HeldDayShredded { row: leaf.name.clone(), room_id, day: day.clone(), hold_id });
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Compares the table with the events of a log of this size.
    pub async fn finish(self, pool: &PgPool, size: u64, report: &mut Report) -> Result<(), StoreError> {
        let stored = store::read_holds(pool, size).await?;
        let known: BTreeSet<HoldId> = self.placed.keys().chain(stored.keys()).copied().collect();
        for hold_id in known {
            if self.placed.get(&hold_id) != stored.get(&hold_id) {
                report.push(Finding::HoldChanged { hold_id });
            }
        }
        Ok(())
    }

    async fn covering(&self, pool: &PgPool, room_id: RoomId, day: Date) -> Result<Vec<HoldId>, StoreError> {
        let mut covering = Vec::new();
        for (hold_id, scope) in &self.active {
            let in_time = scope.day_from.is_none_or(|from| day >= from) && scope.day_to.is_none_or(|to| day <= to);
            let in_room = scope.rooms.is_empty() || scope.rooms.contains(&room_id);
            if !(in_time && in_room) {
                continue;
            }
            if scope.people.is_empty() || store::wrote_on(pool, room_id, day, &scope.people).await? {
                covering.push(*hold_id);
            }
        }
        Ok(covering)
    }
}

fn is_about_holds(event: &NewEvent) -> bool {
    matches!(event.kind.as_str(), "hold_placed" | "hold_released" | "day_shredded")
}
