//! Whole-system tests: a function under Lambda, behind its triggers and called by the SDK, and the published
//! specifications, statement by statement.

// Tests fail by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
#![recursion_limit = "512"]

mod conformance;
mod invoke;
mod lifecycle;
mod triggers;
