//! What came of a request.

use std::time::Duration;

/// What came of a request to a [`Sink`](super::Sink).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It was accepted, but for so many of its spans or data points, which are counted and never sent
    /// again: <https://opentelemetry.io/docs/specs/otlp/#partial-success>.
    Accepted {
        /// How many were rejected.
        rejected: usize,
        /// Why, or what else the sink has to say; empty where it says nothing.
        message: String,
    },
    /// Of a request that is [laid out by trace](super::Layout::ByTrace), all traces were accepted but
    /// these, which may be accepted later.
    Incomplete {
        /// Their places in the request.
        left: Vec<usize>,
        /// Why.
        why: String,
    },
    /// It was not accepted, and may be later.
    Retryable {
        /// How long the sink asks to be left alone; `None` where it does not say.
        after: Option<Duration>,
        /// Why.
        why: String,
    },
    /// It is larger than the sink accepts.
    TooLarge {
        /// Why.
        why: String,
    },
    /// It will never be accepted.
    Rejected {
        /// Why.
        why: String,
    },
}

impl Outcome {
    /// Returns that everything was accepted.
    pub const fn accepted() -> Self {
        Self::Accepted {
            rejected: 0,
            message: String::new(),
        }
    }
}
