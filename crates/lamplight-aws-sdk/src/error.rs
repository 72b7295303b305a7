//! The `error.type` and the status description of a failed call.

use std::{borrow::Cow, error::Error as StdError};

use aws_smithy_runtime_api::client::{
    interceptors::context::Error,
    orchestrator::{HttpResponse, OrchestratorError},
};
use aws_smithy_types::error::ErrorMetadata;

/// The maximum length of a description, in bytes.
const MAX_DESCRIPTION: usize = 256;
/// The maximum plausible length of a service's error code; the longest known one has 58 characters.
const MAX_CODE: usize = 128;
/// The maximum number of sources of an error that are read.
const MAX_SOURCES: usize = 6;

/// The `error.type` of a call or an attempt that timed out.
pub(crate) const TIMEOUT: &str = "timeout";
/// The `error.type` of a call without a response: connection, TLS, endpoint, credentials or signing.
pub(crate) const DISPATCH_FAILURE: &str = "dispatch_failure";
/// The `error.type` of a response that cannot be read.
pub(crate) const RESPONSE_FAILURE: &str = "response_failure";
/// The `error.type` of a request that could not be built.
pub(crate) const CONSTRUCTION_FAILURE: &str = "construction_failure";
/// The `error.type` of a call that its caller dropped before it ended.
pub(crate) const CANCELLED: &str = "cancelled";
/// The `error.type` of an error without a class, by the convention.
pub(crate) const OTHER: &str = "_OTHER";

/// A failed call or attempt, as recorded on its span.
#[derive(Debug)]
pub(crate) struct Failure {
    /// A service's own error code, or one of the constants above.
    pub(crate) error_type: Cow<'static, str>,
    /// The message of the service or the transport, limited in length; a borrowed one is this crate's own.
    pub(crate) description: Cow<'static, str>,
}

impl Failure {
    /// Returns a failure inside a successful call. Its name is chosen by the user and may be any text, so it
    /// is used only if it looks like a name.
    #[cfg(any(feature = "lambda", feature = "sfn"))]
    pub(crate) fn named(name: &str, otherwise: &'static str, description: &'static str) -> Self {
        Self {
            error_type: if is_name(name) {
                Cow::Owned(name.to_owned())
            } else {
                Cow::Borrowed(otherwise)
            },
            description: Cow::Borrowed(description),
        }
    }

    /// Returns whether descriptions of this kind of error quote values from the request.
    pub(crate) fn quotes_values(&self) -> bool {
        const MARKS: [&str; 5] = [
            "Validation",
            "BadRequest",
            "Malformed",
            "Serialization",
            "Signature",
        ];
        let mut marks = MARKS.iter();
        self.error_type.starts_with("Invalid") || marks.any(|mark| self.error_type.contains(mark))
    }

    /// Returns whether a queue or a topic has rejected a message because of its size, according to the
    /// messages of SQS and SNS.
    pub(crate) fn is_about_size(&self) -> bool {
        let says = |words| self.description.contains(words);
        match &*self.error_type {
            "InvalidParameterValue" | "InvalidParameter" => {
                says("shorter than") || says("too long")
            }
            code => code.ends_with("BatchRequestTooLong"),
        }
    }

    pub(crate) fn new(
        error: &OrchestratorError<Error>,
        has_request: bool,
        response: Option<&HttpResponse>,
    ) -> Self {
        if let Some(service) = error.as_operation_error() {
            return Self::of_service(service, response);
        }
        let connector = sources(error).find_map(|source| {
            source.downcast_ref::<aws_smithy_runtime_api::client::result::ConnectorError>()
        });
        let error_type = if error.is_timeout_error() || connector.is_some_and(|c| c.is_timeout()) {
            TIMEOUT
        } else if error.is_response_error() || response.is_some() {
            RESPONSE_FAILURE
        } else if has_request {
            DISPATCH_FAILURE
        } else {
            CONSTRUCTION_FAILURE
        };
        Self {
            error_type: Cow::Borrowed(error_type),
            description: Cow::Owned(chain(error)),
        }
    }

