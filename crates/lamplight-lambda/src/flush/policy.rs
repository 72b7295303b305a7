//! The choice of when spans are delivered.

use std::str::FromStr;

/// The choice of when the spans of an invocation are delivered.
///
/// Every flush is bounded by the flush budget and by the invocation's deadline less the deadline
/// margin, and what a flush does not finish stays queued. Whatever the policy, spans are flushed when
/// an invocation's time is up, before a SnapStart snapshot, and on SIGTERM where that is handled (see
/// [`Instrumentation::handle_sigterm`](crate::Instrumentation::handle_sigterm)).
///
/// While another invocation is open in the same environment, which is then not frozen, nobody waits
/// after a response: what is due is delivered by a task beside the others' handlers. And with every
/// policy but [`Manual`](Self::Manual) such a task begins when the queue is half full in the middle of
/// an invocation; one that got rid of no span is not followed by another for a second. Where it is
/// nearly full, the records of a batch, for whose answer nobody waits, are held up until there is
/// room, for at most the flush budget in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum FlushPolicy {
    /// `after-response`, the default: when the response has been posted, before the next event is
    /// asked for. Nobody waits for it, the time is billed, and when Lambda freezes the environment
    /// nothing is left.
    #[default]
    AfterResponse,

    /// `adaptive`: while invocations follow each other closely, spans stay queued when the response
    /// has been posted, and are delivered beside the handler of a later invocation, which does not
    /// wait for them. A flush then costs neither time after the response nor a request for every
    /// invocation.
    ///
    /// * Invocations follow each other closely when the mean pause between them is at most 10 s.
    ///   (With longer ones a flush after the response keeps the environment for less than a
    ///   thousandth of the time, which is not worth spans that wait.) The mean gives the latest pause
    ///   a weight of 1/8, as TCP does for round-trip times, and counts from the 8th pause on; until
    ///   then, from the cold start on, spans are flushed after each response.
    /// * A pause of more than 60 s ends the habit: everything begins anew as after a cold start.
    /// * The handler of the next invocation is accompanied by a flush, of one batch, when the oldest
    ///   span is 1 s old, or there are enough for a batch (512 spans), or 1 MiB of them, or a failure
    ///   is among them. Invocations within one second share a request.
    /// * The flush comes after the response all the same when an invocation or a record of it failed,
    ///   when the queue is half full (1024 spans or 4 MiB), and when the oldest span is 10 s old.
    /// * A delivery that is still under way when the response has been posted is waited for, since a
    ///   frozen environment may lose its connection, but for 100 ms at most. After an invocation that
    ///   kept the next event waiting for 50 ms or more, for whatever of these reasons, the next one
    ///   does not: a destination that is slower than the gap between two events delays one of them,
    ///   never two in a row.
    ///
    /// The price: after the last invocation of a busy time, spans of the last second wait, frozen, for
    /// the next event or the end of the environment. Lambda ends it minutes later with a SIGTERM, which
    /// has to be handled for them to be delivered then, and it is not sent to an environment that
    /// crashes, runs out of memory or is recycled after a timeout: then they are lost, and nobody can
    /// count them.
    Adaptive,

    /// `before-response`: when the handler has answered, before the response is posted. **The caller
    /// waits for it.** For those whose process may not live on after the response, or who must have the
    /// spans delivered when the caller goes on.
    ///
    /// The invocation's span ends before the response is posted, so it does not show whether that
    /// worked. Where the handler does not answer, because the event does not deserialize or it panics,
    /// the flush comes after the response. The end of a streamed response waits for the flush.
    BeforeResponse,

    /// `manual`: when the function awaits
    /// [`Invocation::flush`](crate::Invocation::flush) or the queue's own flush. The span of an
    /// invocation ends after the handler, so it goes with a later flush. What the queue cannot hold is
    /// dropped and counted.
    Manual,
}

impl FlushPolicy {
    /// Returns whether spans can be waiting when Lambda ends an environment that has been idle, so that
    /// SIGTERM must be handled.
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
