//! The relay's reader, and its checkpoints in DynamoDB, with a simulated Kinesis.
//!
//! Time is Tokio's, and paused except for tests with DynamoDB: without sockets, time advances as
//! soon as all tasks wait.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

mod chaos;
mod common;
mod fan_out;
mod reading;
mod reshards;
mod sharing;
mod stores;
