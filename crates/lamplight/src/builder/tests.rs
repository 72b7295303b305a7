use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};

use super::*;

fn build(builder: TelemetryBuilder, variables: &[(&str, &str)]) -> Option<Active> {
    let get = |name: &str| {
        variables
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    };
    builder.set_up(&Environment::new(get))
}

#[test]
fn disabled_wins_over_the_builder() {
    let builder = || TelemetryBuilder::default().with_exporter(InMemorySpanExporter::default());
    assert!(build(builder(), &[]).is_some());
    assert!(build(builder(), &[("OTEL_SDK_DISABLED", "true")]).is_none());
}

#[test]
fn what_cannot_be_exported_is_switched_off_and_never_fails() {
    for variables in [
        &[("OTEL_TRACES_EXPORTER", "none")][..],
        &[("OTEL_TRACES_EXPORTER", "kinesis")],
    ] {
        assert!(
            build(TelemetryBuilder::default(), variables).is_none(),
            "{variables:?}"
        );
    }
}

#[test]
fn console_needs_no_feature() {
    assert!(
        build(
            TelemetryBuilder::default(),
            &[("OTEL_TRACES_EXPORTER", "console")]
        )
        .is_some()
    );
}

#[test]
fn attributes_of_the_builder_win_and_keep_the_schema() {
    let resource = Resource::builder_empty()
        .with_schema_url(
            [KeyValue::new("a", "1"), KeyValue::new("b", "1")],
            "https://s/1.0.0",
        )
        .build();
    let merged = with_attributes(&resource, vec![KeyValue::new("b", "2")]);
    assert_eq!(merged.get(&Key::new("a")), Some("1".into()));
    assert_eq!(merged.get(&Key::new("b")), Some("2".into()));
    assert_eq!(merged.schema_url(), Some("https://s/1.0.0"));
}

#[tokio::test]
async fn what_is_built_is_its_own_and_leaves_the_globals_alone() {
    use opentelemetry::trace::{Span, Tracer, TracerProvider};

    let exporters = [(); 2].map(|()| InMemorySpanExporter::default());
    for exporter in &exporters {
        let builder = TelemetryBuilder::default().with_exporter(exporter.clone());
        let telemetry = builder.build();
        let provider = telemetry.tracer_provider().unwrap();
        provider.tracer("t").in_span("work", |_| ());
        telemetry.flush(Duration::from_secs(60)).await;
    }
    for exporter in exporters {
        assert_eq!(exporter.get_finished_spans().unwrap().len(), 1);
    }
    let span = opentelemetry::global::tracer("t").start("nobody's");
    assert!(!span.span_context().is_valid());
}

/// SDK environment variables, Enum: "if the user provides a value the implementation does not recognize,
/// the implementation MUST generate a warning and gracefully ignore the setting".
#[cfg(feature = "exporter-otlp-http")]
#[test]
fn an_unknown_exporter_counts_as_not_there() {
    let variables = [("OTEL_TRACES_EXPORTER", "carrier pigeon")];
    let active = build(TelemetryBuilder::default(), &variables).unwrap();
    assert!(
        format!("{:?}", active.queue).contains("Otlp"),
        "{:?}",
        active.queue
    );
}

/// The spans that are left of one that has four of everything, each with a text of four letters.
fn exported(builder: TelemetryBuilder, variables: &[(&str, &str)]) -> Vec<SpanData> {
    use opentelemetry::trace::{Span, Tracer, TracerProvider};

    let exporter = InMemorySpanExporter::default();
    let builder = builder.with_exporter(exporter.clone());
    let active = build(builder, variables).unwrap();
    let mut span = active.provider.tracer("t").start("s");
    for n in 0..4 {
        let attributes = (0..4)
            .map(|m| KeyValue::new(m.to_string(), "text"))
            .collect();
        span.set_attribute(KeyValue::new(n.to_string(), "text"));
        span.add_event("exception", attributes);
    }
    span.add_event("other", Vec::new());
    span.end();
    drop(span);
    let mut flush = std::pin::pin!(active.queue.flush());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(flush.as_mut().poll(&mut context).is_ready());
    exporter.get_finished_spans().unwrap()
}

