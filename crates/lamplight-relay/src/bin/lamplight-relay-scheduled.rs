//! The relay as a function that is run once a minute: whole-trace sampling without a server.

use lamplight_relay::{config, relay::log, scheduled::Handler};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = config::find(None, &|name| std::env::var(name).ok())?;
    log::start(config.telemetry.log_level);
    Handler::new(config)?.run().await
}
