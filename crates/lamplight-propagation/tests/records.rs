//! A typed record has the context that its event has in raw form.

// Tests fail by panicking.
#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

use std::{fs, path::Path, time::Duration, time::SystemTime};

use aws_lambda_events::{
    dynamodb, kafka::KafkaEvent, kinesis::KinesisEvent, sns::SnsEvent, sqs::SqsEvent,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_propagation::{
    Propagators,
    inbound::{EventExtractor, RawInvocation, RecordContext, Source, Trust, XRayPolicy},
    outbound::Fields,
};
use opentelemetry::{baggage::BaggageExt as _, trace::TraceContextExt as _};
use serde::de::DeserializeOwned;
use serde_json::Value;

const FIRST: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn event<T: DeserializeOwned>(name: &str) -> (T, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let golden = fs::read_to_string(folder.join(name).with_extension("json")).unwrap();
    let event = serde_json::from_str::<Value>(&golden).unwrap()["event"].to_string();
    (serde_json::from_str(&event).unwrap(), event)
}

fn attribute(context: &RecordContext, key: &str) -> Option<String> {
    let found = context
        .attributes
        .iter()
        .find(|attribute| attribute.key.as_str() == key);
    found.map(|attribute| attribute.value.to_string())
}

/// The record continues what the invocation of a batch of one would.
fn continues(extractor: &EventExtractor, context: &RecordContext, raw: &str) {
    let incoming = extractor.extract(&RawInvocation::new(raw.as_bytes(), "function"));
    let (typed, raw) = (
        Fields::from_context(&context.parent),
        Fields::from_context(&incoming.parent),
    );
    assert_eq!(typed.traceparent(), Some(FIRST));
    assert_eq!(typed.traceparent(), raw.traceparent());
    assert_eq!(typed.tracestate(), raw.tracestate());
    assert_eq!(typed.baggage(), raw.baggage());
    // The record has the same attributes as the invocation.
    for attribute in &context.attributes {
        assert!(incoming.attributes.contains(attribute), "{attribute:?}");
    }
}

#[test]
fn sqs_messages() {
    for name in [
        "sqs",
        "sqs-case",
        "sqs-binary",
        "sqs-body",
        "sqs-w3c-before-xray",
        "sns-in-sqs",
        "sns-in-sqs-raw",
        "eventbridge-in-sqs",
        "eventbridge-in-sns-in-sqs",
    ] {
        let (typed, raw) = event::<SqsEvent>(name);
        let extractor = EventExtractor::new();
        let context = extractor.record(&typed.records[0]);
        continues(&extractor, &context, &raw);
        assert_eq!(context.span_name, "process orders");
        assert_eq!(context.receive_count, Some(1));
        let sent = SystemTime::UNIX_EPOCH + Duration::from_millis(1_545_082_649_183);
        assert_eq!(context.sent_at, Some(sent));
    }
    let (typed, raw) = event::<SqsEvent>("eventbridge-structured-in-sqs");
    let extractor = EventExtractor::new().with_envelope("/metadata/otel");
    continues(&extractor, &extractor.record(&typed.records[0]), &raw);
}

#[test]
fn every_message_of_a_batch_has_its_own_context() {
    let (typed, raw) = event::<SqsEvent>("sqs-batch");
    let extractor = EventExtractor::new();
    let incoming = extractor.extract(&RawInvocation::new(raw.as_bytes(), "function"));
    let mut links = incoming.links.iter();
    for (record, has_context) in typed.records.iter().zip([true, false, true, false]) {
        let parent = extractor.record(record).parent;
        let span = parent.span().span_context().clone();
        assert_eq!(span.is_valid(), has_context);
        if has_context {
            assert_eq!(span, links.next().unwrap().span_context);
        }
    }
    assert!(links.next().is_none());
}

#[test]
fn x_ray_headers_are_links_or_parents_or_nothing() {
    let (typed, _) = event::<SqsEvent>("sqs-xray");
    let by_policy = |policy| {
        EventExtractor::new()
            .with_xray(policy)
            .record(&typed.records[0])
    };
    let linked = by_policy(XRayPolicy::LinkIfSampled);
    assert_eq!(
        (linked.links.len(), linked.parent.has_active_span()),
        (1, false)
    );
    let child = by_policy(XRayPolicy::Parent);
    assert_eq!(
        (child.links.len(), child.parent.has_active_span()),
        (0, true)
    );
    let alone = by_policy(XRayPolicy::Ignore);
    assert_eq!(
        (alone.links.len(), alone.parent.has_active_span()),
        (0, false)
    );
}

#[test]
fn an_untrusted_record_is_linked() {
    let (typed, _) = event::<SqsEvent>("sqs");
    let extractor = EventExtractor::new().with_source_trust(Source::Sqs, Trust::StartNew);
    let context = extractor.record(&typed.records[0]);
    assert!(!context.parent.has_active_span());
    assert!(Fields::from_context(&context.parent).is_empty());
    assert_eq!(context.links.len(), 1);
}

#[test]
fn sns_messages() {
    for name in ["sns", "sns-binary", "eventbridge-in-sns"] {
        let (typed, raw) = event::<SnsEvent>(name);
        let extractor = EventExtractor::new();
        let context = extractor.record(&typed.records[0]);
        continues(&extractor, &context, &raw);
        assert_eq!(context.span_name, "process shop");
        assert!(context.sent_at.is_some());
    }
}

#[test]
fn kinesis_records() {
    let (typed, raw) = event::<KinesisEvent>("kinesis");
    let extractor = EventExtractor::new();
    let context = extractor.record(&typed.records[0]);
    continues(&extractor, &context, &raw);
    assert_eq!(context.span_name, "process events");
    assert!(context.sent_at.is_some());
}

#[test]
fn dynamodb_records() {
    let (typed, raw) = event::<dynamodb::Event>("dynamodb-item-attribute");
    let extractor = EventExtractor::new().with_item_attribute("otel");
    let mut context = extractor.record(&typed.records[0]);
    assert_eq!(
        attribute(&context, "lamplight.aws.dynamodb.event.id").as_deref(),
        Some(&*typed.records[0].event_id)
    );
    context
        .attributes
        .retain(|attribute| attribute.key.as_str() != "lamplight.aws.dynamodb.event.id");
    continues(&extractor, &context, &raw);
    assert_eq!(context.span_name, "process pets");

    let (typed, _) = event::<dynamodb::Event>("dynamodb");
    assert!(
        !EventExtractor::new()
            .record(&typed.records[0])
            .parent
            .has_active_span()
    );
}

#[test]
fn kafka_records() {
    let (mut typed, raw) = event::<KafkaEvent>("kafka");
    let records = typed.records.remove("orders-0").unwrap();
    let extractor = EventExtractor::new();
    let context = extractor.record(&records[0]);
    continues(&extractor, &context, &raw);
    assert_eq!(context.span_name, "process orders");
}

#[test]
fn datadogs_fields_are_read_when_asked_for() {
    let (typed, raw) = event::<SqsEvent>("sqs-datadog");
    let extractor = EventExtractor::new().with_datadog(true);
    continues(&extractor, &extractor.record(&typed.records[0]), &raw);
    let off = EventExtractor::new().record(&typed.records[0]);
    assert!(!off.parent.span().span_context().is_valid());
}

#[test]
fn formats_left_out_are_not_read() {
    let parsed = |value| Propagators::parse(value).0;
    let (typed, _) = event::<SqsEvent>("propagators-xray-message");
    let record = |value| {
        let extractor = EventExtractor::new().with_propagators(parsed(value));
        extractor.record(&typed.records[0])
    };
    for (value, trace, has_baggage) in [
        (
            "tracecontext,baggage",
            Some("0af7651916cd43dd8448eb211c80319c"),
            true,
        ),
        (
            "tracecontext",
            Some("0af7651916cd43dd8448eb211c80319c"),
            false,
        ),
        ("baggage", None, true),
        ("none", None, false),
        ("xray", Some("5759e988bd862e3fe1be46a994272793"), false),
        (
            "xray,tracecontext",
            Some("0af7651916cd43dd8448eb211c80319c"),
            false,
        ),
        (
            "tracecontext,baggage,xray",
            Some("5759e988bd862e3fe1be46a994272793"),
            true,
        ),
    ] {
        let context = record(value);
        let span = context.parent.span().span_context().clone();
        let found = span.is_valid().then(|| span.trace_id().to_string());
        assert_eq!(found.as_deref(), trace, "{value}");
        assert_eq!(!context.parent.baggage().is_empty(), has_baggage, "{value}");
        assert!(context.links.is_empty(), "{value}");
    }
}

/// Returns messages as aggregated by the Kinesis Producer Library: a table of keys, the messages, and a
/// digest, which is not checked here.
fn aggregated(messages: &[Vec<u8>]) -> Vec<u8> {
    fn field(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
        out.push(tag);
        let mut length = content.len();
        while length >= 0x80 {
            out.push(0x80 | u8::try_from(length & 0x7f).unwrap());
            length >>= 7;
        }
        out.push(u8::try_from(length).unwrap());
        out.extend(content);
    }

    let mut out = vec![0xf3, 0x89, 0x9a, 0xc2];
    field(&mut out, 0x0a, b"key");
    for message in messages {
        let mut record = vec![0x08, 0];
        field(&mut record, 0x1a, message);
        field(&mut out, 0x1a, &record);
    }
    out.extend([0; 16]);
    out
}

/// Returns a Kinesis event with one record, typed and raw.
fn kinesis_with(data: &[u8]) -> (KinesisEvent, String) {
    let (_, raw) = event::<KinesisEvent>("kinesis");
    let mut raw: Value = serde_json::from_str(&raw).unwrap();
    let record = raw["Records"][0].take();
    raw["Records"] = Value::Array(vec![record]);
    raw["Records"][0]["kinesis"]["data"] = BASE64.encode(data).into();
    let raw = raw.to_string();
    (serde_json::from_str(&raw).unwrap(), raw)
}

fn message(padding: usize) -> Vec<u8> {
    let padding = "x".repeat(padding);
    format!(r#"{{"_otel":{{"traceparent":"{FIRST}"}},"padding":"{padding}"}}"#).into_bytes()
}

/// A library fills a record up to 50 KiB by default, and may be told to fill it up to 1 MiB.
#[test]
fn an_aggregated_kinesis_record_of_any_size_has_the_contexts_of_its_messages() {
    for padding in [10, 51_000, 600_000] {
        let (typed, raw) = kinesis_with(&aggregated(&[message(padding)]));
        for extractor in [
            EventExtractor::new(),
            EventExtractor::new().with_link_limit(0),
        ] {
            let context = extractor.record(&typed.records[0]);
            continues(&extractor, &context, &raw);
        }
        let (typed, raw) = kinesis_with(&aggregated(&[message(padding), message(10)]));
        let extractor = EventExtractor::new();
        let context = extractor.record(&typed.records[0]);
        let incoming = extractor.extract(&RawInvocation::new(raw.as_bytes(), "function"));
        assert_eq!(
            (context.links.len(), incoming.links.len()),
            (2, 2),
            "{padding}"
        );
        let extractor = extractor.with_link_limit(1);
        let context = extractor.record(&typed.records[0]);
        assert_eq!(context.links.len(), 1);
        assert!(!context.parent.span().span_context().is_valid());
    }
}

/// The place in front is the quickest to look at, and yet no reason to overlook a place of the user's.
#[test]
fn a_configured_place_comes_before_ours_in_data_too() {
    const OTHER: &str = "00-5f3d0a1b7c2e4d6f8091a2b3c4d5e6f7-1a2b3c4d5e6f7081-01";

    let data =
        format!(r#"{{"_otel":{{"traceparent":"{FIRST}"}},"meta":{{"traceparent":"{OTHER}"}}}}"#);
    let (typed, _) = kinesis_with(data.as_bytes());
    let extractor = EventExtractor::new().with_envelope("/meta");
    let context = extractor.record(&typed.records[0]);
    assert_eq!(
        Fields::from_context(&context.parent).traceparent(),
        Some(OTHER)
    );
}
