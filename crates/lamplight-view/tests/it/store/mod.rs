//! The behavior of every store, and the specific behavior of SQLite.

mod bad_input;
pub(crate) mod build;
mod map;
mod model;
mod sqlite;
mod suite;
