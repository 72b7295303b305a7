//! Reports of deliveries.

use std::time::Duration;

use lamplight_export::Delivery;

use crate::{failure::Failure, stream::Stream};

/// The outcome of a delivery, and why not more of it arrived.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) delivery: Delivery,
    pub(crate) failures: Vec<Failure>,
    /// How long Kinesis was waited for.
    pub(crate) waited: Duration,
    /// Whether a connection has been lost under a request before.
    pub(crate) has_lost_connection: bool,
}

impl Report {
    /// Returns the report on `count` spans that were given up in the middle.
    pub(crate) fn unanswered(count: usize, stream: &Stream, waited: Duration) -> Self {
        Self {
            delivery: Delivery::failed(count).with_unreachable(),
            failures: vec![Failure::unanswered(stream, waited)],
            ..Self::default()
        }
    }

    /// Returns how many spans did not arrive.
    pub(crate) fn lost(&self) -> usize {
        self.delivery.returned.len() + self.delivery.failed
    }

    /// Returns the text of the last failure.
    pub(crate) fn why(&self) -> &str {
        self.failures
            .last()
            .map_or("no reason is known", Failure::text)
    }

    /// Returns whether there is something to log.
    pub(crate) fn has_failures(&self) -> bool {
        !self.failures.is_empty()
    }

    /// Logs the failures, and returns the outcome.
    pub(crate) fn log(self) -> Delivery {
        self.failures.into_iter().for_each(Failure::log);
        self.delivery
    }
}
