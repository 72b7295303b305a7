//! The same traces in SQLite and in ClickHouse give the same pages.

use std::collections::HashSet;

use lamplight_semconv::faas;
use lamplight_view::{
    page::{Site, View, render},
    read::Found,
    store::{Settings, SqliteStore, Store},
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span},
};
use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::TestRunner,
};
use prost::Message;

use super::Fresh;
use crate::store::build::{of, request_of, requests, text};

/// A loss of the tables, with its reason.
type Loss = (&'static str, fn(&mut ResourceSpans));

/// All that pages of ClickHouse lack. Applied to what SQLite stores, they give the same pages, byte
/// for byte.
const LOSSES: [Loss; 5] = [
    (
        "Attributes are sorted by key: ClickHouse compares and compresses maps in their order.",
        |resource| {
            each_list(resource, |list| {
                list.sort_by(|one, other| one.key.cmp(&other.key));
            });
        },
    ),
    (
        "Values are text, as the column's type is Map(String, String); only attributes of the \
         semantic conventions have their type again.",
        |resource| each_list(resource, |list| list.iter_mut().for_each(make_text)),
    ),
    ("Flags have no column.", |resource| {
        each_span(resource, |span| {
            span.flags = 0;
            span.links.iter_mut().for_each(|link| link.flags = 0);
        });
    }),
    ("Numbers of dropped items have no column.", |resource| {
        each_span(resource, |span| {
            span.dropped_attributes_count = 0;
            span.dropped_events_count = 0;
            span.dropped_links_count = 0;
            let events = span.events.iter_mut();
            events.for_each(|event| event.dropped_attributes_count = 0);
            let links = span.links.iter_mut();
            links.for_each(|link| link.dropped_attributes_count = 0);
        });
        resource
            .resource
            .get_or_insert_default()
            .dropped_attributes_count = 0;
    }),
    (
        "Schema URLs, and attributes of scopes, have no column.",
        |resource| {
            resource.schema_url.clear();
            for scope in &mut resource.scope_spans {
                scope.schema_url.clear();
                let scope = scope.scope.get_or_insert_default();
                scope.attributes.clear();
                scope.dropped_attributes_count = 0;
            }
        },
    ),
];

fn each_span(resource: &mut ResourceSpans, change: impl FnMut(&mut Span)) {
    let scopes = resource.scope_spans.iter_mut();
    scopes.flat_map(|scope| &mut scope.spans).for_each(change);
}

fn each_list(resource: &mut ResourceSpans, change: impl Fn(&mut Vec<KeyValue>)) {
    each_span(resource, |span| {
        change(&mut span.attributes);
        span.events
            .iter_mut()
            .for_each(|event| change(&mut event.attributes));
        span.links
            .iter_mut()
            .for_each(|link| change(&mut link.attributes));
    });
    change(&mut resource.resource.get_or_insert_default().attributes);
}

/// Replaces a value of an attribute that no convention defines by its text.
fn make_text(attribute: &mut KeyValue) {
    if !attribute.key.starts_with("app.") {
        return;
    }
    let Some(value) = attribute.value.as_mut().and_then(|it| it.value.as_mut()) else {
        return;
    };
    let text = match value {
        Value::IntValue(number) => number.to_string(),
        Value::DoubleValue(number) => number.to_string(),
        Value::BoolValue(flag) => flag.to_string(),
        // As the Collector spells a list.
        Value::ArrayValue(list) => {
            let each = list.values.iter().map(|it| match &it.value {
                Some(Value::StringValue(text)) => serde_json::Value::from(text.as_str()),
                other => panic!("{other:?}"),
            });
            serde_json::Value::from_iter(each).to_string()
        }
        _ => return,
    };
    *value = Value::StringValue(text);
}

/// Returns values of an HTML attribute.
fn links(html: &str) -> impl Iterator<Item = String> {
    let each = html.split(" href=\"").skip(1);
    each.map(|it| it.split('"').next().unwrap().replace("&amp;", "&"))
}

/// Asserts that all pages that are linked from the first one are equal, up to a number, and returns
/// the number.
fn assert_same_pages(requests: &[Vec<u8>], most: usize) -> usize {
    let (tables, sqlite) = (
        Fresh::new(),
        SqliteStore::in_memory(Settings::default()).unwrap(),
    );
    for request in requests {
        tables.add(request).unwrap();
        let mut request = ExportTraceServiceRequest::decode(&request[..]).unwrap();
        for resource in &mut request.resource_spans {
            for (_, lose) in LOSSES {
                lose(resource);
            }
        }
        sqlite.add(&request.encode_to_vec()).unwrap();
    }
    let mut waiting = vec!["/".to_owned()];
    let mut seen: HashSet<String> = HashSet::new();
    let mut count = 0;
    while let Some(link) = waiting.pop() {
        let (path, query) = link.split_once('?').unwrap_or((&link, ""));
        let view = View::parse(path, query).unwrap();
        let page = |store: &dyn Store| {
            let page = render(store, &view, &Site::served()).unwrap();
            assert!(page.found, "{link}");
            // Each store has revisions of its own.
            let revision = format!("data-revision=\"{}\"", store.revision().unwrap());
            page.html.replace(&revision, "")
        };
        let (one, other) = (page(&tables), page(&sqlite));
        let differing = one
            .lines()
            .zip(other.lines())
            .find(|(one, other)| one != other);
        assert!(one == other, "{link}: {differing:#?}");
        count += 1;
        for link in links(&one) {
            let link = link.split('#').next().unwrap().to_owned();
            if link.starts_with('/') && seen.len() < most && seen.insert(link.clone()) {
                waiting.push(link);
            }
        }
    }
    count
}

#[test]
fn the_pages_of_the_demo_are_the_same() {
    let mut found = Found::default();
    found.add("demo.json", include_bytes!("../../../data/demo.json"));
    let count = assert_same_pages(&found.requests, 60);
    assert!(count >= 60, "{count}");
}

#[test]
fn the_pages_of_any_spans_are_the_same() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..3 {
        let mut requests = requests().new_tree(&mut runner).unwrap().current();
        let spans = (requests.iter_mut())
            .flat_map(|it| &mut it.resource_spans)
            .flat_map(|it| &mut it.scope_spans)
            .flat_map(|it| &mut it.spans);
        for (place, span) in (0..).zip(spans) {
            // SQLite shows spans that start at once in the order of their arrival, which is not in
            // the tables.
            span.start_time_unix_nano = 1_700_000_000_000_000_000 + place * 1_000_000;
            span.end_time_unix_nano = span.start_time_unix_nano + place % 7 * 500_000;
            // Ids are rarely repeated.
            span.trace_id = vec![1 + place as u8 % 4; 16];
            span.span_id = (place + 1).to_be_bytes().to_vec();
        }
        let requests: Vec<_> = requests.iter().map(Message::encode_to_vec).collect();
        assert_same_pages(&requests, 40);
    }
}

