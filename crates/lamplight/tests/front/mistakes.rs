//! Each mistake is reported once, and the function answers as without Lamplight.

use crate::lambda::{invoke, run};

#[tokio::test]
async fn a_second_init_is_the_first_and_says_so() {
    let told = invoke("second init", &[], 2).await;
    assert_eq!(told.warnings("second-init"), 1, "{}", told.log);
    assert_eq!(told.warnings("never-run"), 0, "one of them is run");
    assert_eq!(told.spans("work"), 2, "{}", told.out);
    assert_eq!(told.spans("orders"), 2, "{}", told.out);
    assert_eq!(told.answers, 2);
}

#[tokio::test]
async fn an_init_in_the_handler_is_the_first_and_says_so() {
    let told = invoke("init in the handler", &[], 3).await;
    assert_eq!(told.warnings("second-init"), 1, "{}", told.log);
    assert_eq!(told.spans("work"), 3, "{}", told.out);
    assert_eq!(told.warnings("never-run"), 0, "{}", told.log);
}

#[tokio::test]
async fn an_init_that_is_dropped_says_so() {
    let told = invoke("init without run", &[], 2).await;
    assert_eq!(told.warnings("never-run"), 1, "{}", told.log);
    assert_eq!(told.answers, 2);
}

#[tokio::test]
async fn a_correct_function_says_nothing() {
    let told = invoke("plain", &[], 2).await;
    for cause in [
        "second-init",
        "never-run",
        "foreign-provider",
        "not-in-lambda",
    ] {
        assert_eq!(told.warnings(cause), 0, "{}", told.log);
    }
    assert_eq!((told.spans("work"), told.spans("orders")), (2, 2));
}

#[tokio::test]
async fn telemetry_that_is_off_says_nothing() {
    for variables in [
        [("OTEL_TRACES_EXPORTER", "none")],
        [("OTEL_SDK_DISABLED", "TRUE")],
    ] {
        for program in ["plain", "init without run", "a provider after"] {
            let told = invoke(program, &variables, 1).await;
            assert!(!told.log.contains("lamplight ["), "{program}: {}", told.log);
            assert!(!told.log.contains("cause="), "{program}: {}", told.log);
            assert_eq!(told.answers, 1);
        }
    }
}

#[tokio::test]
async fn a_function_run_after_init_has_its_telemetry_and_says_nothing() {
    let told = invoke("init and http::run", &[], 1).await;
    assert!(!told.log.contains("lamplight ["), "{}", told.log);
}

#[tokio::test]
async fn a_provider_that_takes_over_is_reported() {
    let told = invoke("a provider after", &[], 2).await;
    assert_eq!(told.warnings("foreign-provider"), 1, "{}", told.log);
    assert_eq!(told.spans("orders"), 2, "{}", told.out);
    let told = invoke("a provider before", &[], 2).await;
    assert_eq!(told.warnings("foreign-provider"), 0, "{}", told.log);
    assert_eq!(told.spans("work"), 2, "{}", told.out);
}

#[tokio::test]
async fn a_set_up_that_panics_is_caught_and_reported() {
    let told = invoke("an exporter that panics", &[], 2).await;
    assert_eq!(told.warnings("set-up-panicked"), 1, "{}", told.log);
    assert!(told.log.contains("(no provider of cryptography)"));
    assert_eq!(told.answers, 2);
    let told = run("built without run", &[]);
    assert_eq!(told.warnings("set-up-panicked"), 1, "{}", told.log);
}

#[test]
fn a_process_outside_lambda_is_told_how_to_run() {
    for variables in [&[][..], &[("OTEL_TRACES_EXPORTER", "none")]] {
        let told = run("plain", variables);
        assert_eq!(told.warnings("not-in-lambda"), 1, "{}", told.log);
        let hint = told.log.find("cargo lambda watch").unwrap();
        assert!(hint < told.log.find("panicked").unwrap(), "{}", told.log);
    }
}

/// If a subscriber hides warnings, lines about lost spans are written to standard error.
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
    for program in ["only errors"] {
        let told = invoke(program, &nobody, 2).await;
        assert_eq!(told.warnings("export-failed"), 1, "{program}: {}", told.log);
        assert!(told.log.contains("http://127.0.0.1:1/v1/traces: "));
        let told = invoke(program, &nonsense, 1).await;
        let count = told.log.matches("spans are not exported").count();
        assert_eq!(count, 1, "{program}: {}", told.log);
    }
}

#[test]
fn a_flush_needs_neither_timers_nor_a_runtime() {
    for program in ["a flush without timers", "a flush without a runtime"] {
        let told = run(program, &[("OTEL_TRACES_EXPORTER", "console")]);
        assert!(told.out.contains("went on"), "{program}: {}", told.log);
        assert!(
            told.out.contains("resourceSpans"),
            "{program}: {}",
            told.out
        );
    }
}
