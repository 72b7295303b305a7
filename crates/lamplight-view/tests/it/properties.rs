//! Properties of journeys of arbitrary spans.

use std::{collections::HashSet, sync::Arc};

use lamplight_semconv::{error, faas, lamplight, messaging};
use lamplight_view::{
    facts::Facts,
    journey::{Around, Journey, NodeKind},
    span::{Attribute, Kind, Link, Resource, Span, SpanId, SpanRef, Status, TraceId, Value},
};
use proptest::{collection::vec, option, prelude::*};

/// One of a few ids, so that spans are related; including zeros.
fn span_id() -> impl Strategy<Value = SpanId> {
    (0..7_u8).prop_map(|id| SpanId([id; 8]))
}

fn reference() -> impl Strategy<Value = SpanRef> {
    (0..3_u8, span_id()).prop_map(|(trace, span)| SpanRef {
        trace: TraceId([trace; 16]),
        span,
    })
}

fn time() -> impl Strategy<Value = u64> {
    prop_oneof![
        8 => 1_000_000_000_u64..1_100_000_000,
        1 => any::<u64>(),
        1 => prop_oneof![Just(0), Just(u64::MAX)],
    ]
}

fn milliseconds() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => (0.0..60.0).prop_map(Value::Double),
        1 => any::<f64>().prop_map(Value::Double),
        1 => any::<i64>().prop_map(Value::Int),
    ]
}

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = Value> {
    proptest::sample::select(texts).prop_map(|text| Value::String(text.to_owned()))
}

fn attribute() -> impl Strategy<Value = Attribute> {
    let count = || (-1..4_i64).prop_map(Value::Int);
    prop_oneof![
        (Just(faas::INVOCATION_ID), one_of(&["i", "j"]).boxed()),
        (Just(faas::INVOKED_NAME), one_of(&["f"]).boxed()),
        (
            Just(faas::COLDSTART),
            any::<bool>().prop_map(Value::Bool).boxed()
        ),
        (Just(lamplight::init::DURATION_MS), milliseconds().boxed()),
        (Just(lamplight::queue::LATENCY_MS), milliseconds().boxed()),
        (Just(lamplight::RECEIVE_COUNT), count().boxed()),
        (Just(lamplight::batch::FAILED_COUNT), count().boxed()),
        (
            Just(lamplight::inferred::SERVICE),
            one_of(&["aws_sqs"]).boxed()
        ),
        (
            Just(messaging::SYSTEM),
            one_of(&["aws_sqs", "aws.sns"]).boxed()
        ),
        (
            Just(messaging::destination::NAME),
            one_of(&["a", "b"]).boxed()
        ),
        (Just(messaging::message::ID), one_of(&["m", "n"]).boxed()),
        (Just(messaging::batch::MESSAGE_COUNT), count().boxed()),
        (
            Just(messaging::operation::TYPE),
            one_of(&["send", "receive"]).boxed()
        ),
        (Just(error::TYPE), one_of(&["timeout"]).boxed()),
    ]
    .prop_map(|(key, value)| Attribute {
        key: key.to_owned(),
        value,
    })
}

prop_compose! {
    fn span()(
        id in reference(),
        parent in option::of(span_id()),
        kind in 0..7_u64,
        (start, end) in (time(), time()),
        failed in any::<bool>(),
        attributes in vec(attribute(), 0..6),
        links in vec(reference(), 0..3),
        process in one_of(&["p", "q", "r"]),
    ) -> Span {
        let mut resource = Resource::default();
        resource.attributes.0.push(Attribute { key: faas::NAME.to_owned(), value: process });
        let mut span = Span::empty(Arc::new(resource), Arc::default());
        (span.trace_id, span.span_id, span.parent) = (id.trace, id.span, parent);
        span.kind = Kind::of(kind);
        (span.start, span.end) = (start, end);
        if failed {
            span.status = Status::Error;
        }
        span.attributes = attributes.into_iter().collect();
        span.links = links.into_iter().map(Link::new).collect();
        span
    }
}

