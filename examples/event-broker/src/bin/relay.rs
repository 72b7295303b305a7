//! Relays the spans of the stream to an OTLP backend. What it keeps is in `LAMPLIGHT_RELAY_CONFIG`.

use lamplight_relay::{config, function::Handler, relay::Relay};

type Error = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = config::find(None, &|name| std::env::var(name).ok())?;
    lamplight_relay::relay::log::start(config.telemetry.log_level);
    Handler::new(Relay::of_config(&config)?)?.run().await
}
