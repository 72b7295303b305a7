//! The relay as a function behind an event source mapping: batch sampling.

use std::process::ExitCode;

// Waits are all there is to it: one thread starts sooner than two.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lamplight_relay::function::main().await
}
