//! Tests of the crate from outside.

// Clippy only recognizes functions marked as tests, but the helpers here are only used by tests.
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
