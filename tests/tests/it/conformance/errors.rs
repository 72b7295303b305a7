//! Errors and exceptions: `general/recording-errors.md`, `exceptions/`.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use lambda_runtime::{Error, LambdaEvent};
use lamplight_lambda::{Invocation, records};
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::SpanData;
use serde_json::{Value as Json, json};
use tower::service_fn;

use crate::conformance::{
    function::{Function, error_type, get},
    statement::statements,
};

/// An error identified by its type.
#[derive(Debug)]
struct OutOfStock;

impl std::fmt::Display for OutOfStock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("there is no more of it")
    }
}

impl std::error::Error for OutOfStock {}

/// Returns the span of an invocation with this result.
async fn ended(result: fn() -> Result<Json, Error>) -> SpanData {
    let function = Function::new();
    let handler = service_fn(move |_: LambdaEvent<Json>| async move { result() });
    let _ = function.invoke(&json!({}), handler).await;
    function.only_span()
}

async fn failed() -> SpanData {
    ended(|| Err(OutOfStock.into())).await
}

/// Returns the spans of a batch: of failing records, and of the invocation, which is the last.
async fn failed_batch() -> Vec<SpanData> {
    let function = Function::new();
    let handler = service_fn(async |event: LambdaEvent<SqsEvent>| {
        let handle = async |_: SqsMessage| Err::<(), Error>(OutOfStock.into());
        Ok::<_, Error>(records::sqs(event.payload, handle).await)
    });
    let record = |id| json!({"messageId": id, "body": "", "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:1:q"});
    let event = json!({"Records": [record("a"), record("b")]});
    function.invoke(&event, handler).await.unwrap();
    function.spans()
}

