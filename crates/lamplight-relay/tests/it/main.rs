//! The relay's tests, in one program.

// Tests fail by panicking.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod clean;
mod engine;
mod function;
mod metrics;
mod reader;
mod rules;
mod sink;
