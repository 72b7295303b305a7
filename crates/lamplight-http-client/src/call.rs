//! A request in flight: its span, until the response's head is there.

use std::{borrow::Cow, sync::Arc};

use http::{HeaderMap, Version};
use lamplight_propagation::w3c::{TRACEPARENT, parse_traceparent};
use lamplight_semconv::{
    error::{self, ErrorType},
    http::response as semconv,
    network::protocol,
};
use opentelemetry::{
    Context, KeyValue,
    trace::{Link, Span as _, SpanKind, Status, TraceContextExt as _},
};

use crate::{
    describe::{self, Target},
    error::type_of,
    extensions::Hints,
    grpc,
    guard::unless_it_panics,
    message::sealed,
    settings::Settings,
};

/// The description of a span whose request was dropped.
const DROPPED: &str = "the caller dropped the call before it ended";

/// The span of a request. Dropped before a response is there, it ends as cancelled.
#[derive(Debug)]
pub(crate) struct Call {
    /// The caller's context with the span in it.
    pub(crate) cx: Context,
    settings: Arc<Settings>,
    recording: bool,
    is_grpc: bool,
    ended: bool,
}

impl Call {
    /// Starts the span of a request and writes its context into the headers. `None` in a scope in which
    /// telemetry is suppressed, such as an exporter's.
    pub(crate) fn start<Q: sealed::Request>(
        settings: &Arc<Settings>,
        request: &mut Q,
        hints: Hints,
    ) -> Option<Self> {
        if Context::is_current_telemetry_suppressed() {
            return None;
        }
        unless_it_panics(|| {
            let parent = Context::current();
            let uri = request.uri();
            let target = Target::of(&uri, settings.origin.as_ref(), request.headers());
            let permit = settings.writing.permit(&target);
            let builder = describe::builder(
                &settings.rules,
                &settings.request_headers,
                request,
                &uri,
                &target,
                hints,
            );
            let builder = builder
                .with_kind(SpanKind::Client)
                .with_links(own_context(request.headers()));
            let is_grpc = grpc::is_call(request.headers());
            let span = settings.start_span(builder, &parent);
            let recording = span.is_recording();
            let cx = match span.span_context().is_valid() {
                true => parent.with_span(span),
                false => parent,
            };
            settings.writing.write(&cx, permit, request.headers_mut());
            Self {
                cx,
                settings: settings.clone(),
                recording,
                is_grpc,
                ended: false,
            }
        })
    }

    /// Records how the request ended, and ends its span.
    pub(crate) fn end<R: sealed::Response, E: 'static>(mut self, result: Result<&R, &E>) {
        self.ended = true;
        if !self.recording {
            return;
        }
        unless_it_panics(|| match result {
            Ok(response) => self.answered(response),
            Err(error) => self.failed(type_of(error), ""),
        });
        unless_it_panics(|| self.cx.span().end());
    }

    fn answered<R: sealed::Response>(&self, response: &R) {
        let span = self.cx.span();
        let status = response.status().as_u16();
        span.set_attribute(semconv::status_code(i64::from(status)));
        if let Some(version) = version(response.version()) {
            span.set_attribute(version);
        }
        let headers = response.headers();
        let captured = describe::captured(&self.settings.response_headers, headers);
        for (name, values) in captured {
            span.set_attribute(semconv::header(name, values));
        }
        if status >= 400 {
            // The convention wants no description beside a status code.
            self.failed(ErrorType::Custom(status.to_string().into()), "");
        } else if self.is_grpc
            && let Some(name) = grpc::error(response.headers())
        {
            self.failed(ErrorType::Custom(name.into()), "");
        }
    }

    fn failed(&self, class: ErrorType, description: &'static str) {
        let span = self.cx.span();
        span.set_attribute(error::r#type(class));
        span.set_status(Status::error(description));
    }
}

impl Drop for Call {
    /// A request that is dropped before its response is there has an unknown outcome: it may have been
    /// carried out, and its caller did not wait to learn it.
    fn drop(&mut self) {
        if self.ended || !self.recording {
            return;
        }
        unless_it_panics(|| {
            match std::thread::panicking() {
                true => self.failed(ErrorType::Panic, ""),
                false => self.failed(ErrorType::Cancelled, DROPPED),
            }
            self.cx.span().end();
        });
    }
}

/// Returns a link with the span of a context that the user has put into the headers.
fn own_context(headers: &HeaderMap) -> Vec<Link> {
    let own = headers.get(TRACEPARENT).and_then(|own| own.to_str().ok());
    let own = own.and_then(|own| parse_traceparent(own).ok());
    own.map(Link::with_context).into_iter().collect()
}

/// Returns the version of HTTP that a response came over.
fn version(version: Version) -> Option<KeyValue> {
    let version = match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_11 => "1.1",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => return None,
    };
    Some(protocol::version(Cow::Borrowed(version)))
}
