//! Settings of a queue.

use std::time::Duration;

/// What a sink may hold up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Criticality {
    /// It holds the checkpoint until it has accepted a record's spans, or they are dead-lettered. It is
    /// tried without end, and its full queue makes the reader wait.
    #[default]
    Critical,
    /// It holds nothing: what it cannot be given is dropped and counted.
    BestEffort,
}

/// Settings of a [`SinkQueue`](super::SinkQueue).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SinkSettings {
    /// What it may hold up. Default: critical.
    pub criticality: Criticality,
    /// How many encoded bytes may wait. Default: 32 MiB. One parcel always fits.
    pub queue_bytes: usize,
    /// How many bytes a request has at most, before compression. Default: 3.5 MiB, since receivers of gRPC
    /// take 4 MiB unless they are told otherwise. A single larger span is sent nonetheless.
    pub max_request_bytes: usize,
    /// How long a sink is waited for that has no [timeout of its own](super::Sink::timeout), as that of OTLP
    /// has. Default: 30 s.
    pub timeout: Duration,
    /// How long more is waited for to fill a request. Default: 100 ms; nothing where somebody flushes.
    pub linger: Duration,
    /// The wait before a request is sent again for the first time; it doubles. Default: 1 s.
    pub first_wait: Duration,
    /// The longest wait before a request is sent again, where the sink does not ask for a longer one.
    /// Default: 30 s.
    pub longest_wait: Duration,
    /// The longest wait that a sink may ask for. Default: 5 minutes.
    pub longest_pause: Duration,
    /// After how long a best-effort queue gives up what it could not deliver. Default: 5 minutes.
    pub give_up_after: Duration,
}

impl Default for SinkSettings {
    fn default() -> Self {
        Self {
            criticality: Criticality::Critical,
            queue_bytes: 32 << 20,
            max_request_bytes: 7 << 19,
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

    /// Returns whether it holds the checkpoint.
    pub fn is_critical(&self) -> bool {
        self.criticality == Criticality::Critical
    }
}