#[test]
fn everything_that_is_lost_is_in_the_table() {
    // A span with everything that is lost, and something that is not.
    let attributes = vec![
        of("app.number", Value::DoubleValue(2.5)),
        of("app.flag", Value::BoolValue(true)),
        of(faas::COLDSTART, Value::BoolValue(true)),
        text(faas::INVOCATION_ID, "one"),
    ];
    let span = Span {
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        trace_state: "a=b".to_owned(),
        flags: 0x301,
        name: "work".to_owned(),
        kind: 2,
        start_time_unix_nano: 1_700_000_000_000_000_000,
        end_time_unix_nano: 1_700_000_000_500_000_000,
        attributes,
        dropped_attributes_count: 3,
        dropped_events_count: 4,
        dropped_links_count: 5,
        ..Span::default()
    };
    let mut request = request_of("f", vec![span]);
    let resource = &mut request.resource_spans[0];
    resource.schema_url = "https://a".to_owned();
    resource.resource = Some(Resource {
        dropped_attributes_count: 1,
        ..resource.resource.clone().unwrap()
    });
    let scope: &mut ScopeSpans = &mut resource.scope_spans[0];
    scope.schema_url = "https://b".to_owned();
    let attribute = KeyValue {
        key: "app.scope".to_owned(),
        value: Some(AnyValue {
            value: Some(Value::IntValue(1)),
        }),
        ..KeyValue::default()
    };
    scope.scope.as_mut().unwrap().attributes = vec![attribute];
    let original = request.encode_to_vec();
    assert_same_pages(std::slice::from_ref(&original), 20);
    // The request has something of each of them.
    for (why, lose) in LOSSES {
        let mut changed = request.clone();
        lose(&mut changed.resource_spans[0]);
        assert_ne!(changed.encode_to_vec(), original, "{why}");
    }
}
