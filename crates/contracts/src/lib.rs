//! The contracts between Sealcast's services, and between edge-svc and its clients.
//!
//! Every NATS subject, request, reply and refusal, every stream name and header, every Redis signal and every REST body
//! is written once, here. The crate has no I/O and no async; `bus` and `signals` carry these types.

pub mod admin;
pub mod attachments;
pub mod audit;
pub mod auth;
mod base64;
pub mod chat;
pub mod context;
pub mod control;
pub mod events;
mod ids;
pub mod limits;
pub mod presence;
pub mod sse;
pub mod stream;

pub use base64::Base64;
pub use ids::{
    ApprovalId, AttachmentId, CaseId, ClientMessageId, EventId, ExportId, Fingerprint, HoldId, InviteId, ParseIdError, RoomId,
    SessionId, UserId,
};
use serde::{Serialize, de::DeserializeOwned};

/// One request over NATS: its subject, what a success answers and what a refusal says.
///
/// The version stands in the subject. Adding an optional field is allowed; anything else is a `v2` beside `v1`.
pub trait Call: Serialize + DeserializeOwned + Send + Sync + 'static {
    const SUBJECT: &'static str;
    type Reply: Serialize + DeserializeOwned + Send + 'static;
    type Refusal: Serialize + DeserializeOwned + std::error::Error + Send + Sync + 'static;
}

/// Declares that a request type is a [`Call`].
macro_rules! call {
    ($request:ty, $subject:literal, $reply:ty, $refusal:ty) => {
        impl $crate::Call for $request {
            const SUBJECT: &'static str = $subject;
            type Reply = $reply;
            type Refusal = $refusal;
        }
    };
}
pub(crate) use call;

/// Who asks: taken by edge-svc from a verified session, trusted by the other services.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Caller {
    pub user_id: UserId,
    pub username: String,
    pub role: auth::Role,
    /// Fingerprint of the caller's current OpenPGP certificate.
    pub fingerprint: Fingerprint,
    pub session_id: SessionId,
}

/// One page of a listing. `next_cursor` is opaque; it is absent on the last page.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}
