//! The relay as a function behind an event source mapping of Kinesis: **batch sampling**.
//!
//! Each invocation receives records of one shard, decides all traces in them, and delivers them.
//! Probabilities and rules about a single span are exact; rules about a whole trace see only the
//! spans in the batch. (The [process](crate::relay) and the scheduled function sample whole
//! traces.)
//!
//! The response names the first record that could not be delivered to a critical sink, and no later
//! record: Lambda uses the lowest number as its checkpoint and retries from there. A record that
//! cannot be read becomes a dead letter and never makes a batch fail.
//!
//! The function is not traced itself. Once per [interval](RelayBuilder::telemetry), at the end of a
//! batch, it writes a log line about its work since the last report and adds metrics to the next
//! batch. If a sink that is not critical did not accept everything, each such batch logs a line.

mod answer;
mod batch;
mod event;
mod telling;

use std::{
    io::Write as _,
    process::ExitCode,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};

use self::telling::Teller;
pub use self::{answer::Answer, event::Batch};
use crate::{
    config,
    relay::{BuildError, Relay, RelayBuilder, log},
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
    let config = config::find_for_batches(None, &|name| std::env::var(name).ok())?;
    log::start(config.telemetry.log_level);
    let handler = Handler::new(Relay::of_config(&config)?)?;
    handler.run().await
}

/// Returns the exit code of a function's process. Prints an error in full and readably, since it
/// goes to the log of a function that does not start.
pub(crate) fn ended(result: Result<(), Error>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "{why}");
            ExitCode::FAILURE
        }
    }
}

/// The handler of the function.
#[derive(Debug, Clone)]
pub struct Handler {
    relay: Arc<Relay>,
    teller: Arc<Mutex<Teller>>,
}

impl Handler {
    /// Returns the handler of a relay. The relay's source is not read.
    ///
    /// # Errors
    ///
    /// Returns an error if rules or changes to spans are invalid.
    pub fn new(relay: RelayBuilder) -> Result<Self, BuildError> {
        let relay = Arc::new(relay.build()?);
        let (interval, is_metrics) = relay.tells();
        let teller = Arc::new(Mutex::new(Teller::new(interval, is_metrics)));
        Ok(Self { relay, teller })
    }

    /// Relays a batch within this time.
    pub async fn handle(&self, batch: Batch, within: Duration) -> Answer {
        batch::relay(&self.relay, &self.teller, batch, within).await
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
        let handler = service_fn(move |event: LambdaEvent<Batch>| {
            let this = self.clone();
            async move {
                let within = remaining(event.context.deadline);
                Ok::<_, Error>(this.handle(event.payload, within).await)
            }
        });
        Runtime::new(handler).run().await
    }
}

/// Returns the time an invocation with this deadline has for its work, with some time reserved for
/// the response.
fn remaining(deadline: u64) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let left = Duration::from_millis(deadline).saturating_sub(now.unwrap_or_default());
    left.saturating_sub((left / 5).min(Duration::from_secs(2)))
}
