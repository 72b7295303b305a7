//! Names of the fields of OTLP in JSON.
//!
//! Specification:
//! <https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto>.

/// The type of a field.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Bytes,
    /// Bytes that are written as hexadecimal digits.
    Id,
    Bool,
    /// `uint32` and `fixed32`.
    Number,
    /// An enum, which may have an unknown number.
    Enum,
    /// `sint32`.
    Signed,
    /// `int64` and `uint64`.
    Integer,
    /// `fixed64`.
    Fixed,
    /// `sfixed64`.
    SignedFixed,
    Double,
    /// A message. A function returns its schema, since values contain values.
    Message(fn() -> &'static Schema),
}

pub(super) struct Member {
    pub(super) number: u64,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) is_repeated: bool,
}

/// The fields of a message.
pub(super) struct Schema {
    pub(super) members: &'static [Member],
    /// True if all fields form one `oneof`.
    pub(super) is_choice: bool,
}

const fn message(members: &'static [Member]) -> Schema {
    let is_choice = false;
    Schema { members, is_choice }
}

const fn one(number: u64, name: &'static str, kind: Kind) -> Member {
    Member {
        number,
        name,
        kind,
        is_repeated: false,
    }
}

const fn many(number: u64, name: &'static str, kind: Kind) -> Member {
    Member {
        number,
        name,
        kind,
        is_repeated: true,
    }
}

/// Defines functions that return the table of a message.
macro_rules! schemas {
    ($($name:ident: [$($member:expr),+ $(,)?])+) => {
        $(pub(super) fn $name() -> &'static Schema {
            static SCHEMA: Schema = message(&[$($member),+]);
            &SCHEMA
        })+
    };
}

use Kind::{
    Bool, Bytes, Double, Enum, Fixed, Id, Integer, Message, Number, Signed, SignedFixed, Text,
};

pub(super) static TRACES: Schema = message(&[many(1, "resourceSpans", Message(resource_spans))]);

pub(super) static METRICS: Schema =
    message(&[many(1, "resourceMetrics", Message(resource_metrics))]);

pub(super) fn any_value() -> &'static Schema {
    static SCHEMA: Schema = Schema {
        members: &[
            one(1, "stringValue", Text),
            one(2, "boolValue", Bool),
            one(3, "intValue", Integer),
            one(4, "doubleValue", Double),
            one(5, "arrayValue", Message(array)),
            one(6, "kvlistValue", Message(list)),
            one(7, "bytesValue", Bytes),
        ],
        is_choice: true,
    };
    &SCHEMA
}

