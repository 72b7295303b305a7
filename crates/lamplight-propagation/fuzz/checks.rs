//! Properties that must hold for any input. The fuzz targets call these checks, and so does
//! `tests/fuzz_smoke.rs`, which replays a corpus on the stable compiler.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_propagation::{
    inbound::{EventExtractor, MAX_LINKS, RawInvocation},
    outbound::{CLIENT_CONTEXT_LIMIT, Fields, inject_client_context, inject_json},
    w3c::{W3cPropagator, parse_traceparent},
    xray::XRayHeader,
};
use opentelemetry::{Context, propagation::TextMapPropagator as _, trace::TraceContextExt as _};

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn propagated(field: &str, value: &str) -> HashMap<String, String> {
    let headers = HashMap::from([
        ("traceparent".to_owned(), TRACEPARENT.to_owned()),
        (field.to_owned(), value.to_owned()),
    ]);
    let mut sent = HashMap::new();
    let cx = W3cPropagator::new().extract_with_context(&Context::new(), &headers);
    W3cPropagator::new().inject_context(&cx, &mut sent);
    assert!(sent.values().all(|value| !value.is_empty()));
    sent
}

/// Sending on what was sent on changes nothing any more.
fn stable(field: &str, value: &[u8]) {
    let once = propagated(field, &String::from_utf8_lossy(value));
    if let Some(value) = once.get(field) {
        assert_eq!(propagated(field, value).get(field), Some(value));
    }
}

pub fn body(data: &[u8]) {
    let extractor = EventExtractor::new()
        .with_envelope("/metadata/otel")
        .with_datadog(true);
    let invocation = RawInvocation::new(data, "function");
    let incoming = extractor.extract(&invocation);
    let explained = extractor.explain(&invocation);
    assert_eq!(incoming.source, explained.incoming.source);
    assert!(incoming.links.len() <= MAX_LINKS);
    assert_eq!(explained.link_carriers.len(), incoming.links.len());
    assert_eq!(
        incoming.parent.span().span_context(),
        explained.incoming.parent.span().span_context()
    );
    assert!(explained.to_json().starts_with('{'));
}

/// The data of two Kinesis records, and of one alone.
pub fn kinesis_data(data: &[u8]) {
    let data = BASE64.encode(data);
    let record = format!(r#"{{"kinesis":{{"data":"{data}"}},"eventSource":"aws:kinesis"}}"#);
    body(format!(r#"{{"Records":[{record}]}}"#).as_bytes());
    body(format!(r#"{{"Records":[{record},{record}]}}"#).as_bytes());
}

pub fn client_context(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let invocation = RawInvocation::new(b"{}", "function").with_client_context(Some(&text));
    let _ = EventExtractor::new().explain(&invocation).to_json();
    let cx =
        Context::new().with_remote_span_context(parse_traceparent(TRACEPARENT).expect("valid"));
    let fields = Fields::from_context(&cx);
    if let Some(made) = inject_client_context(Some(&text), &fields, CLIENT_CONTEXT_LIMIT) {
        assert!(made.text.len() <= CLIENT_CONTEXT_LIMIT && made.written.traceparent);
    }
}

pub fn splice(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let span = parse_traceparent(TRACEPARENT).expect("valid");
    let fields = Fields::from_context(&Context::new().with_remote_span_context(span.clone()));
    let limit = text.len() + 200;
    let Some(spliced) = inject_json(text, None, &fields, limit) else {
        return;
    };
    assert!(spliced.text.len() <= limit);
    let same = |a: u8, b: u8| a == b;
    let front = text
        .bytes()
        .zip(spliced.text.bytes())
        .take_while(|(a, b)| same(*a, *b))
        .count();
    let back = text.bytes().rev().zip(spliced.text.bytes().rev());
    let back = back.take_while(|(a, b)| same(*a, *b)).count();
    assert!(front + back >= text.len());
    let event = format!(
        r#"{{"detail-type":"t","source":"s","detail":{}}}"#,
        spliced.text
    );
    let found = EventExtractor::new().extract(&RawInvocation::new(event.as_bytes(), "function"));
    assert_eq!(found.parent.span().span_context(), &span);
}

pub fn traceparent(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(span) = parse_traceparent(&text) {
        assert!(span.is_valid() && span.is_remote());
        let fields = Fields::from_context(&Context::new().with_remote_span_context(span.clone()));
        let written = fields.traceparent().expect("a valid span is written");
        assert_eq!(parse_traceparent(written), Ok(span));
    }
}

pub fn tracestate(data: &[u8]) {
    stable("tracestate", data);
}

pub fn baggage(data: &[u8]) {
    stable("baggage", data);
}

pub fn xray(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let header = XRayHeader::parse(&text);
    if let Some(span) = header.span_context() {
        let written = header
            .with_span(&span, usize::MAX)
            .expect("a valid span is written");
        assert_eq!(XRayHeader::parse(&written).span_context(), Some(span));
    }
}
