//! A polled message has the context that it would have in an event of Lambda's.

#![allow(clippy::unwrap_used)]

use lamplight_propagation::inbound::{
    EventExtractor, RawInvocation, RecordPolicy, Trust, XRayPolicy,
};
use opentelemetry::{baggage::BaggageExt as _, trace::TraceContextExt as _};
use serde_json::json;

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const HEADER: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

fn bodies() -> Vec<String> {
    let otel = json!({"_otel": {"traceparent": TRACEPARENT, "baggage": "k=v"}});
    let event = json!({"detail-type": "t", "source": "s", "detail": otel});
    let attribute = json!({"Type": "String", "Value": TRACEPARENT});
    let topic = json!({"Type": "Notification", "Message": "m",
        "MessageAttributes": {"traceparent": attribute}});
    vec![
        otel.to_string(),
        event.to_string(),
        topic.to_string(),
        json!({"Type": "Notification", "Message": event.to_string()}).to_string(),
        json!({"traceparent": TRACEPARENT}).to_string(),
        json!({"_otel": {"baggage": "k=v", "traceparents": 1}}).to_string(),
        format!(" {otel}"),
        format!("[{otel}]"),
        otel.to_string().replace("00-0af", "no"),
        "traceparent".to_owned(),
        "{\"traceparent\"".to_owned(),
        String::new(),
    ]
}

#[test]
fn a_polled_message_has_the_context_of_a_delivered_one() {
    let extractors = [
        EventExtractor::new(),
        EventExtractor::new().with_xray(XRayPolicy::Parent),
        EventExtractor::new().with_xray(XRayPolicy::Ignore),
        EventExtractor::new().with_trust(Trust::StartNew),
        EventExtractor::new().with_records(RecordPolicy::Link),
        EventExtractor::new()
            .with_records(RecordPolicy::Link)
            .with_xray(XRayPolicy::Parent),
    ];
    let mut found = 0;
    for extractor in &extractors {
        for body in bodies() {
            for header in [None, Some(HEADER)] {
                let event = json!({"Records": [{"messageId": "m", "body": body,
                    "attributes": {"AWSTraceHeader": header}, "messageAttributes": {},
                    "eventSource": "aws:sqs"}]});
                let event = event.to_string();
                let delivered = extractor.extract(&RawInvocation::new(event.as_bytes(), ""));
                let polled = extractor.message(|_| None, &body, header);
                let (expected, polled_span) = (delivered.parent.span(), polled.span());
                assert_eq!(
                    polled_span.span_context(),
                    expected.span_context(),
                    "{body}"
                );
                let (expected, baggage) = (delivered.parent.baggage(), polled.baggage());
                assert_eq!(baggage.to_string(), expected.to_string(), "{body}");
                found += usize::from(polled_span.span_context().is_valid());
            }
        }
    }
    assert!(found > 20, "{found}");
}
