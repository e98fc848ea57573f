use std::{fmt::Display, str::FromStr};

use sealcast_client::InviteLink;
use sealcast_contracts::{
    ClientMessageId, EventId, Fingerprint, InviteId, RoomId, SessionId, UserId, context::MessageContext, stream::room_of_subject,
};

/// What is read from a header, a path or a link is written back as something that reads the same.
///
/// # Panics
/// When that does not hold.
pub fn cursor(octets: &[u8]) {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    round_trip::<EventId>(text);
    round_trip::<Fingerprint>(text);
    round_trip::<UserId>(text);
    round_trip::<RoomId>(text);
    round_trip::<SessionId>(text);
    round_trip::<InviteId>(text);
    round_trip::<ClientMessageId>(text);
    if let Ok(context) = text.parse::<MessageContext>() {
        assert_eq!(context.to_string(), text, "a signed context is written in one way");
    }
    if let Ok(link) = text.parse::<InviteLink>() {
        let again: InviteLink = link.to_string().parse().expect("a link that was written");
        assert_eq!(again.to_string(), link.to_string());
    }
    let _ = room_of_subject(text);
}

fn round_trip<T: FromStr + Display + PartialEq>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        assert!(value.to_string().parse::<T>().is_ok_and(|again| again == value), "{text:?} is read otherwise the second time");
    }
}
