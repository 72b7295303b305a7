//! Off is silent, not deaf: nothing is recorded, and the callers' context passes through.

use crate::lambda::{Told, invoke_with};

const EVENT: &str = r#"{"_otel":{
    "traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03",
    "tracestate":"vendor=abc","baggage":"k=v"}}"#;

/// The caller's headers, unchanged: there is no span in between.
const PASSED_ON: &str = concat!(
    r#"sent [("baggage", "k=v"), "#,
    r#"("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03"), "#,
    r#"("tracestate", "vendor=abc")]"#
);

async fn sent(variables: &[(&str, &str)]) -> Told {
    invoke_with("what is sent on", variables, 1, EVENT).await
}

#[tokio::test]
async fn whatever_switches_recording_off_context_passes_through() {
    for variables in [
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_TRACES_EXPORTER", "none"),
        // It is not built in here.
        ("OTEL_TRACES_EXPORTER", "kinesis"),
    ] {
        let told = sent(&[variables]).await;
        assert!(told.out.contains(PASSED_ON), "{variables:?}: {}", told.out);
        assert!(!told.out.contains("resourceSpans"), "{}", told.out);
        assert_eq!(told.answers, 1);
    }
}

/// Environment variable specification: `OTEL_SDK_DISABLED` "has no effect on propagators configured
/// through the OTEL_PROPAGATORS variable".
#[tokio::test]
async fn propagators_mean_the_same_on_and_off() {
    for (propagators, sent_on) in [
        ("baggage", r#"sent [("baggage", "k=v")]"#),
        ("none", "sent []"),
    ] {
        for off in ["true", "false"] {
            let variables = [
                ("OTEL_SDK_DISABLED", off),
                ("OTEL_PROPAGATORS", propagators),
            ];
            let told = sent(&variables).await;
            assert!(told.out.contains(sent_on), "{variables:?}: {}", told.out);
        }
    }
    // On, the function's own span is what is sent.
    let told = sent(&[("OTEL_PROPAGATORS", "tracecontext")]).await;
    let of_the_trace = r#"sent [("traceparent", "00-0af7651916cd43dd8448eb211c80319c-"#;
    assert!(told.out.contains(of_the_trace), "{}", told.out);
    assert!(!told.out.contains("b7ad6b7169203331-03\")"), "{}", told.out);
    // The format that is named last wins: the invocation's header has another trace.
    let told = sent(&[("OTEL_PROPAGATORS", "tracecontext,xray-lambda")]).await;
    let x_ray = r#"("x-amzn-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent="#;
    assert!(told.out.contains(x_ray), "{}", told.out);
}

#[tokio::test]
async fn unknown_propagators_are_said_once_and_cut_nothing() {
    let told = sent(&[("OTEL_PROPAGATORS", "b3"), ("OTEL_SDK_DISABLED", "true")]).await;
    assert!(told.out.contains(PASSED_ON), "{}", told.out);
    assert_eq!(told.warnings("OTEL_PROPAGATORS"), 1, "{}", told.log);
    assert!(told.log.contains("\"b3\""), "{}", told.log);
}
