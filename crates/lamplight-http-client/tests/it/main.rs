//! Requests through clients of all kinds, and the spans they leave.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

mod common;
mod context;
mod describe;
mod end;
mod grpc;
mod hostile;
mod hyper;
mod receivers;
mod reqwest;
mod resend;
