//! The choice of the time at which spans are delivered.

use std::str::FromStr;

/// The choice of the time at which the spans of an invocation are delivered.
///
/// Every flush is limited by the flush budget, and by the invocation's deadline minus the deadline margin.
/// Spans that a flush does not deliver stay queued. With every policy, spans are also flushed when an
/// invocation's time is up, before a SnapStart snapshot, and on SIGTERM if that is handled (see
/// [`Instrumentation::handle_sigterm`](crate::Instrumentation::handle_sigterm)).
///
/// While another invocation is active in the same environment, which then is not frozen, nothing waits after
/// a response: due spans are delivered by a background task. With every policy except
/// [`Manual`](Self::Manual), such a task also starts when the queue becomes half full during an invocation;
/// after one that delivered no span, there is a pause of one second. When the queue is nearly full, the
/// handling of further records of a batch is delayed until there is room, for at most the flush budget in
/// total.
///
/// ```
/// use lamplight_lambda::FlushPolicy;
///
/// // The value of the variable `LAMPLIGHT_FLUSH`.
/// let policy: FlushPolicy = "adaptive".parse()?;
/// assert_eq!(policy, FlushPolicy::Adaptive);
/// assert!(policy.needs_sigterm());
/// assert!(!FlushPolicy::AfterResponse.needs_sigterm());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum FlushPolicy {
    /// `after-response`, the default: after the response has been posted, before the next event is requested.
    /// The caller does not wait, but the time is billed. When Lambda freezes the environment, no spans are
    /// left in it.
    #[default]
    AfterResponse,

    /// `adaptive`: while invocations follow each other closely, spans stay queued after the response and are
    /// delivered while the handler of a later invocation runs, which does not wait for them. A flush then
    /// costs neither time after the response nor one request per invocation.
    ///
    /// * Invocations follow each other closely if the mean pause between them is at most 10 s. (With longer
    ///   pauses, a flush after the response prolongs the use of the environment by less than a thousandth,
    ///   which does not justify the delay of spans.) The mean gives the latest pause a weight of 1/8, as TCP
    ///   does for round-trip times, and applies from the 8th pause on; before that, spans are flushed after
    ///   each response.
    /// * A pause of more than 60 s resets this state to that of a cold start.
    /// * A background flush of one batch starts with the handler of the next invocation when the oldest span
    ///   is 1 s old, when there are enough spans for a batch (512) or 1 MiB of them, or when one of them has
    ///   failed. Invocations within one second share a request.
    /// * The flush nevertheless follows the response when the invocation or one of its records failed, when
    ///   the queue is half full (1024 spans or 4 MiB), or when the oldest span is 10 s old.
    /// * A delivery still in flight after the response has been posted is awaited, because a frozen
    ///   environment may lose its connection, but only for 100 ms. If an invocation delayed the next event by
    ///   50 ms or more, for any of these reasons, the next invocation does not wait: a destination slower
    ///   than the gap between two events delays one of them, never two in a row.
    ///
    /// The drawback: after the last invocation of a busy period, the spans of the last second wait, frozen,
    /// for the next event or the end of the environment. Lambda ends it minutes later with SIGTERM, which
    /// must be handled to deliver them. An environment that crashes, runs out of memory or is recycled after
    /// a timeout receives no SIGTERM: its spans are lost without being counted.
    Adaptive,

    /// `before-response`: after the handler has returned, before the response is posted. **The caller waits
    /// for it.** For processes that may not live on after the response, or if the spans must be delivered
    /// before the caller continues.
    ///
    /// The invocation's span ends before the response is posted, so it does not show whether posting
    /// succeeded. If the handler returns no response, because the event cannot be deserialized or the handler
    /// panics, the flush follows the response. The end of a streamed response waits for the flush.
    BeforeResponse,

    /// `manual`: when the function awaits [`Invocation::flush`](crate::Invocation::flush) or the queue's own
    /// flush. The span of an invocation ends after its handler, so it is delivered by a later flush. Spans
    /// that exceed the queue's limits are dropped and counted.
    Manual,
}

impl FlushPolicy {
    /// Returns whether spans may be queued in an idle environment when Lambda shuts it down, so that SIGTERM
    /// must be handled.
    pub fn needs_sigterm(self) -> bool {
        matches!(self, Self::Adaptive | Self::Manual)
    }
}

impl FromStr for FlushPolicy {
    type Err = UnknownFlushPolicy;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "after-response" => Ok(Self::AfterResponse),
            "adaptive" => Ok(Self::Adaptive),
            "before-response" => Ok(Self::BeforeResponse),
            "manual" => Ok(Self::Manual),
            _ => Err(UnknownFlushPolicy::new()),
        }
    }
}

lamplight_internal::unknown_name_error! {
    /// Error returned when parsing an unknown flush policy name.
    UnknownFlushPolicy, "flush policy", ["after-response", "adaptive", "before-response", "manual"]
}
