//! Encoding of [`SpanData`] as OTLP protobuf.
//!
//! The output is an `opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest`. It is also a valid
//! `opentelemetry.proto.trace.v1.TracesData`, and equals the output of `opentelemetry-proto` with `prost`
//! byte for byte. It is written without an intermediate tree of owned messages, so a span needs no
//! allocation.
//!
//! Specification: <https://opentelemetry.io/docs/specs/otlp/>.

use std::time::{SystemTime, UNIX_EPOCH};

use lamplight_otlp::Writer;
use opentelemetry::{
    Array, InstrumentationScope, KeyValue, Value,
    trace::{Event, Link, SpanContext, SpanId, SpanKind, Status},
};
use opentelemetry_sdk::{Resource, trace::SpanData};

/// An encoder of batches of spans that share one [`Resource`].
///
/// The resource is encoded once, when the encoder is created.
///
/// ```
/// use lamplight_export::OtlpEncoder;
/// use opentelemetry_sdk::Resource;
///
/// let encoder = OtlpEncoder::new(&Resource::builder().with_service_name("orders").build());
/// let request: Vec<u8> = encoder.encode(&[]);
/// assert!(request.is_empty());
/// ```
#[derive(Clone, Debug)]
pub struct OtlpEncoder {
    /// `ResourceSpans.resource`, as a field.
    resource: Vec<u8>,
    /// `ResourceSpans.schema_url`.
    schema_url: String,
}

impl OtlpEncoder {
    /// Creates an encoder for spans of `resource`.
    pub fn new(resource: &Resource) -> Self {
        let attributes: Vec<_> = resource.iter().collect();
        let mut writer = Writer::with_capacity(512);
        writer.message(1, |w| {
            for (key, value) in attributes.iter().rev() {
                attribute(w, 1, key.as_str(), value);
            }
        });
        Self {
            resource: writer.into_bytes(),
            schema_url: resource.schema_url().unwrap_or_default().to_owned(),
        }
    }

    /// Returns one `ExportTraceServiceRequest` with all `spans`, grouped by instrumentation scope in the
    /// order in which the scopes first appear. Without spans, it is empty.
    pub fn encode(&self, spans: &[SpanData]) -> Vec<u8> {
        if spans.is_empty() {
            return Vec::new();
        }
        let scopes = Scopes::of(spans);
        let mut writer = Writer::with_capacity(self.resource.len() + 64 + spans.len() * 800);
        writer.message(1, |w| {
            w.bytes(3, self.schema_url.as_bytes());
            for (index, scope) in scopes.distinct.iter().enumerate().rev() {
                w.message(2, |w| scope_spans(w, scope, scopes.spans_of(index, spans)));
            }
            w.raw(&self.resource);
        });
        writer.into_bytes()
    }
}

/// The distinct scopes of a batch, with the scope of each span. Batches have one to five scopes, so a linear
/// search beats hashing every span's scope.
struct Scopes<'a> {
    distinct: Vec<&'a InstrumentationScope>,
    index: Vec<usize>,
}

impl<'a> Scopes<'a> {
    fn of(spans: &'a [SpanData]) -> Self {
        let mut distinct: Vec<&InstrumentationScope> = Vec::with_capacity(4);
        let index = spans
            .iter()
            .map(|span| {
                let scope = &span.instrumentation_scope;
                distinct
                    .iter()
                    .position(|known| *known == scope)
                    .unwrap_or_else(|| {
                        distinct.push(scope);
                        distinct.len() - 1
                    })
            })
            .collect();
        Self { distinct, index }
    }

    /// Returns the spans of one scope, the last first.
    fn spans_of<'s>(
        &'s self,
        scope: usize,
        spans: &'s [SpanData],
    ) -> impl Iterator<Item = &'s SpanData> {
        let indexed = spans.iter().zip(&self.index).rev();
        indexed
            .filter(move |(_, index)| **index == scope)
            .map(|(span, _)| span)
    }
}

fn scope_spans<'a>(
    w: &mut Writer,
    scope: &InstrumentationScope,
    spans_last_first: impl Iterator<Item = &'a SpanData>,
) {
    w.bytes(3, scope.schema_url().unwrap_or_default().as_bytes());
    for data in spans_last_first {
        w.message(2, |w| span(w, data));
    }
    w.message(1, |w| {
        let attributes: Vec<&KeyValue> = scope.attributes().collect();
        for kv in attributes.iter().rev() {
            attribute(w, 3, kv.key.as_str(), &kv.value);
        }
        w.bytes(2, scope.version().unwrap_or_default().as_bytes());
        w.bytes(1, scope.name().as_bytes());
    });
}

