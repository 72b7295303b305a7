//! Dashboards of Grafana, whose queries run on the engine.

// A test fails by panicking.
#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

mod files;
mod numbers;

use std::path::PathBuf;

use lamplight_clickhouse::{Schema, TraceBlock};
use lamplight_test_clickhouse::Database;
use lamplight_view::{
    read::Found,
    store::{Settings, SqliteStore, Store as _},
};
use serde_json::{Value, json};

/// The folder of the dashboards.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../deploy/grafana")
}

const DASHBOARDS: [&str; 2] = ["functions.json", "function.json"];

fn dashboard(name: &str) -> Value {
    let text = std::fs::read_to_string(folder().join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn panels(dashboard: &Value) -> &[Value] {
    dashboard["panels"].as_array().unwrap()
}

/// Returns the query of the panel with a title.
fn query(name: &str, title: &str) -> String {
    let dashboard = dashboard(name);
    let is_it = |panel: &&Value| panel["title"] == title;
    let panel = panels(&dashboard).iter().find(is_it).unwrap();
    panel["targets"][0]["rawSql"].as_str().unwrap().to_owned()
}

/// Returns every query of a dashboard, with the titles of their panels.
fn queries(name: &str) -> Vec<(String, String)> {
    let dashboard = dashboard(name);
    let variables = dashboard["templating"]["list"].as_array().unwrap().iter();
    let of_variables = variables
        .filter(|it| it["type"] == "query")
        .map(|it| (it, &it["query"]));
    let of_panels = panels(&dashboard).iter().map(|it| (it, &it["targets"][0]));
    (of_variables.chain(of_panels))
        .filter_map(|(from, query)| {
            let title = from["title"].as_str().or(from["name"].as_str()).unwrap();
            Some((title.to_owned(), query["rawSql"].as_str()?.to_owned()))
        })
        .collect()
}

/// A time range of a dashboard, in seconds since 1970.
#[derive(Clone, Copy)]
struct Range {
    from: u64,
    to: u64,
    interval: u64,
}

/// The hour in which the demo ran, and a minute for each point.
const DEMO: Range = Range {
    from: 1_795_735_000,
    to: 1_795_738_000,
    interval: 60,
};

/// Returns a query as Grafana and its plugin send it.
fn filled(query: &str, function: &str, range: Range) -> String {
    let Range { from, to, interval } = range;
    let time = format!("Timestamp >= toDateTime({from}) AND Timestamp <= toDateTime({to})");
    let part = format!("toStartOfInterval(toDateTime(Timestamp), INTERVAL {interval} second)");
    let filled = query
        .replace("$__timeFilter(Timestamp)", &time)
        .replace("$__timeInterval(Timestamp)", &part)
        .replace("${function:percentencode}", &percent_encoded(function));
    assert!(!filled.contains('$'), "a macro is left: {filled}");
    filled
}

/// Encodes as `encodeURIComponent` does, and `!'()*` as well, like Grafana's `percentencode`.
fn percent_encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn with_tables() -> Database {
    let database = Database::new();
    for statement in Schema::new(database.name()).statements() {
        database.run(&statement);
    }
    database
}

fn insert(database: &Database, requests: &[impl AsRef<[u8]>]) {
    let mut block = TraceBlock::default();
    for request in requests {
        assert_eq!(block.push(request.as_ref()).malformed, 0);
    }
    let answer = ureq::post(database.url())
        .query("query", TraceBlock::statement(database.name()))
        .send(&block.finish()[..]);
    assert_eq!(answer.unwrap().status(), 200);
}

/// Returns the demo's spans in ClickHouse and in the viewer's own store.
fn demo() -> (Database, SqliteStore) {
    let mut found = Found::default();
    let data = include_bytes!("../../../../crates/lamplight-view/tests/data/demo.json");
    found.add("demo.json", data);
    let database = with_tables();
    insert(&database, &found.requests);
    let store = SqliteStore::in_memory(Settings::default()).unwrap();
    for request in &found.requests {
        store.add(request.as_ref()).unwrap();
    }
    (database, store)
}

fn rows(database: &Database, name: &str, title: &str, function: &str) -> Vec<Value> {
    database.rows(&filled(&query(name, title), function, DEMO))
}

const SUBSCRIBER: &str = "event-broker-subscriber";
const EGRESS: &str = "event-broker-egress";
const INGRESS: &str = "event-broker-ingress";

#[test]
fn every_query_runs_on_empty_tables() {
    let database = with_tables();
    for name in DASHBOARDS {
        for (title, query) in queries(name) {
            let rows = database.rows(&filled(&query, "none", DEMO));
            if title == "Summary" {
                assert_eq!(
                    (&rows[0]["invocations"], &rows[0]["error_rate"]),
                    (&json!(0), &json!(0))
                );
            } else {
                assert_eq!(rows, Vec::<Value>::new(), "{title}");
            }
        }
    }
}

#[test]
fn a_hostile_name_of_a_function_is_only_a_name() {
    let database = with_tables();
    let names = [
        "x' OR 1=1 --",
        r"x\' OR 1=1 --",
        "a\\",
        "{%41}",
        "${x} $__timeFilter(a)",
        "é 中\n\t+%2B",
        "\"`;",
    ];
    for name in names {
        let name = lamplight_clickhouse::literal(name);
        database.run(&format!(
            "INSERT INTO otel_traces (Timestamp, TraceId, SpanKind, ResourceAttributes, Duration) \
             SELECT toDateTime64({}, 9), 'a', 'Server', map('faas.name', {name}), 7",
            DEMO.from + 5,
        ));
    }
    for name in names {
        for (title, query) in queries("function.json") {
            let rows = database.rows(&filled(&query, name, DEMO));
            match &*title {
                "function" => assert_eq!(rows.len(), names.len()),
                "Summary" => assert_eq!(rows[0]["invocations"], 1, "{name}"),
                "Invocations table" | "Slowest invocations" => {
                    assert_eq!(rows.len(), 1, "{title} of {name}");
                }
                _ => assert!(rows.len() <= 1, "{title} of {name}"),
            }
        }
    }
}

#[test]
fn a_span_outside_the_time_range_is_not_read() {
    let (database, _) = demo();
    let later = Range {
        from: DEMO.to,
        to: DEMO.to + 3600,
        ..DEMO
    };
    for name in DASHBOARDS {
        for (title, query) in queries(name) {
            assert!(
                query.contains("\nWHERE $__timeFilter(Timestamp) AND"),
                "{title}"
            );
            let rows = database.rows(&filled(&query, SUBSCRIBER, later));
            assert!(
                rows.is_empty() || rows[0]["invocations"] == 0,
                "{title}: {rows:?}"
            );
        }
    }
}
