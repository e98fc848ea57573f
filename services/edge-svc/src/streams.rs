use sealcast_contracts::{EventId, RoomId, UserId, auth::Session};
use crate::problems::Problem;
pub struct Streams;
pub struct StreamRequest { pub session: Session, pub last_event_id: Option<EventId> }
impl Streams {
    pub async fn open(&self, _: StreamRequest) -> Result<axum::body::Body, Problem> { unimplemented!() }
    pub async fn is_member(&self, _: UserId, _: RoomId) -> Result<bool, Problem> { unimplemented!() }
}
