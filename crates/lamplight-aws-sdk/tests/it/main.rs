//! The effects of the interceptor on calls of real SDK clients, answered by recorded responses and by a local
//! AWS.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod batches;
mod behind;
mod calls;
mod common;
mod database;
mod describe;
mod dynamodb;
mod emulator;
mod eventbridge;
mod existing_context;
mod expected;
mod formats;
mod generic;
mod hooks;
mod kinesis;
mod lambda;
mod limit_settings;
mod limits;
mod logs;
mod mapping;
mod panics;
mod private;
mod registry;
mod s3;
mod settings;
mod sfn;
mod sns;
mod sqs;
mod variables;
