//! Random traces in a stream, and the spans of them that the rules of these tests keep.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use fastrand::Rng;
use lamplight_relay::record::SequenceNumber;
use lamplight_test_kinesis::{Fault, Kinesis};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status},
};
use prost::Message as _;
use tokio::time::{sleep, timeout};

use crate::receiver::{Copies, PATIENCE};

pub(crate) const STREAM: &str = "spans";

/// A span, by its trace and the last byte of its id.
pub(crate) type SpanId = (Vec<u8>, u8);

/// A span that was put into the stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Put {
    is_error: bool,
    is_health: bool,
    is_late: bool,
}

/// All spans that were put, by trace and span.
#[derive(Debug, Default)]
pub(crate) struct Truth(pub(crate) BTreeMap<Vec<u8>, BTreeMap<u8, Put>>);

impl Truth {
    /// Returns the spans that the rules of the test keep: traces without health checks that have
    /// errors or are in a sampled quarter, with their late spans; and late errors.
    pub(crate) fn kept(&self) -> BTreeSet<SpanId> {
        let mut kept = BTreeSet::new();
        for (trace, spans) in &self.0 {
            let timely = || spans.values().filter(|span| !span.is_late);
            let is_vetoed = timely().any(|span| span.is_health);
            // The randomness is in the last seven bytes.
            let is_kept = timely().any(|span| span.is_error) || trace[9] >= 0xc0;
            for (id, span) in spans {
                if !is_vetoed && (is_kept || span.is_late && span.is_error) {
                    kept.insert((trace.clone(), *id));
                }
            }
        }
        kept
    }
}

/// Puts traces into a stream whose clock is advanced.
pub(crate) struct Producer {
    kinesis: Kinesis,
    pub(crate) rng: Rng,
    pub(crate) truth: Truth,
    /// The spans of each record, by its shard and its sequence number.
    pub(crate) records: BTreeMap<(String, SequenceNumber), SpanId>,
    /// Remaining spans of earlier traces, and the number of steps until they are put.
    late: Vec<(usize, Vec<u8>)>,
    steps: usize,
}

impl Producer {
    pub(crate) fn new(kinesis: &Kinesis, seed: u64) -> Self {
        Self {
            kinesis: kinesis.clone(),
            rng: Rng::with_seed(seed),
            truth: Truth::default(),
            records: BTreeMap::new(),
            late: Vec::new(),
            steps: 0,
        }
    }

    /// Puts some traces, with their spans interleaved.
    pub(crate) fn step(&mut self) {
        self.steps += 1;
        let mut spans = Vec::new();
        for _ in 0..self.rng.usize(1..4) {
            let trace: Vec<u8> = std::iter::repeat_with(|| self.rng.u8(1..))
                .take(16)
                .collect();
            let is_bad = self.rng.u8(..) < 40;
            for id in 1..=self.rng.u8(1..5) {
                let put = Put {
                    is_error: is_bad && self.rng.bool(),
                    is_health: self.rng.u8(..) < 12,
                    is_late: false,
                };
                spans.push((trace.clone(), id, put));
            }
            if self.rng.u8(..) < 60 {
                let after = self.steps + self.rng.usize(3..8);
                self.late.push((after, trace));
            }
        }
        let steps = self.steps;
        let due: Vec<_> = self.late.extract_if(.., |(at, _)| *at <= steps).collect();
        for (_, trace) in due {
            let put = Put {
                is_error: self.rng.u8(..) < 80,
                is_health: false,
                is_late: true,
            };
            spans.push((trace, 100, put));
        }
        self.rng.shuffle(&mut spans);
        for (trace, id, put) in spans {
            self.kinesis.clock().advance(Duration::from_millis(10));
            let key: String = trace.iter().map(|byte| format!("{byte:02x}")).collect();
            self.put(&key, trace, id, put);
        }
        // Spans in a later step are late for traces of this one.
        self.kinesis.clock().advance(Duration::from_millis(3_200));
    }

    fn put(&mut self, key: &str, trace: Vec<u8>, id: u8, put: Put) {
        let (shard, sequence) = self.kinesis.put(STREAM, key, record(&trace, id, put));
        let place = (shard, SequenceNumber::new(&sequence));
        self.records.insert(place, (trace.clone(), id));
        self.truth.0.entry(trace).or_default().insert(id, put);
    }

    /// Puts a kept trace into each shard, with time in which it is decided.
    pub(crate) fn mark(&mut self) {
        for n in 0..32 {
            let put = Put {
                is_error: true,
                is_health: false,
                is_late: false,
            };
            self.put(&format!("end {n}"), trace([3, n]), 1, put);
        }
        self.pass_time();
    }

