//! Traces for rules, encoded by an independent library.

use lamplight_otlp::trace::visit;
use lamplight_relay::{
    record::StreamTime,
    rules::{Evidence, RuleState, Rules, Verdict},
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, ArrayValue, KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status, status::StatusCode},
};
use prost::Message as _;

pub(super) const MS: u64 = 1_000_000;

/// A span with an id, that starts at 1000 s and takes a second.
pub(super) fn span(trace_id: [u8; 16], id: u8, parent: u8) -> Span {
    let bytes = |id: u8| if id == 0 { Vec::new() } else { vec![id; 8] };
    Span {
        trace_id: trace_id.to_vec(),
        span_id: bytes(id),
        parent_span_id: bytes(parent),
        name: "span".to_owned(),
        kind: 1,
        start_time_unix_nano: 1_000_000 * MS,
        end_time_unix_nano: 1_001_000 * MS,
        ..Span::default()
    }
}

/// Changes to a span, as chained methods.
pub(super) trait With: Sized {
    fn attribute(self, key: &str, value: Value) -> Self;
    fn text(self, key: &str, value: &str) -> Self {
        self.attribute(key, Value::StringValue(value.to_owned()))
    }
    fn failed(self) -> Self;
    fn took(self, start_ms: u64, duration_ms: u64) -> Self;
    fn state(self, trace_state: &str) -> Self;
}

impl With for Span {
    fn attribute(mut self, key: &str, value: Value) -> Self {
        self.attributes.push(attribute(key, value));
        self
    }

    fn failed(mut self) -> Self {
        self.status = Some(Status {
            code: StatusCode::Error.into(),
            message: String::new(),
        });
        self
    }

    fn took(mut self, start_ms: u64, duration_ms: u64) -> Self {
        self.start_time_unix_nano = start_ms * MS;
        self.end_time_unix_nano = (start_ms + duration_ms) * MS;
        self
    }

    fn state(mut self, trace_state: &str) -> Self {
        trace_state.clone_into(&mut self.trace_state);
        self
    }
}

pub(super) fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

pub(super) fn array(values: &[&str]) -> Value {
    let values = values.iter().map(|value| AnyValue {
        value: Some(Value::StringValue((*value).to_owned())),
    });
    Value::ArrayValue(ArrayValue {
        values: values.collect(),
    })
}

/// Spans of a resource.
pub(super) fn of_resource(attributes: Vec<KeyValue>, spans: Vec<Span>) -> ResourceSpans {
    ResourceSpans {
        resource: Some(Resource {
            attributes,
            ..Resource::default()
        }),
        scope_spans: vec![ScopeSpans {
            spans,
            ..ScopeSpans::default()
        }],
        ..ResourceSpans::default()
    }
}

pub(super) fn encoded(resource_spans: Vec<ResourceSpans>) -> Vec<u8> {
    ExportTraceServiceRequest { resource_spans }.encode_to_vec()
}

/// Observes all spans of a request.
pub(super) fn observe(
    rules: &Rules,
    state: &mut RuleState,
    evidence: &mut Evidence,
    request: &[u8],
) {
    visit(request, |place, span| {
        rules.observe(state, evidence, place, span);
    })
    .unwrap();
}

/// Decides a trace whose spans come in these requests.
pub(super) fn judge(
    rules: &Rules,
    state: &mut RuleState,
    requests: &[Vec<u8>],
    trace_id: [u8; 16],
    now: StreamTime,
) -> Verdict {
    let mut evidence = Evidence::default();
    for request in requests {
        observe(rules, state, &mut evidence, request);
    }
    let verdict = rules.decide(state, &evidence, &trace_id, now);
    rules.forget(state, evidence);
    verdict
}

/// Decides a trace of these spans, of a resource without attributes, with a separate state.
pub(super) fn verdict(rules: &Rules, spans: Vec<Span>) -> Verdict {
    let trace_id = <[u8; 16]>::try_from(spans[0].trace_id.as_slice()).unwrap();
    let request = encoded(vec![of_resource(Vec::new(), spans)]);
    let now = StreamTime::from_millis(1);
    judge(rules, &mut rules.state(), &[request], trace_id, now)
}
