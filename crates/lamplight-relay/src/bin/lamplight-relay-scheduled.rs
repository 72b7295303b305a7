//! The relay as a function that runs once a minute: whole-trace sampling without a server.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lamplight_relay::scheduled::main().await
}
