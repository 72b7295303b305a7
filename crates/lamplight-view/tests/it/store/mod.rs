//! The behavior of every store, and the specific behavior of each.

mod bad_input;
pub(crate) mod build;
mod clickhouse;
mod map;
mod model;
mod sqlite;
mod suite;
