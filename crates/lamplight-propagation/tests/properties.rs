//! Every outbound carrier can be read by the matching inbound reader; writing into JSON changes nothing else
//! in it; and no bytes cause harm.

// Tests fail by panicking.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_propagation::{
    inbound::{EventExtractor, Incoming, MAX_LINKS, RawInvocation, Source},
    outbound::{self, AttributeMap, CLIENT_CONTEXT_LIMIT, Fields, Part, Pointer, Written},
};
use opentelemetry::{
    Context,
    baggage::{Baggage, BaggageExt as _},
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use proptest::prelude::*;
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Default)]
struct Attributes(BTreeMap<String, String>);

impl AttributeMap for Attributes {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn insert(&mut self, name: &'static str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }
}

impl Attributes {
    fn of_sqs(&self) -> Value {
        let entry = |(k, v): (&String, &String)| {
            (k.clone(), json!({"stringValue": v, "dataType": "String"}))
        };
        self.0
            .iter()
            .map(entry)
            .collect::<serde_json::Map<_, _>>()
            .into()
    }

    fn of_sns(&self) -> Value {
        let entry = |(k, v): (&String, &String)| (k.clone(), json!({"Type": "String", "Value": v}));
        self.0
            .iter()
            .map(entry)
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

fn contexts() -> impl Strategy<Value = Context> {
    let state = prop::collection::vec(
        (
            "[a-z][a-z0-9_*/-]{0,12}",
            "[ -+\\--<>-~]{0,12}[!-+\\--<>-~]",
        ),
        0..6,
    );
    let baggage = prop::collection::hash_map("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}", ".{0,60}", 0..30);
    (1..u128::MAX, 1..u64::MAX, 0..4_u8, state, baggage).prop_map(
        |(trace, span, flags, state, entries)| {
            let span = SpanContext::new(
                TraceId::from(trace),
                SpanId::from(span),
                TraceFlags::new(flags),
                true,
                TraceState::from_key_value(state).unwrap(),
            );
            let mut baggage = Baggage::new();
            for (key, value) in entries {
                baggage.insert(key, value);
            }
            Context::new()
                .with_remote_span_context(span)
                .with_baggage(baggage)
        },
    )
}

fn extract(event: &Value) -> Incoming {
    EventExtractor::new().extract(&RawInvocation::new(
        event.to_string().as_bytes(),
        "function",
    ))
}

/// Asserts that the read context equals the sent one, as far as it was written.
fn same(read: &Context, sent: &Context, written: Written) -> Result<(), TestCaseError> {
    let (read_span, sent_span) = (
        read.span().span_context().clone(),
        sent.span().span_context().clone(),
    );
    prop_assert!(written.traceparent);
    prop_assert_eq!(read_span.trace_id(), sent_span.trace_id());
    prop_assert_eq!(read_span.span_id(), sent_span.span_id());
    prop_assert_eq!(read_span.trace_flags(), sent_span.trace_flags());
    prop_assert!(read_span.is_remote());
    let sent_fields = Fields::from_context(sent);
    match written.tracestate {
        Part::All => prop_assert_eq!(read_span.trace_state(), sent_span.trace_state()),
        Part::Partial => prop_assert!(!read_span.trace_state().header().is_empty()),
        Part::Nothing => prop_assert_eq!(read_span.trace_state(), &TraceState::NONE),
    }
    match written.baggage {
        Part::All => {
            let read_fields = Fields::from_context(read);
            prop_assert_eq!(read_fields.baggage(), sent_fields.baggage());
        }
        Part::Partial => {
            for (key, (value, _)) in read.baggage() {
                prop_assert_eq!(sent.baggage().get(key.as_str()), Some(value));
            }
            prop_assert!(read.baggage().len() < sent.baggage().len());
        }
        Part::Nothing => prop_assert!(read.baggage().is_empty()),
    }
    Ok(())
}

/// JSON objects as text that a parser and a writer would not keep as it is.
fn object_texts() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("1.10".to_owned()),
        Just("123456789012345678901234567890".to_owned()),
        Just("-0".to_owned()),
        Just("1E400".to_owned()),
        Just("\"\\u0061\\/\\ud83d\\ude00\"".to_owned()),
        ".{0,30}".prop_map(|text| Value::from(text).to_string()),
    ];
    let value = leaf.prop_recursive(4, 30, 5, |inner| {
        let member = (
            "(a|b|_otel2|metadata|x\\\\\"y)",
            inner.clone(),
            "[ \n\t]{0,2}",
        );
        let members = prop::collection::vec(member, 0..5).prop_map(|members| {
            let members: Vec<_> = members
                .iter()
                .map(|(k, v, space)| format!("{space}\"{k}\"{space}:{space}{v}"))
                .collect();
            format!("{{{}}}", members.join(","))
        });
        prop_oneof![
            members,
            prop::collection::vec(inner, 0..5).prop_map(|items| format!("[{}]", items.join(" , "))),
        ]
    });
    prop::collection::vec(("(a|b|metadata)", value), 0..5).prop_map(|members| {
        let members: Vec<_> = members
            .iter()
            .map(|(k, v)| format!("\"{k}\": {v}"))
            .collect();
        format!(" {{ {} }}\n", members.join(", "))
    })
}

proptest! {
    #[test]
    fn message_attributes_of_sqs_come_back(cx in contexts(), users in 0..12_usize, room in 0..4000_usize) {
        let mut attributes = Attributes::default();
        for user in 0..users {
            attributes.0.insert(format!("user{user}"), "1".to_owned());
        }
        let before = attributes.clone();
        let fields = Fields::from_context(&cx);
        let written = outbound::inject_attributes(&mut attributes, &fields, 10, room);
        let Some(written) = written else {
            prop_assert_eq!(attributes, before);
            return Ok(());
        };
        prop_assert!(attributes.0.len() <= 10);
        prop_assert!(attributes.0.values().all(|value| !value.is_empty()));

        let record = json!({"eventSource": "aws:sqs", "body": "b", "messageAttributes": attributes.of_sqs()});
        same(&extract(&json!({"Records": [record]})).parent, &cx, written)?;

        // The same attributes through SNS: directly, and wrapped in SQS.
        let mut sns = json!({"Type": "Notification", "TopicArn": "t", "Message": "m"});
        sns["MessageAttributes"] = attributes.of_sns();
        same(&extract(&json!({"Records": [{"EventSource": "aws:sns", "Sns": &sns}]})).parent, &cx, written)?;
        let record = json!({"eventSource": "aws:sqs", "body": sns.to_string()});
        same(&extract(&json!({"Records": [record]})).parent, &cx, written)?;
    }

    #[test]
    fn json_comes_back_through_every_envelope(cx in contexts(), text in object_texts(), spare in 0..3000_usize) {
        let fields = Fields::from_context(&cx);
        let limit = text.len() + spare;
        let Some(spliced) = outbound::inject_json(&text, None, &fields, limit) else { return Ok(()) };
        prop_assert!(spliced.text.len() <= limit);
        let detail = &spliced.text;
        let event = format!(r#"{{"detail-type":"t","source":"s","detail":{detail}}}"#);
        let incoming = EventExtractor::new().extract(&RawInvocation::new(event.as_bytes(), "f"));
        prop_assert_eq!(incoming.source, Source::EventBridge);
        same(&incoming.parent, &cx, spliced.written)?;

        let in_sqs = json!({"Records": [{"eventSource": "aws:sqs", "body": event}]});
        same(&extract(&in_sqs).parent, &cx, spliced.written)?;
        let sns = json!({"Type": "Notification", "TopicArn": "t", "Message": event});
        let in_sns = json!({"Records": [{"EventSource": "aws:sns", "Sns": sns}]});
        same(&extract(&in_sns).parent, &cx, spliced.written)?;
        let in_sns_in_sqs = json!({"Records": [{"eventSource": "aws:sqs", "body": sns.to_string()}]});
        same(&extract(&in_sns_in_sqs).parent, &cx, spliced.written)?;

        let data = BASE64.encode(detail);
        let kinesis = json!({"Records": [{"eventSource": "aws:kinesis", "kinesis": {"data": data}}]});
        same(&extract(&kinesis).parent, &cx, spliced.written)?;
        let payload = EventExtractor::new().extract(&RawInvocation::new(detail.as_bytes(), "f"));
        same(&payload.parent, &cx, spliced.written)?;
        prop_assert_eq!(payload.source, Source::Invoke);
    }

    #[test]
    fn a_client_context_comes_back(cx in contexts(), custom in "[a-z]{0,300}") {
        let fields = Fields::from_context(&cx);
        let existing = BASE64.encode(json!({"custom": {"mine": custom}}).to_string());
        let made = outbound::inject_client_context(Some(&existing), &fields, CLIENT_CONTEXT_LIMIT);
        let Some(made) = made else { return Ok(()) };
        prop_assert!(made.text.len() <= CLIENT_CONTEXT_LIMIT);
        let json = String::from_utf8(BASE64.decode(made.text).unwrap()).unwrap();
        let invocation = RawInvocation::new(b"{}", "f").with_client_context(Some(&json));
        same(&EventExtractor::new().extract(&invocation).parent, &cx, made.written)?;
        let json: Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&json["custom"]["mine"], &custom);
        prop_assert!(json["custom"].as_object().unwrap().values().all(Value::is_string));
    }

    #[test]
    fn splicing_changes_nothing_else(cx in contexts(), text in object_texts(), pointed in any::<bool>()) {
        let fields = Fields::from_context(&cx);
        let pointer = Pointer::new("/metadata/otel");
        let pointer = pointed.then_some(&pointer);
        let Some(spliced) = outbound::inject_json(&text, pointer, &fields, usize::MAX) else {
            return Err(TestCaseError::fail("an object without context takes it"));
        };
        // Byte for byte: what was there is a prefix and a suffix of what is.
        let prefix = text.bytes().zip(spliced.text.bytes()).take_while(|(a, b)| a == b).count();
        let suffix = text.bytes().rev().zip(spliced.text.bytes().rev()).take_while(|(a, b)| a == b).count();
        prop_assert!(prefix + suffix >= text.len());
        // Twice is once.
        prop_assert_eq!(outbound::inject_json(&spliced.text, pointer, &fields, usize::MAX), None);
        // And parsed, it is what it was and the fields.
        if !text.contains("1E400") {
            let mut after: Value = serde_json::from_str(&spliced.text).unwrap();
            let before: Value = serde_json::from_str(&text).unwrap();
            let object = after.as_object_mut().unwrap();
            let found = object.remove("_otel").or_else(|| {
                // Of duplicate keys a parser keeps the last, we write into the first.
                object.get_mut("metadata")?.as_object_mut()?.remove("otel")
            });
            if let Some(found) = found {
                prop_assert_eq!(found["traceparent"].as_str(), fields.traceparent());
            }
            prop_assert_eq!(after, before);
        }
    }

    #[test]
    fn any_bytes_give_a_result(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let invocation = RawInvocation::new(&bytes, "f");
        prop_assert_eq!(EventExtractor::new().extract(&invocation).source, Source::Unknown);
    }

    #[test]
    fn a_damaged_event_gives_a_result(
        file in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>(), byte in any::<u8>(), truncate in any::<bool>(),
    ) {
        let mut event = golden()[file.index(golden().len())].clone();
        let position = cut.index(event.len());
        if truncate {
            event.truncate(position);
        } else {
            event[position] = byte;
        }
        let extractor = EventExtractor::new().with_datadog(true).with_envelope("/metadata/otel");
        let explained = extractor.explain(&RawInvocation::new(&event, "f"));
        let _ = serde_json::from_str::<Value>(&explained.to_json()).unwrap();
    }
}

fn golden() -> &'static [Vec<u8>] {
    static GOLDEN: std::sync::LazyLock<Vec<Vec<u8>>> = std::sync::LazyLock::new(|| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|it| it.unwrap().path())
            .collect();
        files.sort();
        let event = |path| {
            let golden: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            golden["event"].to_string().into_bytes()
        };
        files.into_iter().map(event).collect()
    });
    &GOLDEN
}

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Trace SDK, "Span Limits": the limit of links is the user's to choose.
#[test]
fn a_limit_of_links_is_lowered_and_raised() {
    let record = json!({
        "messageId": "m", "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:r:1:q", "body": "b",
        "messageAttributes": {"traceparent": {"stringValue": TRACEPARENT, "dataType": "String"}},
    });
    let event = json!({"Records": vec![record; 300]}).to_string();
    for (limit, links) in [(0, 0), (1, 1), (200, 200), (usize::MAX, 300)] {
        let extractor = EventExtractor::new().with_link_limit(limit);
        let incoming = extractor.extract(&RawInvocation::new(event.as_bytes(), "f"));
        assert_eq!(incoming.links.len(), links);
        assert_eq!(incoming.dropped_links as usize, 300 - links);
    }
}

