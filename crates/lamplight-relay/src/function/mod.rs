//! The relay as a function behind an event source mapping of Kinesis: **batch sampling**.
//!
//! Each invocation is given records of one shard, decides all traces in them, and delivers. Rules that need
//! one span, and probabilities, are exact; rules about a whole trace see what is in the batch. (What samples
//! whole traces is the [process](crate::relay), or the scheduled function.)
//!
//! The answer names the first record that could not be delivered to a critical sink, and nothing after it:
//! Lambda takes the lowest number as its checkpoint and tries again from there. A record that cannot be read is a
//! dead letter, and never the reason for a batch to fail.
//!
//! Nothing of the function itself is traced. What it did since it told of it last is a line in the log at the end of a
//! batch, once in an [interval](RelayBuilder::telemetry), and metrics that go out with the next batch; what sinks that
//! are not critical did not take is a line of each batch in which that happened.

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

/// Runs the function with the configuration that is found; returns with what its process ends.
///
/// # Panics
///
/// Outside of Lambda, whose variables it needs.
pub async fn main() -> ExitCode {
    ended(run().await)
}

async fn run() -> Result<(), Error> {
    let config = config::find_for_batches(None, &|name| std::env::var(name).ok())?;
    log::start(config.telemetry.log_level);
    let handler = Handler::new(Relay::of_config(&config)?)?;
    handler.run().await
}

/// Returns with what the process of a function ends. Why it does is said as it is meant to be read: that is in the log
/// of a function that does not start.
pub(crate) fn ended(result: Result<(), Error>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "{why}");
            ExitCode::FAILURE
        }
    }
}

/// The handler of the function: what an invocation does.
#[derive(Debug, Clone)]
pub struct Handler {
    relay: Arc<Relay>,
    teller: Arc<Mutex<Teller>>,
}

impl Handler {
    /// Returns the handler of a relay. Its source is not read.
    ///
    /// # Errors
    ///
    /// Where rules or what is changed are wrong.
    pub fn new(relay: RelayBuilder) -> Result<Self, BuildError> {
        let relay = Arc::new(relay.build()?);
        let (interval, is_metrics) = relay.tells();
        let teller = Arc::new(Mutex::new(Teller::new(interval, is_metrics)));
        Ok(Self { relay, teller })
    }

    /// Relays a batch, within this time.
    pub async fn handle(&self, batch: Batch, within: Duration) -> Answer {
        batch::relay(&self.relay, &self.teller, batch, within).await
    }

    /// Relays the batches of all invocations of this environment.
    ///
    /// # Errors
    ///
    /// Where the Runtime API fails.
    ///
    /// # Panics
    ///
    /// Outside of Lambda, whose variables it needs.
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

/// Returns the time that an invocation with this deadline has for its work: to answer takes some of it.
fn remaining(deadline: u64) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let left = Duration::from_millis(deadline).saturating_sub(now.unwrap_or_default());
    left.saturating_sub((left / 5).min(Duration::from_secs(2)))
}
