//! Spans as received, and metrics as read by a backend.

use std::collections::BTreeMap;

use lamplight_otlp::trace::visit;
use lamplight_relay::{
    metrics::{MetricsWindow, SpanMeter},
    record::{ShardId, StreamTime},
};
use opentelemetry_proto::tonic::{
    collector::{metrics::v1::ExportMetricsServiceRequest, trace::v1::ExportTraceServiceRequest},
    common::v1::{AnyValue, KeyValue, any_value::Value},
    metrics::v1::{Metric, metric::Data},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status},
};
use prost::Message;

pub(super) const SHARD: &str = "shardId-000000000003";
/// The start of a minute.
pub(super) const MINUTE: u64 = 1_793_697_360_000;

pub(super) fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.to_owned()))
}

pub(super) fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

/// A server span with this name and duration.
pub(super) fn span(name: &str, nanos: u64) -> Span {
    Span {
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        name: name.to_owned(),
        kind: 2,
        start_time_unix_nano: 1_793_697_360_000_000_000,
        end_time_unix_nano: 1_793_697_360_000_000_000 + nanos,
        status: Some(Status::default()),
        ..Span::default()
    }
}

/// An invocation by an HTTP request, with further attributes.
pub(super) fn invocation(nanos: u64, more: Vec<KeyValue>) -> Span {
    let mut span = span("function", nanos);
    span.attributes = vec![
        text("faas.trigger", "http"),
        text("faas.invocation_id", "af9d5aa4"),
    ];
    span.attributes.extend(more);
    span
}

pub(super) fn resource(attributes: Vec<KeyValue>, spans: Vec<Span>) -> Vec<u8> {
    let resource_spans = ResourceSpans {
        resource: Some(Resource {
            attributes,
            ..Resource::default()
        }),
        scope_spans: vec![ScopeSpans {
            spans,
            ..ScopeSpans::default()
        }],
        ..ResourceSpans::default()
    };
    let resource_spans = vec![resource_spans];
    ExportTraceServiceRequest { resource_spans }.encode_to_vec()
}

pub(super) fn service(name: &str, spans: Vec<Span>) -> Vec<u8> {
    resource(vec![text("service.name", name)], spans)
}

/// Passes all spans of a request to the meter.
pub(super) fn measure(meter: &mut SpanMeter, shard: &str, at: u64, request: &[u8]) {
    let shard = ShardId::new(shard);
    let at = StreamTime::from_millis(at);
    visit(request, |place, span| {
        meter.measure(&shard, at, place, span);
    })
    .unwrap();
}

pub(super) fn finish(meter: &mut SpanMeter) -> Vec<MetricsWindow> {
    meter.finish(&ShardId::new(SHARD))
}

/// The measurements of one window for these requests, which all arrive in its first second.
pub(super) fn measured(meter: &mut SpanMeter, requests: &[Vec<u8>]) -> Vec<Series> {
    for request in requests {
        measure(meter, SHARD, MINUTE, request);
    }
    let windows = finish(meter);
    assert_eq!(windows.len(), 1);
    series(&windows[0])
}

/// A point, with its metric and resource.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) resource: BTreeMap<String, String>,
    pub(super) metric: Metric,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) point: Point,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Point {
    Sum(i64),
    Exponential(opentelemetry_proto::tonic::metrics::v1::ExponentialHistogramDataPoint),
    Explicit(opentelemetry_proto::tonic::metrics::v1::HistogramDataPoint),
}

impl Series {
    pub(super) fn sum(&self) -> i64 {
        match self.point {
            Point::Sum(sum) => sum,
            _ => panic!("{self:?}"),
        }
    }
}

fn map(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let said = |value: &Option<AnyValue>| match value.as_ref().unwrap().value.as_ref().unwrap() {
        Value::StringValue(text) => text.clone(),
        Value::BoolValue(bool) => bool.to_string(),
        Value::IntValue(int) => int.to_string(),
        Value::DoubleValue(double) => format!("{double:?}"),
        other => panic!("{other:?}"),
    };
    let each = attributes
        .iter()
        .map(|it| (it.key.clone(), said(&it.value)));
    let map: BTreeMap<_, _> = each.collect();
    assert_eq!(map.len(), attributes.len(), "a key is there twice");
    map
}

/// Returns all points of a window, after checking general properties.
pub(super) fn series(window: &MetricsWindow) -> Vec<Series> {
    let mut all = Vec::new();
    for request in &window.requests {
        let decoded = ExportMetricsServiceRequest::decode(request.clone()).unwrap();
        assert_eq!(
            decoded.encode_to_vec(),
            *request,
            "it is as prost writes it"
        );
        for resource_metrics in decoded.resource_metrics {
            let resource = map(&resource_metrics.resource.unwrap().attributes);
            assert_eq!(resource["lamplight.relay.shard"], window.shard.as_str());
            assert_eq!(resource["service.instance.id"], window.shard.as_str());
            for scope in resource_metrics.scope_metrics {
                assert_eq!(scope.scope.unwrap().name, "lamplight-relay");
                for metric in scope.metrics {
                    points(&mut all, &resource, metric);
                }
            }
        }
    }
    for it in &all {
        assert_eq!(it.start, window.start.as_millis() * 1_000_000);
        assert_eq!(it.end, window.end.as_millis() * 1_000_000);
        assert!(it.start < it.end);
    }
    all
}

fn points(all: &mut Vec<Series>, resource: &BTreeMap<String, String>, mut metric: Metric) {
    use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
    let data = metric.data.take().unwrap();
    let mut push = |attributes: &[KeyValue], start, end, point| {
        all.push(Series {
            resource: resource.clone(),
            metric: metric.clone(),
            attributes: map(attributes),
            start,
            end,
            point,
        });
    };
    match data {
        Data::Sum(sum) => {
            assert!(sum.is_monotonic && sum.aggregation_temporality == 1);
            for it in sum.data_points {
                let Some(Number::AsInt(value)) = it.value else {
                    panic!("{it:?}");
                };
                let (start, end) = (it.start_time_unix_nano, it.time_unix_nano);
                push(&it.attributes, start, end, Point::Sum(value));
            }
        }
        Data::ExponentialHistogram(histogram) => {
            assert_eq!(histogram.aggregation_temporality, 1);
            for it in histogram.data_points {
                let (start, end) = (it.start_time_unix_nano, it.time_unix_nano);
                let attributes = it.attributes.clone();
                push(&attributes, start, end, Point::Exponential(it));
            }
        }
        Data::Histogram(histogram) => {
            assert_eq!(histogram.aggregation_temporality, 1);
            for it in histogram.data_points {
                let (start, end) = (it.start_time_unix_nano, it.time_unix_nano);
                let attributes = it.attributes.clone();
                push(&attributes, start, end, Point::Explicit(it));
            }
        }
        other => panic!("{other:?}"),
    }
}

/// Returns the points of a metric.
pub(super) fn of<'a>(all: &'a [Series], metric: &str) -> Vec<&'a Series> {
    all.iter().filter(|it| it.metric.name == metric).collect()
}
