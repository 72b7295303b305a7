//! Settings of a queue.

use std::time::Duration;

/// The effect of a sink on checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Criticality {
    /// The sink holds the checkpoint until it has accepted a record's spans, or they have become
    /// dead letters. Requests are retried without limit, and the reader waits while the queue is
    /// full.
    #[default]
    Critical,
    /// The sink does not hold the checkpoint: data that cannot be delivered is dropped and counted.
    BestEffort,
}

/// Settings of a [`SinkQueue`](super::SinkQueue).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SinkSettings {
    /// The effect of the sink on checkpoints. Default: critical.
    pub criticality: Criticality,
    /// Maximum size of the queue, in encoded bytes. Default: 32 MiB. A single parcel always fits.
    pub queue_bytes: usize,
    /// Maximum size of a request before compression, in bytes. Default: 3.5 MiB, since the default
    /// limit of gRPC receivers is 4 MiB. A single larger span is sent nonetheless.
    pub max_request_bytes: usize,
    /// Maximum number of spans or data points in a request. Default: no limit. A single window of metrics is
    /// sent nonetheless.
    pub max_request_items: usize,
    /// Timeout of a request to a sink without a [timeout of its own](super::Sink::timeout); OTLP
    /// sinks have one. Default: 30 s.
    pub timeout: Duration,
    /// Wait for further data to fill a request. Default: 100 ms; skipped during a flush.
    pub linger: Duration,
    /// Wait before the first retry of a request; doubles with each retry. Default: 1 s.
    pub first_wait: Duration,
    /// Maximum wait before a retry, unless the sink requests a longer one. Default: 30 s.
    pub longest_wait: Duration,
    /// Maximum wait that a sink can request. Default: 5 minutes.
    pub longest_pause: Duration,
    /// Time after which a best-effort queue drops data that it could not deliver. Default: 5
    /// minutes.
    pub give_up_after: Duration,
}

impl Default for SinkSettings {
    fn default() -> Self {
        Self {
            criticality: Criticality::Critical,
            queue_bytes: 32 << 20,
            max_request_bytes: 7 << 19,
            max_request_items: usize::MAX,
            timeout: Duration::from_secs(30),
            linger: Duration::from_millis(100),
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(30),
            longest_pause: Duration::from_secs(300),
            give_up_after: Duration::from_secs(300),
        }
    }
}

impl SinkSettings {
    /// Returns the defaults of a best-effort sink.
    pub fn best_effort() -> Self {
        Self {
            criticality: Criticality::BestEffort,
            ..Self::default()
        }
    }

    /// Returns whether the sink holds the checkpoint.
    pub fn is_critical(&self) -> bool {
        self.criticality == Criticality::Critical
    }
}
