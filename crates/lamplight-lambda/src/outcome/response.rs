//! Outcomes that are determined by a response.

use lamplight_internal::diagnostics::warn_once;
use lamplight_propagation::inbound::{BatchItems, ItemId};
use lamplight_semconv::{self as semconv, error::ErrorType};
use opentelemetry::trace::Status;

use crate::{facts::InvocationFacts, peek::Peeked, span::ActiveSpan};

/// Records the outcome found in a successful response.
pub(crate) fn response(span: &ActiveSpan, facts: &InvocationFacts, peeked: &Peeked) {
    if facts.is_http() {
        // No status code is assumed if the service cannot read the given one.
        let implied = facts.implied_status().filter(|_| !peeked.has_odd_status);
        if let Some(code) = peeked.status_code.or(implied) {
            status_code(span, code);
        }
    }
    if let (Some(failures), Some(items)) = (&peeked.batch_item_failures, facts.batch()) {
        batch_item_failures(span, items, failures);
    }
}

/// Records how many records of a batch are redelivered, by the rules of Lambda.
fn batch_item_failures(span: &ActiveSpan, items: &BatchItems, failures: &[Option<ItemId>]) {
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
    let count = i64::try_from(failed).unwrap_or(i64::MAX);
    let failed = semconv::lamplight::batch::failed_count(count);
    span.innermost().set_attribute(failed);
    if let Some(message) = message {
        span.set_outcome(Some(ErrorType::BatchItemFailure), Status::error(message));
    }
}

/// Records response headers.
pub(crate) fn headers(span: &ActiveSpan, names: &[String], values: Vec<Vec<String>>) {
    let found = names.iter().zip(values).filter(|(_, it)| !it.is_empty());
    span.set_attributes(found.map(|(name, values)| semconv::http::response::header(name, values)));
}

/// Records the status code. A server error is an error of the function; a client error is not.
fn status_code(span: &ActiveSpan, code: u16) {
    span.set_attribute(semconv::http::response::status_code(code.into()));
    if code >= 500 {
        let error_type = ErrorType::from_value(code.to_string());
        span.set_outcome(Some(error_type), Status::error(""));
    }
}
