//! What pages look like, and what holds for all of them.

mod fake;
mod golden;

use super::{
    FileSettings, Page, Site, View, failure, file, render,
    view::{conditions, quantity},
};
use crate::store::{Query, Side, Store, Window};
use fake::{Fake, everywhere, shop};
use golden::assert_golden;

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
fn the_file_of_a_shop_looks_like_this() {
    let html = file(&shop(), &FileSettings::default()).unwrap();
    assert_golden("file", &html);
}

#[test]
fn a_page_without_anything_says_what_to_do_next() {
    let empty = Fake::default();
    let html = page(&empty, &View::Functions(Window::default())).html;
    assert!(html.contains("OTEL_TRACES_EXPORTER=otlp"));
    assert_golden("functions-empty", &html);
    let html = page(&empty, &View::Invocations(query("cold=true"))).html;
    assert!(html.contains("Nothing fits all of these filters"));
    assert!(
        page(&empty, &differences(Side::Slow))
            .html
            .contains("No difference found")
    );
}

#[test]
fn a_failure_is_a_page_that_says_the_remedy() {
    let error = View::parse("/invocations", "at_least=soon").unwrap_err();
    let page = failure(
        "This address cannot be read",
        &error.to_string(),
        &Site::served(),
    );
    assert!(page.html.contains("such as 250ms, 1.5s or 2m"));
    assert!(!page.found);
    assert_golden("failure", &page.html);
}
