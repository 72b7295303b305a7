use std::collections::HashMap;

use opentelemetry::{
    Context,
    baggage::{Baggage, BaggageExt as _, BaggageMetadata},
    propagation::{Extractor, TextMapPropagator as _},
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use proptest::prelude::*;

use super::{
    Received, TraceparentError, TracestateError, W3cPropagator, baggage, parse_traceparent,
    traceparent::Traceparent, tracestate,
};

const VALID: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Headers as a server sees them: names may repeat.
struct Headers(Vec<(&'static str, String)>);

impl Extractor for Headers {
    fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.as_str())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| *name).collect()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        Some(
            self.0
                .iter()
                .filter(|(name, _)| *name == key)
                .map(|(_, v)| v.as_str())
                .collect(),
        )
    }
}

fn list(values: &[&str]) -> Result<Option<String>, TracestateError> {
    let span = parse_traceparent(VALID).unwrap();
    let parsed = tracestate::parse(span.trace_id(), values.iter().copied())?.unwrap_or_default();
    let mut cx = Context::new();
    if let Some(text) = parsed.text {
        cx = cx.with_value(*text);
    }
    let span = SpanContext::new(
        span.trace_id(),
        span.span_id(),
        span.trace_flags(),
        true,
        parsed.state,
    );
    Ok(tracestate::to_text(&cx, &span))
}

#[test]
fn traceparent_is_read_by_the_letter() {
    use TraceparentError::{ParentId, Repeated, Shape, TraceFlags, TraceId, Version};

    let trace = "0af7651916cd43dd8448eb211c80319c";
    let parent = "b7ad6b7169203331";
    let cases = [
        (format!(" \t{VALID} "), Ok(0x01)),
        (format!("00-{trace}-{parent}-03"), Ok(0x03)),
        (format!("00-{trace}-{parent}-ff"), Ok(0x03)),
        (
            format!("cc-{trace}-{parent}-01-what-the-future-brings"),
            Ok(0x01),
        ),
        (format!("cc-{trace}-{parent}-01"), Ok(0x01)),
        (format!("cc-{trace}-{parent}-01."), Err(Shape)),
        (format!("00-{trace}-{parent}-01-"), Err(Shape)),
        (format!("ff-{trace}-{parent}-01"), Err(Version)),
        (format!("0g-{trace}-{parent}-01"), Err(Version)),
        (format!("0-{trace}-{parent}-01"), Err(Shape)),
        (format!("000-{trace}-{parent}-01"), Err(Shape)),
        (format!("00-{}-{parent}-01", "0".repeat(32)), Err(TraceId)),
        (
            format!("00-{}-{parent}-01", trace.to_uppercase()),
            Err(TraceId),
        ),
        (format!("00-+{}-{parent}-01", &trace[1..]), Err(TraceId)),
        (format!("00-{trace}-{}-01", "0".repeat(16)), Err(ParentId)),
        (format!("00-{trace}-{}-01", &parent[1..]), Err(Shape)),
        (format!("00-{trace}-{parent}-+1"), Err(TraceFlags)),
        (format!("00-{trace}-{parent}-1"), Err(Shape)),
        (format!("00-{trace}-{parent}-001"), Err(Shape)),
        (format!("{VALID},{VALID}"), Err(Repeated)),
        (String::new(), Err(Shape)),
    ];
    for (value, expected) in cases {
        let flags = parse_traceparent(&value).map(|span| span.trace_flags().to_u8());
        assert_eq!(flags, expected, "{value:?}");
    }
}

