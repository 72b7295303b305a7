//! What the interceptor does to the calls of real SDK clients, answered by recorded replies and by a local AWS.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod calls;
mod common;
mod describe;
mod emulator;
mod eventbridge;
mod kinesis;
mod lambda;
mod limits;
mod settings;
mod sfn;
mod sns;
mod sqs;
