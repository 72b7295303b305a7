//! The relay without I/O and without a clock.

use std::sync::Arc;

use lamplight_otlp::trace::visit;

use super::setup::Lane;
use crate::{
    clean::{Chunk, CleanStats, Cleaner, Stamp},
    engine::{
        Checkpoint, CheckpointError, Engine, Held, Kept, Output, RecordNumber, Settings,
        ShardStats, Stats,
    },
    metrics::{self, MetricsWindow, SpanMeter},
    record::{Record, ShardId, StreamTime},
    rules::{RuleId, Rules},
    sampling::Threshold,
    sink::{DeadLetter, RecordId},
    source::Child,
};

/// The processing of records, without I/O and without a clock. Records go in with their stream
/// time; data to deliver comes out, for each sink. The same records give the same output.
#[derive(Debug)]
pub struct Core {
    engine: Engine,
    rules: Arc<Rules>,
    meter: Option<SpanMeter>,
    cleaner: Cleaner,
    lanes: Vec<Lane>,
}

/// Data to deliver.
#[derive(Debug)]
#[non_exhaustive]
pub enum Delivery {
    /// Spans of a trace.
    Trace(TraceDelivery),
    /// A window of metrics. Call [`Core::metered`] when all critical sinks have accepted it.
    Metrics(MetricsWindow),
    /// A record that could not be read, and its number.
    Refused(RecordNumber, DeadLetter),
}

/// Spans of a trace, for each sink that receives them.
#[derive(Debug)]
#[non_exhaustive]
pub struct TraceDelivery {
    /// The trace.
    pub trace_id: [u8; 16],
    /// The shard in which it was decided.
    pub shard: ShardId,
    /// The rule that kept it.
    pub rule: Option<RuleId>,
    /// True if the trace was dropped and these spans are kept on their own.
    pub incomplete: bool,
    /// The numbers of the records that contained them, to be [settled](Core::settle).
    pub numbers: Vec<RecordNumber>,
    /// The identifiers of these records.
    pub records: Vec<RecordId>,
    /// The index of each sink that receives spans, with the spans for it. May be empty.
    pub parts: Vec<(usize, Vec<Chunk>)>,
}

impl Core {
    /// Returns an empty core.
    pub fn new(
        settings: Settings,
        rules: Arc<Rules>,
        meter: Option<metrics::Settings>,
        cleaner: Cleaner,
        lanes: Vec<Lane>,
    ) -> Self {
        let mut settings = settings;
        settings.meter_window = meter.as_ref().and_then(|meter| meter.window);
        Self {
            engine: Engine::new(settings, rules.clone()),
            rules,
            meter: meter.map(SpanMeter::new),
            cleaner,
            lanes,
        }
    }

    /// Opens a shard. See [`Engine::open`].
    ///
    /// # Errors
    ///
    /// Returns an error if the engine cannot resume from the checkpoint.
    pub fn open(
        &mut self,
        shard: ShardId,
        checkpoint: Option<Checkpoint>,
        log: &[impl AsRef<[u8]>],
    ) -> Result<(), CheckpointError> {
        self.engine.open(shard, checkpoint, log)
    }

    /// Takes the next record of a shard.
    pub fn push(&mut self, shard: &ShardId, record: Record) {
        match &mut self.meter {
            Some(meter) => self.engine.push(shard, record, meter),
            None => self.engine.push(shard, record, &mut ()),
        }
    }

    /// Declares that all records that arrived before `to` have been pushed. See
    /// [`Engine::advance`].
    pub fn advance(&mut self, shard: &ShardId, to: StreamTime) {
        self.engine.advance(shard, to);
    }

    /// Declares the end of a shard. Its undecided traces continue in its children; traces of
    /// children that are already done were settled there, and if no child is read any more, the
    /// traces are decided now. See [`Engine::end`].
    pub fn end(&mut self, shard: &ShardId, children: &[Child]) {
        let heirs: Vec<_> = children
            .iter()
            .map(|child| (child.shard.clone(), child.range))
            .collect();
        self.engine.end(shard, &heirs);
        for done in children.iter().filter(|child| child.is_done) {
            let end = Checkpoint::end(done.shard.clone());
            // The end of a shard cannot be invalid.
            let _ = self
                .engine
                .open(done.shard.clone(), Some(end), &[] as &[&[u8]]);
        }
        if children.iter().all(|child| child.is_done) {
            self.engine.finish(shard);
        }
    }

    /// Decides all undecided traces of a shard. See [`Engine::finish`].
    pub fn finish(&mut self, shard: &ShardId) {
        self.engine.finish(shard);
    }

    /// Forgets a shard.
    pub fn close(&mut self, shard: &ShardId) {
        self.engine.close(shard);
        if let Some(meter) = &mut self.meter {
            meter.forget(shard);
        }
    }

