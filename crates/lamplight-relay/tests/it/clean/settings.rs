//! The effects of settings.

use lamplight_otlp::trace::{AnyValue, Place, Span as SpanView};
use lamplight_relay::{
    clean::{
        CleanError, Cleaner, CleanerBuilder, EventPolicy, KeyPattern, On, SpanEditor, Stamp,
        ValueSet,
    },
    rules::Condition,
    sampling::Threshold,
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue as Any, KeyValueList, any_value::Value},
    trace::v1::{Span, span::Event},
};
use prost::Message as _;

use super::{
    corpus::{TRACE, attribute, plain, request_of},
    model::encoded,
};

fn out(settings: CleanerBuilder, spans: Vec<Span>) -> Vec<Span> {
    let mut cleaner = settings.marks(false).build().unwrap();
    let chunks = cleaner.clean(&Stamp::new(TRACE, None), [&encoded(&request_of(spans))]);
    let requests = chunks.iter().map(|chunk| chunk.request());
    let requests = requests.map(|body| ExportTraceServiceRequest::decode(body).unwrap());
    requests
        .flat_map(|request| request.resource_spans)
        .flat_map(|resource| resource.scope_spans)
        .flat_map(|scope| scope.spans)
        .collect()
}

fn with(attributes: &[(&str, &str)]) -> Span {
    Span {
        attributes: attributes
            .iter()
            .map(|(key, text)| attribute(key, text))
            .collect(),
        ..plain(1, "span")
    }
}

fn texts(span: &Span) -> Vec<(&str, &str)> {
    let text = |value: &'_ Option<Any>| match &value.as_ref().unwrap().value {
        Some(Value::StringValue(text)) => text.clone().leak() as &str,
        other => panic!("{other:?}"),
    };
    span.attributes
        .iter()
        .map(|pair| (pair.key.as_str(), text(&pair.value)))
        .collect()
}

#[test]
fn only_what_is_allowed_is_left_and_the_rest_is_counted() {
    let settings = Cleaner::builder()
        .allow(On::SPANS, ["a".into(), KeyPattern::prefix("http.")])
        .deny(On::SPANS, ["http.secret".into()]);
    let span = with(&[
        ("a", "1"),
        ("b", "2"),
        ("http.url", "3"),
        ("http.secret", "4"),
    ]);
    let spans = out(settings, vec![span]);
    assert_eq!(texts(&spans[0]), [("a", "1"), ("http.url", "3")]);
    assert_eq!(spans[0].dropped_attributes_count, 2);
}

#[test]
fn equal_values_have_equal_hashes_and_another_salt_has_others() {
    let settings = |salt: &str| {
        let keys = ["user.id".into(), "owner.id".into()];
        Cleaner::builder()
            .hash(On::SPANS, keys)
            .salt(salt)
            .hash_digits(16)
    };
    let mut span = with(&[("user.id", "17"), ("owner.id", "")]);
    span.attributes[1].value = Some(Any {
        value: Some(Value::IntValue(17)),
    });
    let one = out(settings("salt"), vec![span.clone()]);
    let other = out(settings("other"), vec![span]);
    // printf salt17 | sha256sum
    let hash = "8f732f87457510d9";
    let texts_of_one = texts(&one[0]);
    assert_eq!(texts_of_one[0].1, texts_of_one[1].1);
    assert_eq!(texts_of_one[0].1, hash);
    assert_ne!(texts_of_one[0].1, texts(&other[0])[0].1);
}

#[test]
fn all_that_is_wrong_with_settings_is_said_at_once() {
    let faults = Cleaner::builder()
        .hash(On::ALL, ["a".into()])
        .hash_digits(7)
        .rename(On::ALL, "b", "c")
        .rename(On::ALL, "c", "d")
        .build()
        .unwrap_err();
    assert_eq!(faults.len(), 3);
    assert!(faults.contains(&CleanError::MissingSalt));
    assert!(faults.iter().all(|fault| !fault.to_string().is_empty()));
}

