//! What a queue has done.

/// What a circuit breaker lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum BreakerState {
    /// Everything.
    #[default]
    Closed,
    /// Nothing: several requests in a row have failed.
    Open,
    /// A probe.
    HalfOpen,
}

/// Counts of a [`SinkQueue`](super::SinkQueue) since it was started. Items are spans or data points, each
/// of which ends as one of delivered, rejected, dropped, dead-lettered or abandoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SinkStats {
    /// Items it was given.
    pub received: u64,
    /// Items that the sink accepted.
    pub delivered: u64,
    /// Items that the sink rejected of requests it accepted.
    pub rejected: u64,
    /// Items that were dropped: over the bytes of a best-effort queue, or given up by it.
    pub dropped: u64,
    /// Items that are dead letters.
    pub dead_lettered: u64,
    /// Items that a shutdown left, or whose [claim](super::Claim) was revoked. Their records are not settled.
    pub abandoned: u64,
    /// Requests that were sent again after a failure.
    pub retried: u64,
    /// Requests that were split since the sink took none as large.
    pub split: u64,
    /// Delivered spans that something was cut off, since the sink took none as large.
    pub cut_down: u64,
    /// Attempts to write dead letters that failed.
    pub dead_letter_failures: u64,
    /// Encoded bytes that wait or are on their way.
    pub queued_bytes: usize,
    /// Items that wait or are on their way.
    pub queued: u64,
    /// What the circuit breaker lets through.
    pub breaker: BreakerState,
}
