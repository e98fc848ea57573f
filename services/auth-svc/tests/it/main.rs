//! auth-svc against real engines, over NATS as its callers see it.

mod accounts;
mod admins;
mod events;
mod guessing;
mod logins;
mod outage;
mod passwords;
mod second_factors;
mod sessions;
mod stack;
