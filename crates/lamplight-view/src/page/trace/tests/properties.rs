//! Properties of pages for arbitrary spans.

use std::sync::Arc;

use lamplight_semconv::{error, exception, faas, lamplight, messaging};
use proptest::prelude::*;

use super::support::{Made, attributes, id, journey, span, text, trace};
use crate::{
    journey::{Around, Journey, NodeKind},
    page::{
        Addresses, Scale,
        trace::{self as pages, TraceOptions, fold, fold::Row, survey::Survey},
    },
    span::{Attribute, Event, Kind, Link, Resource, Scope, Span, SpanRef, Status, Value},
};

/// Malicious text, or unexpected text.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("<script>alert(1)</script>".to_owned()),
        Just("\"><img src=x onerror=alert(1)>".to_owned()),
        Just("' onmouseover='alert(1)".to_owned()),
        Just("</pre></svg></style><style>*{display:none}</style>".to_owned()),
        Just("&lt;b&gt; &amp; &#60;i&#62;".to_owned()),
        Just(String::new()),
        Just("\u{0}\u{7}\u{202e}\u{feff}\n\r\t ".to_owned()),
        Just("é<".repeat(600)),
        Just("<a\n".repeat(24_000)),
        any::<String>(),
    ]
}

fn key() -> impl Strategy<Value = String> {
    const KNOWN: [&str; 14] = [
        faas::NAME,
        faas::INVOCATION_ID,
        faas::COLDSTART,
        messaging::SYSTEM,
        messaging::destination::NAME,
        messaging::message::ID,
        messaging::batch::MESSAGE_COUNT,
        lamplight::init::DURATION_MS,
        lamplight::queue::LATENCY_MS,
        lamplight::RECEIVE_COUNT,
        lamplight::inferred::SERVICE,
        error::TYPE,
        exception::TYPE,
        exception::STACKTRACE,
    ];
    prop_oneof![
        3 => prop::sample::select(&KNOWN[..]).prop_map(str::to_owned),
        1 => hostile(),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        4 => hostile().prop_map(Value::String),
        1 => Just(Value::Empty),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => any::<i64>().prop_map(Value::Int),
        1 => any::<f64>().prop_map(Value::Double),
        1 => prop::collection::vec(any::<u8>(), 0..9).prop_map(Value::Bytes),
    ];
    plain.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::vec((hostile(), inner), 0..3).prop_map(|pairs| {
                let attribute = |(key, value)| Attribute { key, value };
                Value::Map(pairs.into_iter().map(attribute).collect())
            }),
        ]
    })
}

fn pairs() -> impl Strategy<Value = Vec<Attribute>> {
    let attribute = (key(), value()).prop_map(|(key, value)| Attribute { key, value });
    prop::collection::vec(attribute, 0..5)
}

fn time() -> impl Strategy<Value = u64> {
    prop_oneof![
        6 => 1_000_000_000_u64..9_000_000_000,
        1 => Just(0),
        1 => Just(u64::MAX),
        1 => any::<u64>(),
    ]
}

/// A span of trace 1 or 2, with one of a few ids.
fn any_span() -> impl Strategy<Value = Span> {
    let ids = (1_u8..3, 0_u64..9, prop::option::of(0_u64..9));
    let kinds = prop::sample::select(vec![
        Kind::Internal,
        Kind::Server,
        Kind::Client,
        Kind::Producer,
        Kind::Consumer,
    ]);
    let event = (
        time(),
        prop_oneof![Just("exception".to_owned()), hostile()],
        pairs(),
    )
        .prop_map(|(time, name, attributes)| Event {
            time,
            name,
            attributes: attributes.into_iter().collect(),
            dropped_attributes: 1,
        });
    let link =
        (1_u8..4, 0_u64..9, hostile(), pairs()).prop_map(|(of, to, trace_state, pairs)| Link {
            to: SpanRef {
                trace: trace(of),
                span: id(to),
            },
            flags: 0,
            trace_state,
            attributes: pairs.into_iter().collect(),
            dropped_attributes: 0,
        });
    let more = (
        prop::collection::vec(event, 0..3),
        prop::collection::vec(link, 0..3),
        (hostile(), pairs(), hostile(), pairs()),
        (0_u32..3, 1_u32..4, any::<u32>()),
    );
    (
        ids,
        hostile(),
        kinds,
        (time(), time()),
        (hostile(), any::<bool>(), hostile()),
        pairs(),
        more,
    )
        .prop_map(
            |((of, own, parent), name, kind, times, status, pairs, more)| {
                let (events, links, (schema, by, with, and), (dropped, came, flags)) = more;
                let resource = Resource {
                    attributes: by.into_iter().collect(),
                    dropped_attributes: dropped,
                    schema_url: schema,
                };
                let scope = Scope {
                    name: with.clone(),
                    version: with,
                    attributes: and.into_iter().collect(),
                    ..Scope::default()
                };
                let mut span = Span::empty(Arc::new(resource), Arc::new(scope));
                span.trace_id = trace(of);
                span.span_id = id(own);
                span.parent = parent.map(id);
                span.name = name;
                span.kind = kind;
                (span.start, span.end) = times;
                (span.status_message, span.trace_state) = (status.0, status.2);
                span.status = if status.1 {
                    Status::Error
                } else {
                    Status::Unset
                };
                span.attributes = pairs.into_iter().collect();
                (span.events, span.links, span.times, span.flags) = (events, links, came, flags);
                (
                    span.dropped_attributes,
                    span.dropped_events,
                    span.dropped_links,
                ) = (dropped, dropped, dropped);
                span
            },
        )
}

