//! `[sampling]`: waits and limits of undecided traces.

use std::time::Duration;

use crate::config::{
    keys::{Key, Table, key},
    section::Section,
};

const HOUR: Duration = Duration::from_secs(3600);
const SECOND: Duration = Duration::from_secs(1);

pub(super) static SAMPLING: Table = Table {
    name: "sampling",
    about: "Waits for the spans of a trace, in stream time, and limits of the data held meanwhile. \
    The function behind an event source mapping does not wait: it decides at the end of each \
    batch.",
    list: false,
    open: false,
    keys: KEYS,
};

const KEYS: &[Key] = &[
    key(
        "decision_wait",
        "duration",
        "`\"30 s\"`",
        "Time from the first span of a trace to its decision.",
    ),
    key(
        "wait_after_root",
        "duration",
        "none",
        "Time from the root span of a trace to its decision, if that is earlier or `max_wait` \
        permits a longer wait.",
    ),
    key(
        "max_wait",
        "duration",
        "`decision_wait`",
        "Maximum wait for a trace whose root span has not arrived.",
    ),
    key(
        "late_window",
        "duration",
        "`\"1 h\"`",
        "Time for which a decision is remembered, so that late spans follow it. Takes 16 bytes per \
        trace.",
    ),
    key(
        "max_bytes",
        "size",
        "`\"64 MiB\"`",
        "Maximum size of the records held for a shard. Beyond it, the oldest traces are decided at \
        once.",
    ),
    key(
        "max_trace_bytes",
        "size",
        "`\"4 MiB\"`",
        "Maximum size of the records held for a trace. Beyond it, the trace is decided at once, \
        and later spans follow the decision.",
    ),
    key(
        "max_trace_spans",
        "number",
        "`10000`",
        "Maximum number of spans held for a trace. Beyond it, the trace is decided at once, and \
        later spans follow the decision.",
    ),
];

/// Waits and limits of undecided traces. `None` stands for the engine's default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SamplingConfig {
    /// Time from the first span to the decision.
    pub decision_wait: Option<Duration>,
    /// Time from the root span to the decision.
    pub wait_after_root: Option<Duration>,
    /// Maximum wait for the root span.
    pub max_wait: Option<Duration>,
    /// Time for which a decision is remembered.
    pub late_window: Option<Duration>,
    /// Maximum bytes held per shard.
    pub max_bytes: Option<usize>,
    /// Maximum bytes held per trace.
    pub max_trace_bytes: Option<usize>,
    /// Maximum number of spans held per trace.
    pub max_trace_spans: Option<u32>,
}

/// Reads `[sampling]`.
pub(super) fn read(section: &Section<'_>) -> SamplingConfig {
    let size = |name, least| {
        let size = section.size(name, least..=1 << 34)?;
        usize::try_from(size).ok()
    };
    let config = SamplingConfig {
        decision_wait: section.duration("decision_wait", SECOND..=HOUR),
        wait_after_root: section.duration("wait_after_root", SECOND..=HOUR),
        max_wait: section.duration("max_wait", SECOND..=24 * HOUR),
        late_window: section.duration("late_window", SECOND..=7 * 24 * HOUR),
        max_bytes: size("max_bytes", 1 << 20),
        max_trace_bytes: size("max_trace_bytes", 64 << 10),
        max_trace_spans: section
            .integer("max_trace_spans", 1..=10_000_000)
            .and_then(|spans| u32::try_from(spans).ok()),
    };
    let wait = config.decision_wait.unwrap_or(30 * SECOND);
    if let (Some(max_wait), Some(item)) = (config.max_wait, section.get("max_wait"))
        && max_wait < wait
    {
        item.fault(
            "is shorter than `decision_wait`",
            "make it at least as long, or remove it",
        );
    }
    if let (Some(trace), Some(item)) = (config.max_trace_bytes, section.get("max_trace_bytes"))
        && trace > config.max_bytes.unwrap_or(64 << 20)
    {
        item.fault(
            "is more than `max_bytes` of a shard",
            "reduce it, or raise `max_bytes`",
        );
    }
    config
}
