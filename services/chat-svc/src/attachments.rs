//! Attachments: sealed by clients, kept in chunks, read by members of their room and by auditors.

mod calls;
mod chunks;
mod reading;
mod store;
mod sweep;

pub(crate) use reading::AuditedReads;
pub(crate) use sweep::sweep;