#[test]
fn values_are_masked_wherever_they_are_told_but_under_keys_that_are_trusted() {
    let settings = Cleaner::builder()
        .values(ValueSet::Emails)
        .values(ValueSet::Tokens)
        .mask_text("***")
        .trust(On::SPANS, ["order.contact".into()]);
    let mut span = with(&[
        (
            "url.full",
            "https://example.com/?to=jan%40example.com&token=abc&page=2",
        ),
        ("order.contact", "jan@example.com"),
        (
            "http.request.header.authorization",
            "Bearer abcdef0123456789",
        ),
    ]);
    span.name = "mail jan@example.com".to_owned();
    span.events = vec![Event {
        name: "exception".to_owned(),
        attributes: vec![attribute("exception.message", "no user jan@example.com")],
        ..Event::default()
    }];
    let spans = out(settings, vec![span]);
    assert_eq!(spans[0].name, "mail ***");
    assert_eq!(
        texts(&spans[0]),
        [
            ("url.full", "https://example.com/?to=***&token=***&page=2"),
            ("order.contact", "jan@example.com"),
            ("http.request.header.authorization", "Bearer ***"),
        ]
    );
    let event = &spans[0].events[0];
    assert_eq!(
        event.attributes,
        [attribute("exception.message", "no user ***")]
    );
}

#[test]
fn numbers_bytes_and_keys_of_maps_are_searched_and_keys_of_attributes_are_not() {
    let settings = Cleaner::builder()
        .values(ValueSet::Emails)
        .values(ValueSet::CardNumbers);
    let any = |value| Some(Any { value: Some(value) });
    let card = || any(Value::IntValue(4_242_424_242_424_242));
    let mut in_map = attribute("jan@example.com", "");
    in_map.value = card();
    let values = vec![in_map];
    let mut span = with(&[
        ("card", ""),
        ("raw", ""),
        ("map", ""),
        ("jan@example.com", "x"),
    ]);
    span.attributes[0].value = card();
    let raw = b"\x00to jan@example.com\xff".to_vec();
    span.attributes[1].value = any(Value::BytesValue(raw));
    span.attributes[2].value = any(Value::KvlistValue(KeyValueList { values }));
    let cleaned = out(settings, vec![span]).remove(0);
    let masked = any(Value::StringValue("REDACTED".to_owned()));
    assert_eq!(cleaned.attributes[0].value, masked);
    let raw = b"\x00to REDACTED".to_vec();
    let found = match &cleaned.attributes[1].value.as_ref().unwrap().value {
        Some(Value::BytesValue(bytes)) => bytes.clone(),
        other => panic!("{other:?}"),
    };
    assert!(found.starts_with(&raw), "{found:?}");
    let values = vec![attribute("REDACTED", "REDACTED")];
    assert_eq!(
        cleaned.attributes[2].value,
        any(Value::KvlistValue(KeyValueList { values }))
    );
    assert_eq!(cleaned.attributes[3], attribute("jan@example.com", "x"));
}

/// Takes minutes if each attribute is compared with all others.
#[test]
fn of_many_attributes_that_would_get_the_same_key_the_first_gets_it() {
    let settings = Cleaner::builder().rename(On::SPANS, "old", "new");
    let mut attributes = vec![("other", "1"); 20_000];
    attributes.extend([("old", "first")]);
    attributes.extend(vec![("old", "later"); 20_000]);
    let span = out(settings, vec![with(&attributes)]).remove(0);
    assert_eq!(span.attributes.len(), 20_001);
    assert_eq!(span.attributes[20_000], attribute("new", "first"));
    assert_eq!(span.dropped_attributes_count, 20_000);
}

#[test]
fn health_checks_are_left_out_by_a_closure_and_by_a_condition_of_the_rules() {
    let is_health = |_: Place<'_, '_>, span: &SpanView<'_>| span.name == b"GET /health";
    let spans = || vec![plain(1, "GET /health"), plain(2, "GET /pets")];
    let kept = out(Cleaner::builder().drop_spans(is_health), spans());
    assert_eq!(kept, [plain(2, "GET /pets")]);
    let condition = Condition::span_name().is("GET /health");
    let settings = Cleaner::builder().drop_spans_where(condition).unwrap();
    assert_eq!(out(settings, spans()), [plain(2, "GET /pets")]);
}

