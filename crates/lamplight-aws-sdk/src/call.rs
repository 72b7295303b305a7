//! One call in flight: its span, kept in the call's own configuration until the call ends.

use std::borrow::Cow;
use std::fmt;

use aws_smithy_runtime_api::client::interceptors::context::Error;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use lamplight_semconv::error::ErrorType;
use lamplight_semconv::{aws, db, error, events, http, lamplight, server};
use opentelemetry::global::BoxedSpan;
use opentelemetry::trace::{Span, SpanContext, Status};
use opentelemetry::{Context, KeyValue};

use crate::carrier::Carrier;
use crate::error::{self as failure, CANCELLED, Failure};
use crate::service::within;
use crate::settings::unless_it_panics;

/// Refused entries told one by one; the count is exact whatever this is.
const MAX_FAILED_ENTRY_EVENTS: i64 = 32;

/// The span of a call.
///
/// The SDK keeps the call's configuration for exactly as long as the call's future lives, so a
/// span in there also ends when the caller drops the future.
pub(crate) struct Call {
    span: BoxedSpan,
    /// Where there is nothing to record, nothing is paid for it.
    recording: bool,
    ended: bool,
    attempts: u32,
    /// The server is known.
    addressed: bool,
    /// What the attempt before failed with.
    failed_attempt: Option<FailedAttempt>,
    /// The interceptor that started it.
    pub(crate) owner: usize,
    /// What was current where the call was made.
    parent: Context,
    /// The service's words are not recorded.
    silent: bool,
    /// What the messages held when they had got their context.
    pub(crate) sent: Option<Sent>,
    /// What carries its context.
    pub(crate) carrier: Option<Carrier>,
}

/// Messages as they were left for later interceptors.
pub(crate) struct Sent {
    pub(crate) carrier: Carrier,
    pub(crate) traceparent: [u8; 55],
    pub(crate) carrying: usize,
    /// How many bytes context added.
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
    pub(crate) fn new(span: BoxedSpan, owner: usize, parent: Context, silent: bool) -> Self {
        Self {
            recording: span.is_recording(),
            span,
            ended: false,
            attempts: 0,
            addressed: false,
            failed_attempt: None,
            owner,
            parent,
            silent,
            sent: None,
            carrier: None,
        }
    }

    /// Whether anybody will see what is set.
    pub(crate) fn is_recording(&self) -> bool {
        self.recording && !self.ended
    }

    /// The caller's context with this call's span in it.
    pub(crate) fn context(&self) -> Cow<'_, Context> {
        within(&self.parent, self.span.span_context())
    }

    pub(crate) fn set(&mut self, attribute: KeyValue) {
        self.span.set_attribute(attribute);
    }

    pub(crate) fn set_all(&mut self, attributes: Vec<KeyValue>) {
        self.span.set_attributes(attributes);
    }

    /// An attempt begins, by the SDK's own count: an interceptor that was added twice hears of it
    /// twice. Any but the first is an event, with what the one before failed with.
    pub(crate) fn attempt(&mut self, number: u32) {
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
        self.span.add_event(events::aws::retry::NAME, attributes);
    }

    /// The request is ready to leave: this is where its endpoint is known. An attempt may fail
    /// before that, so it is not always the first.
    pub(crate) fn transmit(&mut self, request: &HttpRequest) {
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

    /// An attempt ended. Kept only if it failed, for the retry that may follow.
    pub(crate) fn attempted(
        &mut self,
        error: Option<&OrchestratorError<Error>>,
        response: Option<&HttpResponse>,
    ) {
        self.failed_attempt = error.filter(|_| self.recording).map(|error| FailedAttempt {
            error_type: Failure::new(error, self.attempts > 0, response).error_type,
            status: response.map(|response| response.status().as_u16()),
        });
    }

    /// What the last response says whatever the operation.
    pub(crate) fn response(&mut self, response: &HttpResponse) {
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

    /// Sets the code of the error that a database has answered with, also where the program has asked
    /// for that answer.
    pub(crate) fn database_error(&mut self, failure: &Failure, response: Option<&HttpResponse>) {
        if response.is_some_and(|response| !response.status().is_success()) {
            let code = failure.error_type.clone();
            self.set(db::response::status_code(code.into_owned()));
        }
    }

    /// A message of the response comes from this span.
    pub(crate) fn link(&mut self, from: &SpanContext, attributes: Vec<KeyValue>) {
        if from.is_valid() {
            self.span.add_link(from.clone(), attributes);
        }
    }

    /// Entries of a batch that the service refused in a call that succeeded as a whole: the error
    /// code of each, and which it is.
    pub(crate) fn failed_entries<'a>(
        &mut self,
        entries: impl Iterator<Item = (Option<&'a str>, Option<KeyValue>)>,
    ) {
        let mut failed = 0;
        for (code, which) in entries {
            failed += 1;
            if failed <= MAX_FAILED_ENTRY_EVENTS {
                let kind = code
                    .and_then(failure::code)
                    .map_or(ErrorType::Other, ErrorType::from_value);
                let mut attributes = vec![error::r#type(kind)];
                attributes.extend(which);
                self.span
                    .add_event(events::aws::failed_entry::NAME, attributes);
            }
        }
        if failed > 0 {
            self.set(lamplight::aws::failed_entries(failed));
        }
    }

    /// The call is over, well or not.
    pub(crate) fn end(&mut self, failure: Option<Failure>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        if self.attempts > 0 {
            self.set(lamplight::aws::attempts(i64::from(self.attempts)));
        }
        if let Some(failure) = failure {
            let silent = self.silent || failure.quotes_values();
            let description = match failure.description {
                Cow::Owned(_) if silent => Cow::Borrowed(""),
                description => description,
            };
            self.set(error::r#type(ErrorType::from_value(failure.error_type)));
            self.span.set_status(Status::error(description));
        }
        self.span.end();
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }
}

impl Drop for Call {
    /// A call that is dropped before it ended has an unknown outcome: its request may have been
    /// carried out, and its caller did not wait to learn it.
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

/// Host and port of an absolute URI; a port that is not written is that of the scheme. A user and a
/// password before them are nobody's business.
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
