//! Pages in a real browser: they show the content of the store, and links work.

mod driver;

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use lamplight_view::{
    page::{self, FileSettings},
    read::Found,
    span::Decoded,
    store::{Query, Settings, SqliteStore, Store, Window},
};
use prost::Message as _;

use crate::server::{start, traces};
use driver::Browser;

const DEMO: &[u8] = include_bytes!("../../data/demo.json");

fn requests() -> Vec<Vec<u8>> {
    let mut found = Found::default();
    found.add("demo.json", DEMO);
    assert_eq!(found.problems, [] as [&str; 0]);
    found.requests
}

fn store() -> SqliteStore {
    let store = SqliteStore::in_memory(Settings::default()).unwrap();
    for request in requests() {
        store.add(&request).unwrap();
    }
    store
}

/// Asserts that a page has no errors, whatever its content.
fn is_sound(browser: &Browser) {
    assert_eq!(
        browser.complaints(),
        [] as [&str; 0],
        "{}",
        browser.address()
    );
    let others = "return performance.getEntriesByType('resource')\
                  .map(it => it.name).filter(it => new URL(it).host !== location.host).length";
    assert_eq!(browser.run(others), 0, "{}", browser.address());
}

/// Asserts that the page is no wider than its window.
fn fits(browser: &Browser) {
    let over = "return document.documentElement.scrollWidth - window.innerWidth";
    let over = browser.run(over).as_i64().unwrap();
    assert!(over <= 0, "{} is {over} px too wide", browser.address());
}

#[test]
fn from_functions_over_invocations_and_a_batch_to_another_trace_it_is_a_click_each() {
    let Some(browser) = driver::open(true) else {
        return;
    };
    let server = start(None);
    for request in requests() {
        server.intake.add(&request).unwrap();
    }
    let store = store();

    browser.go(&server.url);
    let functions = store.functions(Window::default()).unwrap();
    let mut shown = browser.texts("table.functions a.row");
    let mut held: Vec<_> = functions.iter().map(|it| it.name.clone()).collect();
    shown.sort();
    held.sort();
    assert_eq!(shown, held);
    fits(&browser);
    is_sound(&browser);
    browser.picture("functions");

    browser.click("a.row[href*='event-broker-egress']");
    let mut query = Query::default();
    query.function = Some("event-broker-egress".to_owned());
    let invocations = store.invocations(&query).unwrap().rows;
    assert_eq!(
        browser.texts("table.invocations tbody tr").len(),
        invocations.len()
    );
    is_sound(&browser);
    browser.picture("invocations");

    // An invocation of several records, and from one of these to its own trace.
    let batch = invocations
        .iter()
        .find(|it| it.records == Some(10))
        .unwrap();
    let address = format!("/invocation/{}/{}", batch.id.trace, batch.id.span);
    browser.click(&format!("a.row[href='{address}']"));
    assert!(browser.address().ends_with(&address));
    let records = "return new Set([...document.querySelectorAll('main a[href^=\"/trace/\"]')]\
                   .map(it => it.getAttribute('href').split('?')[0])).size";
    assert!(browser.run(records).as_i64().unwrap() >= 10);
    is_sound(&browser);
    browser.picture("batch");
    let other = format!("main a[href^='/trace/']:not([href*='{}'])", batch.id.trace);
    browser.click(&other);
    assert!(browser.address().contains("/trace/"));
    let text = browser.run("return document.querySelector('main').innerText");
    let text = text.as_str().unwrap();
    assert!(text.contains("of 10"), "{text}");
    assert!(text.contains("in SQS event-broker-orders"), "{text}");
    fits(&browser);
    is_sound(&browser);
    browser.picture("trace");
}

#[test]
fn what_is_filtered_is_what_the_store_finds() {
    let Some(browser) = driver::open(true) else {
        return;
    };
    let server = start(None);
    for request in requests() {
        server.intake.add(&request).unwrap();
    }
    let store = store();
    for text in [
        "faas.trigger=http",
        "http.response.status_code>399",
        "OutOfStock",
        "no such thing",
    ] {
        browser.go(&format!("{}invocations", server.url));
        browser.enter("input[name=where]", text);
        browser.click("form.filter button[type=submit]");
        browser.until("return location.search.includes('where=')");
        let mut query = Query::default();
        query.conditions = lamplight_view::store::Condition::parse_all(text).unwrap();
        let held = store.invocations(&query).unwrap().rows;
        let rows = browser.texts("table.invocations tbody tr");
        assert_eq!(rows.len(), held.len(), "{text}: {rows:?}");
        is_sound(&browser);
    }
}

