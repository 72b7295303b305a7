//! What every store does, and what SQLite does besides.

mod bad_input;
pub(crate) mod build;
mod map;
mod model;
mod sqlite;
mod suite;
