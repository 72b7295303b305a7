//! Tests of the crate from outside.

// Clippy takes only functions marked as tests for tests, and helpers here are for nothing else.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod bad_input;
mod browser;
mod demo;
mod flush;
mod fuzz_smoke;
mod http;
mod make;
mod outline;
mod pages;
mod properties;
mod read;
mod server;
mod store;
mod waits;
