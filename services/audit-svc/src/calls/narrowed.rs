use sealcast_contracts::{
    Caller, UserId,
    audit::{AuditRefusal, MessageFilter, Scope},
    auth::Role,
};
use sealcast_merkle::leaf::MessageDigests;

use super::{CallFailure, access::Reach};
pub use crate::store::Selection as Narrowed;

/// Narrows a filter to what the caller may see. What the filter names beyond that is refused, not silently left out; times
/// are cut.
pub fn narrow(reach: &Reach, filter: &MessageFilter, caller: &Caller) -> Result<Narrowed, CallFailure> {
    let senders = filter.sender.map(|sender| vec![sender.0]);
    match reach {
        Reach::Rooms(rooms) => {
            let rooms = match filter.room_id {
                None => rooms.iter().map(|room| room.0).collect(),
                Some(room_id) if rooms.contains(&room_id) => vec![room_id.0],
                // For a member a room that is not its own does not exist.
                Some(_) if caller.role == Role::Auditor => return Err(AuditRefusal::CaseRequired.into()),
                Some(_) => return Err(AuditRefusal::NotFound.into()),
            };
            Ok(Narrowed { rooms: Some(rooms), senders, from: filter.from, to: filter.to })
        }
        Reach::Case(case) => Ok(within(&case.scope, filter)?),
    }
}

/// Narrows a filter to a scope.
///
/// # Errors
/// [`AuditRefusal::OutOfScope`] names what lies outside.
pub fn within(scope: &Scope, filter: &MessageFilter) -> Result<Narrowed, AuditRefusal> {
    let outside = |field: &str| AuditRefusal::OutOfScope { field: field.to_owned() };
    let rooms = match filter.room_id {
        Some(room_id) if !scope.rooms.is_empty() && !scope.rooms.contains(&room_id) => return Err(outside("room_id")),
        Some(room_id) => Some(vec![room_id.0]),
        None => (!scope.rooms.is_empty()).then(|| scope.rooms.iter().map(|room| room.0).collect()),
    };
    let people = |people: &[UserId]| people.iter().map(|user_id| user_id.0).collect();
    let senders = match filter.sender {
        Some(sender) if !scope.people.is_empty() && !scope.people.contains(&sender) => return Err(outside("sender")),
        Some(sender) => Some(vec![sender.0]),
        None => (!scope.people.is_empty()).then(|| people(&scope.people)),
    };
    let from = filter.from.max(scope.from);
    let to = match (filter.to, scope.to) {
        (Some(filter), Some(scope)) => Some(filter.min(scope)),
        (filter, scope) => filter.or(scope),
    };
    Ok(Narrowed { rooms, senders, from, to })
}

/// Whether a message is in a scope.
pub fn covers(scope: &Scope, digests: &MessageDigests) -> bool {
    (scope.rooms.is_empty() || scope.rooms.contains(&digests.room_id))
        && (scope.people.is_empty() || scope.people.contains(&digests.sender))
        && scope.from.is_none_or(|from| digests.accepted_at >= from)
        && scope.to.is_none_or(|to| digests.accepted_at < to)
}

#[cfg(test)]
mod tests {
    use sealcast_contracts::RoomId;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_filter_is_cut_to_its_scope_or_refused() {
        let (room, person) = (RoomId::generate(), UserId::generate());
        let (early, late) = (datetime!(2026-01-01 0:00 UTC), datetime!(2026-02-01 0:00 UTC));
        let scope = Scope { rooms: vec![room], people: vec![person], from: Some(early), to: Some(late) };
        let everything = Narrowed { rooms: Some(vec![room.0]), senders: Some(vec![person.0]), from: Some(early), to: Some(late) };
        assert_eq!(within(&scope, &MessageFilter::default()), Ok(everything.clone()));
        let wide = MessageFilter {
            room_id: Some(room),
            sender: Some(person),
            from: Some(early - time::Duration::DAY),
            to: Some(late + time::Duration::DAY),
            ..MessageFilter::default()
        };
        assert_eq!(within(&scope, &wide), Ok(everything));
        let outside = |field: &str| Err(AuditRefusal::OutOfScope { field: field.to_owned() });
        let elsewhere = MessageFilter { room_id: Some(RoomId::generate()), ..MessageFilter::default() };
        assert_eq!(within(&scope, &elsewhere), outside("room_id"));
        let somebody = MessageFilter { sender: Some(UserId::generate()), ..MessageFilter::default() };
        assert_eq!(within(&scope, &somebody), outside("sender"));
        assert_eq!(within(&Scope::default(), &elsewhere).unwrap().rooms, elsewhere.room_id.map(|room_id| vec![room_id.0]));
        assert_eq!(within(&Scope::default(), &MessageFilter::default()), Ok(Narrowed::default()));
    }
}
