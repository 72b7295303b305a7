//! The relay without I/O and without a clock.

use std::sync::Arc;

use lamplight_otlp::trace::{Place, Span, visit};

use crate::{
    clean::{Chunk, CleanStats, Cleaner, Stamp},
    engine::{
        Checkpoint, CheckpointError, DeadLetter, Engine, Kept, Observer, Output, RecordNumber,
        Settings, ShardStats, Stats,
    },
    metrics::SpanMeter,
    record::{HashRange, Record, ShardId, StreamTime},
    rules::{Condition, Evidence, Rule, RuleId, Rules},
};

/// What one sink is given.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Lane {
    /// Whether it is given spans.
    pub traces: bool,
    /// Which kept traces it is given; all where there is none.
    pub filter: Option<Filter>,
    /// What is changed for it alone.
    pub refine: Option<Cleaner>,
}

/// The traces that a sink is given: those of which some span, or the whole, meets a condition.
#[derive(Debug, Clone)]
pub struct Filter(Arc<Rules>);
