//! Tests of every command, run as a user runs it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod common;
mod guide;
mod inspect;
mod interop;
mod semconv;
mod serve;
mod traces;
