//! What every store does, and what SQLite does besides.

mod bad_input;
mod build;
mod map;
mod model;
mod sqlite;
mod suite;
