//! The bus against a real nats-server.

mod traces;