#[test]
fn tracestate_is_kept_whole_or_discarded_whole() {
    use TracestateError::{Member, TooMany};

    let long_key = "z".repeat(256);
    let many: Vec<String> = (0..33).map(|i| format!("k{i}=v")).collect();
    let cases: [(&[&str], Result<Option<&str>, TracestateError>); 17] = [
        (&["a=1,b=2", "c=3"], Ok(Some("a=1,b=2,c=3"))),
        (&[" a=1 \t,\t b=2 "], Ok(Some("a=1,b=2"))),
        (&["", "a=1", " , "], Ok(Some("a=1"))),
        (&[""], Ok(None)),
        (&["a=1,a=2"], Ok(Some("a=1,a=2"))),
        (&["a= 1"], Ok(Some("a= 1"))),
        (&["foo@=1,bar=2"], Ok(Some("foo@=1,bar=2"))),
        (&["foo@@bar=1,bar=2"], Ok(Some("foo@@bar=1,bar=2"))),
        (
            &["t@vvvvvvvvvvvvvvvvv=1"],
            Ok(Some("t@vvvvvvvvvvvvvvvvv=1")),
        ),
        (&["@foo=1"], Err(Member)),
        (&["A=1"], Err(Member)),
        (&["a =1"], Err(Member)),
        (&["a="], Err(Member)),
        (&["a=b=c"], Err(Member)),
        (&["a=\u{e9}"], Err(Member)),
        (&["lonely"], Err(Member)),
        (&["a=1\tb"], Err(Member)),
    ];
    for (values, expected) in cases {
        assert_eq!(
            list(values),
            expected.map(|text| text.map(str::to_owned)),
            "{values:?}"
        );
    }
    assert_eq!(
        list(&[&many[..32].join(",")]),
        Ok(Some(many[..32].join(",")))
    );
    assert_eq!(
        list(&[&many[..30].join(","), &many[30..].join(",")]),
        Err(TooMany)
    );
    assert!(list(&[&format!("{long_key}=1")]).is_ok_and(|text| text.is_some()));
    assert_eq!(list(&[&format!("{long_key}z=1")]), Err(Member));
    assert!(list(&[&format!("a={}", "v".repeat(256))]).is_ok());
    assert_eq!(list(&[&format!("a={}", "v".repeat(257))]), Err(Member));
}

#[test]
fn a_key_that_the_api_refuses_is_not_sent_with_another_trace() {
    let propagator = W3cPropagator::new();
    let headers = Headers(vec![
        ("traceparent", VALID.to_owned()),
        ("tracestate", "foo@bar@baz=1".to_owned()),
    ]);
    let cx = propagator.extract(&headers);
    let mut sent = HashMap::new();
    propagator.inject_context(&cx, &mut sent);
    assert_eq!(sent["tracestate"], "foo@bar@baz=1");

    let other = SpanContext::new(
        TraceId::from(7),
        SpanId::from(7),
        TraceFlags::SAMPLED,
        false,
        TraceState::NONE,
    );
    let mut sent = HashMap::new();
    propagator.inject_context(&cx.with_remote_span_context(other), &mut sent);
    assert_eq!(sent.get("tracestate"), None);
}

#[test]
fn a_long_tracestate_loses_its_long_members_first_and_then_the_last() {
    let long = format!("long={}", "x".repeat(130));
    let text = format!("a=1,{long},b=2,c=3");
    let cut = |room: usize| tracestate::truncate(&text, |list| list.len() <= room);
    assert_eq!(cut(1000), Some(text.clone()));
    assert_eq!(cut(20).as_deref(), Some("a=1,b=2,c=3"));
    assert_eq!(cut(7).as_deref(), Some("a=1,b=2"));
    assert_eq!(cut(2), None);
}

#[test]
fn baggage_follows_the_published_test_vectors() {
    // From the test-suite of the W3C repository: what is sent, key, value, properties.
    let cases: [(&str, &[(&str, &str, &str)]); 14] = [
        ("SomeKey=SomeValue", &[("SomeKey", "SomeValue", "")]),
        (
            "SomeKey=SomeValue;SomeProp",
            &[("SomeKey", "SomeValue", "SomeProp")],
        ),
        (
            "SomeKey=SomeValue;SomePropKey=SomePropValue",
            &[("SomeKey", "SomeValue", "SomePropKey=SomePropValue")],
        ),
        (
            "SomeKey=SomeValue=equals",
            &[("SomeKey", "SomeValue=equals", "")],
        ),
        (
            "SomeKey \t = \t SomeValue \t , \t SomeKey2 \t = \t SomeValue2 \t ",
            &[("SomeKey", "SomeValue", ""), ("SomeKey2", "SomeValue2", "")],
        ),
        (
            "SomeKey=%09%20%22%27%3B%3Dasdf%21%40%23%24%25%5E%26%2A%28%29",
            &[("SomeKey", "\t \"';=asdf!@#$%^&*()", "")],
        ),
        ("k%41=v", &[("k%41", "v", "")]),
        ("a=%ff%fe", &[("a", "\u{fffd}\u{fffd}", "")]),
        ("a=1%", &[("a", "1%", "")]),
        ("a=1;p=%2C%3B", &[("a", "1", "p=%2C%3B")]),
        ("a=", &[("a", "", "")]),
        ("=1,b=2", &[("b", "2", "")]),
        ("a b=1,c=\"x\",ok=1", &[("ok", "1", "")]),
        ("lonely", &[]),
    ];
    for (sent, expected) in cases {
        let found = baggage::parse([sent]).unwrap_or_default();
        assert_eq!(found.len(), expected.len(), "{sent}");
        for (key, value, properties) in expected {
            let (found, metadata) = found.get_with_metadata(key).unwrap();
            assert_eq!(
                (found.as_str(), metadata.as_str()),
                (*value, *properties),
                "{sent}"
            );
        }
    }
}