schemas! {
    resource_spans: [
        one(1, "resource", Message(resource)),
        many(2, "scopeSpans", Message(scope_spans)),
        one(3, "schemaUrl", Text),
    ]
    resource: [
        many(1, "attributes", Message(key_value)),
        one(2, "droppedAttributesCount", Number),
        many(3, "entityRefs", Message(entity_ref)),
    ]
    entity_ref: [
        one(1, "schemaUrl", Text),
        one(2, "type", Text),
        many(3, "idKeys", Text),
        many(4, "descriptionKeys", Text),
    ]
    scope: [
        one(1, "name", Text),
        one(2, "version", Text),
        many(3, "attributes", Message(key_value)),
        one(4, "droppedAttributesCount", Number),
    ]
    scope_spans: [
        one(1, "scope", Message(scope)),
        many(2, "spans", Message(span)),
        one(3, "schemaUrl", Text),
    ]
    span: [
        one(1, "traceId", Id),
        one(2, "spanId", Id),
        one(3, "traceState", Text),
        one(4, "parentSpanId", Id),
        one(16, "flags", Number),
        one(5, "name", Text),
        one(6, "kind", Enum),
        one(7, "startTimeUnixNano", Fixed),
        one(8, "endTimeUnixNano", Fixed),
        many(9, "attributes", Message(key_value)),
        one(10, "droppedAttributesCount", Number),
        many(11, "events", Message(event)),
        one(12, "droppedEventsCount", Number),
        many(13, "links", Message(link)),
        one(14, "droppedLinksCount", Number),
        one(15, "status", Message(status)),
    ]
    event: [
        one(1, "timeUnixNano", Fixed),
        one(2, "name", Text),
        many(3, "attributes", Message(key_value)),
        one(4, "droppedAttributesCount", Number),
    ]
    link: [
        one(1, "traceId", Id),
        one(2, "spanId", Id),
        one(3, "traceState", Text),
        many(4, "attributes", Message(key_value)),
        one(5, "droppedAttributesCount", Number),
        one(6, "flags", Number),
    ]
    status: [one(2, "message", Text), one(3, "code", Enum)]
    key_value: [one(1, "key", Text), one(2, "value", Message(any_value))]
    array: [many(1, "values", Message(any_value))]
    list: [many(1, "values", Message(key_value))]
    resource_metrics: [
        one(1, "resource", Message(resource)),
        many(2, "scopeMetrics", Message(scope_metrics)),
        one(3, "schemaUrl", Text),
    ]
    scope_metrics: [
        one(1, "scope", Message(scope)),
        many(2, "metrics", Message(metric)),
        one(3, "schemaUrl", Text),
    ]
    metric: [
        one(1, "name", Text),
        one(2, "description", Text),
        one(3, "unit", Text),
        one(5, "gauge", Message(gauge)),
        one(7, "sum", Message(sum)),
        one(9, "histogram", Message(histogram)),
        one(10, "exponentialHistogram", Message(exponential_histogram)),
        one(11, "summary", Message(summary)),
        many(12, "metadata", Message(key_value)),
    ]
    gauge: [many(1, "dataPoints", Message(number_point))]
    sum: [
        many(1, "dataPoints", Message(number_point)),
        one(2, "aggregationTemporality", Enum),
        one(3, "isMonotonic", Bool),
    ]
    histogram: [
        many(1, "dataPoints", Message(histogram_point)),
        one(2, "aggregationTemporality", Enum),
    ]
    exponential_histogram: [
        many(1, "dataPoints", Message(exponential_point)),
        one(2, "aggregationTemporality", Enum),
    ]
    summary: [many(1, "dataPoints", Message(summary_point))]
    number_point: [
        many(7, "attributes", Message(key_value)),
        one(2, "startTimeUnixNano", Fixed),
        one(3, "timeUnixNano", Fixed),
        one(4, "asDouble", Double),
        one(6, "asInt", SignedFixed),
        many(5, "exemplars", Message(exemplar)),
        one(8, "flags", Number),
    ]
    histogram_point: [
        many(9, "attributes", Message(key_value)),
        one(2, "startTimeUnixNano", Fixed),
        one(3, "timeUnixNano", Fixed),
        one(4, "count", Fixed),
        one(5, "sum", Double),
        many(6, "bucketCounts", Fixed),
        many(7, "explicitBounds", Double),
        many(8, "exemplars", Message(exemplar)),
        one(10, "flags", Number),
        one(11, "min", Double),
        one(12, "max", Double),
    ]
    exponential_point: [
        many(1, "attributes", Message(key_value)),
        one(2, "startTimeUnixNano", Fixed),
        one(3, "timeUnixNano", Fixed),
        one(4, "count", Fixed),
        one(5, "sum", Double),
        one(6, "scale", Signed),
        one(7, "zeroCount", Fixed),
        one(8, "positive", Message(buckets)),
        one(9, "negative", Message(buckets)),
        one(10, "flags", Number),
        many(11, "exemplars", Message(exemplar)),
        one(12, "min", Double),
        one(13, "max", Double),
        one(14, "zeroThreshold", Double),
    ]
    buckets: [one(1, "offset", Signed), many(2, "bucketCounts", Integer)]
    summary_point: [
        many(7, "attributes", Message(key_value)),
        one(2, "startTimeUnixNano", Fixed),
        one(3, "timeUnixNano", Fixed),
        one(4, "count", Fixed),
        one(5, "sum", Double),
        many(6, "quantileValues", Message(quantile)),
        one(8, "flags", Number),
    ]
    quantile: [one(1, "quantile", Double), one(2, "value", Double)]
    exemplar: [
        many(7, "filteredAttributes", Message(key_value)),
        one(2, "timeUnixNano", Fixed),
        one(3, "asDouble", Double),
        one(6, "asInt", SignedFixed),
        one(4, "spanId", Id),
        one(5, "traceId", Id),
    ]
}
