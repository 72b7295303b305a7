//! How an outcome reads on a span.

mod errors;

pub(crate) use self::errors::{causes, causes_of, error_type, exception_type, text_of};

use crate::Invocation;
use crate::panics::{self, Panic};
use crate::peek::Peeked;
use crate::wide::Wide;
use lamplight_export::diagnostics::warn_once;
use lamplight_propagation::inbound::{BatchItems, ItemId, Source};
use lamplight_semconv as semconv;
use lamplight_semconv::error::ErrorType;
use opentelemetry::trace::Status;
use std::error::Error;

/// The `error.type` of records that are to be delivered again.
pub(crate) const BATCH_ITEM_FAILURE: &str = "batch_item_failure";

/// Why a span ends whose work goes on.
pub(crate) struct Unfinished {
    pub(crate) error_type: &'static str,
    pub(crate) message: &'static str,
}

/// The invocation's deadline is near.
pub(crate) const TIMED_OUT: Unfinished = Unfinished {
    error_type: "timeout",
    message: "still running when the invocation's time was up",
};

/// Lambda ends the environment.
pub(crate) const SHUT_DOWN: Unfinished = Unfinished {
    error_type: "sigterm",
    message: "still running when the environment was shut down",
};

/// Nobody waits for the work any longer.
pub(crate) const CANCELLED: Unfinished = Unfinished {
    error_type: "cancelled",
    message: "dropped while running",
};

const PANIC: &str = "panic";

/// A failure, as a span shows it.
pub(crate) struct Failure<'a> {
    pub(crate) error_type: &'a str,
    pub(crate) exception_type: &'a str,
    pub(crate) message: &'a str,
    /// Where it began, or what caused it.
    pub(crate) details: Option<String>,
}

impl Failure<'_> {
    /// Marks the span as failed: status, `error.type` and an exception event.
    pub(crate) fn record(self, span: &Wide) {
        let mut attributes = Vec::with_capacity(3);
        attributes.push(semconv::exception::r#type(self.exception_type.to_owned()));
        attributes.push(semconv::exception::message(self.message.to_owned()));
        attributes.extend(self.details.map(semconv::exception::stacktrace));
        span.add_event(semconv::events::exception::NAME, attributes);
        mark(span, self.error_type.to_owned(), self.message);
    }
}

/// Marks the span as failed: status, `error.type` and an exception event.
pub(crate) fn fail(span: &Wide, error_type: &str, message: &str) {
    let details = None;
    Failure {
        error_type,
        exception_type: error_type,
        message,
        details,
    }
    .record(span);
}

/// Marks the span as ended by a panic, which goes on.
pub(crate) fn panicked(span: &Wide, panic: &Panic) {
    let details = panic.location.as_ref().map(|place| format!("at {place}"));
    Failure {
        error_type: PANIC,
        exception_type: PANIC,
        message: panic.message(),
        details,
    }
    .record(span);
}

/// Marks the span as failed without an exception: nothing was thrown.
pub(crate) fn mark(span: &Wide, error_type: String, message: &str) {
    span.set_attribute(semconv::error::r#type(ErrorType::from_value(error_type)));
    span.set_status(Status::error(message.to_owned()));
}

/// Marks the span of work that goes on.
pub(crate) fn unfinished(span: &Wide, reason: &Unfinished) {
    mark(span, reason.error_type.to_owned(), reason.message);
}

/// Adds an exception event with the error and its causes.
pub(crate) fn record_exception<E: Error + ?Sized>(span: &Wide, error: &E) {
    let message = text_of(|| error.to_string());
    let exception_type = panics::catch(|| exception_type(error)).unwrap_or_default();
    let causes = panics::catch(|| causes(error)).unwrap_or_default();
    let mut attributes = Vec::with_capacity(3);
    attributes.extend(exception_type.map(semconv::exception::r#type));
    attributes.push(semconv::exception::message(message));
    attributes.extend(causes.map(semconv::exception::stacktrace));
    span.add_event(semconv::events::exception::NAME, attributes);
}

/// Records what a successful response says of itself.
pub(crate) fn response(invocation: &Invocation, peeked: &Peeked) {
    if invocation.is_http() {
        // API Gateway's payload format 2.0 reads a response without a status code as 200. One that it
        // cannot read is not invented.
        let implied = match invocation.source() {
            Source::ApiGatewayV2 | Source::FunctionUrl if !peeked.has_odd_status => Some(200),
            _ => None,
        };
        if let Some(code) = peeked.status_code.or(implied) {
            status_code(invocation, code);
        }
    }
    if let (Some(failures), Some(items)) = (&peeked.batch_item_failures, invocation.items()) {
        batch_item_failures(invocation, items, failures);
    }
}

/// Records how much of a batch is delivered again, as Lambda decides it.
fn batch_item_failures(invocation: &Invocation, items: &BatchItems, failures: &[Option<ItemId>]) {
    let size = items.len();
    let again = items.delivered_again(failures);
    let message = match again {
        Ok(failed) if failed < size => None,
        Ok(_) => Some(format!("all {size} records of the batch failed")),
        Err(_) => Some(format!(
            "all {size} records of the batch count as failed: `batchItemFailures` has an identifier \
             that is none of theirs"
        )),
    };
    if again.is_err() {
        warn_once("batch-item-failures", || {
            "a function's `batchItemFailures` names no record of the batch, so that Lambda takes the \
             whole batch for failed and delivers it again; `itemIdentifier` is to be the message id of \
             SQS, the sequence number of Kinesis and DynamoDB, and of Kafka an object with \
             `partition` (as `topic-0`) and `offset`"
                .to_owned()
        });
    }
    let failed = again.unwrap_or_else(|all| all);
    invocation.span(|span| {
        let count = i64::try_from(failed).unwrap_or(i64::MAX);
        span.set_attribute(semconv::lamplight::batch::failed_count(count));
        if let Some(message) = message {
            mark(span, BATCH_ITEM_FAILURE.to_owned(), &message);
        }
    });
}

/// Records headers of a response.
pub(crate) fn headers(invocation: &Invocation, names: &[String], values: Vec<Vec<String>>) {
    let found = names.iter().zip(values).filter(|(_, it)| !it.is_empty());
    let attributes = found.map(|(name, values)| semconv::http::response::header(name, values));
    invocation.set_attributes(attributes);
}

/// A server error is an error of the function; a client error is not.
pub(crate) fn status_code(invocation: &Invocation, code: u16) {
    invocation.span(|span| {
        span.set_attribute(semconv::http::response::status_code(code.into()));
        if code >= 500 {
            mark(span, code.to_string(), "");
        }
    });
}
