//! What a delivery tells.

use crate::failure::Failure;
use crate::target::Target;
use lamplight_export::Delivery;
use std::time::Duration;

/// What became of a batch, and why not more of it arrived.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) delivery: Delivery,
    pub(crate) failures: Vec<Failure>,
    /// How long Kinesis was waited for.
    pub(crate) waited: Duration,
    /// Whether a connection broke under a request before.
    pub(crate) broke: bool,
}

impl Report {
    /// Returns the report on `count` spans that were given up in the middle.
    pub(crate) fn unanswered(count: usize, target: &Target, waited: Duration) -> Self {
        Self {
            delivery: Delivery::failed(count).with_unreachable(),
            failures: vec![Failure::unanswered(target, waited)],
            ..Self::default()
        }
    }

    /// Returns how many spans did not arrive.
    pub(crate) fn lost(&self) -> usize {
        self.delivery.returned.len() + self.delivery.failed
    }

    /// Returns what stood in the way of spans last.
    pub(crate) fn why(&self) -> &str {
        self.failures
            .last()
            .map_or("no reason is known", Failure::text)
    }

    /// Returns whether there is something to log.
    pub(crate) fn is_telling(&self) -> bool {
        !self.failures.is_empty()
    }

    /// Logs what stood in the way of spans.
    pub(crate) fn log(self) -> Delivery {
        self.failures.into_iter().for_each(Failure::log);
        self.delivery
    }
}
