//! The relay as a function behind an event source mapping: batch sampling.

use lamplight_relay::{
    config,
    function::Handler,
    relay::{Relay, log},
};

// Waits are all there is to it: one thread starts sooner than two.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = config::find_for_batches(None, &|name| std::env::var(name).ok())?;
    log::start(config.telemetry.log_level);
    let handler = Handler::new(Relay::of_config(&config)?)?;
    handler.run().await
}
