use sealcast_contracts::{
    chat::{AcceptMessage, AcceptedMessage},
    stream::StreamMessage,
};

use super::check;
use crate::{Chat, error::Failure, rooms::epoch_number};

impl Chat {
    /// Accepts a message. A refusal means that it is certainly not stored; see [`Failure`] for the other kinds.
    pub(crate) async fn accept_message(&self, call: AcceptMessage) -> Result<AcceptedMessage, Failure> {
        let outcome = match self.accept(&call).await {
            Err(Failure::Refused(refusal)) if check::can_follow_acceptance(&refusal) => self.accepted_before(&call, refusal).await,
            outcome => outcome,
        };
        let label = match &outcome {
            Ok(_) => "accepted",
            Err(Failure::Refused(_)) => "refused",
            Err(Failure::Unavailable(_)) => "unavailable",
            Err(Failure::Unknown(_)) => "unknown",
            Err(Failure::Bug(_)) => "bug",
        };
        metrics::counter!("chat_messages_total", "outcome" => label).increment(1);
        outcome
    }

    /// The order is part of the protocol (docs/protocol.md section 3).
    async fn accept(&self, call: &AcceptMessage) -> Result<AcceptedMessage, Failure> {
        check::size(call)?;
        self.messages_rate.check(call.caller.user_id).await?;
        self.meet(&call.caller).await?;
        // No epoch has a number that Postgres cannot hold: it is looked for as one that is not there.
        let epoch = epoch_number(call.epoch).unwrap_or(0);
        let standing = self.standing(call.room_id, call.caller.user_id, epoch).await?;
        let now = self.now();
        check::structure(call, &standing, now)?;
        let sender = self.signer(&call.caller).await?;
        let signed = check::signed_context(call, &sender, now)?;
        check::context(call, &signed)?;
        check::membership(call, standing.room.as_ref())?;
        let stream = self.stream.sound().ok_or_else(|| Failure::Unavailable(anyhow::anyhow!("the stream is not sound")))?;
        let message = StreamMessage {
            room_id: call.room_id,
            stream_epoch: stream.epoch,
            sender: call.caller.user_id,
            sender_fp: sender.certificate.key.fingerprint,
            cid: call.cid,
            epoch: call.epoch,
            accepted_at: now,
            env: call.env.0.clone(),
            sig: call.sig.0.clone(),
        };
        let accepted = self.publish_message(call, &message, stream.floor).await?;
        tracing::info!(id = %accepted.id, room = %call.room_id, sender = %call.caller.user_id, "message accepted");
        Ok(accepted)
    }
}
