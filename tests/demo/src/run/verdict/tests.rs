//! The judge must see each way in which a trace can be broken or a span lost.

use std::{collections::BTreeMap, time::Duration};

use lamplight::semconv::faas;
use lamplight_test_rig::spans::SpanKind;

use super::{broken, lost};
use crate::run::{evidence::Evidence, orders::Sent, spans::Span, trace::Trace};

/// A span of trace `t`; an invocation's span if `request` is its id.
fn span(id: &str, parent: &str, service: &str, kind: SpanKind, request: &str) -> Span {
    let mut attributes = BTreeMap::new();
    if !request.is_empty() {
        attributes.insert(faas::INVOCATION_ID.to_owned(), request.to_owned());
    }
    Span {
        trace_id: "t".to_owned(),
        span_id: id.to_owned(),
        parent_id: (!parent.is_empty()).then(|| parent.to_owned()),
        service: service.to_owned(),
        name: id.to_owned(),
        kind,
        start: 0,
        duration: Duration::ZERO,
        error: None,
        attributes,
        links: Vec::new(),
    }
}

/// The trace of an order that egress got in a batch of several.
fn whole() -> Vec<Span> {
    vec![
        span("accept", "", "ingress", SpanKind::Server, "r1"),
        span("put", "accept", "ingress", SpanKind::Producer, ""),
        span("record", "put", "egress", SpanKind::Consumer, ""),
        span("invoke", "record", "egress", SpanKind::Client, ""),
        span("receive", "invoke", "subscriber", SpanKind::Server, "r3"),
    ]
}

fn order() -> Sent {
    let trace_id = Some("t".to_owned());
    Sent {
        order: "order-0001".to_owned(),
        refused: false,
        status: 202,
        trace_id,
    }
}

fn evidence() -> Evidence {
    Evidence {
        ingress: ["r1".to_owned()].into(),
        subscriber: ["r3".to_owned()].into(),
        ..Evidence::default()
    }
}

fn flaws(spans: Vec<Span>, sent: Sent) -> String {
    broken(&Trace::group(spans), &[sent]).join("\n")
}

#[test]
fn a_whole_trace_is_whole() {
    assert_eq!(flaws(whole(), order()), "");
    assert_eq!(lost(&evidence(), &[order()], whole().iter()), 0);
}

#[test]
fn each_missing_span_is_lost_and_breaks_the_trace() {
    for missing in 0..whole().len() {
        let mut spans = whole();
        let name = spans.remove(missing).name;
        assert_eq!(
            lost(&evidence(), &[order()], spans.iter()),
            1,
            "without {name}"
        );
        assert_ne!(flaws(spans, order()), "", "without {name}");
    }
}

#[test]
fn an_invocation_without_any_span_is_lost() {
    let mut evidence = evidence();
    evidence.egress.insert("r2".to_owned());
    assert_eq!(lost(&evidence, &[order()], whole().iter()), 1);
}

#[test]
fn a_span_of_another_invocation_does_not_stand_in() {
    let mut spans = whole();
    spans.push(span(
        "again",
        "invoke",
        "subscriber",
        SpanKind::Server,
        "r4",
    ));
    spans.retain(|span| span.name != "receive");
    assert_eq!(lost(&evidence(), &[order()], spans.iter()), 1);
}

#[test]
fn a_second_root_breaks_a_trace() {
    let mut spans = whole();
    spans.push(span("other", "", "ingress", SpanKind::Server, "r9"));
    assert!(flaws(spans, order()).contains("2 roots"));
}

#[test]
fn a_hop_that_skips_its_client_span_breaks_a_trace() {
    let mut spans = whole();
    spans
        .iter_mut()
        .filter(|span| span.name == "record")
        .for_each(|span| {
            span.parent_id = Some("accept".to_owned());
        });
    assert!(flaws(spans, order()).contains("not a client span"));
}

#[test]
fn a_refused_order_needs_every_attempt() {
    let refused = Sent {
        refused: true,
        ..order()
    };
    assert!(flaws(whole(), refused).contains("1 of 2 hops from ingress to egress"));
}

#[test]
fn an_order_without_spans_or_without_an_id_is_broken() {
    assert!(flaws(Vec::new(), order()).contains("nothing of order-0001 arrived"));
    assert!(
        flaws(
            whole(),
            Sent {
                trace_id: None,
                ..order()
            }
        )
        .contains("named no trace")
    );
}

#[test]
fn an_order_that_was_turned_away_needs_no_hops() {
    let spans = vec![span("accept", "", "ingress", SpanKind::Server, "r1")];
    assert_eq!(
        flaws(
            spans,
            Sent {
                status: 400,
                ..order()
            }
        ),
        ""
    );
}