fn span(w: &mut Writer, span: &SpanData) {
    w.fixed32(16, flags(&span.span_context, span.parent_span_is_remote));
    w.message(15, |w| status(w, &span.status));
    w.uint(14, span.links.dropped_count.into());
    for item in span.links.iter().rev() {
        w.message(13, |w| link(w, item));
    }
    w.uint(12, span.events.dropped_count.into());
    for item in span.events.iter().rev() {
        w.message(11, |w| event(w, item));
    }
    w.uint(10, span.dropped_attributes_count.into());
    attributes(w, 9, &span.attributes);
    w.fixed64(8, unix_nanos(span.end_time));
    w.fixed64(7, unix_nanos(span.start_time));
    w.uint(6, kind_number(&span.span_kind));
    w.bytes(5, span.name.as_bytes());
    if span.parent_span_id != SpanId::INVALID {
        w.bytes(4, &span.parent_span_id.to_bytes());
    }
    context(w, &span.span_context);
}

/// Writes fields 1 to 3, which `Span` and `Link` share: trace id, span id, trace state.
fn context(w: &mut Writer, context: &SpanContext) {
    trace_state(w, context);
    w.bytes(2, &context.span_id().to_bytes());
    w.bytes(1, &context.trace_id().to_bytes());
}

fn trace_state(w: &mut Writer, context: &SpanContext) {
    // The header string is only built if there is a trace state, which is rare.
    if *context.trace_state() != opentelemetry::trace::TraceState::NONE {
        w.bytes(3, context.trace_state().header().as_bytes());
    }
}

fn link(w: &mut Writer, link: &Link) {
    w.fixed32(6, flags(&link.span_context, link.span_context.is_remote()));
    w.uint(5, link.dropped_attributes_count.into());
    attributes(w, 4, &link.attributes);
    context(w, &link.span_context);
}

fn event(w: &mut Writer, event: &Event) {
    w.uint(4, event.dropped_attributes_count.into());
    attributes(w, 3, &event.attributes);
    w.bytes(2, event.name.as_bytes());
    w.fixed64(1, unix_nanos(event.timestamp));
}

fn status(w: &mut Writer, status: &Status) {
    w.uint(3, status_number(status));
    if let Status::Error { description } = status {
        w.bytes(2, description.as_bytes());
    }
}

fn attributes(w: &mut Writer, field: u32, attributes: &[KeyValue]) {
    for kv in attributes.iter().rev() {
        attribute(w, field, kv.key.as_str(), &kv.value);
    }
}

fn attribute(w: &mut Writer, field: u32, key: &str, value: &Value) {
    w.message(field, |w| {
        w.message(2, |w| any_value(w, value));
        w.bytes(1, key.as_bytes());
    });
}

fn any_value(w: &mut Writer, value: &Value) {
    match value {
        Value::String(value) => string_value(w, value.as_str()),
        Value::Bool(value) => bool_value(w, *value),
        Value::I64(value) => int_value(w, *value),
        Value::F64(value) => double_value(w, *value),
        Value::Array(array) => w.message(5, |w| match array {
            Array::String(values) => array_values(w, values, |w, value| {
                string_value(w, value.as_str());
            }),
            Array::Bool(values) => array_values(w, values, |w, value| bool_value(w, *value)),
            Array::I64(values) => array_values(w, values, |w, value| int_value(w, *value)),
            Array::F64(values) => array_values(w, values, |w, value| double_value(w, *value)),
            _ => {}
        }),
        // A type of value added in a later version: written as present, but without a value.
        _ => {}
    }
}

fn array_values<T>(w: &mut Writer, values: &[T], write: impl Fn(&mut Writer, &T)) {
    for value in values.iter().rev() {
        w.message(1, |w| write(w, value));
    }
}

fn string_value(w: &mut Writer, value: &str) {
    w.bytes_always(1, value.as_bytes());
}

fn bool_value(w: &mut Writer, value: bool) {
    w.uint_always(2, value.into());
}

fn int_value(w: &mut Writer, value: i64) {
    w.uint_always(3, value as u64);
}

fn double_value(w: &mut Writer, value: f64) {
    w.fixed64_always(4, value.to_bits());
}

/// Returns the `SpanFlags`: the W3C trace flags, and whether the parent (or the linked span) is remote.
pub(crate) fn flags(context: &SpanContext, is_remote: bool) -> u32 {
    const HAS_IS_REMOTE: u32 = 0x100;
    const IS_REMOTE: u32 = 0x200;
    let remote = if is_remote { IS_REMOTE } else { 0 };
    u32::from(context.trace_flags().to_u8()) | HAS_IS_REMOTE | remote
}

pub(crate) fn kind_number(kind: &SpanKind) -> u64 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}

pub(crate) fn status_number(status: &Status) -> u64 {
    match status {
        Status::Unset => 0,
        Status::Ok => 1,
        Status::Error { .. } => 2,
    }
}

/// Returns nanoseconds since 1970. Earlier times become 0, because the field is unsigned.
pub(crate) fn unix_nanos(time: SystemTime) -> u64 {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX)
}
