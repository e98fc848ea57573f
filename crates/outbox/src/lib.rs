//! The outbox: a significant event is a row of the service's own schema, written in the transaction that makes it true, and
//! relayed to the stream EVENTS afterwards. A crash between the two repeats the event, never loses it: its id is the
//! `Nats-Msg-Id`, and audit-svc takes each id once.
//!
//! A service that uses it puts this into a migration (here for schema `chat`):
//!
//! ```sql
//! create table chat.outbox (
//!     position    bigint generated always as identity primary key,
//!     event_id    uuid not null unique,
//!     subject     text not null,
//!     body        text not null,
//!     recorded_at timestamptz not null default now()
//! );
//! comment on table chat.outbox is 'Significant events on their way to the stream EVENTS; empty when all are relayed.';
//! comment on column chat.outbox.position is 'Order of recording.';
//! comment on column chat.outbox.event_id is 'Identity of the event; its Nats-Msg-Id.';
//! comment on column chat.outbox.subject is 'Subject that it is published under.';
//! comment on column chat.outbox.body is 'The event as JSON.';
//! comment on column chat.outbox.recorded_at is 'When it was recorded.';
//! grant select, insert, delete on chat.outbox to chat_svc;
//! ```

mod record;
mod relay;

pub use record::{RecordError, Schema, record};
pub use relay::relay;