#[test]
fn a_condition_that_panics_does_not_hold() {
    let panics = |_: Place<'_, '_>, _: &SpanView<'_>| panic!("no");
    assert_eq!(
        out(Cleaner::builder().drop_spans(panics), vec![plain(1, "a")]).len(),
        1
    );
}

#[test]
fn a_transform_sees_what_was_cleaned_and_edits_it() {
    let transform = |span: &mut SpanEditor<'_>| {
        let service = span.resource_attributes().next().unwrap();
        assert_eq!(service.value, AnyValue::String(b"orders"));
        assert_eq!(span.attribute("card"), Some(AnyValue::String(b"REDACTED")));
        span.set_attribute("tenant", "a");
        span.set_attribute("tier", 2);
        assert_eq!(span.attribute("tier"), Some(AnyValue::Int(2)));
        span.remove_attribute("card");
        span.set_name("renamed");
    };
    let settings = Cleaner::builder()
        .values(ValueSet::CardNumbers)
        .transform(transform);
    let spans = out(
        settings,
        vec![with(&[("card", "4242424242424242"), ("tenant", "b")])],
    );
    assert_eq!(spans[0].name, "renamed");
    assert_eq!(spans[0].dropped_attributes_count, 1);
    assert_eq!(spans[0].attributes.len(), 2);
    assert_eq!(spans[0].attributes[0], attribute("tenant", "a"));
    let left_out = |span: &mut SpanEditor<'_>| span.leave_out();
    assert!(out(Cleaner::builder().transform(left_out), vec![plain(1, "a")]).is_empty());
}

#[test]
fn the_first_copy_of_a_span_counts() {
    let mut cleaner = Cleaner::builder().marks(false).build().unwrap();
    let first = encoded(&request_of(vec![
        plain(1, "a"),
        plain(1, "a"),
        plain(1, "b"),
    ]));
    let chunks = cleaner.clean(&Stamp::new(TRACE, None), [&first, &first]);
    assert_eq!(chunks.iter().map(|chunk| chunk.count).sum::<usize>(), 1);
    let stats = cleaner.take_stats();
    assert_eq!((stats.duplicates, stats.conflicts), (3, 2));
}

#[test]
fn events_go_by_their_policy_and_are_counted() {
    let mut span = plain(1, "a");
    let event = |name: &str| Event {
        name: name.to_owned(),
        ..Event::default()
    };
    span.events = vec![event("retry"), event("exception")];
    span.dropped_events_count = 3;
    let spans = out(
        Cleaner::builder().events(EventPolicy::Exceptions),
        vec![span.clone()],
    );
    assert_eq!(spans[0].events, [event("exception")]);
    assert_eq!(spans[0].dropped_events_count, 4);
    let spans = out(Cleaner::builder().events(EventPolicy::None), vec![span]);
    assert_eq!(
        (spans[0].events.len(), spans[0].dropped_events_count),
        (0, 5)
    );
}

#[test]
fn a_span_that_was_here_before_is_marked_anew_and_not_twice() {
    let mut cleaner = Cleaner::builder()
        .sample_rate("SampleRate")
        .build()
        .unwrap();
    // Above that of the span, and not above the randomness of the trace.
    let threshold = Threshold::from_probability(0.36);
    let stamp = Stamp::new(TRACE, Some(threshold)).rule("second");
    let mut span = with(&[("lamplight.relay.rule", "first"), ("SampleRate", "x")]);
    span.trace_state = "ot=th:8".to_owned();
    let chunks = cleaner.clean(&stamp, [&encoded(&request_of(vec![span]))]);
    let request = ExportTraceServiceRequest::decode(chunks[0].request()).unwrap();
    let span = &request.resource_spans[0].scope_spans[0].spans[0];
    assert_eq!(span.trace_state, "ot=th:a3d7");
    assert_eq!(
        span.attributes[0],
        attribute("lamplight.relay.rule", "second")
    );
    assert_eq!(
        span.attributes[1].value,
        Some(Any {
            value: Some(Value::IntValue(3))
        })
    );
    assert_eq!(
        (span.attributes.len(), span.dropped_attributes_count),
        (2, 0)
    );
}
