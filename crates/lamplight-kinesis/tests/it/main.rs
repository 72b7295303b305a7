//! The exporter against a Kinesis in the same process.

// Tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;
mod emulator;
mod faults;
mod messages;
mod plain;
mod python;
mod refusals;
mod slow;
