//! How long is waited, and how much is held.

use std::time::Duration;

/// How long traces are waited for, and how much of a shard is held meanwhile. Waits count in whole
/// seconds of [stream time](crate::record::StreamTime); a fraction counts as a second.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// How long after its first span a trace is decided. Default: 30 s.
    pub decision_wait: Duration,
    /// How long after its root a trace is decided, if that is sooner. Default: never sooner, since the root
    /// of a trace through queues and events ends before what it has started: deciding 5 s after it would
    /// decide without the consumers, to hold some bytes less.
    pub wait_after_root: Option<Duration>,
    /// How long after its first span a trace is decided whose root has not come. Where this is longer than
    /// `decision_wait`, a trace is waited for until its root has come (and then for `wait_after_root`),
    /// or this is over. Default: 30 s, no longer than for others.
    pub max_wait: Duration,
    /// How long a decision is remembered for spans that come late. Default: 1 h.
    pub late_window: Duration,
    /// How many decisions of a shard are remembered, at 16 bytes and some 8 of index. With more, the
    /// oldest are forgotten, and counted. Default: 1 000 000.
    pub max_decisions: usize,
    /// Whether decisions are kept until they have been taken for [the log](super::Engine::decisions). Without
    /// them nothing can go on after a restart; where nothing will, they would only take memory. Default: yes.
    pub keeps_log: bool,
    /// How many bytes are held for a shard, in records with undecided traces and in what is known of
    /// these. Above it the traces that are due first are decided. Default: 64 MiB.
    pub max_bytes: usize,
    /// How many bytes of records are held for one trace. Above it, it is decided. Default: 4 MiB.
    pub max_trace_bytes: usize,
    /// How many spans are waited for in one trace. Above it, it is decided. Default: 10 000.
    pub max_trace_spans: u32,
    /// The windows in which spans are metered, if they are: reading starts again where the first window
    /// begins that has not been [delivered](super::Engine::metered). Default: none.
    pub meter_window: Option<Duration>,
    /// How much a record may hold.
    pub limits: crate::decode::Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            decision_wait: Duration::from_secs(30),
            wait_after_root: None,
            max_wait: Duration::from_secs(30),
            late_window: Duration::from_secs(3600),
            max_decisions: 1_000_000,
            keeps_log: true,
            max_bytes: 64 << 20,
            max_trace_bytes: 4 << 20,
            max_trace_spans: 10_000,
            meter_window: None,
            limits: crate::decode::Limits::default(),
        }
    }
}
