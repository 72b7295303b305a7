//! The relay's reader, and its checkpoints in DynamoDB, against a Kinesis that can do what Kinesis does.
//!
//! Time is Tokio's, and paused but for DynamoDB: nothing goes over sockets, so that it runs on as soon as
//! everybody waits.

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
