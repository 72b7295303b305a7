//! Statistics of the engine.

use std::{collections::BTreeMap, time::Duration};

use crate::{record::ShardId, rules::RuleId};

/// The reason for deciding a trace at that time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// The regular wait was over.
    Wait,
    /// Its root had arrived.
    Root,
    /// Its root had not arrived within `max_wait`.
    MaxWait,
    /// Early: the shard's records exceeded `max_bytes`.
    Bytes,
    /// Early: its records exceeded `max_trace_bytes`.
    TraceBytes,
    /// Early: its spans exceeded `max_trace_spans`.
    TraceSpans,
    /// The batch was complete.
    Finish,
}

impl Reason {
    /// All reasons.
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

    /// Returns whether the reason is a limit.
    pub const fn is_early(self) -> bool {
        matches!(self, Self::Bytes | Self::TraceBytes | Self::TraceSpans)
    }
}

/// The outcome for a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fate {
    /// It was kept.
    Kept,
    /// It was dropped.
    Dropped,
    /// It was dropped by a rule with a veto.
    Vetoed,
}

/// Counters for all shards, since the start of the process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Records read.
    pub records: u64,
    /// Spans in them.
    pub spans: u64,
    /// Decisions, by outcome, decisive rule and reason.
    pub decisions: BTreeMap<(Fate, Option<RuleId>, Reason), u64>,
    /// Records with late spans of a kept trace, which were delivered.
    pub late_kept: u64,
    /// Records with late spans of a dropped trace.
    pub late_dropped: u64,
    /// Of these, records that were delivered on their own, marked as incomplete.
    pub late_incomplete: u64,
    /// Records identical to one that was held.
    pub duplicates: u64,
    /// Records that could not be read completely.
    pub refused: u64,
    /// Records that were compressed.
    pub compressed: u64,
    /// Records that the Kinesis Producer Library aggregated from several.
    pub aggregated: u64,
    /// Records with spans of several traces.
    pub mixed: u64,
    /// Decisions that were forgotten within the late window, because there were too many.
    pub forgotten: u64,
    /// Records that arrived before a time that had already passed: the margin of
    /// [`Engine::advance`](super::Engine::advance) was too small.
    pub behind: u64,
    /// Records that were read again after a restart.
    pub replayed: u64,
}

/// The current state of a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShardStats {
    /// The shard.
    pub shard: ShardId,
    /// Number of undecided traces.
    pub traces: usize,
    /// Bytes of records with undecided traces, and of the data about these.
    pub bytes: usize,
    /// Number of records that hold the checkpoint: undecided, or not delivered.
    pub records: usize,
    /// Number of remembered decisions.
    pub decisions: usize,
    /// Age of the oldest undecided record, in stream time.
    pub undecided_age: Duration,
    /// Age of the record that holds the checkpoint, in stream time.
    pub checkpoint_age: Duration,
    /// True while records from before a restart are read again.
    pub is_replaying: bool,
}
