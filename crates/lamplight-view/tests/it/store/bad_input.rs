//! Malformed requests.

use lamplight_view::{
    span::{SpanId, SpanRef, TraceId},
    store::{Condition, Query, Settings, SqliteStore, Store, Window},
};
use opentelemetry_proto::tonic::trace::v1::Span;
use proptest::prelude::*;
use prost::Message;

use super::build::{request_of, requests, text};

fn store() -> SqliteStore {
    SqliteStore::in_memory(Settings::default()).unwrap()
}

fn span(number: u8) -> Span {
    Span {
        trace_id: vec![1; 16],
        span_id: vec![number; 8],
        kind: 2,
        name: "work".to_owned(),
        ..Span::default()
    }
}

/// A protobuf field with bytes.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2];
    prost::encoding::encode_varint(content.len() as u64, &mut bytes);
    bytes.extend_from_slice(content);
    bytes
}

#[test]
fn spans_beside_one_that_cannot_be_read_are_kept() {
    keeps_the_others(&store());
}

/// Adds spans beside malformed ones, which must be counted.
pub(super) fn keeps_the_others(store: &dyn Store) {
    let (good, other) = (span(1).encode_to_vec(), span(2).encode_to_vec());
    let spans = [field(2, &good), field(2, b"\xff\xff"), field(2, &other)].concat();
    let request = field(1, &field(2, &spans));
    let added = store.add(&request).unwrap();
    assert_eq!((added.new, added.refused), (2, 1));
    assert_eq!(store.state().unwrap().refused, 1);
    // A truncated request is read as far as possible.
    let added = store
        .add(&request_of("f", vec![span(3), span(4)]).encode_to_vec())
        .unwrap();
    assert_eq!(added.new, 2);
    let whole = request_of("g", vec![span(5)]).encode_to_vec();
    let cut = [&whole[..], &whole[..whole.len() - 3]].concat();
    let added = store.add(&cut).unwrap();
    assert_eq!((added.new, added.refused), (1, 1));
}

#[test]
fn spans_whose_resource_cannot_be_read_are_refused() {
    refuses_without_resource(&store());
}

/// Adds a span whose resource is malformed, which must be counted.
pub(super) fn refuses_without_resource(store: &dyn Store) {
    let good = field(2, &span(1).encode_to_vec());
    let request = field(1, &[field(1, b"\xff"), field(2, &good)].concat());
    let added = store.add(&request).unwrap();
    assert_eq!((added.new, added.refused), (0, 1));
}

#[test]
fn ids_that_are_none_and_text_that_is_none_are_kept() {
    let mut odd = span(0);
    odd.trace_id = vec![7; 3];
    let mut message = odd.encode_to_vec();
    // A name with invalid UTF-8 after the valid one.
    message.extend(field(5, b"sold \xff out"));
    let request = field(1, &field(2, &field(2, &message)));
    let store = store();
    assert_eq!(store.add(&request).unwrap().new, 1);
    assert_eq!(store.add(&request).unwrap().again, 1);
    let zero = SpanRef {
        trace: TraceId([0; 16]),
        span: SpanId([0; 8]),
    };
    let found = store.span(zero).unwrap();
    assert_eq!((found.len(), found[0].times), (1, 2));
    assert_eq!(found[0].name, "sold \u{fffd} out");
    let mut query = Query::default();
    query.conditions = vec![Condition::Text("D \u{fffd} O".to_owned())];
    assert_eq!(store.traces(&query).unwrap().len(), 1);
}

#[test]
fn a_value_of_a_megabyte_is_found_by_what_is_in_it() {
    let mut large = span(1);
    let value = format!("{} needle {}", "x".repeat(1 << 20), "y".repeat(1 << 20));
    large.attributes = vec![text("app.large", &value)];
    let store = store();
    store
        .add(&request_of("f", vec![large]).encode_to_vec())
        .unwrap();
    let mut query = Query::default();
    query.conditions = vec![Condition::Text("x NEEDLE y".to_owned())];
    assert_eq!(store.invocations(&query).unwrap().rows.len(), 1);
    query.conditions = vec![Condition::Equal("app.large".to_owned(), value)];
    assert_eq!(store.invocations(&query).unwrap().rows.len(), 1);
}

#[test]
fn a_trace_of_very_many_spans_is_stored_whole_and_shown_in_part() {
    let store = store();
    shows_a_part(&store);
    assert_eq!(store.state().unwrap().again, 10_000);
}

/// Adds a trace of more spans than a page shows.
pub(super) fn shows_a_part(store: &dyn Store) {
    let many = |first: u64| {
        let spans = (first..first + 10_000).map(|number| Span {
            span_id: number.to_be_bytes().to_vec(),
            ..span(1)
        });
        request_of("f", spans.collect()).encode_to_vec()
    };
    for first in (1..60_001).step_by(10_000) {
        assert_eq!(store.add(&many(first)).unwrap().new, 10_000);
    }
    // Again, which not every store reports.
    store.add(&many(1)).unwrap();
    let row = &store.traces(&Query::default()).unwrap()[0];
    assert_eq!(row.spans, 60_000);
    let around = store.around(row.id).unwrap();
    assert_eq!((around.spans.len(), around.left_out), (50_000, 10_000));
}

#[test]
fn a_query_that_asks_for_nothing_finds_nothing() {
    finds_nothing(&store());
}

/// Queries empty windows.
pub(super) fn finds_nothing(store: &dyn Store) {
    store
        .add(&request_of("f", vec![span(1)]).encode_to_vec())
        .unwrap();
    let window = Window {
        from: Some(5),
        to: Some(5),
    };
    assert!(store.functions(window).unwrap().is_empty());
    assert!(store.map(window).unwrap().edges.is_empty());
    let mut query = Query::default();
    query.before = Some(0);
    assert!(store.invocations(&query).unwrap().rows.is_empty());
    assert!(store.traces(&query).unwrap().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn whatever_is_broken_the_store_answers(
        requests in requests(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let mut request = requests[0].encode_to_vec();
        for (place, byte) in changes {
            let place = place.index(request.len());
            request[place] = byte;
        }
        let store = store();
        let added = store.add(&request).unwrap();
        let state = store.state().unwrap();
        prop_assert_eq!(state.spans, added.new);
        prop_assert_eq!(state.refused, added.refused);
        let rows = store.traces(&Query::default()).unwrap();
        let found: usize = rows.iter().map(|row| store.around(row.id).unwrap().spans.len()).sum();
        prop_assert_eq!(found as u64, added.new);
    }
}
