//! The relay's reader, and its checkpoints in DynamoDB, against a Kinesis that can do what Kinesis does.
//!
//! Time is Tokio's, and paused but for DynamoDB: nothing goes over sockets, so that it runs on as soon as
//! everybody waits.

mod common;
mod fan_out;
mod reading;
mod reshards;
mod sharing;
mod stores;
