//! Telemetry as metrics.

use std::collections::BTreeMap;

use bytes::Bytes;
use lamplight_otlp::{Writer, trace::AnyValue};
use lamplight_semconv as semconv;

use super::{ShardTelemetry, SinkTelemetry, Telemetry};
use crate::metrics::{
    attributes::{push_attribute, push_scalar, push_text_attribute},
    points::{self, Description, Times, description},
};

const REASON: &str = semconv::lamplight::relay::REASON;
const SHARD: &str = semconv::lamplight::relay::SHARD;
const SINK: &str = semconv::lamplight::relay::SINK;

impl Telemetry {
    /// Returns the telemetry as an `ExportMetricsServiceRequest` with the deltas of an interval,
    /// for a [difference](Self::since) of two states. Times are nanoseconds since 1970. `instance`
    /// identifies this process.
    ///
    /// ```
    /// use lamplight_relay::telemetry::Telemetry;
    ///
    /// let mut before = Telemetry::default();
    /// before.records = 7;
    /// let mut now = before.clone();
    /// now.records = 10;
    /// let since = now.since(&before);
    /// assert_eq!(since.records, 3);
    /// let request = since.encode("relay-1", 1_793_697_360_000_000_000, 1_793_697_420_000_000_000);
    /// assert!(!request.is_empty());
    /// ```
    pub fn encode(&self, instance: &str, start: u64, end: u64) -> Bytes {
        let mut resource = Vec::new();
        let mut attribute = |key, text: &str| push_text_attribute(&mut resource, key, text);
        attribute(semconv::service::NAME, env!("CARGO_PKG_NAME"));
        attribute(semconv::service::VERSION, env!("CARGO_PKG_VERSION"));
        attribute(semconv::service::instance::ID, instance);
        let times = Times { start, end };
        points::resource_metrics(&resource, |writer| {
            self.write_sinks(writer, times);
            self.write_counts(writer, times);
            self.write_shards(writer, end);
        })
        .into()
    }

    fn write_shards(&self, writer: &mut Writer, at: u64) {
        let mut gauge = |about: Description, of: fn(&ShardTelemetry) -> f64| {
            let points: Vec<_> = self
                .shards
                .iter()
                .map(|(id, shard)| (of(shard), text(SHARD, id.as_str())))
                .collect();
            let points = points
                .iter()
                .map(|(number, attributes)| (*number, &attributes[..]));
            points::gauge(writer, about, at, points);
        };
        gauge(description!(lamplight::relay::undecided::traces), |it| {
            it.undecided_traces as f64
        });
        gauge(description!(lamplight::relay::undecided::size), |it| {
            it.undecided_bytes as f64
        });
        gauge(description!(lamplight::relay::iterator::age), |it| {
            it.iterator_age.as_secs_f64()
        });
    }

    fn write_counts(&self, writer: &mut Writer, times: Times) {
        let decisions = self.decisions.iter().map(|(decision, count)| {
            let mut attributes = kept(decision.is_kept);
            if let Some(rule) = &decision.rule {
                push_text_attribute(&mut attributes, semconv::lamplight::relay::RULE, rule);
            }
            push_text_attribute(&mut attributes, REASON, &decision.reason);
            (*count, attributes)
        });
        let refused = self.refused.iter();
        let refused = refused.map(|(reason, count)| (*count, text(REASON, reason)));
        let late = [
            (self.late_kept, kept(true)),
            (self.late_dropped, kept(false)),
        ];
        let one = |count| vec![(count, Vec::new())];
        let mut sum = |about, points: Vec<_>| sum(writer, about, times, &points);
        sum(
            description!(lamplight::relay::decisions),
            decisions.collect(),
        );
        sum(description!(lamplight::relay::spans::read), one(self.spans));
        sum(description!(lamplight::relay::records::late), late.to_vec());
        let duplicates = one(self.duplicates);
        sum(
            description!(lamplight::relay::records::duplicate),
            duplicates,
        );
        sum(
            description!(lamplight::relay::records::refused),
            refused.collect(),
        );
        sum(
            description!(lamplight::relay::records::read),
            one(self.records),
        );
    }

    fn write_sinks(&self, writer: &mut Writer, times: Times) {
        let queues: Vec<_> = self
            .sinks
            .iter()
            .map(|(name, sink)| (sink.queued_bytes as f64, text(SINK, name)))
            .collect();
        let queues = queues
            .iter()
            .map(|(bytes, attributes)| (*bytes, &attributes[..]));
        let about = description!(lamplight::relay::sink::queue::size);
        points::gauge(writer, about, times.end, queues);

        let each = |count: fn(&SinkTelemetry) -> u64| {
            let points = self.sinks.iter();
            let points = points.map(|(name, sink)| (count(sink), text(SINK, name)));
            points.collect::<Vec<_>>()
        };
        let by_reason = |counts: fn(&SinkTelemetry) -> &BTreeMap<Box<str>, u64>| {
            let mut points = Vec::new();
            for (name, sink) in &self.sinks {
                for (reason, count) in counts(sink) {
                    let mut attributes = text(SINK, name);
                    push_text_attribute(&mut attributes, REASON, reason);
                    points.push((*count, attributes));
                }
            }
            points
        };
        let mut sum = |about, points: Vec<_>| sum(writer, about, times, &points);
        sum(
            description!(lamplight::relay::sink::retries),
            each(|it| it.retries),
        );
        let dead_lettered = by_reason(|it| &it.dead_lettered);
        sum(
            description!(lamplight::relay::sink::dead_lettered),
            dead_lettered,
        );
        sum(
            description!(lamplight::relay::sink::dropped),
            by_reason(|it| &it.dropped),
        );
        sum(
            description!(lamplight::relay::sink::delivered),
            each(|it| it.delivered),
        );
    }
}

/// Returns a text attribute, in field 1.
fn text(key: &str, value: &str) -> Vec<u8> {
    let mut attributes = Vec::new();
    push_text_attribute(&mut attributes, key, value);
    attributes
}

fn kept(is_kept: bool) -> Vec<u8> {
    let (mut value, mut attributes) = (Vec::new(), Vec::new());
    push_scalar(&mut value, AnyValue::Bool(is_kept));
    push_attribute(&mut attributes, semconv::lamplight::relay::KEPT, &value);
    attributes
}

/// Writes a sum. Zeros are written too, so that users of a counter can see that it exists.
fn sum(writer: &mut Writer, about: Description, times: Times, points: &[(u64, Vec<u8>)]) {
    let points = points
        .iter()
        .map(|(count, attributes)| (*count, &attributes[..]));
    points::sum(writer, about, times, points);
}
