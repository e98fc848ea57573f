//! A running stack seen from the outside, and people who use it.

pub mod matrix;
pub mod people;
pub mod stack;

pub use people::{People, Person};
pub use stack::Stack;
