//! The exporters of this project.

use std::{
    process::{Command, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use opentelemetry::{
    Array, Context, InstrumentationScope, KeyValue, StringValue, Value, global,
    trace::{
        Event, Link, Span as _, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags,
        TraceId, TraceState, Tracer,
    },
};

use super::{
    LOCAL, REMOTE, Recorded, Shown, TRACE, attribute, double, environment, install, int, trace,
};

/// Not a test, but the process of one: a program with this project's telemetry.
#[test]
fn program() {
    let Ok(id) = std::env::var(TRACE) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let telemetry = lamplight::init();
        record(TraceId::from_hex(&id).unwrap());
        telemetry.flush(Duration::from_secs(60)).await;
        assert!(telemetry.queue_snapshot().is_empty());
    });
}

fn at(nanos: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(1_800_000_000_123_456_789 + nanos)
}

fn record(trace: TraceId) {
    let scope = InstrumentationScope::builder("shop")
        .with_version("1.2")
        .with_schema_url("https://example.com/scope")
        .with_attributes([KeyValue::new("part", "checkout")])
        .build();
    let tracer = global::tracer_with_scope(scope);
    let context = |trace, span, state| {
        let state = TraceState::from_key_value::<_, &str, &str>(state).unwrap();
        SpanContext::new(trace, SpanId::from(span), TraceFlags::SAMPLED, true, state)
    };
    let parent = context(trace, 0xA1, vec![("vendor", "opaque"), ("other", "1")]);
    let parent = Context::new().with_remote_span_context(parent);
    let linked = context(TraceId::from(0x99), 0x98, vec![("linked", "yes")]);

    let texts = vec![StringValue::from("ä"), StringValue::from("")];
    let attributes = [
        KeyValue::new("text", "Grüße, 世界 \u{1f3ee} <b>&\"'"),
        KeyValue::new("empty", ""),
        KeyValue::new("yes", true),
        KeyValue::new("negative", -42),
        KeyValue::new("large", 9_007_199_254_740_991),
        KeyValue::new("third", 1.0 / 3.0),
        KeyValue::new("texts", Value::Array(Array::String(texts))),
        KeyValue::new("flags", Value::Array(Array::Bool(vec![true, false]))),
        KeyValue::new("numbers", Value::Array(Array::I64(vec![-1, 0, 1]))),
        KeyValue::new("floats", Value::Array(Array::F64(vec![0.5, -2.5]))),
        KeyValue::new("least", i64::MIN),
        KeyValue::new("whole", 2.0),
        KeyValue::new("infinite", f64::NEG_INFINITY),
        KeyValue::new("not a number", f64::NAN),
    ];
    let amount = vec![KeyValue::new("amount", 12.5)];
    let why = vec![KeyValue::new("why", "same customer")];
    let mut order = tracer
        .span_builder("order")
        .with_kind(SpanKind::Server)
        .with_start_time(at(0))
        .with_attributes(attributes)
        .with_events(vec![
            Event::new("paid", at(1_000_001), amount, 0),
            Event::new("packed", at(2_000_002), vec![], 0),
        ])
        .with_links(vec![Link::new(linked, why, 0)])
        .start_with_context(&tracer, &parent);
    order.set_status(Status::Ok);
    let order = parent.with_span(order);

    let mut ship = tracer
        .span_builder("ship it")
        .with_kind(SpanKind::Client)
        .with_start_time(at(3_000_003))
        .start_with_context(&tracer, &order);
    ship.set_status(Status::error("sold out"));
    ship.end_with_timestamp(at(4_000_004));
    order.span().end_with_timestamp(at(5_000_000));
}

fn recorded() -> Recorded {
    Recorded {
        further: vec![
            attribute("least", int(i64::MIN)),
            attribute("whole", double(2.0)),
            attribute("infinite", double(f64::NEG_INFINITY)),
            attribute("not a number", double(f64::NAN)),
        ],
        scope: vec![attribute("part", "checkout")],
        flags: [REMOTE | 1, LOCAL | 1, REMOTE | 1],
        link_state: "linked=yes",
    }
}

/// The process of a function that records a trace.
fn function(shown: &Shown, exporter: &str, trace: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["interop::own::program", "--exact", "--nocapture"])
        .env_clear()
        .env("OTEL_TRACES_EXPORTER", exporter);
    environment(&mut command, &shown.served, trace);
    command
}

#[test]
fn spans_of_this_projects_otlp_arrive_complete_however_they_are_compressed() {
    let shown = Shown::start("own", &[], &[]);
    let mut traces = Vec::new();
    for (number, compression) in (1..).zip(["none", "gzip", "zstd"]) {
        let trace = trace(number);
        let mut function = function(&shown, "otlp", &trace);
        function.env("OTEL_EXPORTER_OTLP_COMPRESSION", compression);
        install::succeed(&mut function);
        traces.push((trace, recorded()));
    }
    shown.holds(&traces);
}

#[test]
fn spans_in_the_lines_of_a_function_arrive_complete() {
    let mut shown = Shown::start("lines", &["-"], &[]);
    let trace = trace(1);
    let input = shown.served.input.take().unwrap();
    let mut function = function(&shown, "console", &trace);
    let status = function.stdout(Stdio::from(input)).status().unwrap();
    assert!(status.success());
    shown.holds(&[(trace, recorded())]);
}

#[cfg(feature = "kinesis")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spans_in_a_stream_arrive_complete() {
    let kinesis = lamplight_test_kinesis::Kinesis::new();
    kinesis.create_stream("spans", 2);
    let endpoint = kinesis.serve().await;
    let url = endpoint.url();
    let compared = tokio::task::spawn_blocking(move || {
        let variables = [
            ("AWS_ENDPOINT_URL_KINESIS", url.as_str()),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ];
        let shown = Shown::start("stream", &["--stream", "spans"], &variables);
        let mut traces = Vec::new();
        for (number, compression) in (1..).zip(["none", "gzip", "zstd"]) {
            let trace = trace(number);
            let mut function = function(&shown, "kinesis", &trace);
            function
                .envs(variables)
                .env("LAMPLIGHT_KINESIS_STREAM", "spans")
                .env("LAMPLIGHT_KINESIS_COMPRESSION", compression);
            install::succeed(&mut function);
            traces.push((trace, recorded()));
        }
        shown.holds(&traces);
    });
    compared.await.unwrap();
}
