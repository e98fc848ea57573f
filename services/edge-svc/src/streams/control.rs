//! Signals from the services to every edge.

use std::sync::Arc;

use anyhow::Context as _;
use sealcast_bus::{Bus, Received, Subscription};
use sealcast_contracts::{
    control::{
        self, CheckpointPublished, MembershipChanged, ReadMarked, RoleChanged, RoomChange, RoomChanged, SessionsRevoked, Signal,
        TailAdvanced,
    },
    sse,
};

use super::{Engine, frame};
use crate::sessions::SessionCache;

/// What a client reads when its session was ended by somebody.
const REVOKED: &str = "revoked";

/// Subscribes to all of them.
pub async fn subscribe(bus: &Bus) -> anyhow::Result<Subscription> {
    bus.subscribe(control::ALL).await.context("subscribing to the signals")
}

/// Acts on them for as long as the connection lasts.
pub async fn run(engine: Arc<Engine>, sessions: Arc<SessionCache>, mut signals: Subscription) {
    while let Some(signal) = signals.next().await {
        if let Err(error) = act(&engine, &sessions, &signal) {
            tracing::error!(%error, subject = signal.subject, "a signal is malformed");
        }
    }
}

fn act(engine: &Engine, sessions: &SessionCache, signal: &Received) -> Result<(), serde_json::Error> {
    match signal.subject.as_str() {
        SessionsRevoked::SUBJECT => {
            let revoked: SessionsRevoked = serde_json::from_slice(&signal.payload)?;
            sessions.forget(&revoked.session_ids);
            engine.hub.revoke(&revoked.session_ids, REVOKED);
        }
        RoleChanged::SUBJECT => {
            let changed: RoleChanged = serde_json::from_slice(&signal.payload)?;
            sessions.forget_account(changed.user_id);
        }
        MembershipChanged::SUBJECT => engine.hub.change_membership(&serde_json::from_slice(&signal.payload)?),
        RoomChanged::SUBJECT => tell_room_change(engine, serde_json::from_slice(&signal.payload)?),
        ReadMarked::SUBJECT => {
            let ReadMarked { user_id, marker } = serde_json::from_slice(&signal.payload)?;
            engine.hub.tell_user(user_id, &frame::event(sse::name::READ, &marker));
        }
        TailAdvanced::SUBJECT => {
            let advanced: TailAdvanced = serde_json::from_slice(&signal.payload)?;
            if advanced.seq > engine.hub.head().seq {
                engine.nudge.notify_one();
            }
        }
        CheckpointPublished::SUBJECT => {
            let CheckpointPublished { checkpoint, covers } = serde_json::from_slice(&signal.payload)?;
            let notice = sse::CheckpointNotice { size: checkpoint.size, root: checkpoint.root, covers };
            engine.hub.tell_checkpoint(&frame::event(sse::name::CHECKPOINT, &notice));
        }
        // From a service that is newer than this one.
        _ => {}
    }
    Ok(())
}

/// A grant concerns its account alone. Anything else concerns the members, and the account named, which may not be one any more.
fn tell_room_change(engine: &Engine, changed: RoomChanged) {
    let RoomChanged { room_id, change, user_id } = changed;
    let event = frame::event(sse::name::ROOM, &sse::RoomNotice { room_id, change, user_id });
    match (change, user_id) {
        (RoomChange::Grant, Some(user_id)) => engine.hub.tell_user(user_id, &event),
        (_, None) => engine.tell_members(room_id, &event),
        (_, Some(user_id)) => {
            engine.tell_members(room_id, &event);
            if engine.hub.carries(user_id, room_id) != Some(true) {
                engine.hub.tell_user(user_id, &event);
            }
        }
    }
}