/// SDK environment variables, Implementation guidelines: "The environment-based configuration MUST have a
/// direct code configuration equivalent."
#[test]
fn code_says_what_variables_say_and_wins() {
    let limits = SpanLimits {
        max_attributes_per_span: 1,
        max_events_per_span: 2,
        max_attributes_per_event: 3,
        ..SpanLimits::default()
    };
    let of_variables = [
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "2"),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", "3"),
        ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "1"),
        ("LAMPLIGHT_SPAN_EVENTS", "none"),
    ];
    let builder = TelemetryBuilder::default()
        .with_span_limits(limits)
        .with_attribute_value_length(2)
        .with_span_events(SpanEventPolicy::All);
    let spans = exported(builder, &of_variables);
    assert_eq!(spans[0].attributes.len(), 1);
    assert_eq!(spans[0].attributes[0].value.as_str(), "te");
    assert_eq!(spans[0].events.len(), 2);
    assert_eq!(spans[0].events[0].attributes.len(), 3);
}

#[test]
fn what_is_said_of_span_events_holds_for_an_exporter_in_code_too() {
    let left = |policy| {
        let spans = exported(
            TelemetryBuilder::default(),
            &[("LAMPLIGHT_SPAN_EVENTS", policy)],
        );
        spans[0].events.len()
    };
    assert_eq!([left("all"), left("exceptions"), left("NONE")], [5, 4, 0]);
}

#[test]
fn a_queue_has_the_size_that_code_says() {
    use opentelemetry::trace::{Tracer, TracerProvider};

    let builder = TelemetryBuilder::default()
        .with_exporter(InMemorySpanExporter::default())
        .with_max_spans(3)
        .with_max_batch(2)
        .with_max_pause(Duration::ZERO);
    let active = build(builder, &[]).unwrap();
    let tracer = active.provider.tracer("t");
    for _ in 0..5 {
        tracer.in_span("s", |_| ());
    }
    assert_eq!(
        (
            active.queue.snapshot().pending(),
            active.queue.snapshot().dropped()
        ),
        (3, 2)
    );
}

#[test]
fn telemetry_is_off_where_code_says_so() {
    let builder = TelemetryBuilder::default()
        .with_exporter(InMemorySpanExporter::default())
        .with_disabled(true);
    assert!(build(builder, &[]).is_none());
}

#[cfg(all(
    feature = "exporter-otlp-http",
    feature = "exporter-otlp-grpc",
    feature = "exporter-otlp-gzip"
))]
#[test]
fn an_endpoint_in_code_wins_over_the_environment() {
    let otlp = crate::Otlp::new("http://code:1/x")
        .with_protocol("http/protobuf")
        .with_compression("gzip")
        .with_timeout(Duration::from_secs(3))
        .with_header("key", "a b,c=%hunter2")
        .with_header("other", "1");
    let shown = format!("{otlp:?} {otlp:#?}");
    assert!(
        shown.contains("HEADERS") && !shown.contains("hunter2"),
        "{shown}"
    );
    let variables = [
        ("OTEL_TRACES_EXPORTER", "console"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://variable:1/y"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "key=of the variable"),
    ];
    let get = |name: &str| {
        let mut all = variables.iter();
        all.find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    };
    otlp.over(&Environment::new(get), |environment| {
        let headers = environment.otlp_headers();
        assert_eq!(headers["key"], "a b,c=%hunter2");
        assert_eq!(headers["other"], "1");
        assert_eq!(environment.otlp_timeout(), Duration::from_secs(3));
    });
    let active = build(TelemetryBuilder::default().with_otlp(otlp), &variables).unwrap();
    let queue = format!("{:?}", active.queue);
    assert!(
        queue.contains("http://code:1/x") && queue.contains("Gzip"),
        "{queue}"
    );
}

/// Exceptions, "Existing instrumentations ... SHOULD introduce an environment variable": it has effect
/// where there is a logger provider, and code wins over it.
#[test]
fn exceptions_are_log_records_where_there_is_a_provider() {
    let signal = |builder: TelemetryBuilder, value| {
        let builder = builder.with_exporter(InMemorySpanExporter::default());
        let active = build(builder, &[("OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN", value)]);
        let shown = format!("{:?}", active.unwrap().instrumentation);
        let signals = ["signal: Events", "signal: LogsAndEvents", "signal: Logs "];
        signals.into_iter().find(|it| shown.contains(it))
    };
    let logs = opentelemetry_sdk::logs::SdkLoggerProvider::builder().build();
    let with = || TelemetryBuilder::default().with_logger_provider(&logs);
    assert_eq!(signal(with(), "Logs"), Some("signal: Logs "));
    assert_eq!(signal(with(), "logs/dup"), Some("signal: LogsAndEvents"));
    assert_eq!(signal(with(), "smoke"), Some("signal: Events"));
    let by_code = with().with_exception_signal(ExceptionSignal::Events);
    assert_eq!(signal(by_code, "logs"), Some("signal: Events"));
    assert_eq!(signal(TelemetryBuilder::default(), "logs"), None);
}
