//! What admins see of this service.

use sealcast_contracts::{
    admin::{DescribeStreams, LimitReport, ListChatLimits, StreamReport},
    auth::Role,
    chat::ChatRefusal,
    stream::{AUDIT_CONSUMER, ENVELOPES, EVENTS},
};

use crate::{Chat, error::Failure, limits};

impl Chat {
    /// How full the streams are and how far their consumers have come; admins only.
    pub(crate) async fn describe_streams(&self, call: DescribeStreams) -> Result<Vec<StreamReport>, Failure> {
        if call.caller.role != Role::Admin {
            return Err(ChatRefusal::Forbidden.into());
        }
        let mut reports = Vec::new();
        for stream in [ENVELOPES, EVENTS] {
            let mut report = self.bus.describe_stream(stream, &[AUDIT_CONSUMER]).await.map_err(Failure::Unavailable)?;
            report.epoch = self.stream.sound().filter(|_| stream == ENVELOPES).map(|sound| sound.epoch);
            reports.push(report);
        }
        Ok(reports)
    }

    /// The limits that are in force; admins only.
    pub(crate) async fn list_limits(&self, call: ListChatLimits) -> Result<Vec<LimitReport>, Failure> {
        if call.caller.role != Role::Admin {
            return Err(ChatRefusal::Forbidden.into());
        }
        let rooms = LimitReport {
            name: "chat.rooms_created_per_user".to_owned(),
            limit: limits::ROOMS_CREATED_PER_USER_MAX.into(),
            window_s: None,
        };
        let directs = LimitReport {
            name: "chat.directs_opened_per_day".to_owned(),
            limit: limits::DIRECTS_OPENED_PER_DAY_MAX.into(),
            window_s: Some(86_400),
        };
        Ok(vec![self.messages_rate.report(), self.read_markers_rate.report(), rooms, directs])
    }
}
