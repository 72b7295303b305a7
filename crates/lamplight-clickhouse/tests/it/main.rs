//! Rows, read back from the engine.

// Clippy takes only functions marked as tests for tests, and helpers here are for nothing else.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod beside_rotel;
mod fuzz_smoke;
mod metrics;
mod schema;
mod traces;
