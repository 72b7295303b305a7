//! Relays the spans of the stream to an OTLP backend. Its rules are in `LAMPLIGHT_RELAY_CONFIG`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    lamplight_relay::function::main().await
}
