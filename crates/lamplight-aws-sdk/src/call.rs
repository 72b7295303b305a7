//! A call in progress: its span, stored in the call's own configuration until the call ends.

use std::{borrow::Cow, fmt};

use aws_smithy_runtime_api::client::{
    interceptors::context::Error,
    orchestrator::{HttpRequest, HttpResponse, OrchestratorError},
};
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use lamplight_semconv::{
    aws, db,
    error::{self, ErrorType},
    events, http, lamplight, server,
};
use opentelemetry::{
    Context, KeyValue,
    global::BoxedSpan,
    trace::{Span, SpanContext, Status, TraceContextExt as _},
};

use crate::{
    carrier::Carrier,
    error::{CANCELLED, Failure},
    guard::unless_it_panics,
};

/// The span of a call.
///
/// The SDK keeps the call's configuration for exactly as long as the call's future lives, so a
/// span in there also ends when the caller drops the future.
pub(crate) struct Call {
    span: BoxedSpan,
    /// True if the span is recorded; otherwise no attributes are computed.
    recording: bool,
    ended: bool,
    attempts: u32,
    /// True once the server has been recorded.
    addressed: bool,
    /// The failure of the previous attempt.
    failed_attempt: Option<FailedAttempt>,
    /// The address of the interceptor that started the call.
    pub(crate) owner: usize,
    /// The context that was current where the call was made.
    parent: Context,
    /// True if error messages must not be recorded.
    hides_messages: bool,
    /// The messages after injection, until they are checked.
    pub(crate) sent: Option<Sent>,
    /// The carrier of the context, if any message has received it.
    pub(crate) carrier: Option<Carrier>,
}

/// Messages in the state in which later interceptors receive them.
pub(crate) struct Sent {
    pub(crate) carrier: Carrier,
    pub(crate) traceparent: [u8; 55],
    pub(crate) carrying: usize,
    /// The number of bytes that the context added.
    pub(crate) added: usize,
}

struct FailedAttempt {
    error_type: Cow<'static, str>,
    status: Option<u16>,
}

impl Storable for Call {
    type Storer = StoreReplace<Self>;
}

impl Call {
    pub(crate) fn new(
        span: BoxedSpan,
        owner: usize,
        parent: Context,
        hides_messages: bool,
    ) -> Self {
        Self {
            recording: span.is_recording(),
            span,
            ended: false,
            attempts: 0,
            addressed: false,
            failed_attempt: None,
            owner,
            parent,
            hides_messages,
            sent: None,
            carrier: None,
        }
    }

    /// Returns whether attributes set now are exported.
    pub(crate) fn is_recording(&self) -> bool {
        self.recording && !self.ended
    }

