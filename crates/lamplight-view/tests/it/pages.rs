//! Pages of the demo, from a store.

#[path = "../../src/page/tests/golden.rs"]
mod golden;
#[path = "../../src/page/tests/shape.rs"]
mod shape;

use std::{collections::HashSet, fs, path::Path};

use lamplight_view::{
    page::{FileSettings, Site, View, file, render},
    read::Found,
    store::{Query, Settings, Side, SqliteStore, Store, Window},
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest, common::v1::any_value,
};
use proptest::prelude::*;
use prost::Message as _;

use crate::store::build::requests;
use golden::assert_golden;
use shape::shape;

/// A store with a run of the demo.
fn demo() -> SqliteStore {
    let store = SqliteStore::in_memory(Settings::default()).unwrap();
    let mut found = Found::default();
    found.add("demo.json", include_bytes!("../data/demo.json"));
    for request in &found.requests {
        store.add(request).unwrap();
    }
    store
}

/// Returns the values of an HTML attribute.
fn values<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    let ends = html.split(&start).skip(1);
    ends.map(|it| it.split('"').next().unwrap()).collect()
}

/// Asserts that each id of a file is unique, and that each link leads to one.
#[track_caller]
fn assert_whole(html: &str) {
    let ids = values(html, "id");
    let unique: HashSet<&str> = ids.iter().copied().collect();
    let again = |id: &&&str| ids.iter().filter(|it| it == id).count() > 1;
    assert_eq!(
        ids.len(),
        unique.len(),
        "twice: {:?}",
        ids.iter().find(again)
    );
    for link in values(html, "href") {
        let Some(id) = link.strip_prefix('#') else {
            assert!(link.starts_with("data:"), "{link} leads out of the file");
            continue;
        };
        assert!(unique.contains(id), "{link} leads nowhere");
    }
}

/// Turns a text into one that would do harm if it were interpreted as HTML.
fn spoil(text: &mut String) {
    text.push_str("\"'><script>&lt;</style>");
}

fn spoil_all(request: &mut ExportTraceServiceRequest) {
    let resources = request.resource_spans.iter_mut();
    for it in resources
        .flat_map(|it| &mut it.scope_spans)
        .flat_map(|it| &mut it.spans)
    {
        spoil(&mut it.name);
        if let Some(status) = &mut it.status {
            spoil(&mut status.message);
        }
        let inside = it.events.iter_mut().flat_map(|it| &mut it.attributes);
        for attribute in it.attributes.iter_mut().chain(inside) {
            let value = attribute.value.as_mut().and_then(|it| it.value.as_mut());
            if let Some(any_value::Value::StringValue(text)) = value {
                spoil(text);
            }
        }
    }
    for attribute in request
        .resource_spans
        .iter_mut()
        .flat_map(|it| &mut it.resource)
        .flat_map(|it| &mut it.attributes)
    {
        let value = attribute.value.as_mut().and_then(|it| it.value.as_mut());
        if let Some(any_value::Value::StringValue(text)) = value {
            spoil(text);
        }
    }
}

/// Saves a page for review.
fn keep(name: &str, html: &str) {
    fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name), html).unwrap();
}

#[test]
fn the_pages_of_the_demo_look_like_this() {
    let store = demo();
    let differences = |side| View::Differences {
        query: Query::default(),
        side,
    };
    let views = [
        ("demo-functions", View::Functions(Window::default())),
        ("demo-invocations", View::Invocations(Query::default())),
        ("demo-traces", View::Traces(Query::default())),
        ("demo-map", View::Map(Window::default())),
        ("demo-differences", differences(Side::Failed)),
        ("demo-differences-slow", differences(Side::Slow)),
    ];
    for (name, view) in views {
        let page = render(&store, &view, &Site::served()).unwrap();
        keep(&format!("{name}.html"), &page.html);
        assert_golden(name, &page.html);
    }
}

#[test]
fn every_link_of_the_file_leads_to_something_in_it() {
    let store = demo();
    let html = file(&store, &FileSettings::default()).unwrap();
    keep("demo.html", &html);
    assert_whole(&html);
    // For example every view in the navigation, and the invocations of every function.
    for function in store.functions(Window::default()).unwrap() {
        assert!(html.contains(&format!("href=\"#invocations-{}\"", function.name)));
    }
    assert!(html.contains("href=\"#traces\"") && html.contains("href=\"#map\""));
    let traces = store.traces(&Query::default()).unwrap();
    for trace in traces {
        assert!(html.contains(&format!("id=\"trace-{}\"", trace.id)));
    }
}

#[test]
fn every_link_of_a_served_page_is_the_address_of_a_page() {
    let store = demo();
    let mut waiting = vec![View::Functions(Window::default())];
    let mut seen = HashSet::new();
    let mut kept = HashSet::new();
    while let Some(view) = waiting.pop() {
        let page = render(&store, &view, &Site::served()).unwrap();
        assert!(page.found, "{view:?}");
        let kind = format!("{view:?}");
        let kind = kind.split(['(', ' ']).next().unwrap().to_lowercase();
        if kept.insert(kind.clone()) {
            keep(&format!("{kind}.html"), &page.html);
        }
        for link in values(&page.html, "href") {
            let link = link.replace("&amp;", "&");
            let link = link.split('#').next().unwrap();
            if !link.starts_with('/') || seen.len() > 400 || !seen.insert(link.to_owned()) {
                continue;
            }
            let (path, query) = link.split_once('?').unwrap_or((link, ""));
            waiting.push(View::parse(path, query).unwrap_or_else(|it| panic!("{link}: {it}")));
        }
    }
    assert_eq!(kept.len(), 8, "{kept:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_file_of_any_spans_is_whole(mut requests in requests(), harm: bool) {
        let store = SqliteStore::in_memory(Settings::default()).unwrap();
        for request in &mut requests {
            if harm {
                spoil_all(request);
            }
            store.add(&request.encode_to_vec()).unwrap();
        }
        let html = file(&store, &FileSettings::default()).unwrap();
        assert_whole(&html);
        let names = shape(&html);
        prop_assert!(!names.contains(" style") && !names.iter().any(|it| it.starts_with(" on")));
        prop_assert_eq!(html.matches("<script").count(), 1);
        for trace in store.traces(&Query::default()).unwrap() {
            let section = format!("<section id=\"trace-{}\"", trace.id);
            prop_assert!(html.contains(&section));
        }
    }
}
