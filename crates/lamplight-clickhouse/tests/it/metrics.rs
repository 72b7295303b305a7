//! Data points.

use lamplight_clickhouse::{MetricBlocks, Schema};
use lamplight_test_clickhouse::Database;
use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    metrics::v1::{
        Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram,
        HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, Summary,
        SummaryDataPoint, exemplar, exponential_histogram_data_point::Buckets, metric::Data,
        number_data_point, summary_data_point::ValueAtQuantile,
    },
    resource::v1::Resource,
};
use prost::Message as _;
use serde_json::{Value as Json, json};

const TIME: u64 = 1_795_646_976_000_000_001;

fn text(key: &str, value: &str) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue {
            value: Some(Value::StringValue(value.to_owned())),
        }),
        ..KeyValue::default()
    }
}

fn number(value: number_data_point::Value) -> NumberDataPoint {
    NumberDataPoint {
        attributes: vec![text("b", "2"), text("a", "1")],
        start_time_unix_nano: TIME - 1,
        time_unix_nano: TIME,
        flags: 1,
        value: Some(value),
        exemplars: vec![Exemplar {
            filtered_attributes: vec![text("k", "v")],
            time_unix_nano: TIME,
            span_id: vec![1; 8],
            trace_id: vec![2; 16],
            value: Some(exemplar::Value::AsInt(-7)),
        }],
    }
}

fn data() -> Vec<Data> {
    vec![
        Data::Gauge(Gauge {
            data_points: vec![number(number_data_point::Value::AsDouble(1.5))],
        }),
        Data::Sum(Sum {
            data_points: vec![number(number_data_point::Value::AsInt(-3))],
            aggregation_temporality: 1,
            is_monotonic: true,
        }),
        Data::Histogram(Histogram {
            data_points: vec![HistogramDataPoint {
                attributes: vec![text("a", "1")],
                time_unix_nano: TIME,
                count: 3,
                sum: Some(6.5),
                bucket_counts: vec![1, 2],
                explicit_bounds: vec![0.25],
                min: Some(0.5),
                max: Some(4.0),
                ..HistogramDataPoint::default()
            }],
            aggregation_temporality: 1,
        }),
        Data::ExponentialHistogram(ExponentialHistogram {
            data_points: vec![ExponentialHistogramDataPoint {
                time_unix_nano: TIME,
                count: 4,
                sum: Some(6.5),
                scale: -2,
                zero_count: 1,
                positive: Some(Buckets {
                    offset: -3,
                    bucket_counts: vec![1, 300],
                }),
                negative: Some(Buckets {
                    offset: 5,
                    bucket_counts: vec![2],
                }),
                ..ExponentialHistogramDataPoint::default()
            }],
            aggregation_temporality: 2,
        }),
        Data::Summary(Summary {
            data_points: vec![SummaryDataPoint {
                time_unix_nano: TIME,
                count: 2,
                sum: 3.0,
                quantile_values: vec![ValueAtQuantile {
                    quantile: 0.5,
                    value: 1.0,
                }],
                ..SummaryDataPoint::default()
            }],
        }),
    ]
}

fn request() -> ExportMetricsServiceRequest {
    let metrics = data().into_iter().map(|data| Metric {
        name: "faas.invocations".to_owned(),
        description: "Invocations".to_owned(),
        unit: "{invocation}".to_owned(),
        data: Some(data),
        ..Metric::default()
    });
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(Resource {
                attributes: vec![text("service.name", "shop")],
                ..Resource::default()
            }),
            scope_metrics: vec![ScopeMetrics {
                scope: Some(InstrumentationScope {
                    name: "lamplight".to_owned(),
                    version: "0.1.0".to_owned(),
                    attributes: vec![text("s", "t")],
                    dropped_attributes_count: 9,
                }),
                metrics: metrics.collect(),
                schema_url: "https://example.com/scope".to_owned(),
            }],
            schema_url: "https://example.com/resource".to_owned(),
        }],
    }
}

#[test]
fn data_points_of_every_kind_become_rows() {
    let database = Database::new();
    for statement in Schema::new(database.name()).statements() {
        database.run(&statement);
    }
    let mut blocks = MetricBlocks::default();
    let pushed = blocks.push(&request().encode_to_vec());
    assert_eq!((pushed.rows, pushed.malformed), (5, 0));
    assert_eq!(blocks.rows(), 5);
    for block in blocks.finish() {
        let sent = ureq::post(database.url())
            .query("query", block.statement(database.name()))
            .send(&block.body[..]);
        assert_eq!(sent.unwrap().status(), 200);
    }
    assert_eq!(blocks.rows(), 0);

    let row = |table: &str| {
        let rows = database.rows(&format!("SELECT * FROM otel_metrics_{table}"));
        assert_eq!(rows.len(), 1);
        rows.into_iter().next().unwrap()
    };
    let holds = |row: &Json, wanted: Json| {
        for (name, value) in wanted.as_object().unwrap() {
            assert_eq!(&row[name], value, "{name} of {row}");
        }
    };
    let gauge = row("gauge");
    holds(
        &gauge,
        json!({
            "ResourceAttributes": {"service.name": "shop"},
            "ResourceSchemaUrl": "https://example.com/resource",
            "ScopeName": "lamplight",
            "ScopeVersion": "0.1.0",
            "ScopeAttributes": {"s": "t"},
            "ScopeDroppedAttrCount": 9,
            "ScopeSchemaUrl": "https://example.com/scope",
            "ServiceName": "shop",
            "MetricName": "faas.invocations",
            "MetricDescription": "Invocations",
            "MetricUnit": "{invocation}",
            "Attributes": {"a": "1", "b": "2"},
            "StartTimeUnix": "2026-11-25 22:49:36.000000000",
            "TimeUnix": "2026-11-25 22:49:36.000000001",
            "Value": 1.5,
            "Flags": 1,
            "Exemplars.FilteredAttributes": [{"k": "v"}],
            "Exemplars.TimeUnix": ["2026-11-25 22:49:36.000000001"],
            "Exemplars.Value": [-7],
            "Exemplars.SpanId": ["01".repeat(8)],
            "Exemplars.TraceId": ["02".repeat(16)],
        }),
    );
    holds(
        &row("sum"),
        json!({"Value": -3, "AggregationTemporality": 1, "IsMonotonic": true}),
    );
    holds(
        &row("histogram"),
        json!({
            "Count": 3, "Sum": 6.5, "BucketCounts": [1, 2], "ExplicitBounds": [0.25], "Min": 0.5,
            "Max": 4, "AggregationTemporality": 1, "Exemplars.Value": [],
        }),
    );
    holds(
        &row("exponential_histogram"),
        json!({
            "Count": 4, "Sum": 6.5, "Scale": -2, "ZeroCount": 1, "PositiveOffset": -3,
            "PositiveBucketCounts": [1, 300], "NegativeOffset": 5, "NegativeBucketCounts": [2],
            "AggregationTemporality": 2,
        }),
    );
    holds(
        &row("summary"),
        json!({
            "Count": 2, "Sum": 3, "ValueAtQuantiles.Quantile": [0.5], "ValueAtQuantiles.Value": [1],
        }),
    );
}