    /// Returns the caller's context with this call's span in it.
    pub(crate) fn context(&self) -> Cow<'_, Context> {
        within(&self.parent, self.span.span_context())
    }

    /// Sets an attribute.
    pub(crate) fn set(&mut self, attribute: KeyValue) {
        self.span.set_attribute(attribute);
    }

    /// Sets several attributes.
    pub(crate) fn set_all(&mut self, attributes: Vec<KeyValue>) {
        self.span.set_attributes(attributes);
    }

    /// Adds an event for each attempt except the first, with the failure of the previous one. `number` is the
    /// SDK's own count, because an interceptor that was added twice is called twice.
    pub(crate) fn begin_attempt(&mut self, number: u32) {
        if number <= self.attempts {
            return;
        }
        self.attempts = number;
        if number == 1 || !self.recording {
            return;
        }
        let mut attributes = Vec::with_capacity(3);
        attributes.push(http::request::resend_count(i64::from(number - 1)));
        if let Some(failed) = self.failed_attempt.take() {
            attributes.push(error::r#type(ErrorType::from_value(failed.error_type)));
            if let Some(status) = failed.status {
                attributes.push(http::response::status_code(i64::from(status)));
            }
        }
        self.add_event(events::aws::retry::NAME, attributes);
    }

    /// Sets the server's address and port from the first request that is ready to be sent. That may not be
    /// the first attempt, which may fail earlier.
    pub(crate) fn record_server(&mut self, request: &HttpRequest) {
        if self.addressed || !self.recording {
            return;
        }
        if let Some((address, port)) = authority(request.uri()) {
            self.addressed = true;
            self.set(server::address(address.to_owned()));
            if let Some(port) = port {
                self.set(server::port(i64::from(port)));
            }
        }
    }

    /// Keeps the failure of an attempt for a retry that may follow.
    pub(crate) fn end_attempt(
        &mut self,
        error: Option<&OrchestratorError<Error>>,
        response: Option<&HttpResponse>,
    ) {
        self.failed_attempt = error.filter(|_| self.recording).map(|error| FailedAttempt {
            error_type: Failure::new(error, self.attempts > 0, response).error_type,
            status: response.map(|response| response.status().as_u16()),
        });
    }

    /// Sets the attributes of every response: status code and request ids.
    pub(crate) fn record_response(&mut self, response: &HttpResponse) {
        self.set(http::response::status_code(i64::from(
            response.status().as_u16(),
        )));
        let headers = response.headers();
        let id = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"]
            .iter()
            .find_map(|name| headers.get(name));
        if let Some(id) = id {
            self.set(aws::request_id(id.to_owned()));
        }
        if let Some(id) = headers.get("x-amz-id-2") {
            self.set(aws::extended_request_id(id.to_owned()));
        }
    }

    /// Sets the error code of a database's response, including expected errors.
    pub(crate) fn record_database_error(&mut self, failure: &Failure) {
        let code = failure.error_type.clone();
        self.set(db::response::status_code(code.into_owned()));
    }

    /// Adds a link to the span from which a received message originates.
    #[cfg(feature = "sqs")]
    pub(crate) fn link(&mut self, from: &SpanContext, attributes: Vec<KeyValue>) {
        if from.is_valid() {
            self.span.add_link(from.clone(), attributes);
        }
    }

    /// Adds an event.
    pub(crate) fn add_event(&mut self, name: &'static str, attributes: Vec<KeyValue>) {
        self.span.add_event(name, attributes);
    }

    /// Ends the span, with an error status if there is a failure. Only the first call has an effect.
    pub(crate) fn end(&mut self, failure: Option<Failure>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        if self.attempts > 0 {
            self.set(lamplight::aws::attempts(i64::from(self.attempts)));
        }
        if let Some(failure) = failure {
            let hides = self.hides_messages || failure.quotes_values();
            let description = match failure.description {
                Cow::Owned(_) if hides => Cow::Borrowed(""),
                description => description,
            };
            self.set(error::r#type(ErrorType::from_value(failure.error_type)));
            self.span.set_status(Status::error(description));
        }
        self.span.end();
    }

    /// Returns the number of attempts that have begun.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }
}

impl Drop for Call {
    /// A call that is dropped before it ended has an unknown outcome: its request may have been carried out.
    fn drop(&mut self) {
        if !self.ended {
            unless_it_panics(|| {
                self.end(Some(Failure {
                    error_type: Cow::Borrowed(CANCELLED),
                    description: Cow::Borrowed("the caller dropped the call before it ended"),
                }));
            });
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("span", self.span.span_context())
            .field("attempts", &self.attempts)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

/// Returns the context with this span in it, if the span is valid.
pub(crate) fn within<'a>(parent: &'a Context, span: &SpanContext) -> Cow<'a, Context> {
    if span.is_valid() {
        Cow::Owned(parent.with_remote_span_context(span.clone()))
    } else {
        Cow::Borrowed(parent)
    }
}

/// Returns the host and port of an absolute URI. The default port is that of the scheme. User info is left
/// out, because it is a secret.
fn authority(uri: &str) -> Option<(&str, Option<u16>)> {
    let (scheme, rest) = uri.split_once("://")?;
    let default = match scheme {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit('@').next()?;
    if let Some(v6) = authority.strip_prefix('[') {
        let (host, rest) = v6.split_once(']')?;
        let port = rest.strip_prefix(':').and_then(|port| port.parse().ok());
        return Some((host, port.or(default)));
    }
    match authority.split_once(':') {
        Some((host, port)) => Some((host, port.parse().ok().or(default))),
        None => (!authority.is_empty()).then_some((authority, default)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_of_an_endpoint() {
        let of = authority;
        assert_eq!(
            of("https://sqs.eu-west-1.amazonaws.com/"),
            Some(("sqs.eu-west-1.amazonaws.com", Some(443)))
        );
        assert_eq!(
            of("http://127.0.0.1:4566?x=1"),
            Some(("127.0.0.1", Some(4566)))
        );
        assert_eq!(of("http://[::1]:80/a"), Some(("::1", Some(80))));
        for user in ["tok3n@", "user:secret@", "user:se@cret@", ":@"] {
            let uri = |host: &str| format!("http://{user}{host}/a@b?c=@d");
            assert_eq!(of(&uri("h:80")), Some(("h", Some(80))));
            assert_eq!(of(&uri("h")), Some(("h", Some(80))));
            assert_eq!(of(&uri("[::1]")), Some(("::1", Some(80))));
            assert_eq!(of(&uri("[::1]:80")), Some(("::1", Some(80))));
        }
        assert_eq!(of("unix://h"), Some(("h", None)));
        assert_eq!(of("/relative"), None);
        assert_eq!(of("https:///path"), None);
    }
}