fn any_journey() -> impl Strategy<Value = Journey> {
    prop::collection::vec(any_span(), 0..14).prop_map(|spans| {
        let (spans, related) = spans
            .into_iter()
            .partition(|span| span.trace_id == trace(1));
        Journey::new(
            trace(1),
            Around {
                spans,
                related,
                ..Around::default()
            },
        )
    })
}

/// Parses a page strictly: all tags and attributes must be among those that pages use, and all tags
/// must be closed in order.
fn assert_is_of_pages(html: &str) {
    const TAGS: [&str; 39] = [
        "a", "code", "dd", "details", "div", "dl", "dt", "h1", "h2", "h3", "input", "kbd", "label",
        "li", "line", "ol", "p", "path", "pre", "rect", "section", "span", "strong", "summary",
        "svg", "table", "tbody", "td", "text", "th", "thead", "title", "tr", "ul", "time", "small",
        "b", "em", "i",
    ];
    const ATTRIBUTES: [&str; 37] = [
        "data-keys",
        "aria-current",
        "aria-expanded",
        "aria-hidden",
        "aria-label",
        "aria-level",
        "checked",
        "class",
        "d",
        "data-press",
        "dx",
        "dy",
        "height",
        "href",
        "id",
        "open",
        "overflow",
        "role",
        "rx",
        "stroke-dasharray",
        "tabindex",
        "text-anchor",
        "title",
        "type",
        "viewBox",
        "width",
        "x",
        "x1",
        "x2",
        "y",
        "y1",
        "y2",
        "lang",
        "scope",
        "for",
        "datetime",
        "colspan",
    ];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some((text, tag)) = rest.split_once('<') {
        assert!(!text.contains(['>', '"']), "{text:?}");
        if let Some(tag) = tag.strip_prefix('/') {
            let (name, after) = tag.split_once('>').unwrap();
            assert_eq!(open.pop(), Some(name));
            rest = after;
            continue;
        }
        let end = tag.find([' ', '>']).unwrap();
        let (name, mut tag) = tag.split_at(end);
        assert!(TAGS.contains(&name), "<{name}>");
        while let Some(attribute) = tag.strip_prefix(' ') {
            let end = attribute.find(['=', ' ', '>']).unwrap();
            let (key, after) = attribute.split_at(end);
            assert!(ATTRIBUTES.contains(&key), "{key}");
            tag = match after.strip_prefix("=\"") {
                Some(value) => {
                    let (value, after) = value.split_once('"').unwrap();
                    assert!(!value.contains(['<', '>']), "{value:?}");
                    if key == "href" {
                        assert!(value.starts_with(['/', '#']), "{value}");
                    }
                    after
                }
                None => after,
            };
        }
        rest = tag.strip_prefix('>').unwrap();
        if name != "input" {
            open.push(name);
        }
    }
    assert!(
        open.is_empty() && !rest.contains(['>', '"']),
        "{open:?} {rest:?}"
    );
}

