//! Records for the engine.

use lamplight_relay::{
    record::{Record, SequenceNumber, ShardId, StreamTime},
    rules::{Adaptive, Condition, KeyField, Rule, Rules},
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::InstrumentationScope,
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status},
};
use prost::Message;

/// The start of all streams in these tests.
pub(super) const BEGIN: u64 = 1_700_000_000_000;

/// The properties of a span that rules use.
#[derive(Debug, Clone)]
pub(super) struct TestSpan {
    pub(super) trace: u8,
    pub(super) id: u32,
    pub(super) name: &'static str,
    pub(super) is_error: bool,
    pub(super) is_root: bool,
}

/// Returns a trace's id. Their randomness covers the whole range.
pub(super) fn trace_id(trace: u8) -> [u8; 16] {
    let mut id = [0xaa; 16];
    id[0] = trace + 1;
    id[9] = trace.wrapping_mul(37).wrapping_add(20);
    id
}

/// Returns a span that matches no specific rule.
pub(super) fn span(trace: u8, id: u32) -> TestSpan {
    TestSpan {
        trace,
        id,
        name: "plain",
        is_error: false,
        is_root: false,
    }
}

/// Returns a span with an error.
pub(super) fn error(trace: u8, id: u32) -> TestSpan {
    TestSpan {
        is_error: true,
        ..span(trace, id)
    }
}

/// Returns a span with this name.
pub(super) fn named(trace: u8, id: u32, name: &'static str) -> TestSpan {
    TestSpan {
        name,
        ..span(trace, id)
    }
}

/// Returns the request of some spans.
pub(super) fn request(spans: &[TestSpan]) -> Vec<u8> {
    let spans = spans.iter().map(|span| Span {
        trace_id: trace_id(span.trace).to_vec(),
        span_id: (u64::from(span.id) + 1).to_be_bytes().to_vec(),
        parent_span_id: if span.is_root { vec![] } else { vec![7; 8] },
        name: span.name.to_owned(),
        status: span.is_error.then(|| Status {
            code: 2,
            ..Status::default()
        }),
        ..Span::default()
    });
    let scope = ScopeSpans {
        scope: Some(InstrumentationScope::default()),
        spans: spans.collect(),
        ..ScopeSpans::default()
    };
    let resource = ResourceSpans {
        resource: Some(Resource::default()),
        scope_spans: vec![scope],
        ..ResourceSpans::default()
    };
    let request = ExportTraceServiceRequest {
        resource_spans: vec![resource],
    };
    request.encode_to_vec()
}

/// Returns a record of some spans, this number of milliseconds after the start.
pub(super) fn record(sequence: u64, millis: u64, spans: &[TestSpan]) -> Record {
    raw(sequence, millis, "key-1", request(spans))
}

/// Returns a record with arbitrary data.
pub(super) fn raw(sequence: u64, millis: u64, key: &str, data: Vec<u8>) -> Record {
    let sequence = SequenceNumber::new(&sequence.to_string());
    Record::new(sequence, key, at(millis), data.into())
}

/// Returns the time this number of milliseconds after the start.
pub(super) fn at(millis: u64) -> StreamTime {
    StreamTime::from_millis(BEGIN + millis)
}

pub(super) fn shard() -> ShardId {
    ShardId::new("shardId-0")
}

/// Rules of every kind: errors are kept, "veto" is dropped, "half" and "adapt" are as named.
pub(super) fn rules() -> Rules {
    rules_that(true)
}

/// The same rules, optionally without an adaptive one.
pub(super) fn rules_that(adapt: bool) -> Rules {
    let name = |name: &str| Condition::span_name().is(name);
    let adaptive = Adaptive::percentage(0.3)
        .key([KeyField::span_name()])
        .adjustment_interval(std::time::Duration::from_secs(5));
    Rules::builder()
        .rule(Rule::keep("errors", Condition::error()))
        .rule(Rule::drop("health", name("veto")))
        .rule(Rule::probability("half", name("half"), 0.5))
        .rule(Rule::probability("tenth", name("tenth"), 0.1))
        .rule(Rule::keep("many", Condition::span_count(4..)))
        .rule(if adapt {
            Rule::adaptive("adaptive", name("adapt"), adaptive)
        } else {
            Rule::probability("adaptive", name("adapt"), 0.4)
        })
        .build()
        .unwrap()
}
