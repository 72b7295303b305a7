//! The relay as a process. See `lamplight-relay --help`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    lamplight_relay::process::main(std::env::args_os().skip(1)).await
}
