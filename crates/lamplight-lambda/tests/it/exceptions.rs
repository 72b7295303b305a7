//! Exceptions as log records, for those who ask for them.
#![cfg(feature = "records-sqs")]

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use lambda_runtime::{Error, LambdaEvent};
use lamplight_lambda::{ExceptionLogger, ExceptionSignal, Invocation, records};
use lamplight_semconv as semconv;
use opentelemetry::logs::{AnyValue, Severity};
use opentelemetry_sdk::{
    logs::{InMemoryLogExporter, LogProcessor, SdkLogRecord, SdkLoggerProvider},
    trace::SpanData,
};
use serde_json::json;
use tower::service_fn;

use crate::common::{Function, error_type};

/// A function with its exceptions in a log.
fn function(signal: ExceptionSignal) -> (Function, InMemoryLogExporter) {
    let logs = InMemoryLogExporter::default();
    let provider = SdkLoggerProvider::builder()
        .with_simple_exporter(logs.clone())
        .build();
    let logger = ExceptionLogger::new(&provider);
    let function = Function::with(|builder| builder.with_exception_logger(logger, signal));
    (function, logs)
}

fn texts(record: &SdkLogRecord) -> Vec<(String, String)> {
    let attributes = record.attributes_iter();
    let mut texts: Vec<_> = attributes
        .map(|(key, value)| match value {
            AnyValue::String(text) => (key.to_string(), text.to_string()),
            other => panic!("{key}: {other:?}"),
        })
        .collect();
    texts.sort();
    texts
}

async fn fails(function: &Function) -> SpanData {
    let handler = service_fn(async |_: LambdaEvent<serde_json::Value>| {
        Err::<(), _>(Error::from(std::io::Error::other("out of stock")))
    });
    function.invoke(&json!({}), handler).await.unwrap_err();
    function.only_span()
}

/// FaaS exceptions, "FaaS invocation exception": the event name MUST be `faas.invocation.exception`, the
/// severity SHOULD be ERROR (17), and `exception.message` or `exception.type` is there. Exceptions,
/// `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN`: `logs` is logs only, `logs/dup` both, and else span events.
#[tokio::test]
async fn what_an_invocation_ends_with_is_a_log_record() {
    for (signal, logged, events) in [
        (ExceptionSignal::Events, 0, 1),
        (ExceptionSignal::Logs, 1, 0),
        (ExceptionSignal::LogsAndEvents, 1, 1),
    ] {
        let (function, logs) = function(signal);
        let span = fails(&function).await;
        assert_eq!(span.events.len(), events, "{signal:?}");
        assert!(error_type(&span).is_some(), "the span says so all the same");
        let logs = logs.get_emitted_logs().unwrap();
        assert_eq!(logs.len(), logged, "{signal:?}");
        let Some(log) = logs.first() else { continue };
        assert_eq!(log.record.event_name(), Some("faas.invocation.exception"));
        assert_eq!(log.record.severity_number(), Some(Severity::Error));
        let name = std::any::type_name::<std::io::Error>();
        let expected = [
            (semconv::exception::MESSAGE, "out of stock"),
            (semconv::exception::TYPE, name),
        ];
        let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(texts(&log.record), expected);
        let context = log.record.trace_context().unwrap();
        assert_eq!(context.trace_id, span.span_context.trace_id());
        assert_eq!(context.span_id, span.span_context.span_id());
        assert_eq!(log.instrumentation.name(), "lamplight-lambda");
        assert_eq!(log.instrumentation.schema_url(), Some(semconv::SCHEMA_URL));
    }
}

/// Messaging exceptions, "Messaging process exception": the event name MUST be
/// `messaging.process.exception`, the severity SHOULD be ERROR (17).
#[tokio::test]
async fn what_a_record_ends_with_is_a_log_record() {
    let (function, logs) = function(ExceptionSignal::Logs);
    let handler = service_fn(async |event: LambdaEvent<SqsEvent>| {
        let handle = async |_: SqsMessage| Err::<(), _>("no");
        Ok::<_, Error>(records::sqs(event.payload, handle).await)
    });
    let record = json!({"messageId": "a", "body": "", "eventSource": "aws:sqs"});
    let event = json!({ "Records": [record] });
    function.invoke(&event, handler).await.unwrap();
    let logs = logs.get_emitted_logs().unwrap();
    assert_eq!(logs.len(), 1, "the batch has no error of its own");
    assert_eq!(
        logs[0].record.event_name(),
        Some("messaging.process.exception")
    );
    assert_eq!(logs[0].record.severity_number(), Some(Severity::Error));
    let spans = function.spans();
    assert!(spans.iter().all(|span| span.events.is_empty()));
}

/// Recording errors, "Recording exceptions": what was handled is no failure of the operation.
#[tokio::test]
async fn an_error_that_was_handled_is_a_warning() {
    let (function, logs) = function(ExceptionSignal::Logs);
    let handler = service_fn(async |_: LambdaEvent<serde_json::Value>| {
        Invocation::current().record_error(&std::io::Error::other("once more"));
        Ok::<_, Error>(())
    });
    function.invoke(&json!({}), handler).await.unwrap();
    let logs = logs.get_emitted_logs().unwrap();
    assert_eq!(logs[0].record.event_name(), None);
    assert_eq!(logs[0].record.severity_number(), Some(Severity::Warn));
    assert_eq!(function.only_span().events.len(), 0);
}

#[derive(Debug)]
struct Panics;

impl LogProcessor for Panics {
    fn emit(&self, _: &mut SdkLogRecord, _: &opentelemetry::InstrumentationScope) {
        panic!("told to panic")
    }

    fn force_flush(&self) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }
}

#[tokio::test]
async fn a_logger_that_panics_costs_its_record_only() {
    let provider = SdkLoggerProvider::builder()
        .with_log_processor(Panics)
        .build();
    let logger = ExceptionLogger::new(&provider);
    let signal = ExceptionSignal::LogsAndEvents;
    let function = Function::with(|builder| builder.with_exception_logger(logger, signal));
    assert_eq!(fails(&function).await.events.len(), 1);
}
