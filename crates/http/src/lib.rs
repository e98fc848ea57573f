//! Problem details (RFC 9457), the one shape of every error that leaves the cluster; and heads of requests, read strictly.

pub mod head;
mod problem;

pub use problem::{FieldError, PROBLEM_JSON, Problem};
