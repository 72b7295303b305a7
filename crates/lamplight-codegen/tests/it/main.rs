//! Tests of registries, of what is generated from them, and of the checker.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod advice;
mod build_script;
mod checker;
mod common;
mod compatibility;
mod compiled;
mod every_field;
mod faults;
mod hostile;
mod older;
mod properties;
mod releases;
mod snapshots;