#[test]
fn ten_thousand_records_give_as_many_links_as_a_span_takes() {
    let record = json!({
        "messageId": "m", "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:r:1:q", "body": "b",
        "messageAttributes": {"traceparent": {"stringValue": TRACEPARENT, "dataType": "String"}},
    });
    let event = json!({"Records": vec![record; 10_000]}).to_string();
    let explained = EventExtractor::new().explain(&RawInvocation::new(event.as_bytes(), "f"));
    let incoming = &explained.incoming;
    assert_eq!(incoming.links.len(), MAX_LINKS);
    assert_eq!(incoming.dropped_links as usize, 10_000 - MAX_LINKS);
    assert_eq!(explained.link_carriers.len(), MAX_LINKS);
    let found: Value = serde_json::from_str(&explained.to_json()).unwrap();
    assert_eq!(
        found["span"]["attributes"]["messaging.batch.message_count"],
        10_000
    );
    assert_eq!(
        found["span"]["attributes"]["lamplight.links.dropped"],
        10_000 - 128
    );
    assert_eq!(
        found["notes"][0],
        "Records: link limit: 9872 more records have context"
    );
}

#[test]
fn hostile_shapes_are_bounded() {
    let deep = format!("{}{}", "{\"a\":".repeat(100_000), "[".repeat(100_000));
    let nested = (0..30).fold(
        json!({"traceparent": TRACEPARENT}).to_string(),
        |inner, _| {
            if inner.len() > 4_000_000 {
                inner
            } else {
                json!({"Message": inner}).to_string()
            }
        },
    );
    let nested = json!({"Records": [{"eventSource": "aws:sqs", "body": nested}]}).to_string();
    let huge_key = format!("{{\"{}\":1}}", "k".repeat(5_000_000));
    let many_headers: serde_json::Map<_, _> = (0..20_000)
        .map(|i| {
            (
                format!("{:width$}", "traceparent", width = 11 + i % 2),
                json!(TRACEPARENT),
            )
        })
        .collect();
    let many_values = json!({
        "version": "2.0", "routeKey": "GET /", "rawPath": "/",
        "multiValueHeaders": {"tracestate": vec!["a=1"; 100_000], "traceparent": vec![TRACEPARENT; 100_000]},
        "headers": many_headers, "requestContext": {"http": {"method": "GET"}},
    })
    .to_string();
    let long_baggage =
        json!({"_otel": {"traceparent": TRACEPARENT, "baggage": "k=v,".repeat(500_000)}})
            .to_string();
    for event in [deep, nested, huge_key, many_values, long_baggage] {
        let incoming = EventExtractor::new().extract(&RawInvocation::new(event.as_bytes(), "f"));
        assert!(incoming.links.len() <= MAX_LINKS && incoming.attributes.len() < 40);
    }
}

#[test]
fn a_large_body_keeps_its_context() {
    let mut payload =
        json!({"filler": "x".repeat(900_000), "quotes": "\"\\".repeat(40_000)}).to_string();
    let cx = EventExtractor::new()
        .extract(&RawInvocation::new(
            format!("{{\"_otel\":{{\"traceparent\":\"{TRACEPARENT}\"}}}}").as_bytes(),
            "f",
        ))
        .parent;
    payload = outbound::inject_json(&payload, None, &Fields::from_context(&cx), usize::MAX)
        .unwrap()
        .text;
    let event = format!(r#"{{"detail-type":"t","source":"s","detail":{payload}}}"#);
    let found = EventExtractor::new().extract(&RawInvocation::new(event.as_bytes(), "f"));
    assert_eq!(found.parent.span().span_context(), cx.span().span_context());
}
