//! Outcomes of requests.

use std::time::Duration;

/// The outcome of a request to a [`Sink`](super::Sink).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The request was accepted, except for `rejected` spans or data points, which are counted and
    /// never sent again: <https://opentelemetry.io/docs/specs/otlp/#partial-success>.
    Accepted {
        /// Number of rejected items.
        rejected: usize,
        /// The reason, or another message of the sink; empty if there is none.
        message: String,
    },
    /// A request that is [laid out by trace](super::Layout::ByTrace) was accepted except for some
    /// traces, which may be accepted later.
    Incomplete {
        /// The indices of these traces in the request.
        left: Vec<usize>,
        /// The reason.
        why: String,
    },
    /// The request was not accepted, but may be later.
    Retryable {
        /// The wait that the sink requests, if any.
        after: Option<Duration>,
        /// The reason.
        why: String,
    },
    /// The request is larger than the sink accepts.
    TooLarge {
        /// The reason.
        why: String,
    },
    /// The request will never be accepted.
    Rejected {
        /// The reason.
        why: String,
    },
}

impl Outcome {
    /// Returns the outcome of a request that was accepted completely.
    pub const fn accepted() -> Self {
        Self::Accepted {
            rejected: 0,
            message: String::new(),
        }
    }
}
