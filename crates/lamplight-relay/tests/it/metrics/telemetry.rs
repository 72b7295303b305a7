//! The relay's own telemetry.

use std::{collections::BTreeMap, time::Duration};

use lamplight_relay::{
    record::ShardId,
    telemetry::{Decision, ShardTelemetry, SinkTelemetry, Telemetry},
};
use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    metrics::v1::{metric::Data, number_data_point::Value as Number},
};
use prost::Message;

fn counts(counts: &[(&str, u64)]) -> BTreeMap<Box<str>, u64> {
    let owned = |(name, count): &(&str, u64)| ((*name).into(), *count);
    counts.iter().map(owned).collect()
}

fn telemetry() -> Telemetry {
    let mut it = Telemetry::default();
    let (near, far) = (Duration::from_millis(1500), Duration::from_secs(50_000));
    it.shards
        .insert(ShardId::new("shard-1"), ShardTelemetry::new(near, 1000, 10));
    it.shards
        .insert(ShardId::new("shard-2"), ShardTelemetry::new(far, 500, 5));
    (it.records, it.spans) = (100, 700);
    it.decisions
        .insert(Decision::new(true, Some("errors"), "wait"), 7);
    it.decisions
        .insert(Decision::new(true, Some("errors"), "trace_bytes"), 1);
    it.decisions
        .insert(Decision::new(true, Some("one in ten"), "wait"), 4);
    it.decisions.insert(Decision::new(false, None, "wait"), 40);
    (it.late_kept, it.late_dropped, it.duplicates) = (2, 1, 6);
    it.refused = counts(&[("json", 2), ("malformed", 1)]);
    let mut sink = SinkTelemetry::default();
    (sink.delivered, sink.retries, sink.queued_bytes) = (60, 3, 4096);
    sink.dropped = counts(&[("full", 8)]);
    sink.dead_lettered = counts(&[("refused", 9)]);
    it.sinks.insert("backend".into(), sink);
    it
}

fn said(attributes: &[KeyValue]) -> String {
    let value = |it: &KeyValue| match it.value.as_ref().unwrap().value.as_ref().unwrap() {
        Value::StringValue(text) => text.clone(),
        Value::BoolValue(bool) => bool.to_string(),
        other => panic!("{other:?}"),
    };
    let each = attributes.iter().map(|it| {
        let key = it.key.strip_prefix("lamplight.relay.").unwrap();
        format!("{key}={}", value(it))
    });
    each.collect::<Vec<_>>().join(" ")
}

/// Returns all points, one line each.
fn points(telemetry: &Telemetry) -> Vec<String> {
    let request = telemetry.encode("here", 60, 120);
    let decoded = ExportMetricsServiceRequest::decode(request.clone()).unwrap();
    assert_eq!(decoded.encode_to_vec(), request);
    let mut lines = Vec::new();
    for metric in &decoded.resource_metrics[0].scope_metrics[0].metrics {
        let points = match metric.data.as_ref().unwrap() {
            Data::Sum(sum) => {
                assert!(sum.is_monotonic && sum.aggregation_temporality == 1);
                assert!(
                    sum.data_points
                        .iter()
                        .all(|it| it.start_time_unix_nano == 60)
                );
                &sum.data_points
            }
            Data::Gauge(gauge) => &gauge.data_points,
            other => panic!("{other:?}"),
        };
        for it in points {
            assert_eq!(it.time_unix_nano, 120);
            let value = match it.value.unwrap() {
                Number::AsInt(int) => int.to_string(),
                Number::AsDouble(double) => double.to_string(),
            };
            let name = metric.name.strip_prefix("lamplight.relay.").unwrap();
            assert!(!metric.unit.is_empty() && !metric.description.is_empty());
            lines.push(
                format!("{name} {value} {}", said(&it.attributes))
                    .trim_end()
                    .to_owned(),
            );
        }
    }
    lines
}

#[test]
fn it_is_metrics() {
    let expected = [
        "iterator.age 1.5 shard=shard-1",
        "iterator.age 50000 shard=shard-2",
        "undecided.size 1000 shard=shard-1",
        "undecided.size 500 shard=shard-2",
        "undecided.traces 10 shard=shard-1",
        "undecided.traces 5 shard=shard-2",
        "records.read 100",
        "records.refused 2 reason=json",
        "records.refused 1 reason=malformed",
        "records.duplicate 6",
        "records.late 2 kept=true",
        "records.late 1 kept=false",
        "spans.read 700",
        "decisions 40 kept=false reason=wait",
        "decisions 1 kept=true rule=errors reason=trace_bytes",
        "decisions 7 kept=true rule=errors reason=wait",
        "decisions 4 kept=true rule=one in ten reason=wait",
        "sink.delivered 60 sink=backend",
        "sink.dropped 8 sink=backend reason=full",
        "sink.dead_lettered 9 sink=backend reason=refused",
        "sink.retries 3 sink=backend",
        "sink.queue.size 4096 sink=backend",
    ];
    assert_eq!(points(&telemetry()), expected);
}

#[test]
fn it_is_one_line() {
    let mut telemetry = telemetry();
    assert_eq!(
        telemetry.line(),
        "read 100 records, 700 spans; kept 12 traces (errors 8, one in ten 4), dropped 40; late 3 records, \
         duplicate 6, refused 3 (json 2, malformed 1); undecided 15 traces, 1500 bytes; 2 shards, shard-2 furthest \
         behind by 50000.0 s; sink backend: delivered 60 spans, dropped 8, dead-lettered 9, retried 3 requests, \
         4096 bytes waiting"
    );
    let forged = Decision::new(true, Some("a\nread 0 records\u{7}"), "wait");
    telemetry.decisions.insert(forged, 1);
    assert_eq!(telemetry.line().lines().count(), 1);
    assert_eq!(
        Telemetry::default().line(),
        "read 0 records, 0 spans; kept 0 traces, dropped 0; late 0 records, duplicate 0, refused 0; undecided 0 \
         traces, 0 bytes; 0 shards"
    );
}

#[test]
fn counters_are_of_the_time_since_and_what_is_held_is_of_now() {
    let before = telemetry();
    let mut now = before.clone();
    now.records += 5;
    *now.refused.get_mut("json").unwrap() += 1;
    now.sinks.get_mut("backend").unwrap().delivered += 2;
    now.sinks.insert("new".into(), SinkTelemetry::default());
    let since = now.since(&before);
    assert_eq!((since.records, since.spans, since.duplicates), (5, 0, 0));
    assert_eq!(since.refused, counts(&[("json", 1)]));
    assert!(since.decisions.is_empty());
    assert_eq!(since.shards, now.shards);
    let backend = &since.sinks["backend"];
    assert_eq!(
        (backend.delivered, backend.retries, backend.queued_bytes),
        (2, 0, 4096)
    );
    assert_eq!(since.sinks.len(), 2);
    assert_eq!(now.since(&Telemetry::default()), now);
}

#[test]
fn the_alarm_is_at_half_of_the_retention() {
    let day = Duration::from_secs(86_400);
    let telemetry = telemetry();
    let (shard, age) = telemetry.overdue(day).unwrap();
    assert_eq!(
        (shard.as_str(), age),
        ("shard-2", Duration::from_secs(50_000))
    );
    assert_eq!(telemetry.overdue(day * 7), None);
    assert_eq!(Telemetry::default().overdue(day), None);
}
