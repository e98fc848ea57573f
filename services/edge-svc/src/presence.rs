use sealcast_contracts::{RoomId, UserId, presence::Presence};
use time::OffsetDateTime;
pub struct PresenceBoard;
impl PresenceBoard {
    pub async fn list(&self) -> Vec<(UserId, Presence, OffsetDateTime)> { Vec::new() }
    pub async fn typing(&self, _: UserId, _: RoomId) {}
}
