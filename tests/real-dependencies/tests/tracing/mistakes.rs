//! Reports about a missing layer, and about lost spans while the layer is present.

use crate::lambda::{Told, invoke};

#[tokio::test]
async fn a_missing_layer_is_reported_in_the_log() {
    let told = invoke("no layer", &[], 2).await;
    let lines = |told: &Told| told.log.matches("no-tracing-layer").count();
    assert_eq!(lines(&told), 1, "{}", told.log);
    for program in ["no subscriber", "only errors are logged, and the layer"] {
        let told = invoke(program, &[], 2).await;
        assert_eq!(lines(&told), 0, "{program}: {}", told.log);
    }
}

#[tokio::test]
async fn an_optional_layer_finds_the_parent_that_an_event_names() {
    let told = invoke("an event with a parent", &[], 1).await;
    assert_eq!(told.spans("parent"), 1, "{}", told.out);
    assert!(told.out.contains("\"name\":\"named\""), "{}", told.out);
}

#[tokio::test]
async fn lost_spans_are_seen_where_only_errors_are_logged() {
    let nobody = [
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
    ];
    let nonsense = [
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://127.0.0.1:1"),
    ];
    for program in ["only errors are logged, and the layer"] {
        let told = invoke(program, &nobody, 2).await;
        assert_eq!(told.warnings("export-failed"), 1, "{program}: {}", told.log);
        assert!(told.log.contains("http://127.0.0.1:1/v1/traces: "));
        let told = invoke(program, &nonsense, 1).await;
        let count = told.log.matches("spans are not exported").count();
        assert_eq!(count, 1, "{program}: {}", told.log);
    }
}