#[test]
fn baggage_is_dropped_by_whole_members_and_always_in_the_same_order() {
    let header = |range: std::ops::Range<usize>, len: usize| {
        range
            .map(|i| format!("k{i:03}={}", "v".repeat(len)))
            .collect::<Vec<_>>()
            .join(",")
    };
    // Several headers, 64 members, exactly as many bytes as the limit takes.
    let first = header(0..32, 122);
    let second = header(32..64, 122);
    let text = baggage::to_text(&baggage::parse([&*first, &*second]).unwrap()).unwrap();
    assert!(text == format!("{first},{second}"));
    assert_eq!(text.len(), 8191);

    let text = baggage::to_text(&baggage::parse([&*header(0..70, 1)]).unwrap()).unwrap();
    assert_eq!(text, header(0..64, 1));

    // Encoded, the values are three times as long: whole members go.
    let mut large = Baggage::new();
    for i in 0..40 {
        large.insert(format!("k{i:03}"), "\u{7f}".repeat(150));
    }
    let text = baggage::to_text(&large).unwrap();
    assert!(text.len() <= 8192 && text.len() > 7500);
    assert!(text.split(',').all(|member| member.len() == 5 + 450));

    let mut odd = Baggage::new();
    odd.insert_with_metadata("a", "100% \\ é,;", BaggageMetadata::from("p=a,b;q"));
    assert_eq!(
        baggage::to_text(&odd).unwrap(),
        "a=100%25%20%5C%20%C3%A9%2C%3B;p=a%2Cb;q"
    );
}

#[test]
fn nothing_empty_is_written_and_a_missing_context_writes_nothing() {
    let propagator = W3cPropagator::new();
    let mut sent = HashMap::new();
    propagator.inject_context(&Context::new(), &mut sent);
    assert!(sent.is_empty());

    let cx = Context::new().with_remote_span_context(parse_traceparent(VALID).unwrap());
    propagator.inject_context(&cx, &mut sent);
    assert_eq!(
        sent,
        HashMap::from([("traceparent".to_owned(), VALID.to_owned())])
    );
    assert_eq!(
        propagator.fields().collect::<Vec<_>>(),
        ["traceparent", "tracestate", "baggage"]
    );
}

#[test]
fn the_random_flag_outlives_a_tracer_that_clears_it() {
    let headers = Headers(vec![("traceparent", VALID.replace("-01", "-02"))]);
    let cx = W3cPropagator::new().extract(&headers);
    let span = |trace_id| {
        SpanContext::new(
            trace_id,
            SpanId::from(7),
            TraceFlags::default(),
            false,
            TraceState::NONE,
        )
    };
    let written = |span| {
        let mut sent = HashMap::new();
        W3cPropagator::new().inject_context(&cx.with_remote_span_context(span), &mut sent);
        sent.remove("traceparent").unwrap()
    };
    assert!(written(span(cx.span().span_context().trace_id())).ends_with("-02"));
    assert!(written(span(TraceId::from(7))).ends_with("-00"));
}

#[test]
fn an_invalid_header_leaves_the_context_as_it_was() {
    let propagator = W3cPropagator::new();
    let ambient = Context::new().with_remote_span_context(parse_traceparent(VALID).unwrap());
    let headers = Headers(vec![("traceparent", "00-1-1-1".to_owned())]);
    let cx = propagator.extract_with_context(&ambient, &headers);
    assert_eq!(cx.span().span_context(), ambient.span().span_context());

    let twice = Headers(vec![
        ("traceparent", VALID.to_owned()),
        ("traceparent", VALID.to_owned()),
    ]);
    let cx = propagator.extract_with_context(&Context::new(), &twice);
    assert!(!cx.span().span_context().is_valid());
}

