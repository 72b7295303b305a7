//! Arbitrary bytes never cause a panic, and a fault only affects its own span.

use std::sync::LazyLock;

use bytes::Bytes;
use lamplight_otlp::trace::MAX_VALUE_DEPTH;
use lamplight_relay::{
    clean::{
        Cleaner, CleanerBuilder, EventPolicy, KeyPattern, On, SpanEditor, Stamp, ValuePattern,
        ValueSet,
    },
    decode,
    sampling::Threshold,
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValueList, any_value},
};
use proptest::prelude::*;
use prost::Message as _;

use super::{
    corpus::{TRACE, attribute, payloads, plain, request_of},
    model::encoded,
};

/// Records that pass the check are cleaned down to the innermost value.
#[test]
fn what_is_nested_as_deep_as_it_may_be_is_searched() {
    let nested = |depth: u32| {
        let mut value = attribute("k", "jan@example.com").value;
        for _ in 1..depth {
            let mut pair = attribute("k", "");
            pair.value = value;
            let values = vec![pair];
            let value_of = any_value::Value::KvlistValue(KeyValueList { values });
            value = Some(AnyValue {
                value: Some(value_of),
            });
        }
        let mut span = plain(1, "span");
        span.attributes = vec![attribute("k", "")];
        span.attributes[0].value = value;
        encoded(&request_of(vec![span]))
    };
    let is_read = |data: &Bytes| decode::payloads(data, &decode::Limits::default()).is_ok();
    let deepest = nested(MAX_VALUE_DEPTH);
    assert!(is_read(&deepest) && !is_read(&nested(MAX_VALUE_DEPTH + 1)));
    let cleaner = Cleaner::builder().values(ValueSet::Emails).marks(false);
    let chunks = { cleaner }
        .build()
        .unwrap()
        .clean(&Stamp::new(TRACE, None), [&deepest]);
    let out = String::from_utf8_lossy(&chunks[0].spans).into_owned();
    assert!(out.contains("REDACTED") && !out.contains("jan@"), "{out}");
}

/// All settings at once.
fn everything() -> Cleaner {
    static EVERYTHING: LazyLock<Cleaner> = LazyLock::new(|| settings().build().unwrap());
    EVERYTHING.clone()
}

fn settings() -> CleanerBuilder {
    Cleaner::builder()
        .events(EventPolicy::Exceptions)
        .deny(On::ALL, [KeyPattern::prefix("secret.")])
        .rename(On::ALL, "old.name", "new.name")
        .hash(On::ALL, ["customer.id".into()])
        .salt("salt")
        .mask(On::ALL, [KeyPattern::regex("password").unwrap()])
        .values(ValueSet::CardNumbers)
        .values(ValueSet::Emails)
        .values(ValueSet::Tokens)
        .values(ValueSet::Ipv4)
        .value_pattern(ValuePattern::new("[0-9]{4}-[a-z]").unwrap())
        .max_value_bytes(20)
        .sample_rate("SampleRate")
        .transform(|span: &mut SpanEditor<'_>| span.set_attribute("added", true))
}

fn stamp() -> Stamp<'static> {
    Stamp::new(TRACE, Some(Threshold::from_probability(0.1))).rule("errors")
}

proptest! {
    #[test]
    fn any_bytes_are_cleaned(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let bytes = Bytes::from(bytes);
        everything().clean(&stamp(), [&bytes]);
        everything().clean_untraced([&bytes]);
    }

    #[test]
    fn bytes_that_were_changed_on_the_way_are_cleaned(
        payloads in payloads(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = encoded(&payloads[0]).to_vec();
        if bytes.is_empty() {
            return Ok(());
        }
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        everything().clean(&stamp(), [&Bytes::from(bytes.clone())]);
        bytes.truncate(end.index(bytes.len()));
        everything().clean(&stamp(), [&Bytes::from(bytes)]);
    }
}

#[test]
fn a_span_that_is_malformed_inside_costs_itself() {
    let good = encoded(&request_of(vec![plain(1, "good"), plain(3, "good")]));
    let mut bad = plain(2, "bad");
    bad.attributes = vec![attribute("key", "value")];
    let mut bad = encoded(&request_of(vec![bad])).to_vec();
    // The length of the value.
    let place = bad
        .windows(5)
        .position(|window| window == b"value")
        .unwrap();
    bad[place - 1] = 0x7f;
    let mut cleaner = everything();
    let chunks = cleaner.clean(&stamp(), [&good, &Bytes::from(bad)]);
    assert_eq!(chunks.iter().map(|chunk| chunk.count).sum::<usize>(), 2);
    let stats = cleaner.take_stats();
    assert_eq!((stats.spans, stats.malformed), (2, 1));
}

#[test]
fn ids_of_zero_are_not_duplicates_of_each_other() {
    let mut span = plain(1, "a");
    span.span_id = vec![0; 8];
    let payload = encoded(&request_of(vec![span.clone(), span]));
    let chunks = everything().clean(&stamp(), [&payload]);
    assert_eq!(chunks[0].count, 2);
}

#[test]
fn spans_without_a_valid_trace_id_go_out_without_marks() {
    let mut span = plain(1, "a");
    span.trace_id = vec![0; 16];
    let payload = encoded(&request_of(vec![span.clone(), plain(2, "b")]));
    let mut cleaner = Cleaner::builder().build().unwrap();
    let chunks = cleaner.clean_untraced([&payload]);
    let request = ExportTraceServiceRequest::decode(chunks[0].request()).unwrap();
    assert_eq!(request, request_of(vec![span]));
}

#[test]
fn a_transform_that_panics_costs_the_span_and_says_so() {
    let transform = |span: &mut SpanEditor<'_>| {
        if span.span().name == b"bad" {
            panic!("no");
        }
    };
    let mut cleaner = Cleaner::builder().transform(transform).build().unwrap();
    let payload = encoded(&request_of(vec![plain(1, "bad"), plain(2, "good")]));
    let chunks = cleaner.clean(&stamp(), [&payload]);
    assert_eq!(chunks[0].count, 1);
    assert_eq!(cleaner.take_stats().panics, 1);
}
