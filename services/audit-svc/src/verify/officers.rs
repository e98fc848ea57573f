use std::collections::{BTreeMap, BTreeSet};

use sealcast_contracts::{UserId, auth::Role, events::AuditEventKind};
use time::{Duration, OffsetDateTime};

use super::{Finding, Report, leaves::Leaf};
use crate::{journal, store::NewEvent};

/// What only auditors can do.
const OF_AUDITORS: [&str; 9] = [
    "case_opened",
    "case_closed",
    "approval_requested",
    "approval_decided",
    "messages_queried",
    "decryption_granted",
    "export_started",
    "hold_placed",
    "hold_released",
];
/// Roles and acts are told by clocks of two services, and a session keeps its role for a moment.
const SKEW: Duration = Duration::seconds(30);

/// Compares who acted as an officer with who was made one by an event of the log: a role that was written into the database of
/// accounts has none.
#[derive(Debug, Default)]
pub struct OfficerCheck {
    /// When each account got which role, in the order of the log.
    roles: BTreeMap<UserId, Vec<(OffsetDateTime, Role)>>,
    acts: Vec<Act>,
}

#[derive(Debug)]
struct Act {
    row: String,
    leaf_index: u64,
    actor: UserId,
    at: OffsetDateTime,
}

impl OfficerCheck {
    pub fn note(&mut self, rows: &BTreeMap<u64, Vec<Leaf>>) {
        for (leaf_index, leaf) in rows.iter().flat_map(|(leaf_index, leaves)| leaves.iter().map(move |leaf| (*leaf_index, leaf))) {
            let Some(event) = &leaf.event else { continue };
            match (event.kind.as_str(), event.actor) {
                ("account_registered" | "role_changed", _) => self.note_role(event),
                (kind, Some(actor)) if OF_AUDITORS.contains(&kind) && self.is_of_an_auditor(event) => {
                    self.acts.push(Act { row: leaf.name.clone(), leaf_index, actor, at: event.at });
                }
                _ => {}
            }
        }
    }

    fn note_role(&mut self, event: &NewEvent) {
        let (user_id, role) = match journal::what(event) {
            Ok(AuditEventKind::AccountRegistered { user_id, role, .. }) => (user_id, role),
            Ok(AuditEventKind::RoleChanged { user_id, to, .. }) => (user_id, to),
            _ => return,
        };
        self.roles.entry(user_id).or_default().push((event.at, role));
    }

    /// Everybody's reading of the own rooms is a query, too, without a case.
    fn is_of_an_auditor(&self, event: &NewEvent) -> bool {
        event.kind != "messages_queried"
            || matches!(journal::what(event), Ok(AuditEventKind::MessagesQueried { access: Some(_), .. }))
    }

    /// Names what was done by somebody who was no auditor then. The event of a role may come into the log after the first act.
    pub fn finish(self, report: &mut Report) {
        let mut named = BTreeSet::new();
        for Act { row, leaf_index, actor, at } in &self.acts {
            let was = self.roles.get(actor).is_some_and(|roles| was_auditor(roles, *at));
            if !was && named.insert(actor) {
                report.push(Finding::NoOfficer { row: row.clone(), leaf_index: *leaf_index, actor: *actor });
            }
        }
    }
}

fn was_auditor(roles: &[(OffsetDateTime, Role)], at: OffsetDateTime) -> bool {
    roles.iter().enumerate().any(|(nth, (from, role))| {
        let until = roles.get(nth + 1).map(|(until, _)| *until);
        *role == Role::Auditor && *from <= at + SKEW && until.is_none_or(|until| at <= until + SKEW)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_is_one_from_an_appointment_to_the_next_role() {
        let at = |minute: i64| OffsetDateTime::UNIX_EPOCH + Duration::minutes(minute);
        let auditor_at = |roles: &[(i64, Role)], minute: i64| {
            let roles: Vec<_> = roles.iter().map(|(minute, role)| (at(*minute), *role)).collect();
            was_auditor(&roles, at(minute))
        };
        let minutes = |roles: &[(i64, Role)]| (0..10).filter(|minute| auditor_at(roles, *minute)).collect::<Vec<_>>();
        assert!(minutes(&[]).is_empty() && minutes(&[(0, Role::Member)]).is_empty());
        assert_eq!(minutes(&[(0, Role::Member), (7, Role::Auditor)]), [7, 8, 9]);
        assert_eq!(minutes(&[(2, Role::Auditor), (4, Role::Admin)]), [2, 3, 4]);
        assert_eq!(minutes(&[(2, Role::Auditor), (4, Role::Member), (8, Role::Auditor)]), [2, 3, 4, 8, 9]);
        assert_eq!(minutes(&[(6, Role::Auditor), (8, Role::Auditor)]), [6, 7, 8, 9]);
    }
}
