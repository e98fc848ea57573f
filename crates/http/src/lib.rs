//! Problem details (RFC 9457): the one shape of every error that leaves the cluster.

mod problem;

pub use problem::{FieldError, PROBLEM_JSON, Problem};
