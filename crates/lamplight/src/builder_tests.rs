use super::*;
use opentelemetry_sdk::trace::InMemorySpanExporter;

fn build(builder: TelemetryBuilder, variables: &[(&str, &str)]) -> Option<Active> {
    let get = |name: &str| {
        variables
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    };
    builder.set_up(&Environment::new(&get))
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
        &[("OTEL_TRACES_EXPORTER", "carrier pigeon")],
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
