//! The relay as a function that runs once a minute: whole-trace sampling without a server.
//!
//! Each run reads all shards from their checkpoints to their ends, or until its time is nearly
//! over; delivers the traces decided by then; and saves the checkpoints from which the next run
//! starts. A run that starts while another one has the leases reads no shards, and ends. After a
//! run is killed, its leases remain until they expire (`source.lease`), and the next run waits for
//! that.

use std::{
    process::ExitCode,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde::de::IgnoredAny;
use tokio::time::Instant;

use crate::{
    config::{self, Checkpoints, Config},
    function::ended,
    process::{Ends, NO_SOURCE, source},
    relay::{Relay, log},
};

/// Runs the function with the configuration of its environment; returns the exit code of the
/// process.
///
/// # Panics
///
/// Panics outside of Lambda, whose environment variables it needs.
pub async fn main() -> ExitCode {
    ended(run().await)
}

async fn run() -> Result<(), Error> {
    let config = config::find(None, &|name| std::env::var(name).ok())?;
    log::start(config.telemetry.log_level);
    Handler::new(config)?.run().await
}

const NOT_SHARED: &str = "source.checkpoints: the next run of the function may be on another \
machine and find no checkpoint; write `checkpoints = { type = \"dynamodb\", table = \
\"${RELAY_TABLE}\" }`";

/// The handler of the function.
#[derive(Debug, Clone)]
pub struct Handler {
    config: std::sync::Arc<Config>,
}

impl Handler {
    /// Returns the handler of a configuration.
    ///
    /// # Errors
    ///
    /// Returns an error if the configuration requires a feature that this program lacks, or keeps
    /// checkpoints where the next run may not find them.
    pub fn new(config: Config) -> Result<Self, Error> {
        let Some(reads) = &config.source else {
            return Err(NO_SOURCE.into());
        };
        if !matches!(reads.checkpoints, Checkpoints::DynamoDb { .. }) {
            return Err(NOT_SHARED.into());
        }
        Relay::of_config(&config)?.build()?;
        let config = std::sync::Arc::new(config);
        Ok(Self { config })
    }

    /// Reads, decides, delivers and saves, within this time.
    ///
    /// # Errors
    ///
    /// Returns an error if checkpoints cannot be read or saved.
    pub async fn handle(&self, within: Duration) -> Result<(), Error> {
        // Decided traces must be delivered, and checkpoints saved, after the last record is read.
        let for_the_end = (within / 4).clamp(Duration::from_secs(1), Duration::from_secs(20));
        let deadline = Instant::now() + within.saturating_sub(for_the_end);
        let source = source(&self.config, Ends::AtTip(Some(deadline)), false)?;
        let relay = Relay::of_config(&self.config)?
            .shutdown_within(for_the_end)
            .source(source)
            .build()?;
        relay.run(tokio::time::sleep_until(deadline)).await?;
        Ok(())
    }

    /// Handles all invocations of this execution environment.
    ///
    /// # Errors
    ///
    /// Returns an error if the Runtime API fails.
    ///
    /// # Panics
    ///
    /// Panics outside of Lambda, whose environment variables it needs.
    pub async fn run(self) -> Result<(), Error> {
        let handler = service_fn(move |event: LambdaEvent<IgnoredAny>| {
            let this = self.clone();
            async move {
                let now = SystemTime::now().duration_since(UNIX_EPOCH);
                let deadline = Duration::from_millis(event.context.deadline);
                let left = deadline.saturating_sub(now.unwrap_or_default());
                this.handle(left.saturating_sub(Duration::from_secs(1)))
                    .await
            }
        });
        Runtime::new(handler).run().await
    }
}