fn text(span: &Span) -> String {
    let mut span = span.clone();
    span.times = 1;
    format!("{span:?}")
}

proptest! {
    #[test]
    fn every_span_is_there_once_or_counted(spans in vec(span(), 0..40), twice in any::<bool>()) {
        let (mut spans, related): (Vec<_>, Vec<_>) =
            spans.into_iter().partition(|span| span.trace_id.0[0] > 0);
        if twice {
            spans.extend(spans.clone());
        }
        let journey = Journey::new(TraceId([1; 16]), Around { spans: spans.clone(), related, ..Around::default() });
        let there: Vec<_> = journey.nodes.iter().filter_map(|node| node.span()).collect();
        let times: usize = there.iter().map(|span| span.times as usize).sum();
        prop_assert_eq!(times, spans.len());
        let given: HashSet<_> = spans.iter().map(text).collect();
        let kept: HashSet<_> = there.iter().map(|span| text(span)).collect();
        prop_assert_eq!(there.len(), kept.len());
        prop_assert_eq!(given, kept);
    }

    #[test]
    fn a_journey_is_in_order(spans in vec(span(), 0..40)) {
        let (spans, related) = spans.into_iter().partition(|span| span.trace_id.0[0] > 0);
        let journey = Journey::new(TraceId([1; 16]), Around { spans, related, ..Around::default() });
        for (place, node) in journey.nodes.iter().enumerate() {
            // Parents come before their children, and the links between both agree.
            let above = node.parent.map(|parent| &journey.nodes[parent]);
            prop_assert!(node.parent.is_none_or(|parent| parent < place));
            prop_assert_eq!(node.depth, above.map_or(0, |above| above.depth + 1));
            prop_assert!(above.is_none_or(|above| above.children.contains(&place)));
            for child in &node.children {
                prop_assert_eq!(journey.nodes[*child].parent, Some(place));
            }
            let starts: Vec<_> = node.children.iter().map(|it| journey.nodes[*it].start).collect();
            prop_assert!(starts.is_sorted());
            // Times are consistent.
            prop_assert!(node.start <= node.end && node.end <= journey.end);
            prop_assert!(node.underway() == 0 || journey.begin <= node.underway());
            // Waits do not overlap.
            for wait in &node.waits {
                prop_assert!(wait.start < wait.end && wait.end <= node.start);
                prop_assert!(!wait.place.is_empty());
            }
            prop_assert!(node.waits.windows(2).all(|two| two[0].end <= two[1].start));
            // The parent of a node on the critical path is on it too.
            prop_assert!(!node.critical || above.is_none_or(|above| above.critical));
            if let NodeKind::Missing(_) = node.kind {
                prop_assert!(node.depth == 0 && !node.children.is_empty());
            }
            if let (Some(span), Some(batch)) = (node.span(), node.batch) {
                let batch = &journey.batches[batch];
                prop_assert!(batch.id == span.id() || batch.number(span.id()).is_some());
            }
            if let (Some(span), Some(attempts)) = (node.span(), node.attempts) {
                let deliveries = &journey.attempts[attempts].deliveries;
                prop_assert!(deliveries.iter().any(|it| it.id() == span.id()));
            }
        }
        for batch in &journey.batches {
            prop_assert!(batch.records.is_sorted_by_key(|record| record.start));
        }
        for attempts in &journey.attempts {
            prop_assert!(attempts.deliveries.is_sorted_by_key(|span| span.start));
            prop_assert!(!attempts.deliveries.is_empty());
            let last = attempts.deliveries.last().unwrap();
            prop_assert_eq!(Facts::of(last).message_id, Some(attempts.message_id.as_str()));
        }
        let is_some = journey.nodes.iter().any(|node| node.critical);
        prop_assert_eq!(is_some, !journey.nodes.is_empty());
    }
}
