use sealcast_contracts::{
    audit::{QueryEvents, QueryMessages},
    auth::{ChangePassword, LogIn, RegisterAccount, Session},
    chat::{AcceptMessage, AddGrants, CreateRoom, OpenEpoch, RedeemInvite, RoomKeys},
    control::{CheckpointPublished, MembershipChanged, ReadMarked, RoomChanged, SessionsRevoked},
    events::AuditEvent,
    stream::StreamMessage,
};
use serde::{Serialize, de::DeserializeOwned};

/// What a service reads from the bus it writes again so that it reads the same; a stored message keeps its octets.
///
/// # Panics
/// When that does not hold.
pub fn nats_payload(octets: &[u8]) {
    stored(octets);
    json::<LogIn>(octets);
    json::<RegisterAccount>(octets);
    json::<ChangePassword>(octets);
    json::<Session>(octets);
    json::<AcceptMessage>(octets);
    json::<AddGrants>(octets);
    json::<CreateRoom>(octets);
    json::<OpenEpoch>(octets);
    json::<RedeemInvite>(octets);
    json::<RoomKeys>(octets);
    json::<QueryMessages>(octets);
    json::<QueryEvents>(octets);
    json::<AuditEvent>(octets);
    json::<SessionsRevoked>(octets);
    json::<MembershipChanged>(octets);
    json::<RoomChanged>(octets);
    json::<ReadMarked>(octets);
    json::<CheckpointPublished>(octets);
}

/// The first lines are subject and headers, the rest the payload.
fn stored(octets: &[u8]) {
    let Some(at) = octets.windows(2).position(|window| window == b"\n\n") else { return };
    let Ok(head) = std::str::from_utf8(&octets[..at]) else { return };
    let (subject, fields) = head.split_once('\n').unwrap_or((head, ""));
    let header = |name: &str| fields.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let payload = &octets[at + 2..];
    if let Ok(message) = StreamMessage::decode(subject, header, payload) {
        assert_eq!(message.payload(), payload, "a stored message changes");
    }
}

fn json<T: DeserializeOwned + Serialize>(octets: &[u8]) {
    let Ok(value) = serde_json::from_slice::<T>(octets) else { return };
    let written = serde_json::to_string(&value).expect("what was read can be written");
    let again: T = serde_json::from_str(&written).expect("what was written can be read");
    assert_eq!(serde_json::to_string(&again).expect("written"), written, "it is read otherwise the second time");
}
