//! Reports of deliveries.

use std::time::Duration;

use lamplight_export::Delivery;

use crate::{failure::Failure, stream::Stream};

/// The outcome of a delivery, and the reasons for spans that did not arrive.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) delivery: Delivery,
    pub(crate) failures: Vec<Failure>,
    /// The time spent waiting for Kinesis.
    pub(crate) waited: Duration,
    /// True if a connection was lost during an earlier request of the delivery.
    pub(crate) has_lost_connection: bool,
}

impl Report {
    /// Returns the report on `count` spans of a delivery that was cut off.
    pub(crate) fn unanswered(count: usize, stream: &Stream, waited: Duration) -> Self {
        Self {
            delivery: Delivery::failed(count).with_unreachable(),
            failures: vec![Failure::unanswered(stream, waited)],
            ..Self::default()
        }
    }

    /// Returns the number of spans that did not arrive.
    pub(crate) fn lost(&self) -> usize {
        self.delivery.returned.len() + self.delivery.failed
    }

    /// Returns the text of the last failure.
    pub(crate) fn why(&self) -> &str {
        self.failures
            .last()
            .map_or("no reason is known", Failure::text)
    }

    /// Returns whether there are failures to log.
    pub(crate) fn has_failures(&self) -> bool {
        !self.failures.is_empty()
    }

    /// Logs the failures, and returns the outcome.
    pub(crate) fn log(self) -> Delivery {
        self.failures.into_iter().for_each(Failure::log);
        self.delivery
    }
}
