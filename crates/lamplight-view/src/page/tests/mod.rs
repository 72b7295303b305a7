//! The appearance of pages, and properties of all of them.

mod fake;
mod golden;
mod properties;
mod shape;

use super::{FileSettings, Page, Site, View, content_security_policy, failure, file, render};
use crate::store::{Query, Side, Store, Window};
use fake::{Fake, shop};
use golden::assert_golden;
use shape::shape;

fn page(store: &dyn Store, view: &View) -> Page {
    render(store, view, &Site::served()).unwrap()
}

fn query(text: &str) -> Query {
    match View::parse("/invocations", text).unwrap() {
        View::Invocations(query) => query,
        other => panic!("{other:?}"),
    }
}

fn differences(side: Side) -> View {
    View::Differences {
        query: Query::default(),
        side,
    }
}

#[test]
fn the_pages_of_a_shop_look_like_this() {
    let shop = shop();
    let filtered = "function=shop-orders&outcome=error&where=shop.bank%3Dnorthern&at_least=100ms";
    let views = [
        ("functions", View::Functions(Window::default())),
        ("invocations", View::Invocations(Query::default())),
        ("invocations-filtered", View::Invocations(query(filtered))),
        ("traces", View::Traces(Query::default())),
        ("map", View::Map(Window::default())),
        ("differences", differences(Side::Failed)),
    ];
    for (name, view) in views {
        assert_golden(name, &page(&shop, &view).html);
    }
}

#[test]
fn pages_have_no_styles_or_scripts_but_those_of_the_policy() {
    let served = page(&shop(), &View::Map(Window::default())).html;
    let file = file(&shop(), &FileSettings::default()).unwrap();
    for html in [&served, &file] {
        for name in shape(html) {
            assert!(name != " style" && !name.starts_with(" on"), "{name}");
        }
        assert_eq!(html.matches("<style").count(), 1);
        assert_eq!(html.matches("<script").count(), 1);
        assert!(!html.contains("src=") && !html.contains("http://www.w3.org/1999"));
    }
    // A file contains its policy; a server sends it as a header.
    let policy = maud::html! { meta content=(content_security_policy(false)); }.into_string();
    let policy = policy.trim_start_matches("<meta ").trim_end_matches('>');
    assert!(file.contains(policy));
    assert!(content_security_policy(true).contains("connect-src 'self'"));
    assert!(!served.contains("Content-Security-Policy"));
}

#[test]
fn a_file_that_grows_too_large_says_what_it_leaves_out() {
    let whole = file(&shop(), &FileSettings::default()).unwrap();
    let settings = FileSettings {
        max_bytes: 90_000,
        ..FileSettings::default()
    };
    let bounded = file(&shop(), &settings).unwrap();
    let without_views = file(&Fake::default(), &settings).unwrap().len();
    assert!(bounded.len() < whole.len());
    assert!(bounded.len() < without_views + settings.max_bytes);
    assert!(bounded.contains("not shown here"));
    // The newest traces are included.
    let view = |index| View::of_trace(fake::id(index).trace).id();
    assert!(whole.contains(&format!("id=\"{}\"", view(19))));
    assert!(!bounded.contains(&format!("\"{}\"", view(19))));
}

#[test]
fn a_file_of_one_trace_opens_with_it() {
    let trace = fake::id(3).trace.to_string();
    let settings = FileSettings {
        trace: Some(trace.to_uppercase()),
        ..FileSettings::default()
    };
    let html = file(&shop(), &settings).unwrap();
    assert!(html.contains(&format!(
        "<section id=\"trace-{trace}\" class=\"view first\">"
    )));
    let other = fake::id(4).trace;
    assert!(!html.contains(&format!("id=\"trace-{other}\"")));
}

#[test]
fn a_page_without_anything_says_what_to_do_next() {
    let empty = Fake::default();
    let html = page(&empty, &View::Functions(Window::default())).html;
    assert!(html.contains("OTEL_TRACES_EXPORTER=otlp"));
    assert_golden("functions-empty", &html);
    let html = page(&empty, &View::parse("/map", "from=5").unwrap()).html;
    assert!(html.contains("Nothing started in this time window. See <a href=\"/map\">"));
    let html = page(&empty, &View::Invocations(query("cold=true"))).html;
    assert!(html.contains("Nothing matches all of these filters"));
    assert!(
        page(&empty, &differences(Side::Slow))
            .html
            .contains("No difference found")
    );
}

#[test]
fn what_is_filtered_by_can_be_taken_off_one_by_one() {
    let view = View::Invocations(query("function=a&cold=true&where=b%3Dc"));
    let html = page(&shop(), &view).html;
    for without in [
        "/invocations?cold=true&amp;where=b%3Dc",
        "/invocations?function=a&amp;where=b%3Dc",
        "/invocations?function=a&amp;cold=true",
    ] {
        assert!(html.contains(&format!("href=\"{without}\"")), "{without}");
    }
}

#[test]
fn a_map_with_more_nodes_than_can_be_read_draws_the_busiest() {
    let mut shop = shop();
    let mut node = shop.map.nodes[5].clone();
    for number in 0..90 {
        node.name = format!("table-{number}");
        shop.map.nodes.push(node.clone());
        let mut edge = shop.map.edges[4].clone();
        (edge.to, edge.count) = (shop.map.nodes.len() - 1, number);
        shop.map.edges.push(edge);
    }
    let html = page(&shop, &View::Map(Window::default())).html;
    assert!(html.contains("50 busiest of 103 nodes"));
    assert_eq!(html.matches("class=\"node ").count(), 50);
    let (_, table) = html.split_once("<table").unwrap();
    assert!(table.contains("table-0<") && table.contains("table-89<"));
}

#[test]
fn a_failure_is_a_page_that_says_the_remedy() {
    let error = View::parse("/invocations", "at_least=soon").unwrap_err();
    let page = failure("Invalid address", &error.to_string(), &Site::served());
    assert!(page.html.contains("such as 250ms, 1.5s or 2m"));
    assert!(!page.found);
    assert_golden("failure", &page.html);
}

#[test]
fn what_is_on_the_map_leads_to_the_traces_that_have_it_by_its_attribute() {
    let html = page(&shop(), &View::Map(Window::default())).html;
    for condition in [
        "messaging.destination.name%3Dshop-orders",
        "db.collection.name%3Dorders",
        "aws.s3.bucket%3Dshop-archive",
        "server.address%3Dapi.bank.example",
    ] {
        let link = format!("href=\"/traces?where={condition}\"");
        assert!(html.contains(&link), "{condition}");
    }
}
