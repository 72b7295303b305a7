//! Waits and limits of the engine.

use std::time::Duration;

/// Waits and limits of undecided traces. Waits are in whole seconds of [stream
/// time](crate::record::StreamTime); fractions are rounded up.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// Time from the first span of a trace to its decision. Default: 30 s.
    pub decision_wait: Duration,
    /// Time from the root span to the decision, if that is earlier. Default: `None`, never earlier.
    /// The root of a trace through queues and events ends before the work it has started: a
    /// decision 5 s later would not include the consumers, and would save little memory.
    pub wait_after_root: Option<Duration>,
    /// Maximum time from the first span to the decision if the root has not arrived. If this is
    /// longer than `decision_wait`, a trace waits until its root has arrived (and then for
    /// `wait_after_root`), or until this time is over. Default: 30 s, the same as for other traces.
    pub max_wait: Duration,
    /// Time for which a decision is remembered for late spans. Default: 1 h.
    pub late_window: Duration,
    /// Maximum number of remembered decisions per shard, at 16 bytes each and about 8 bytes of
    /// index. Beyond that the oldest ones are forgotten, and counted. Default: 1 000 000.
    pub max_decisions: usize,
    /// Keeps decisions until they have been taken for [the log](super::Engine::decisions). A
    /// restart needs them; without restarts they only use memory. Default: true.
    pub keeps_log: bool,
    /// Maximum bytes held for a shard, in records with undecided traces and in the data about
    /// these. Beyond that, the traces that are due first are decided. Default: 64 MiB.
    pub max_bytes: usize,
    /// Maximum bytes of records held for one trace. Beyond that, it is decided. Default: 4 MiB.
    pub max_trace_bytes: usize,
    /// Maximum number of spans held for one trace. Beyond that, it is decided. Default: 10 000.
    pub max_trace_spans: u32,
    /// The length of metrics windows, if spans are measured: a restart reads from the start of the
    /// first window that has not been [delivered](super::Engine::metered). Default: none.
    pub meter_window: Option<Duration>,
    /// Limits for reading a record.
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
