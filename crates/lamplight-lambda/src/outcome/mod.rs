//! Outcomes of invocations and records, as recorded on their spans.

mod errors;
mod names;
mod response;

use std::error::Error;

use lamplight_semconv::{self as semconv, error::ErrorType};
use opentelemetry::trace::Status;

#[cfg(feature = "_records")]
pub(crate) use self::{errors::causes_in, names::type_of};
pub(crate) use self::{
    errors::{causes, causes_of, text_of},
    names::{boxed_type, is_opaque, type_in_chain, type_of_any},
    response::{headers, response},
};
use crate::{
    panics::{self, Panic},
    span::ActiveSpan,
};

/// A failure, as recorded on a span.
pub(crate) struct Failure<'a> {
    pub(crate) error_type: ErrorType,
    pub(crate) message: &'a str,
    /// The location of a panic, or the causes of an error.
    pub(crate) details: Option<String>,
}

impl<'a> Failure<'a> {
    /// Returns the failure for an error of this type, if the type is known.
    pub(crate) fn of(name: Option<String>, message: &'a str, details: Option<String>) -> Self {
        Self {
            error_type: name.map_or(ErrorType::Other, ErrorType::from_value),
            message,
            details,
        }
    }

    /// Marks the span as failed: status, `error.type` and an exception.
    pub(crate) fn record(self, span: &ActiveSpan) {
        let mut attributes = Vec::with_capacity(3);
        // `_OTHER` is not the name of a type.
        if self.error_type != ErrorType::Other {
            let name = self.error_type.as_str().to_owned();
            attributes.push(semconv::exception::r#type(name));
        }
        attributes.push(semconv::exception::message(self.message.to_owned()));
        attributes.extend(self.details.map(semconv::exception::stacktrace));
        span.add_exception(false, attributes);
        let status = Status::error(self.message.to_owned());
        span.set_outcome(Some(self.error_type), status);
    }
}

/// Marks the span as failed: status, `error.type` and an exception.
pub(crate) fn fail(span: &ActiveSpan, error_type: ErrorType, message: &str) {
    let details = None;
    Failure {
        error_type,
        message,
        details,
    }
    .record(span);
}

/// Marks the span as ended by a panic, which is resumed.
pub(crate) fn panicked(span: &ActiveSpan, panic: &Panic) {
    let details = panic.location.as_ref().map(|place| format!("at {place}"));
    Failure {
        error_type: ErrorType::Panic,
        message: panic.message(),
        details,
    }
    .record(span);
}

/// Records a handled error, with its causes.
pub(crate) fn record_exception<E: Error + ?Sized>(span: &ActiveSpan, error: &E) {
    let message = text_of(|| error.to_string());
    let exception_type = panics::catch(|| type_of_any(error)).unwrap_or_default();
    let causes = panics::catch(|| causes(error)).unwrap_or_default();
    let mut attributes = Vec::with_capacity(3);
    attributes.extend(exception_type.map(semconv::exception::r#type));
    attributes.push(semconv::exception::message(message));
    attributes.extend(causes.map(semconv::exception::stacktrace));
    span.add_exception(true, attributes);
}
