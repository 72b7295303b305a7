//! The relay as a function behind an event source mapping: batch sampling.

use std::process::ExitCode;

// The work is mostly waiting for I/O, and one thread starts faster than two.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lamplight_relay::function::main().await
}
