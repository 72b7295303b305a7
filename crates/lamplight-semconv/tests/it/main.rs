//! Tests of the registry and of the code generated from it.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[cfg(feature = "descriptions")]
mod descriptions;
mod generated;
mod literals;
mod upstream;
