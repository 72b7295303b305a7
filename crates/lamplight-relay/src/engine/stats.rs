//! What is counted.

use std::{collections::BTreeMap, time::Duration};

use crate::{record::ShardId, rules::RuleId};

/// Why a trace was decided when it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// It had been waited for as long as for any.
    Wait,
    /// Its root had come.
    Root,
    /// Its root had not come within `max_wait`.
    MaxWait,
    /// Early: the shard's records were over `max_bytes`.
    Bytes,
    /// Early: its records were over `max_trace_bytes`.
    TraceBytes,
    /// Early: its spans were over `max_trace_spans`.
    TraceSpans,
    /// The batch was over.
    Finish,
}

impl Reason {
    /// All there are.
    pub const ALL: [Self; 7] = [
        Self::Wait,
        Self::Root,
        Self::MaxWait,
        Self::Bytes,
        Self::TraceBytes,
        Self::TraceSpans,
        Self::Finish,
    ];

    /// Returns its name, such as `max_wait`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Root => "root",
            Self::MaxWait => "max_wait",
            Self::Bytes => "bytes",
            Self::TraceBytes => "trace_bytes",
            Self::TraceSpans => "trace_spans",
            Self::Finish => "finish",
        }
    }

    /// Returns whether a bound was the reason.
    pub const fn is_early(self) -> bool {
        matches!(self, Self::Bytes | Self::TraceBytes | Self::TraceSpans)
    }
}

/// What came of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fate {
    /// It was kept.
    Kept,
    /// It was dropped.
    Dropped,
    /// It was dropped by a rule that says so.
    Vetoed,
}

/// What is counted for all shards, since the start of the process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Records that were read.
    pub records: u64,
    /// Spans in them.
    pub spans: u64,
    /// Decisions, by what came of them, the rule that was decisive, and why then.
    pub decisions: BTreeMap<(Fate, Option<RuleId>, Reason), u64>,
    /// Records with spans that came late to a trace that was kept, and were delivered.
    pub late_kept: u64,
    /// Records with spans that came late to a trace that was dropped.
    pub late_dropped: u64,
    /// Of these, those that were delivered for their own sake, marked incomplete.
    pub late_incomplete: u64,
    /// Records that were identical to one that was held.
    pub duplicates: u64,
    /// Records that could not be read, or not all of them.
    pub refused: u64,
    /// Records that were compressed.
    pub compressed: u64,
    /// Records that the Kinesis Producer Library had made of several.
    pub aggregated: u64,
    /// Records with spans of several traces.
    pub mixed: u64,
    /// Decisions that were forgotten within the late window, since there were too many.
    pub forgotten: u64,
    /// Records that arrived before the time that the clock said had passed: the margin of
    /// [`Engine::advance`](super::Engine::advance) was too small.
    pub behind: u64,
    /// Records that were read again after a restart.
    pub replayed: u64,
}

/// What is held for a shard now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShardStats {
    /// The shard.
    pub shard: ShardId,
    /// Undecided traces.
    pub traces: usize,
    /// Bytes in records with undecided traces, and in what is known of these.
    pub bytes: usize,
    /// Records that hold the checkpoint: undecided, or not delivered.
    pub records: usize,
    /// Decisions that are remembered.
    pub decisions: usize,
    /// How long ago, in the stream's time, the oldest undecided record arrived.
    pub undecided_age: Duration,
    /// How long ago, in the stream's time, the record arrived that holds the checkpoint.
    pub checkpoint_age: Duration,
    /// Whether records are read again that were read before a restart.
    pub is_replaying: bool,
}
