//! How an outcome reads on a span.

mod errors;
mod names;

pub(crate) use self::errors::{causes, causes_of, text_of};
pub(crate) use self::names::{boxed_type, is_opaque, type_in_chain, type_of_any};
#[cfg(feature = "_records")]
pub(crate) use self::{errors::causes_in, names::type_of};

use crate::Invocation;
use crate::panics::{self, Panic};
use crate::peek::Peeked;
use crate::wide::Wide;
use lamplight_internal::diagnostics::warn_once;
use lamplight_propagation::inbound::{BatchItems, ItemId, Source};
use lamplight_semconv as semconv;
use lamplight_semconv::error::ErrorType;
use opentelemetry::trace::Status;
use std::error::Error;

/// Why a span ends whose work goes on.
pub(crate) struct Unfinished {
    pub(crate) error_type: ErrorType,
    pub(crate) message: &'static str,
}

/// The invocation's deadline is near.
pub(crate) const TIMED_OUT: Unfinished = Unfinished {
    error_type: ErrorType::Timeout,
    message: "still running when the invocation's time was up",
};

/// Lambda ends the environment.
pub(crate) const SHUT_DOWN: Unfinished = Unfinished {
    error_type: ErrorType::Sigterm,
    message: "still running when the environment was shut down",
};

/// Nobody waits for the work any longer.
pub(crate) const CANCELLED: Unfinished = Unfinished {
    error_type: ErrorType::Cancelled,
    message: "dropped while running",
};

/// A failure, as a span shows it.
pub(crate) struct Failure<'a> {
    pub(crate) error_type: ErrorType,
    pub(crate) message: &'a str,
    /// Where it began, or what caused it.
    pub(crate) details: Option<String>,
}

impl<'a> Failure<'a> {
    /// The failure of an error that has this type, if it tells one.
    pub(crate) fn of(name: Option<String>, message: &'a str, details: Option<String>) -> Self {
        Self {
            error_type: name.map_or(ErrorType::Other, ErrorType::from_value),
            message,
            details,
        }
    }

    /// Marks the span as failed: status, `error.type` and an exception.
    pub(crate) fn record(self, span: &Wide) {
        let mut attributes = Vec::with_capacity(3);
        // What is no type is not called one.
        if self.error_type != ErrorType::Other {
            let name = self.error_type.as_str().to_owned();
            attributes.push(semconv::exception::r#type(name));
        }
        attributes.push(semconv::exception::message(self.message.to_owned()));
        attributes.extend(self.details.map(semconv::exception::stacktrace));
        span.add_exception(false, attributes);
        mark(span, self.error_type, self.message);
    }
}

/// Marks the span as failed: status, `error.type` and an exception.
pub(crate) fn fail(span: &Wide, error_type: ErrorType, message: &str) {
    let details = None;
    Failure {
        error_type,
        message,
        details,
    }
    .record(span);
}

/// Marks the span as ended by a panic, which goes on.
pub(crate) fn panicked(span: &Wide, panic: &Panic) {
    let details = panic.location.as_ref().map(|place| format!("at {place}"));
    Failure {
        error_type: ErrorType::Panic,
        message: panic.message(),
        details,
    }
    .record(span);
}

/// Marks the span as failed without an exception: nothing was thrown.
pub(crate) fn mark(span: &Wide, error_type: ErrorType, message: &str) {
    span.set_outcome(Some(error_type), Status::error(message.to_owned()));
}

/// Marks the span of work that goes on.
pub(crate) fn unfinished(span: &Wide, reason: &Unfinished) {
    mark(span, reason.error_type.clone(), reason.message);
}

/// Records an error that was handled, with its causes.
pub(crate) fn record_exception<E: Error + ?Sized>(span: &Wide, error: &E) {
    let message = text_of(|| error.to_string());
    let exception_type = panics::catch(|| type_of_any(error)).unwrap_or_default();
    let causes = panics::catch(|| causes(error)).unwrap_or_default();
    let mut attributes = Vec::with_capacity(3);
    attributes.extend(exception_type.map(semconv::exception::r#type));
    attributes.push(semconv::exception::message(message));
    attributes.extend(causes.map(semconv::exception::stacktrace));
    span.add_exception(true, attributes);
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
        let failed = semconv::lamplight::batch::failed_count(count);
        span.innermost().set_attribute(failed);
        if let Some(message) = message {
            mark(span, ErrorType::BatchItemFailure, &message);
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
            mark(span, ErrorType::from_value(code.to_string()), "");
        }
    });
}