    /// Advances time in each shard.
    pub(crate) fn pass_time(&mut self) {
        for n in 0..32 {
            let nothing = Put {
                is_error: false,
                is_health: true,
                is_late: false,
            };
            let data = record(&trace([2, n]), 1, nothing);
            self.kinesis.put(STREAM, &format!("end {n}"), data);
        }
        self.kinesis.clock().advance(Duration::from_secs(4));
    }

    /// Advances time until all kept spans have arrived.
    pub(crate) async fn drain(&mut self, arrived: impl Fn() -> Copies) {
        let kept = self.truth.kept();
        let all_there = async {
            loop {
                self.pass_time();
                let arrived = arrived();
                if kept.iter().all(|span| arrived.contains_key(span)) {
                    return;
                }
                sleep(Duration::from_millis(200)).await;
            }
        };
        if timeout(5 * PATIENCE, all_there).await.is_err() {
            let arrived = arrived();
            let lost: Vec<_> = kept
                .iter()
                .filter(|span| !arrived.contains_key(*span))
                .collect();
            panic!("lost: {lost:?}");
        }
    }

    /// Disturbs the stream with a random fault.
    pub(crate) fn disturb(&mut self) {
        let mut open = self.kinesis.shards(STREAM);
        open.retain(|shard| shard.closed.is_none());
        open.sort_by_key(|shard| shard.first);
        match self.rng.u8(..16) {
            0 if open.len() < 4 => {
                let shard = self.rng.usize(..open.len());
                self.kinesis.split(STREAM, &open[shard].id);
            }
            // Adjacent by their hash keys.
            1 if open.len() > 1 => {
                let first = self.rng.usize(..open.len() - 1);
                let (first, second) = (&open[first].id, &open[first + 1].id);
                self.kinesis.merge(STREAM, first, second);
            }
            2..5 => self.kinesis.fault("GetRecords", Fault::throttled(), 2),
            5..7 => self.kinesis.fault("GetRecords", Fault::internal(), 2),
            7..9 => self.kinesis.expire_iterators(),
            9..11 => self.kinesis.answer_empty(2),
            _ => {}
        }
    }
}

/// Returns a trace that random choice cannot produce.
fn trace(first: [u8; 2]) -> Vec<u8> {
    let mut trace = vec![0; 16];
    trace[..2].copy_from_slice(&first);
    trace
}

fn record(trace: &[u8], id: u8, put: Put) -> Vec<u8> {
    let span = Span {
        trace_id: trace.to_owned(),
        span_id: vec![1, 0, 0, 0, 0, 0, 0, id],
        name: if put.is_health { "health" } else { "work" }.to_owned(),
        status: put.is_error.then(|| Status {
            code: 2,
            ..Status::default()
        }),
        ..Span::default()
    };
    let scope = ScopeSpans {
        spans: vec![span],
        ..ScopeSpans::default()
    };
    let resource = ResourceSpans {
        scope_spans: vec![scope],
        ..ResourceSpans::default()
    };
    ExportTraceServiceRequest {
        resource_spans: vec![resource],
    }
    .encode_to_vec()
}

pub(crate) const RULES: &str = "
[[rule]]
name = \"health\"
when = { name = \"health\" }
drop = true

[[rule]]
name = \"a quarter\"
probability = \"25 %\"
";

/// The result of comparing arrived spans with the expected ones.
pub(crate) struct Verdict {
    pub(crate) kept: usize,
    pub(crate) delivered: usize,
    pub(crate) again: usize,
    pub(crate) lost: Vec<SpanId>,
    pub(crate) unwanted: Vec<SpanId>,
    /// Spans whose copies are not identical.
    pub(crate) differing: Vec<SpanId>,
}

impl Verdict {
    pub(crate) fn new(truth: &Truth, arrived: &Copies) -> Self {
        let kept = truth.kept();
        let delivered: usize = arrived.values().map(Vec::len).sum();
        let is_differing = |copies: &[Vec<u8>]| copies.iter().any(|copy| *copy != copies[0]);
        let differing = arrived.iter().filter(|(_, copies)| is_differing(copies));
        Self {
            kept: kept.len(),
            delivered,
            again: delivered - arrived.len(),
            differing: differing.map(|(id, _)| id.clone()).collect(),
            unwanted: arrived
                .keys()
                .filter(|id| !kept.contains(*id))
                .cloned()
                .collect(),
            lost: kept
                .into_iter()
                .filter(|id| !arrived.contains_key(id))
                .collect(),
        }
    }

    pub(crate) fn check(&self) {
        assert!(self.lost.is_empty(), "lost: {:?}", self.lost);
        assert!(self.unwanted.is_empty(), "unwanted: {:?}", self.unwanted);
        let differing = &self.differing;
        assert!(differing.is_empty(), "not the same twice: {differing:?}");
    }
}