#[test]
fn bytes_that_are_not_utf8_cost_only_their_own_member_of_baggage() {
    let received = Received::read(None, None, Some(b"a=1,b=\xff,c=3".as_slice()));
    let baggage = received.baggage.unwrap();
    assert_eq!(baggage.len(), 2);
    assert_eq!(baggage.get("a").map(|v| v.as_str()), Some("1"));
    assert_eq!(baggage.get("c").map(|v| v.as_str()), Some("3"));
}

#[test]
fn tracestate_without_traceparent_is_ignored() {
    let received = Received::read(None, Some(b"a=1".as_slice()), None);
    assert!(received.span.is_none() && received.tracestate_error.is_none());
}

fn span_contexts() -> impl Strategy<Value = SpanContext> {
    (1..u128::MAX, 1..u64::MAX, 0..4_u8).prop_map(|(trace, span, flags)| {
        let (trace, span) = (TraceId::from(trace), SpanId::from(span));
        SpanContext::new(trace, span, TraceFlags::new(flags), true, TraceState::NONE)
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(span in span_contexts()) {
        let written = Traceparent::new(&span, false).unwrap();
        prop_assert_eq!(parse_traceparent(written.as_str()).unwrap(), span);
    }

    #[test]
    fn a_changed_character_is_noticed_or_still_says_something_valid(
        position in 0..55_usize,
        c in any::<char>(),
    ) {
        let mut text: Vec<char> = VALID.chars().collect();
        text[position] = c;
        let text: String = text.into_iter().collect();
        if let Ok(span) = parse_traceparent(&text) {
            prop_assert!(span.is_valid());
            let hex = c.is_ascii_digit() || ('a'..='f').contains(&c);
            let separator = text == VALID;
            prop_assert!(hex || separator, "{text}");
        }
    }

    #[test]
    fn any_text_is_read_without_panic(text in ".{0,300}") {
        let _ = parse_traceparent(&text);
        let _ = list(&[&text]);
        let _ = baggage::parse([text.as_str()]);
    }

    #[test]
    fn a_valid_tracestate_survives(
        members in prop::collection::vec(("[a-z0-9][a-z0-9_*/@-]{0,20}", "[ -+\\--<>-~]{0,20}[!-+\\--<>-~]"), 1..32),
    ) {
        let text = members.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(",");
        prop_assert_eq!(list(&[&text]), Ok(Some(text)));
    }

    #[test]
    fn baggage_survives(
        entries in prop::collection::hash_map("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}", ".{0,40}", 0..20),
    ) {
        let mut sent = Baggage::new();
        for (key, value) in &entries {
            sent.insert(key.clone(), value.clone());
        }
        let text = baggage::to_text(&sent);
        prop_assert_eq!(text.is_none(), entries.is_empty());
        let read = text.and_then(|text| baggage::parse([text.as_str()])).unwrap_or_default();
        prop_assert_eq!(read.len(), entries.len());
        for (key, value) in &entries {
            prop_assert_eq!(read.get(key).map(|v| v.as_str()), Some(value.as_str()));
        }
        let cx = Context::new().with_baggage(*read);
        prop_assert_eq!(cx.baggage().len(), entries.len());
    }
}

/// As written, a value is the same to a reader that takes `+` for a space, as in forms, and to one that
/// ends it at a second `=`.
#[test]
fn baggage_values_are_written_for_the_most_careless_reader() {
    let values = [
        "2026-01-01T00:00:00+01:00",
        "+31612345678",
        "ab+/cd==",
        "https://example.com/?a=b&c=d#e",
        "Jürgen Müller",
        "1;2,3 \"4\" \\ %2B 🦀",
    ];
    for value in values {
        let mut given = Baggage::new();
        given.insert("key", value);
        let written = baggage::to_text(&given).unwrap();
        let (key, text) = written.split_once('=').unwrap();
        assert_eq!(key, "key");
        let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~%".contains(c);
        assert!(text.chars().all(unreserved), "{text}");
        let read = baggage::parse([&written]).unwrap();
        assert_eq!(read.get("key").unwrap().as_str(), value);
    }
}
