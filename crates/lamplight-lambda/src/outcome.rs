//! How an outcome reads on a span.

use crate::Invocation;
use crate::peek::Peeked;
use lamplight_propagation::inbound::Source;
use lamplight_semconv as semconv;
use lamplight_semconv::error::ErrorType;
use opentelemetry::trace::{SpanRef, Status};
use std::any::Any;
use std::error::Error;

/// Marks the span as failed: status, `error.type` and an exception event.
pub(crate) fn fail(span: &SpanRef<'_>, error_type: &str, message: &str) {
    let kind = error_type.to_owned();
    span.add_event(
        "exception",
        vec![
            semconv::exception::r#type(kind.clone()),
            semconv::exception::message(message.to_owned()),
        ],
    );
    mark(span, kind, message);
}

/// Marks the span as failed without an exception: nothing was thrown.
pub(crate) fn mark(span: &SpanRef<'_>, error_type: String, message: &str) {
    span.set_attribute(semconv::error::r#type(ErrorType::from_value(error_type)));
    span.set_status(Status::error(message.to_owned()));
}

/// Adds an exception event with the error and its causes.
pub(crate) fn record_exception(span: &SpanRef<'_>, error: &dyn Error) {
    let message = semconv::exception::message(error.to_string());
    let mut attributes = vec![message];
    if error.source().is_some() {
        attributes.push(semconv::exception::stacktrace(causes(error)));
    }
    span.add_event("exception", attributes);
}

/// The error and its causes, a line each. Chains are short; one without an end is cut.
fn causes(error: &dyn Error) -> String {
    const DEEPEST: usize = 32;
    let mut text = error.to_string();
    let mut cause = error.source();
    for _ in 0..DEEPEST {
        let Some(error) = cause else { break };
        text.push_str("\ncaused by: ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// What a panic was raised with.
pub(crate) fn panic_message(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<&str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "the panic has no message"
    }
}

/// Records what a successful response says of itself.
pub(crate) fn response(invocation: &Invocation, peeked: Peeked) {
    if invocation.is_http() {
        // API Gateway's payload format 2.0 reads a response without a status code as 200.
        let implied = match invocation.source() {
            Source::ApiGatewayV2 | Source::FunctionUrl => Some(200),
            _ => None,
        };
        if let Some(code) = peeked.status_code.or(implied) {
            status_code(invocation, code);
        }
    }
    if let (Some(failed), Some(size)) = (peeked.batch_item_failures, invocation.batch_size()) {
        invocation.span(|span| {
            let count = i64::try_from(failed).unwrap_or(i64::MAX);
            span.set_attribute(semconv::lamplight::batch::failed_count(count));
            if failed > 0 && failed >= size {
                let message = format!("all {size} records of the batch failed");
                mark(span, BATCH_ITEM_FAILURE.to_owned(), &message);
            }
        });
    }
}

/// The `error.type` of records that are to be delivered again.
pub(crate) const BATCH_ITEM_FAILURE: &str = "batch_item_failure";

/// A server error is an error of the function; a client error is not.
pub(crate) fn status_code(invocation: &Invocation, code: u16) {
    invocation.span(|span| {
        span.set_attribute(semconv::http::response::status_code(code.into()));
        if code >= 500 {
            mark(span, code.to_string(), "");
        }
    });
}

/// The type of an error for `error.type`, from what the runtime knows of it.
///
/// A boxed error has forgotten its type. Its `Debug` output usually begins with the name, which
/// says more than the name of the box.
pub(crate) fn error_type(runtime_name: &str, debug: &str) -> String {
    if !runtime_name.contains("Box<dyn ") {
        return runtime_name.to_owned();
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = debug.find(|c| !is_name(c)).unwrap_or(debug.len());
    match debug.get(..end) {
        Some(name) if name.starts_with(|c: char| c.is_ascii_uppercase()) => name.to_owned(),
        _ => "Error".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boxed_error_is_named_by_its_debug_output() {
        let boxed = std::any::type_name::<Box<dyn Error + Send + Sync>>();
        assert_eq!(
            error_type(boxed, "ParseIntError { kind: InvalidDigit }"),
            "ParseIntError"
        );
        assert_eq!(error_type(boxed, "Timeout"), "Timeout");
        assert_eq!(error_type(boxed, "\"db down\""), "Error");
        assert_eq!(error_type(boxed, ""), "Error");
        assert_eq!(
            error_type("orders::Rejected", "whatever"),
            "orders::Rejected"
        );
    }

    #[test]
    fn causes_are_listed_and_bounded() {
        let inner = std::io::Error::other("connection refused");
        let outer = std::io::Error::other(inner);
        assert!(causes(&outer).contains("connection refused"));
    }
}
