//! chat-svc against a real Postgres, NATS and Redis.

mod admission;
mod attachments;
mod directs;
mod faults;
mod grants;
mod messages;
mod organisation;
mod provision;
mod rooms;
mod rotation;
mod vectors;
mod world;
