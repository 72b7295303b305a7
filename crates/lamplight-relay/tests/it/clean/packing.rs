//! Chunks in requests.

use bytes::Bytes;
use lamplight_relay::clean::{Chunk, Cleaner, Oversized, Stamp, requests};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::InstrumentationScope,
    trace::v1::{
        ScopeSpans, Span,
        span::{Event, Link},
    },
};
use proptest::prelude::*;
use prost::Message as _;

use super::{
    corpus::{TRACE, attribute, payloads, plain, request_of},
    model::encoded,
};

fn chunks(payloads: &[ExportTraceServiceRequest]) -> Vec<Chunk> {
    let payloads: Vec<_> = payloads.iter().map(encoded).collect();
    let mut cleaner = Cleaner::builder().build().unwrap();
    cleaner.clean(&Stamp::new(TRACE, None), &payloads)
}

fn spans(body: &Bytes) -> Vec<Span> {
    let request = ExportTraceServiceRequest::decode(body.clone()).unwrap();
    let resources = request.resource_spans.into_iter();
    let scopes = resources.flat_map(|resource| resource.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

fn sorted(mut spans: Vec<Span>) -> Vec<Vec<u8>> {
    let mut spans: Vec<_> = spans.iter_mut().map(|span| span.encode_to_vec()).collect();
    spans.sort();
    spans
}

proptest! {
    #[test]
    fn every_span_is_in_one_request_or_refused_and_no_request_is_too_large(
        payloads in payloads(),
        max in 50..3000_usize,
    ) {
        let chunks = chunks(&payloads);
        let made = requests(&chunks, max, Oversized::Refuse);
        let mut found = Vec::new();
        let mut last = 0;
        for request in &made.requests {
            prop_assert!(request.body.len() <= max);
            let spans = spans(&request.body);
            prop_assert_eq!(spans.len(), request.spans);
            prop_assert!(request.chunks.start >= last.max(1) - 1 && request.chunks.end <= chunks.len());
            last = request.chunks.end;
            found.extend(spans);
        }
        for refused in &made.refused {
            prop_assert!(refused.spans.request().len() + 12 > max);
            found.extend(spans(&refused.spans.request()));
        }
        let all: Vec<_> = chunks.iter().flat_map(|chunk| spans(&chunk.request())).collect();
        prop_assert_eq!(sorted(found), sorted(all));
    }

    #[test]
    fn a_resource_and_a_scope_are_in_a_request_once(payloads in payloads()) {
        let chunks = chunks(&payloads);
        let made = requests(&chunks, usize::MAX, Oversized::Refuse);
        for request in made.requests {
            let request = ExportTraceServiceRequest::decode(request.body).unwrap();
            let resources: Vec<_> = request
                .resource_spans
                .iter()
                .map(|spans| (&spans.resource, &spans.schema_url))
                .collect();
            for (index, resource) in resources.iter().enumerate() {
                prop_assert!(!resources[..index].contains(resource));
            }
        }
    }
}

/// A span of about this size, in one value.
fn large(id: u8, bytes: usize) -> Span {
    Span {
        attributes: vec![attribute("body", &"é".repeat(bytes / 2))],
        ..plain(id, "large")
    }
}

/// The Collector's exporter failed for a whole batch over the limit:
/// open-telemetry/opentelemetry-collector issue 12219.
#[test]
fn kept_spans_over_the_limit_are_split_by_bytes() {
    let batch = request_of((1..=60).map(|id| large(id, 100_000)).collect());
    let made = requests(&chunks(&[batch]), 3_584 * 1024, Oversized::CutDown);
    assert_eq!(
        (made.requests.len(), made.cut_down, made.refused.len()),
        (2, 0, 0)
    );
    let ids: Vec<_> = made
        .requests
        .iter()
        .flat_map(|request| spans(&request.body))
        .map(|span| span.span_id[0])
        .collect();
    assert_eq!(ids, (1..=60).collect::<Vec<_>>());
    assert!(made.requests.iter().all(|request| request.chunks == (0..1)));
}

/// One item over the limit affected 4553 others: open-telemetry/opentelemetry-collector issue
/// 14264.
#[test]
fn one_large_span_among_4553_is_cut_down_and_the_others_are_whole() {
    let mut all: Vec<_> = (0..4553_u32)
        .map(|number| Span {
            span_id: (u64::from(number) + 1).to_be_bytes().to_vec(),
            ..plain(1, "small")
        })
        .collect();
    all[2000].attributes = vec![
        attribute("id", "17"),
        attribute("body", &"é".repeat(3_000_000)),
    ];
    let made = requests(
        &chunks(&[request_of(all.clone())]),
        4 << 20,
        Oversized::CutDown,
    );
    assert_eq!((made.cut_down, made.refused.len()), (1, 0));
    let out: Vec<_> = made
        .requests
        .iter()
        .flat_map(|request| spans(&request.body))
        .collect();
    assert_eq!(out.len(), all.len());
    for (index, (out, before)) in out.iter().zip(&all).enumerate() {
        if index != 2000 {
            assert_eq!(out, before);
        }
    }
    let cut = &out[2000];
    assert_eq!(cut.attributes[0], all[2000].attributes[0]);
    assert_eq!(cut.attributes[1], attribute("body", &"é".repeat(32 * 1024)));
    assert_eq!(cut.dropped_attributes_count, 0);
}

#[test]
fn one_large_span_is_refused_alone_where_it_is_not_to_be_cut() {
    let all = vec![plain(1, "before"), large(2, 5_000_000), plain(3, "behind")];
    let made = requests(
        &chunks(&[request_of(all.clone())]),
        4 << 20,
        Oversized::Refuse,
    );
    let out: Vec<_> = made
        .requests
        .iter()
        .flat_map(|request| spans(&request.body))
        .collect();
    assert_eq!(out, [all[0].clone(), all[2].clone()]);
    assert_eq!(made.refused.len(), 1);
    assert_eq!(spans(&made.refused[0].spans.request()), [all[1].clone()]);
}

#[test]
fn events_and_links_that_are_too_many_are_dropped_and_counted() {
    let event = |name: &str| Event {
        name: name.to_owned(),
        ..Event::default()
    };
    let mut span = plain(1, "busy");
    span.events = vec![event("retry"); 50_000];
    span.events.push(event("exception"));
    span.dropped_events_count = 2;
    span.links = vec![
        Link {
            trace_id: vec![1; 16],
            ..Link::default()
        };
        10
    ];
    let made = requests(
        &chunks(&[request_of(vec![span])]),
        100_000,
        Oversized::CutDown,
    );
    assert_eq!((made.cut_down, made.refused.len()), (1, 0));
    let out = &spans(&made.requests[0].body)[0];
    assert_eq!(out.events, [event("exception")]);
    assert_eq!(
        (out.dropped_events_count, out.dropped_links_count),
        (50_002, 10)
    );
}

#[test]
fn what_cannot_be_cut_is_refused() {
    let span = plain(1, &"x".repeat(200_000));
    let other = plain(2, "small");
    let made = requests(
        &chunks(&[request_of(vec![span, other])]),
        100_000,
        Oversized::CutDown,
    );
    assert_eq!(
        (made.requests.len(), made.refused.len(), made.cut_down),
        (1, 1, 0)
    );
    // Not even the resource fits.
    let made = requests(
        &chunks(&[request_of(vec![plain(1, "x")])]),
        10,
        Oversized::CutDown,
    );
    assert_eq!((made.requests.len(), made.refused.len()), (0, 1));
}

/// A resource has a few scopes; one with as many scopes as spans must not cause a search of all of
/// them for each span.
#[test]
fn a_request_has_each_of_thousands_of_scopes_once() {
    let count = 20_000;
    let scopes = (0..2 * count).map(|number| ScopeSpans {
        scope: Some(InstrumentationScope {
            name: (number % count).to_string(),
            ..InstrumentationScope::default()
        }),
        spans: vec![Span {
            trace_id: TRACE.to_vec(),
            span_id: (number + 1_u64).to_be_bytes().to_vec(),
            ..Span::default()
        }],
        ..ScopeSpans::default()
    });
    let mut payload = request_of(Vec::new());
    payload.resource_spans[0].scope_spans = scopes.collect();
    let chunks = chunks(&[payload]);
    assert_eq!(chunks.len(), 2 * count as usize);
    let made = requests(&chunks, usize::MAX, Oversized::Refuse);
    let body = made.requests[0].body.clone();
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    let [resource] = request.resource_spans.as_slice() else {
        panic!("{}", request.resource_spans.len());
    };
    let names = resource.scope_spans.iter().map(|scope| {
        assert_eq!(scope.spans.len(), 2);
        &scope.scope.as_ref().unwrap().name
    });
    assert!(names.eq(&(0..count).map(|it| it.to_string()).collect::<Vec<_>>()));
}