    /// Returns the next data to deliver.
    #[allow(
        clippy::should_implement_trait,
        reason = "later calls may return data that is pushed meanwhile"
    )]
    pub fn next(&mut self) -> Option<Delivery> {
        let output = self.engine.next_output()?;
        Some(match output {
            Output::Kept(kept) => Delivery::Trace(self.kept(&kept)),
            Output::Refused(letter) => {
                let record = RecordId::new(letter.shard, letter.record.sequence);
                let dead =
                    DeadLetter::of_record(record, letter.record.data, letter.refusal.to_string());
                Delivery::Refused(letter.number, dead)
            }
        })
    }

    /// Returns the metrics windows of a shard that ended by `until`.
    pub fn windows(&mut self, shard: &ShardId, until: StreamTime) -> Vec<MetricsWindow> {
        let meter = self.meter.as_mut();
        meter
            .map(|meter| meter.take(shard, until))
            .unwrap_or_default()
    }

    /// Returns the remaining metrics windows of a shard that has ended, or of a batch.
    pub fn last_windows(&mut self, shard: &ShardId) -> Vec<MetricsWindow> {
        let meter = self.meter.as_mut();
        meter.map(|meter| meter.finish(shard)).unwrap_or_default()
    }

    /// Declares that the metrics of a shard up to `until` have been delivered.
    pub fn metered(&mut self, shard: &ShardId, until: StreamTime) {
        self.engine.metered(shard, until);
    }

    /// Declares one use of a record done.
    pub fn settle(&mut self, record: RecordNumber) {
        self.engine.settle(record);
    }

    /// Returns the checkpoints of all shards, in the order in which to save them.
    pub fn checkpoints(&self) -> Vec<Checkpoint> {
        self.engine.checkpoints()
    }

    /// Returns the decisions of a shard since the last call, for its log.
    pub fn decisions(&mut self, shard: &ShardId) -> Vec<u8> {
        self.engine.decisions(shard)
    }

    /// Returns the counters.
    pub fn stats(&self) -> &Stats {
        self.engine.stats()
    }

    /// Returns the current state of each shard.
    pub fn shard_stats(&self) -> Vec<ShardStats> {
        self.engine.shard_stats()
    }

    /// Returns statistics of cleaning since the last call.
    pub fn take_clean_stats(&mut self) -> CleanStats {
        self.cleaner.take_stats()
    }

    /// Returns the rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    fn kept(&mut self, kept: &Kept) -> TraceDelivery {
        let verdict = kept.verdict;
        // A threshold of "never" cannot be written, and such a rule keeps nothing. Nor is a
        // threshold known for spans that are kept although their trace was dropped: they would be
        // counted with too much weight.
        let threshold =
            Some(verdict.threshold).filter(|it| *it < Threshold::NEVER && !kept.incomplete);
        let mut stamp = Stamp::new(kept.trace_id, threshold).incomplete(kept.incomplete);
        if let Some(rule) = verdict.rule {
            stamp = stamp.rule(self.rules.name(rule));
        }
        let payloads = || kept.records.iter().flat_map(|held| held.payloads.iter());
        let chunks = self.cleaner.clean(&stamp, payloads());
        let filtered = |lane: &Lane| match &lane.filter {
            Some(filter) => filter.takes(kept.trace_id, payloads()),
            None => true,
        };
        TraceDelivery {
            trace_id: kept.trace_id,
            shard: kept.shard.clone(),
            rule: verdict.rule,
            incomplete: kept.incomplete,
            numbers: kept.records.iter().map(|held| held.number).collect(),
            records: kept.records.iter().map(id).collect(),
            parts: parts(&mut self.lanes, &chunks, filtered),
        }
    }
}

/// Returns the part of these spans that each sink receives.
fn parts(
    lanes: &mut [Lane],
    chunks: &[Chunk],
    is_given: impl Fn(&Lane) -> bool,
) -> Vec<(usize, Vec<Chunk>)> {
    let mut parts = Vec::new();
    for (place, lane) in lanes.iter_mut().enumerate() {
        if !lane.traces || !is_given(lane) {
            continue;
        }
        let chunks = match &mut lane.refine {
            Some(cleaner) => cleaner.refine(chunks),
            None => chunks.to_vec(),
        };
        if chunks.iter().any(|chunk| !chunk.is_empty()) {
            parts.push((place, chunks));
        }
    }
    parts
}

fn id(held: &Held) -> RecordId {
    RecordId::new(held.shard.clone(), held.sequence.clone())
}

impl super::setup::Filter {
    /// Returns whether the spans of a trace in these payloads meet the condition.
    fn takes<'p>(
        &self,
        trace_id: [u8; 16],
        payloads: impl IntoIterator<Item = &'p bytes::Bytes>,
    ) -> bool {
        let rules = self.rules();
        let (mut state, mut evidence) = (rules.state(), Default::default());
        for payload in payloads {
            // Malformed data was refused when it was read.
            let _ = visit(payload, |place, span| {
                if span.trace_id == trace_id {
                    rules.observe(&mut state, &mut evidence, place, span);
                }
            });
        }
        let now = StreamTime::default();
        rules.decide(&mut state, &evidence, &trace_id, now).kept
    }
}
