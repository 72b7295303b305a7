//! The headers that a request gets.

use std::sync::{Arc, Mutex};

use http::{Request, Response};
use lamplight_http_client::HttpClientLayer;
use lamplight_propagation::Propagators;
use opentelemetry::{Context, trace::TraceContextExt as _};
use opentelemetry_sdk::trace::Sampler;
use tower::{Layer, service_fn};

use crate::common::*;

const OWN: &str = "00-11111111111111111111111111111111-2222222222222222-01";

fn request() -> http::request::Builder {
    Request::get("http://a.example/")
}

#[test]
fn a_request_carries_the_context_of_its_span() {
    let spans = Spans::new();
    let headers = sent(&spans.layer(), request());
    let span = spans.one();
    assert_eq!(
        header(&headers, "traceparent"),
        traceparent(&span.span_context)
    );
    assert_eq!(header(&headers, "tracestate"), "vendor=a");
    assert_eq!(header(&headers, "baggage"), BAGGAGE);
    let caller = caller().span().span_context().clone();
    assert_eq!(span.parent_span_id, caller.span_id());
    assert_eq!(span.span_context.trace_id(), caller.trace_id());
}

#[test]
fn a_request_with_a_context_of_the_users_own_keeps_it_and_the_span_is_linked_with_it() {
    let spans = Spans::new();
    let headers = sent(&spans.layer(), request().header("traceparent", OWN));
    assert_eq!(header(&headers, "traceparent"), OWN);
    assert!(!headers.contains_key("tracestate") && !headers.contains_key("baggage"));
    let span = spans.one();
    let links: Vec<_> = span
        .links
        .iter()
        .map(|link| traceparent(&link.span_context))
        .collect();
    assert_eq!(links, [OWN]);
}

#[test]
fn baggage_and_state_of_the_users_own_stay() {
    let spans = Spans::new();
    let own = request()
        .header("baggage", "own=1")
        .header("tracestate", "own=2");
    let headers = sent(&spans.layer(), own);
    assert_eq!(
        header(&headers, "traceparent"),
        traceparent(&spans.one().span_context)
    );
    assert_eq!(header(&headers, "baggage"), "own=1");
    assert_eq!(header(&headers, "tracestate"), "own=2");
    assert_eq!(headers.get_all("baggage").iter().count(), 1);
}

#[test]
fn the_formats_are_those_that_are_asked_for() {
    for (formats, expected) in [
        ("tracecontext", &["traceparent", "tracestate"][..]),
        ("baggage", &["baggage"]),
        ("none", &[]),
        ("xray", &["x-amzn-trace-id"]),
        ("xray,baggage", &["baggage", "x-amzn-trace-id"]),
    ] {
        let spans = Spans::new();
        let (propagators, _) = Propagators::parse(formats);
        let headers = sent(&spans.layer().with_propagators(propagators), request());
        let mut names: Vec<_> = headers.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{formats}");
    }
}

#[test]
fn a_trace_that_is_not_sampled_goes_on() {
    let spans = Spans::sampled(Sampler::AlwaysOff);
    let headers = sent(&spans.layer(), request());
    let written = header(&headers, "traceparent");
    assert!(
        written.starts_with("00-0af7651916cd43dd8448eb211c80319c-"),
        "{written}"
    );
    assert!(written.ends_with("-00"), "{written}");
    assert_eq!(header(&headers, "baggage"), BAGGAGE);
    assert_eq!(spans.ended().len(), 0);
}

/// Off means silent, not deaf.
#[test]
fn without_a_provider_the_callers_context_passes_through() {
    let headers = sent(&HttpClientLayer::new(), request());
    let caller = caller().span().span_context().clone();
    assert_eq!(header(&headers, "traceparent"), traceparent(&caller));
    assert_eq!(header(&headers, "tracestate"), "vendor=a");
    assert_eq!(header(&headers, "baggage"), BAGGAGE);
}

#[test]
fn requests_of_exporters_are_left_alone() {
    let spans = Spans::new();
    let arrived = Arrived::default();
    let client = spans.layer().layer(arrived.answering(500));
    let _caller = caller().attach();
    let _suppressed = Context::enter_telemetry_suppressed_scope();
    now(call(client, request())).unwrap();
    assert!(arrived.one().is_empty());
    assert_eq!(spans.ended().len(), 0);
}

#[test]
fn the_span_is_current_in_the_client_below() {
    let spans = Spans::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let look = {
        let seen = seen.clone();
        move || {
            let id = Context::current().span().span_context().span_id();
            seen.lock().unwrap().push(id);
        }
    };
    let client = service_fn(move |_: Request<String>| {
        look();
        let look = look.clone();
        async move {
            look();
            tokio::task::yield_now().await;
            look();
            Ok::<_, std::io::Error>(Response::new(()))
        }
    });
    now(call(spans.layer().layer(client), request())).unwrap();
    let id = spans.one().span_context.span_id();
    assert_eq!(*seen.lock().unwrap(), [id; 3]);
    assert!(!Context::current().span().span_context().is_valid());
}