/// A browser has six connections to a server. If a page kept one after it was left, none would
/// remain.
#[test]
fn pages_that_were_left_are_in_nobodys_way() {
    let Some(browser) = driver::open(true) else {
        return;
    };
    let server = start(None);
    for page in 0..20 {
        browser.go(&format!("{}traces?limit={}", server.url, page + 1));
    }
    // Pages kept for going back hold their connection for a minute.
    let began = Instant::now();
    while server.intake.open_pages() > 1 {
        let kept = server.intake.open_pages();
        assert!(began.elapsed() < Duration::from_secs(30), "{kept} are open");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_new_trace_is_on_an_open_page_without_a_reload() {
    let Some(browser) = driver::open(true) else {
        return;
    };
    let server = start(None);
    browser.go(&format!("{}traces", server.url));
    browser.run("window.kept = true");
    server
        .intake
        .add(&traces("just now", 7).encode_to_vec())
        .unwrap();
    browser.until("return document.querySelector('main').innerText.includes('just now')");
    assert_eq!(
        browser.run("return window.kept"),
        true,
        "the page was loaded again"
    );
    is_sound(&browser);
}

#[test]
fn one_file_holds_all_of_it_and_needs_neither_server_nor_script() {
    let html = page::file(&store(), &FileSettings::default()).unwrap();
    let file = std::env::temp_dir().join(format!("lamplight-page-{}.html", std::process::id()));
    std::fs::write(&file, html).unwrap();
    let url = format!("file://{}", file.display());
    for scripts in [true, false] {
        let Some(browser) = driver::open(scripts) else {
            return;
        };
        browser.go(&url);
        assert_eq!(browser.texts("table.functions a.row").len(), 3);
        browser.click("a.row[href^='#']");
        assert!(browser.address().contains('#'));
        browser.click("header a[href='#traces']");
        let ids: HashSet<_> = requests()
            .iter()
            .flat_map(|request| Decoded::of(request).spans)
            .map(|span| span.trace_id)
            .collect();
        assert_eq!(browser.texts("#traces tbody tr").len(), ids.len());
        browser.click("#traces a.row");
        assert!(browser.address().contains("#trace-"));
        assert!(
            browser
                .texts("main h1")
                .iter()
                .any(|it| it.starts_with("Trace"))
        );
        assert_eq!(browser.complaints(), [] as [&str; 0]);
        // A truncated address shows the first view.
        browser.go("about:blank");
        browser.go(&format!("{url}#trace%"));
        assert_eq!(browser.texts("table.functions a.row").len(), 3);
        assert_eq!(browser.complaints(), [] as [&str; 0]);
    }
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn keys_lead_from_row_to_row_and_from_view_to_view() {
    let Some(browser) = driver::open(true) else {
        return;
    };
    let server = start(None);
    for request in requests() {
        server.intake.add(&request).unwrap();
    }
    browser.go(&server.url);
    browser.enter("body", "gt");
    browser.until("return location.pathname === '/traces'");
    browser.enter("body", "j");
    browser.enter("body", "j");
    browser.until("return document.activeElement.matches('a.row')");
    let row = browser.run("return document.activeElement.getAttribute('href')");
    browser.enter("a.row:focus", "\u{e007}");
    browser.until(&format!(
        "return (location.pathname + location.search) === {row}"
    ));
    browser.enter("body", "/");
    is_sound(&browser);
}

/// A request with a root of this trace, or a span below it.
fn below(byte: u8, number: u8, name: &str) -> Vec<u8> {
    let mut request = traces(name, byte);
    let span = &mut request.resource_spans[0].scope_spans[0].spans[0];
    if number > 0 {
        span.parent_span_id = std::mem::replace(&mut span.span_id, vec![number; 8]);
    }
    request.encode_to_vec()
}

#[test]
fn what_was_folded_stays_folded_while_a_trace_grows() {
    let Some(browser) = driver::open(true) else {
        return;
    };
    let server = start(None);
    for (number, name) in [(0, "the root"), (101, "the first"), (102, "the second")] {
        server.intake.add(&below(9, number, name)).unwrap();
    }
    browser.go(&format!("{}trace/{}", server.url, "09".repeat(16)));
    browser.enter("body", "jh");
    let folded = |rows: u8| {
        browser.until(&format!(
            "return document.querySelector('.t-hidden')?.textContent === '{rows} folded' \
             && document.querySelector('.t-at.t-closed') !== null \
             && [...document.querySelectorAll('.t-li')].filter(it => !it.hidden).length === 1"
        ));
    };
    folded(2);
    server.intake.add(&below(9, 103, "the third")).unwrap();
    folded(3);
    browser.picture("folded");
    browser.enter("body", "l");
    browser.until("return document.querySelector('.t-hidden') === null");
    server.intake.add(&below(9, 104, "the fourth")).unwrap();
    browser.until("return document.querySelector('main').innerText.includes('the fourth')");
    is_sound(&browser);
}
