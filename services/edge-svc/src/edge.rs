use std::{sync::Arc, time::Duration};

use metrics::counter;
use sealcast_bus::Bus;
use sealcast_contracts::{Call, auth::Session};

use crate::{
    config::EdgeConfig, limits::RequestLimits, presence::PresenceBoard, problems::Problem, sessions::SessionCache, streams::Streams,
};

/// What every request handler works with. Cheap to clone.
#[derive(Clone)]
pub struct Edge {
    shared: Arc<Shared>,
}

struct Shared {
    config: EdgeConfig,
    bus: Bus,
    sessions: Arc<SessionCache>,
    limits: RequestLimits,
    streams: Streams,
    presence: PresenceBoard,
}

impl Edge {
    pub fn new(config: EdgeConfig, bus: Bus, sessions: Arc<SessionCache>, streams: Streams, presence: PresenceBoard) -> Self {
        let limits = RequestLimits::new(&config);
        Self { shared: Arc::new(Shared { config, bus, sessions, limits, streams, presence }) }
    }

    /// Asks another service. Its refusal, or its absence, becomes the answer to the client.
    pub async fn ask<C: Call>(&self, call: &C) -> Result<C::Reply, Problem>
    where
        C::Refusal: Into<Problem>,
    {
        Ok(self.shared.bus.call(call).await?)
    }

    /// As [`Self::ask`], for a call that may take longer than others.
    pub async fn ask_within<C: Call>(&self, call: &C, timeout: Duration) -> Result<C::Reply, Problem>
    where
        C::Refusal: Into<Problem>,
    {
        Ok(self.shared.bus.call_within(call, timeout).await?)
    }

    pub fn config(&self) -> &EdgeConfig {
        &self.shared.config
    }

    pub fn sessions(&self) -> &SessionCache {
        &self.shared.sessions
    }

    /// The session of a token as it was verified some time ago, for as long as auth-svc does not answer and this node hears of
    /// revocations.
    pub fn stand_in(&self, token: &str) -> Option<Session> {
        let session = self.shared.bus.is_connected().then(|| self.sessions().stand_in(token))??;
        counter!("edge_sessions_stood_in_total").increment(1);
        Some(session)
    }

    pub fn limits(&self) -> &RequestLimits {
        &self.shared.limits
    }

    pub fn streams(&self) -> &Streams {
        &self.shared.streams
    }

    pub fn presence(&self) -> &PresenceBoard {
        &self.shared.presence
    }
}
