use std::{cell::Cell, collections::HashMap};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use opentelemetry::{
    Context, KeyValue,
    baggage::{Baggage, BaggageExt as _},
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use serde_json::{Value, json};

use super::{
    AttributeMap, CLIENT_CONTEXT_LIMIT, Fields, JsonPlace, Part, Pointer, attribute_costs,
    inject_attributes, inject_client_context, inject_headers, inject_json,
};

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[derive(Default, Clone, PartialEq, Debug)]
struct Attributes(HashMap<String, String>);

impl AttributeMap for Attributes {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn insert(&mut self, name: &'static str, value: &str) {
        assert!(!value.is_empty());
        assert!(
            self.0.insert(name.to_owned(), value.to_owned()).is_none(),
            "{name} overwritten"
        );
    }
}

impl Attributes {
    fn of_user(count: usize) -> Self {
        Self(
            (0..count)
                .map(|i| (format!("user{i}"), "1".to_owned()))
                .collect(),
        )
    }
}

fn context(tracestate: &str, baggage: &[(&str, &str)]) -> Context {
    let span = SpanContext::new(
        TraceId::from_hex("0af7651916cd43dd8448eb211c80319c").unwrap(),
        SpanId::from_hex("b7ad6b7169203331").unwrap(),
        TraceFlags::SAMPLED,
        true,
        tracestate.parse::<TraceState>().unwrap(),
    );
    let entries = baggage
        .iter()
        .map(|(k, v)| KeyValue::new(k.to_string(), v.to_string()));
    let cx = Context::new().with_remote_span_context(span);
    if baggage.is_empty() {
        cx
    } else {
        cx.with_baggage(entries.collect::<Baggage>())
    }
}

fn fields() -> Fields {
    Fields::from_context(&context("a=1,b=2", &[("k", "v"), ("l", "w")]))
}

#[test]
fn slots_go_to_the_traceparent_first() {
    for (user, expected) in [
        (0, vec!["baggage", "traceparent", "tracestate"]),
        (7, vec!["baggage", "traceparent", "tracestate"]),
        (8, vec!["traceparent", "tracestate"]),
        (9, vec!["traceparent"]),
        (10, vec![]),
        (11, vec![]),
    ] {
        let mut map = Attributes::of_user(user);
        let written = inject_attributes(&mut map, &fields(), 10, usize::MAX);
        let mut new: Vec<_> = map
            .0
            .keys()
            .filter(|name| !name.starts_with("user"))
            .collect();
        new.sort();
        assert_eq!(new, expected, "{user} attributes of the user");
        assert_eq!(written.is_some(), !expected.is_empty());
        assert_eq!(
            written.unwrap_or_default().baggage == Part::All,
            expected.contains(&"baggage")
        );
    }
}

#[test]
fn what_the_user_has_set_stays() {
    let mut map = Attributes::default();
    map.0.insert("traceparent".into(), "mine".into());
    let before = map.clone();
    assert_eq!(inject_attributes(&mut map, &fields(), 10, usize::MAX), None);
    assert_eq!(map, before);

    let mut map = Attributes::default();
    map.0.insert("baggage".into(), "mine=1".into());
    let written = inject_attributes(&mut map, &fields(), 10, usize::MAX).unwrap();
    assert_eq!(map.0["baggage"], "mine=1");
    assert_eq!(map.0["traceparent"], TRACEPARENT);
    assert_eq!(written.baggage, Part::Nothing);

    for text in [
        r#"{"_otel":{"traceparent":"mine"}}"#,
        r#"{"_otel":"mine"}"#,
        r#"{"traceparent":"mine"}"#,
        r#"{"_otel":[]}"#,
    ] {
        assert_eq!(
            inject_json(text, None, &fields(), usize::MAX),
            None,
            "{text}"
        );
    }
    let mine = BASE64.encode(r#"{"custom":{"traceparent":"mine"}}"#);
    assert_eq!(
        inject_client_context(Some(&mine), &fields(), CLIENT_CONTEXT_LIMIT),
        None
    );
}

#[test]
fn room_goes_to_the_traceparent_first() {
    let fields = fields();
    let parent = "traceparent".len() + "String".len() + TRACEPARENT.len();
    let state = "tracestate".len() + "String".len() + "a=1,b=2".len();
    let baggage = "baggage".len() + "String".len() + "k=v,l=w".len();
    for (room, expected) in [
        (parent - 1, None),
        (parent, Some((Part::Nothing, Part::Nothing))),
        (parent + state - 1, Some((Part::Partial, Part::Nothing))),
        (parent + state, Some((Part::All, Part::Nothing))),
        (
            parent + state + baggage - 1,
            Some((Part::All, Part::Partial)),
        ),
        (parent + state + baggage, Some((Part::All, Part::All))),
    ] {
        let mut map = Attributes::default();
        let written = inject_attributes(&mut map, &fields, 10, room);
        assert_eq!(
            written.map(|it| (it.tracestate, it.baggage)),
            expected,
            "{room}"
        );
        let size: usize = map
            .0
            .iter()
            .map(|(k, v)| k.len() + v.len() + "String".len())
            .sum();
        assert!(size <= room);
    }
}

#[test]
fn json_is_spliced_and_nothing_else_changes() {
    let otel = format!(r#""_otel":{{"traceparent":"{TRACEPARENT}"}}"#);
    let fields = Fields::from_context(&context("", &[]));
    for (before, after) in [
        ("{}", format!("{{{otel}}}")),
        ("{ }", format!("{{{otel} }}")),
        (
            " \n{\"a\":1.10,\"a\":1e400}",
            format!(" \n{{{otel},\"a\":1.10,\"a\":1e400}}"),
        ),
        (r#"{"_otel":{}}"#, format!("{{{otel}}}")),
        (
            r#"{"x":"_otel","y":{"_otel":{}}}"#,
            format!(r#"{{{otel},"x":"_otel","y":{{"_otel":{{}}}}}}"#),
        ),
    ] {
        let spliced = inject_json(before, None, &fields, usize::MAX).unwrap();
        assert_eq!(spliced.text, after);
    }
}

#[test]
fn json_goes_where_the_pointer_says_or_to_the_default_key() {
    let fields = Fields::from_context(&context("", &[]));
    let pointer = Pointer::new("/metadata/otel");
    let inside = format!(r#"{{"traceparent":"{TRACEPARENT}"}}"#);
    for (before, after) in [
        (
            r#"{"metadata":{"v":1}}"#,
            format!(r#"{{"metadata":{{"otel":{inside},"v":1}}}}"#),
        ),
        (
            r#"{"metadata":{}}"#,
            format!(r#"{{"metadata":{{"otel":{inside}}}}}"#),
        ),
        (
            r#"{"metadata":{"otel":{"x":1}}}"#,
            format!(r#"{{"metadata":{{"otel":{{"traceparent":"{TRACEPARENT}","x":1}}}}}}"#),
        ),
        (r#"{"data":1}"#, format!(r#"{{"_otel":{inside},"data":1}}"#)),
        (
            r#"{"metadata":[]}"#,
            format!(r#"{{"_otel":{inside},"metadata":[]}}"#),
        ),
    ] {
        let spliced = inject_json(before, Some(&pointer), &fields, usize::MAX).unwrap();
        assert_eq!(spliced.text, after);
    }
    let escaped =
        inject_json("{}", Some(&Pointer::new("/a~1b~0\"c")), &fields, usize::MAX).unwrap();
    let parsed: Value = serde_json::from_str(&escaped.text).unwrap();
    assert_eq!(parsed["a/b~\"c"]["traceparent"], TRACEPARENT);
}

#[test]
fn what_is_no_object_is_left_alone() {
    for text in [
        "",
        " ",
        "null",
        "1",
        "\"text\"",
        "[]",
        "[{}]",
        "{",
        "{\"a\":}",
        "{\"a\":1}}",
        "{'a':1}",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{}{}",
        "\u{feff}{}",
    ] {
        assert_eq!(
            inject_json(text, None, &fields(), usize::MAX),
            None,
            "{text:?}"
        );
    }
}

#[test]
fn json_never_exceeds_its_limit_and_baggage_goes_first() {
    let text = r#"{"order":1}"#;
    let full = inject_json(text, None, &fields(), usize::MAX).unwrap();
    let mut kinds = Vec::new();
    for limit in 0..=full.text.len() + 1 {
        if let Some(spliced) = inject_json(text, None, &fields(), limit) {
            assert!(spliced.text.len() <= limit);
            assert!(spliced.written.traceparent);
            serde_json::from_str::<Value>(&spliced.text).unwrap();
            let kind = (spliced.written.tracestate, spliced.written.baggage);
            if kinds.last() != Some(&kind) {
                kinds.push(kind);
            }
        }
    }
    use Part::{All, Nothing};
    assert_eq!(kinds.first(), Some(&(Nothing, Nothing)));
    assert!(kinds.contains(&(All, Nothing)));
    assert_eq!(kinds.last(), Some(&(All, All)));
    assert_eq!(
        inject_json(text, None, &fields(), full.text.len()).unwrap(),
        full
    );
}

#[test]
fn client_context_takes_flat_strings_beside_what_is_there() {
    let decode = |base64: &str| -> Value {
        serde_json::from_slice(&BASE64.decode(base64).unwrap()).unwrap()
    };
    let made = inject_client_context(None, &fields(), CLIENT_CONTEXT_LIMIT).unwrap();
    let expected =
        json!({"traceparent": TRACEPARENT, "tracestate": "a=1,b=2", "baggage": "k=v,l=w"});
    assert_eq!(decode(&made.text), json!({"custom": expected}));

    let existing = json!({"client": {"app_title": "x"}, "custom": {"mine": "1"}, "env": {}});
    let made = inject_client_context(
        Some(&BASE64.encode(existing.to_string())),
        &fields(),
        CLIENT_CONTEXT_LIMIT,
    )
    .unwrap();
    let made = decode(&made.text);
    assert_eq!(made["client"], existing["client"]);
    assert_eq!(made["custom"]["mine"], "1");
    assert_eq!(made["custom"]["traceparent"], TRACEPARENT);

    for refused in [
        "not base64!",
        &BASE64.encode("[]"),
        &BASE64.encode(r#"{"custom":null}"#),
        &BASE64.encode("{"),
    ] {
        assert_eq!(
            inject_client_context(Some(refused), &fields(), CLIENT_CONTEXT_LIMIT),
            None
        );
    }
}

#[test]
fn client_context_keeps_to_its_limit_and_keeps_the_traceparent() {
    let long = "v".repeat(200);
    let keys: Vec<_> = (0..40).map(|i| format!("k{i:02}")).collect();
    let entries: Vec<_> = keys
        .iter()
        .map(|key| (key.as_str(), long.as_str()))
        .collect();
    let fields = Fields::from_context(&context("a=1", &entries));
    let made = inject_client_context(None, &fields, CLIENT_CONTEXT_LIMIT).unwrap();
    assert!(made.text.len() <= CLIENT_CONTEXT_LIMIT);
    assert!(made.text.len() > CLIENT_CONTEXT_LIMIT - 300, "room is used");
    assert_eq!(made.written.baggage, Part::Partial);
    assert!(made.written.traceparent);

    let full = json!({"custom": {"mine": "x".repeat(2600)}}).to_string();
    assert_eq!(
        inject_client_context(Some(&BASE64.encode(full)), &fields, CLIENT_CONTEXT_LIMIT),
        None
    );
}

#[test]
fn baggage_travels_without_a_span() {
    let cx = Context::new().with_baggage([KeyValue::new("k", "v")]);
    let fields = Fields::from_context(&cx);
    assert!(!fields.is_empty() && fields.traceparent().is_none());
    let mut headers = HashMap::new();
    assert!(inject_headers(&mut headers, &fields));
    assert_eq!(
        headers,
        HashMap::from([("baggage".to_owned(), "k=v".to_owned())])
    );
    assert!(fields.without_baggage().is_empty());
}

#[test]
fn nothing_to_say_changes_nothing() {
    let nothing = Fields::from_context(&Context::new());
    let asked = Cell::new(false);
    struct Deaf<'a>(&'a Cell<bool>);
    impl AttributeMap for Deaf<'_> {
        fn count(&self) -> usize {
            0
        }
        fn contains(&self, _: &str) -> bool {
            false
        }
        fn insert(&mut self, _: &'static str, _: &str) {
            self.0.set(true);
        }
    }
    assert_eq!(
        inject_attributes(&mut Deaf(&asked), &nothing, 10, 1000),
        None
    );
    assert!(!asked.get());
    assert_eq!(inject_json("{}", None, &nothing, 1000), None);
    assert_eq!(inject_client_context(None, &nothing, 1000), None);
    assert_eq!(nothing.xray_header(Some("Lineage=a"), 500), None);
}

#[test]
fn the_xray_header_keeps_what_it_does_not_know() {
    let fields = fields();
    let existing = "Self=1-2-3;Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=25:5a2e1f0e:0|a:b";
    assert_eq!(
        fields.xray_header(Some(existing), 500).unwrap(),
        "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1;Self=1-2-3;Lineage=25:5a2e1f0e:0|a:b"
    );
    assert_eq!(
        fields.xray_header(None, 500).unwrap(),
        "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1"
    );
    let long = format!("Lineage={}", "x".repeat(450));
    assert_eq!(fields.xray_header(Some(&long), 500), None);
}

#[test]
fn a_member_that_is_there_twice_is_no_place() {
    let twice = r#"{"_otel":{"x":1},"_otel":{"y":1}}"#;
    assert_eq!(inject_json(twice, None, &fields(), usize::MAX), None);
    let pointer = Pointer::new("/metadata/otel");
    for text in [
        r#"{"metadata":{},"metadata":{"a":1}}"#,
        r#"{"metadata":{"otel":{},"otel":{}}}"#,
    ] {
        let spliced = inject_json(text, Some(&pointer), &fields(), usize::MAX).unwrap();
        assert!(spliced.text.starts_with(r#"{"_otel":{"#), "{spliced:?}");
    }
    let twice = BASE64.encode(r#"{"custom":{"a":"b"},"custom":{"c":"d"}}"#);
    assert_eq!(
        inject_client_context(Some(&twice), &fields(), CLIENT_CONTEXT_LIMIT),
        None
    );
}

#[test]
fn costs_are_what_is_written() {
    for user in 0..=10 {
        let mut map = Attributes::of_user(user);
        let size = |map: &Attributes| -> usize {
            map.0
                .iter()
                .map(|(k, v)| k.len() + v.len() + "String".len())
                .sum()
        };
        let before = size(&map);
        let costs = attribute_costs(&map, &fields(), 10);
        inject_attributes(&mut map, &fields(), 10, usize::MAX);
        assert_eq!(size(&map) - before, costs.unwrap_or_default().sum());
    }
    let pointer = Pointer::new("/a\"b");
    for (text, pointer) in [
        (r#"{"a":1}"#, None),
        (r#"{"a":1}"#, Some(&pointer)),
        (r#"{"_otel":{"x":1}}"#, None),
        (r#"{"_otel":{"baggage":"x=1","x":1}}"#, None),
    ] {
        let place = JsonPlace::find(text, pointer).unwrap();
        let costs = place.costs(&fields());
        let whole = inject_json(text, pointer, &fields(), usize::MAX).unwrap();
        assert_eq!(whole.text.len(), text.len() + costs.sum(), "{text}");
        let least = text.len() + costs.traceparent;
        assert!(place.fill(text, &fields(), least).is_some());
        assert!(place.fill(text, &fields(), least - 1).is_none());
    }
}