statements! {
    "general/recording-errors.md, Recording errors on spans" {
        held unset_on_success("MUST be unset if the operation ended without an error") {
            let span = ended(|| Ok(Json::Null)).await;
            assert_eq!(span.status, Status::Unset);
            assert_eq!(error_type(&span), None);
        }
        held error_status("SHOULD be `Error`, with an `error.type`") {
            let span = failed().await;
            assert!(matches!(span.status, Status::Error { .. }));
            assert_eq!(error_type(&span).as_deref(), Some("OutOfStock"));
        }
        held error_status_of_a_record("The same for one message of a batch, with the class of its own error") {
            let spans = failed_batch().await;
            let [first, second, invocation] = spans.as_slice() else { panic!("{spans:?}") };
            for record in [first, second] {
                assert!(matches!(record.status, Status::Error { .. }));
                assert_eq!(error_type(record).as_deref(), Some("OutOfStock"));
            }
            assert_eq!(error_type(invocation).as_deref(), Some("batch_item_failure"));
        }
        held description("SHOULD have the exception's message as its description") {
            let expected = Status::error("there is no more of it");
            assert_eq!(failed().await.status, expected);
            assert_eq!(failed_batch().await[0].status, expected);
        }
        held no_code_in_the_description("`error.type` SHOULD NOT be repeated in the description") {
            let function = Function::new();
            let handler = service_fn(async |_: LambdaEvent<Json>| {
                Ok::<_, Error>(json!({"statusCode": 503}))
            });
            let event = json!({
                "resource": "/", "path": "/", "httpMethod": "GET",
                "requestContext": {"resourcePath": "/", "httpMethod": "GET", "apiId": "a1"},
            });
            function.invoke(&event, handler).await.unwrap();
            let span = function.only_span();
            assert_eq!(span.status, Status::error(""));
            assert_eq!(error_type(&span).as_deref(), Some("503"));
        }
        elsewhere an_error_inside_a_span_is_its_exception_and_its_status(
            "The same for `tracing` spans";
            "crates/lamplight-lambda/tests/tracing/main.rs"
        ) {}
    }
    "registry/attributes/error.md, `error.type`" {
        elsewhere no_word_of_a_message_is_a_type(
            "SHOULD be predictable, and SHOULD have low cardinality";
            "crates/lamplight-lambda/src/outcome/names.rs"
        ) {}
        elsewhere anyhow_and_eyre_tell_the_type_of_the_cause_and_no_message(
            "The same for reports, which MAY have the type of the error they wrap";
            "crates/lamplight-lambda/src/outcome/names.rs"
        ) {}
        held type_that_is_not_known("`_OTHER` if there is no better value") {
            let span = ended(|| Err("a text".into())).await;
            assert_eq!(error_type(&span).as_deref(), Some("_OTHER"));
        }
        elsewhere every_value_of_our_own_is_documented(
            "SHOULD be a value of a documented list";
            "crates/lamplight-lambda/tests/it/error_types.rs"
        ) {}
    }
    "general/recording-errors.md, Recording exceptions" {
        deviates exceptions_are_events("SHOULD be recorded as a log record";
            does "An event of the span";
            because "`exceptions/README.md` makes this the default; OpenTelemetry for Rust has no global logger provider";
            setting "`OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN=logs` with `TelemetryBuilder::with_logger_provider`"
        ) {
            assert_eq!(failed().await.events.len(), 1);
        }
        held recorded_once("SHOULD NOT be recorded more than once") {
            let spans = failed_batch().await;
            let events = spans.iter().flat_map(|span| span.events.iter());
            assert_eq!(events.count(), 2, "one for each record, none for the batch");
        }
        deviates handled("SHOULD NOT be recorded if it was handled";
            does "`error!` and `record_error` add an exception to a span that may end successfully";
            because "the user calls them to get it on the span; nothing else adds one";
            setting "`warn!`, and no `record_error`"
        ) {
            let span = ended(|| {
                Invocation::current().record_error(&OutOfStock);
                Ok(Json::Null)
            }).await;
            assert_eq!(span.events.len(), 1);
            assert_eq!(span.status, Status::Unset);
        }
    }
    "exceptions/README.md" {
        elsewhere exceptions_are_log_records_where_there_is_a_provider(
            "SHOULD have `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN` with `logs` and `logs/dup`, and events by default";
            "crates/lamplight/src/builder/tests.rs"
        ) {}
    }
    "exceptions/exceptions-spans.md, Exception event" {
        held event_name("The event MUST be named `exception`") {
            assert_eq!(failed().await.events[0].name, "exception");
        }
        held type_and_message("`exception.type` or `exception.message` is present") {
            let attributes = failed().await.events[0].attributes.clone();
            let text = |key: &str| {
                let found = attributes.iter().find(|it| it.key.as_str() == key);
                found.map(|it| it.value.to_string())
            };
            assert_eq!(text("exception.type").as_deref(), Some("OutOfStock"));
            assert_eq!(text("exception.message").as_deref(), Some("there is no more of it"));
        }
        elsewhere an_error_that_says_nothing_is_no_exception(
            "The same for `error!`";
            "crates/lamplight-lambda/tests/tracing/main.rs"
        ) {}
        held no_escaped("`exception.escaped` is deprecated") {
            let span = failed().await;
            let attributes = &span.events[0].attributes;
            assert!(attributes.iter().all(|it| it.key.as_str() != "exception.escaped"));
            assert_eq!(get(&span, "exception.escaped"), None);
        }
    }
    "faas/faas-exceptions.md, FaaS invocation exception" {
        elsewhere what_an_invocation_ends_with_is_a_log_record(
            "MUST be named `faas.invocation.exception`, SHOULD be of severity `ERROR`, with a type or a message";
            "crates/lamplight-lambda/tests/it/exceptions.rs"
        ) {}
    }
    "messaging/messaging-exceptions.md, Messaging process exception" {
        elsewhere what_a_record_ends_with_is_a_log_record(
            "MUST be named `messaging.process.exception`, SHOULD be of severity `ERROR`";
            "crates/lamplight-lambda/tests/it/exceptions.rs"
        ) {}
    }
}
