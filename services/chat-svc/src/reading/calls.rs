use sealcast_contracts::{
    chat::{ChatRefusal, Done, ListReadMarkers, ReadMarker, SetReadMarker},
    control::ReadMarked,
    limits::READ_MARKER_OCTETS,
};

use super::store;
use crate::{
    Chat,
    error::{Failure, malformed},
};

impl Chat {
    /// Keeps how far the caller has read in a room that it is in, and tells its other clients.
    pub(crate) async fn set_read_marker(&self, call: SetReadMarker) -> Result<Done, Failure> {
        self.meet(&call.caller).await?;
        let (user_id, marker) = (call.caller.user_id, call.marker);
        if marker.sealed.as_slice().len() != READ_MARKER_OCTETS {
            return Err(malformed("sealed", format!("{READ_MARKER_OCTETS} octets")));
        }
        self.read_markers_rate.check(user_id).await?;
        if !store::set(&mut *self.pool.acquire().await?, user_id, &marker).await? {
            return Err(ChatRefusal::NotFound.into());
        }
        self.hint(&ReadMarked { user_id, marker }).await;
        Ok(Done {})
    }

    pub(crate) async fn list_read_markers(&self, call: ListReadMarkers) -> Result<Vec<ReadMarker>, Failure> {
        self.meet(&call.caller).await?;
        Ok(store::list(&mut *self.pool.acquire().await?, call.caller.user_id).await?)
    }
}