    /// Returns the failure for an error response of the service, or for a response that cannot be read.
    fn of_service(error: &Error, response: Option<&HttpResponse>) -> Self {
        let source = error.source();
        let metadata = source.and_then(|source| source.downcast_ref::<ErrorMetadata>());
        let text = error.to_string();
        // An error with a type in the SDK is printed as `Name: message` or `Name [Shape]: message`.
        let modeled = Some(text.as_str()).filter(|text| !text.starts_with("unhandled error"));
        let code = response
            .and_then(code_in_response)
            .or_else(|| metadata.and_then(ErrorMetadata::code).and_then(code))
            .or_else(|| modeled.and_then(|text| code(text.split([':', ' ']).next()?)))
            // An error that the operation does not declare has its code in parentheses.
            .or_else(|| code(text.strip_prefix("unhandled error (")?.strip_suffix(')')?));
        let description = match (metadata, modeled) {
            (Some(metadata), _) => metadata.message().unwrap_or_default().to_owned(),
            (None, Some(text)) => text
                .split_once(": ")
                .map_or_else(String::new, |(_, message)| message.to_owned()),
            (None, None) => source.map(chain).unwrap_or_default(),
        };
        let error_type = match (code, response.map(|response| response.status())) {
            (Some(code), _) => Cow::Owned(code),
            (None, Some(status)) if status.is_success() => Cow::Borrowed(RESPONSE_FAILURE),
            (None, Some(status)) => Cow::Owned(status.as_u16().to_string()),
            (None, None) => Cow::Borrowed(OTHER),
        };
        Self {
            error_type,
            description: Cow::Owned(bounded(description)),
        }
    }
}

/// Returns the code from its place in the protocol: one of two headers, or the `Code` element of an XML body.
fn code_in_response(response: &HttpResponse) -> Option<String> {
    let headers = response.headers();
    if let Some(value) = headers.get("x-amzn-query-error") {
        return code(value.split(';').next()?);
    }
    if let Some(value) = headers.get("x-amzn-errortype") {
        return code(value);
    }
    let body = response.body().bytes()?;
    if !body.trim_ascii_start().starts_with(b"<") {
        return None;
    }
    let (_, rest) = std::str::from_utf8(body).ok()?.split_once("<Code>")?;
    code(rest.split_once("</Code>")?.0)
}

/// Returns a code without the namespace before `#` and the address after `:`, if it looks like one.
pub(crate) fn code(text: &str) -> Option<String> {
    let text = text.rsplit('#').next()?.split(':').next()?.trim();
    let plausible =
        !text.is_empty() && text.len() <= MAX_CODE && text.bytes().all(|b| b.is_ascii_graphic());
    plausible.then(|| text.to_owned())
}

/// Returns whether a text looks like the name of an error class, and not like prose or an email address.
#[cfg(any(feature = "lambda", feature = "sfn"))]
fn is_name(text: &str) -> bool {
    let ordinary = |b: u8| b.is_ascii_alphanumeric() || b"._-$:".contains(&b);
    text.len() <= MAX_CODE
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(ordinary)
}

fn sources<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source()).take(MAX_SOURCES)
}

/// Returns the error and its causes in one line, without causes that are already quoted.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    for source in sources(error) {
        let part = source.to_string();
        let part = without_quotes(&part);
        if part.is_empty() || text.contains(part) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(part);
    }
    bounded(text)
}

/// Returns a message of the SDK up to its first quotation: a rejected value, or a whole request, including
/// its body, whose endpoint is invalid.
fn without_quotes(text: &str) -> &str {
    let marks = [" (details: ", " `"];
    let ends = marks.iter().filter_map(|mark| text.find(mark));
    let end = ends.min().unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn bounded(mut text: String) -> String {
    if text.len() > MAX_DESCRIPTION {
        text.truncate(text.floor_char_boundary(MAX_DESCRIPTION));
    }
    text
}
