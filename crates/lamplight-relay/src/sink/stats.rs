//! Statistics of a queue.

/// The state of a circuit breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum BreakerState {
    /// Requests are sent.
    #[default]
    Closed,
    /// No requests are sent, since several in a row have failed.
    Open,
    /// A single request is sent as a probe.
    HalfOpen,
}

/// Counters of a [`SinkQueue`](super::SinkQueue) since its start. Items are spans or data points.
/// Each item ends in exactly one of these: delivered, rejected, dropped, dead-lettered or
/// abandoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SinkStats {
    /// Items added to the queue.
    pub received: u64,
    /// Items that the sink accepted.
    pub delivered: u64,
    /// Items rejected within requests that the sink accepted.
    pub rejected: u64,
    /// Items dropped by a best-effort queue, because it was full or gave up on them.
    pub dropped: u64,
    /// Items that became dead letters.
    pub dead_lettered: u64,
    /// Items left at shutdown, or whose [claim](super::Claim) was revoked. Their records are not
    /// settled.
    pub abandoned: u64,
    /// Requests that were sent again after a failure.
    pub retried: u64,
    /// Requests that were split because they were too large for the sink.
    pub split: u64,
    /// Delivered spans that were cut down because they were too large for the sink.
    pub cut_down: u64,
    /// Failed attempts to write dead letters.
    pub dead_letter_failures: u64,
    /// Encoded bytes that are queued or being sent.
    pub queued_bytes: usize,
    /// Items that are queued or being sent.
    pub queued: u64,
    /// The state of the circuit breaker.
    pub breaker: BreakerState,
}
