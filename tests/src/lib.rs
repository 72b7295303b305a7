//! Whole-system tests of Lamplight.
//!
//! A real function, in a process of its own, runs on the real `lambda_runtime` under a simulated Lambda that
//! freezes it. Its spans go to a Kinesis or an OTLP endpoint in the test's own process. This is the harness
//! of `tests/it/lifecycle`. In `tests/it/triggers`, a function is deployed to a local AWS and invoked through
//! its services.
//!
//! All received spans are compared with the registry of conventions; a test fails if a span does not conform.
//!
//! No test waits for time to pass: every wait is for an event, and ends in a panic after [`PATIENCE`].

// Tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod behavior;
mod conventions;
mod endpoint;
pub mod events;
mod invoke_api;
mod kinesis;
mod lambda;
mod process;
mod proxy;
mod spans;
mod tap;

pub use behavior::Behavior;
pub use conventions::assert_conforms;
pub use endpoint::{Endpoint, unused_address};
pub use invoke_api::InvokeApi;
pub use kinesis::Kinesis;
pub use lambda::{Answer, FUNCTION_ARN, FUNCTION_NAME, Invoke, Lambda, LambdaBuilder};
pub use lamplight_test_rig::spans::{Attributes, Event, Link, Span};
pub use lamplight_test_rig::{Closing, Fault};
pub use process::Log;
pub use proxy::{Proxy, SERVER_ERROR, THROTTLED, all_faults};
pub use spans::{decode, decode_json};
pub use tap::ExtensionsApi;

use std::{future::Future, time::Duration};

/// The maximum wait for something that should happen immediately, on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for `future`, within [`PATIENCE`]; `what` names it in the panic.
pub async fn expect<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("not within {PATIENCE:?}: {what}"),
    }
}
