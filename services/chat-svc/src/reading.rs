//! How far people have read. What is kept says so to their own clients alone; here it is 60 octets.

mod calls;
mod store;