/// Returns the number of rows with spans, and the number of counted spans.
fn rows(html: &str) -> (usize, usize) {
    let mut of_spans = 0;
    let mut counted = 0;
    for row in html
        .split("<li class=\"")
        .skip(1)
        .filter(|row| row.starts_with("t-li"))
    {
        if row.starts_with("t-li t-fold") {
            let text = row
                .split("t-main")
                .nth(1)
                .and_then(|it| it.split_once('>'))
                .unwrap()
                .1;
            let digits = text.split(" more").next().unwrap().replace(',', "");
            counted += digits.parse::<usize>().unwrap();
        } else {
            of_spans += 1;
        }
    }
    (of_spans, counted)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_byte_of_a_span_is_anything_but_text(
        journey in any_journey(),
        file in any::<bool>(),
        critical in any::<bool>(),
        truly in any::<bool>(),
        selected in prop::option::of(0_u64..9),
    ) {
        let addresses = if file { Addresses::Fragments } else { Addresses::Paths };
        let options = TraceOptions {
            critical,
            scale: if truly { Scale::True } else { Scale::Compressed },
            selected: selected.map(id),
            ..TraceOptions::new(addresses)
        };
        let page = pages::trace(&journey, &options).into_string();
        assert_is_of_pages(&page);
        if !journey.nodes.is_empty() {
            prop_assert_eq!(rows(&page), (journey.nodes.len(), 0));
        }
        for batch in &journey.batches {
            assert_is_of_pages(&pages::invocation(&journey, batch.id, &options).into_string());
        }
        for node in &journey.nodes {
            if let NodeKind::Span(span) = &node.kind {
                assert_is_of_pages(&pages::invocation(&journey, span.id(), &options).into_string());
            }
        }
        for attempts in &journey.attempts {
            let page = pages::message(&attempts.message_id, &journey.attempts, &options);
            assert_is_of_pages(&page.into_string());
        }
    }

    #[test]
    fn every_span_has_a_row_or_is_counted(
        parents in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>(), any::<bool>()), 1..300),
        limit in 1_usize..80,
        selected in any::<prop::sample::Index>(),
    ) {
        let spans = parents.iter().enumerate().map(|(number, (parent, deep, failed))| {
            let parent = match (number, deep) {
                (0, _) => None,
                (_, true) => Some(number as u64),
                (_, false) => Some(parent.index(number) as u64 + 1),
            };
            let made = span("f", number as u64 + 1, parent, "step").time(number as u64, number as u64 + 9);
            if *failed && number % 7 == 0 { made.failed("Broken", "it broke") } else { made }
        });
        let journey = journey(spans.collect::<Vec<Made>>());
        let selected = id(selected.index(parents.len()) as u64 + 1);
        let survey = Survey::of(&journey);
        let rows = fold::rows(&journey, &survey, limit, Some(selected));
        let mut shown = vec![0; journey.nodes.len()];
        let mut counted = 0;
        for row in &rows {
            match row {
                Row::Node(place) => shown[*place] += 1,
                Row::Folded { count, first, .. } => {
                    prop_assert_eq!(shown[*first], 0);
                    counted += usize::try_from(*count).unwrap();
                }
            }
        }
        let with_rows: usize = shown.iter().sum();
        prop_assert!(shown.iter().all(|times| *times <= 1) && with_rows <= limit.max(1));
        prop_assert_eq!(with_rows + counted, journey.nodes.len());
        prop_assert_eq!(shown[journey.find(selected).unwrap()], 1);
        let options = TraceOptions { limit, selected: Some(selected), ..TraceOptions::new(Addresses::Paths) };
        let page = pages::trace(&journey, &options).into_string();
        prop_assert_eq!(self::rows(&page), (with_rows, counted));
    }
}

#[test]
fn a_page_has_a_bound_in_bytes_whatever_is_in_the_spans() {
    let (huge, long) = ("\"".repeat(70_000), "\"".repeat(700));
    let pairs = |value: &str, count| {
        let pairs: Vec<(&str, Value)> = (0..count).map(|_| (long.as_str(), text(value))).collect();
        attributes(&pairs)
    };
    let (many, numerous) = (pairs(&huge, 60), pairs("1", 9_000));
    let spans = (1..2_500).map(|number| {
        let parent = (number > 1).then_some(number / 2);
        let mut made = span(&long, number, parent, &long).time(number, number + 5);
        for after in 0..15 {
            made = made.threw(after, &long, &long);
        }
        // They share a resource, which would otherwise be as long for each.
        made.0.resource = Arc::default();
        made
    });
    let mut spans: Vec<Made> = spans.collect();
    for made in spans.iter_mut().take(4) {
        made.0.attributes = many.clone();
        made.0.events[0].attributes = numerous.clone();
    }
    let journey = journey(spans);
    for addresses in [Addresses::Paths, Addresses::Fragments] {
        let options = TraceOptions {
            selected: Some(id(3)),
            ..TraceOptions::new(addresses)
        };
        let page = pages::trace(&journey, &options).into_string();
        assert!(page.len() < 20_000_000, "{} bytes", page.len());
        let (with_rows, counted) = rows(&page);
        assert!(with_rows > 100);
        assert_eq!(with_rows + counted, journey.nodes.len());
    }
}

#[test]
fn a_deep_trace_is_indented_so_far_and_no_further() {
    let spans = (1..1_500).map(|number| {
        let parent = (number > 1).then(|| number - 1);
        span("f", number, parent, "deeper").time(number, 2_000)
    });
    let page = pages::trace(&journey(spans), &TraceOptions::new(Addresses::Paths)).into_string();
    assert!(page.contains("t-li t-d20") && !page.contains("t-li t-d21"));
    assert!(page.contains("aria-level=\"1499\""));
}
