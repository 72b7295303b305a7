//! Spans of widely used exporters, as stored by `lamplight serve`: each program records the same
//! two spans, and every field of them is compared.

mod agent;
mod install;
mod javascript;
mod own;
mod python;

use std::{path::PathBuf, process::Command};

use lamplight_view::{
    span::{Attributes, Span, TraceId, Value},
    store::{Settings, SqliteStore, Store as _},
};
use serde_json::{Value as Json, json};

use crate::serve::{Served, serve};

/// The variable with the trace that a program is to record.
const TRACE: &str = "RECORD_TRACE";

/// The flag of a remote parent, with the one that marks it as valid.
const REMOTE: u32 = 0x300;
const LOCAL: u32 = 0x100;

/// A `lamplight serve` whose database is inspected afterwards.
struct Shown {
    served: Served,
    folder: PathBuf,
}

/// Properties of the spans that differ between SDKs.
#[derive(Debug, Clone)]
struct Recorded {
    /// Attributes after those that all SDKs can record.
    further: Vec<Json>,
    /// Attributes of the scope.
    scope: Vec<Json>,
    /// `flags` of the first span, of the second, of the link.
    flags: [u32; 3],
    /// `tracestate` of the link.
    link_state: &'static str,
}

/// Returns the id of a test's `number`th trace.
fn trace(number: u8) -> String {
    format!("{number:02x}").repeat(16)
}

/// Sets the environment of every program.
fn environment(command: &mut Command, served: &Served, trace: &str) {
    command
        .env(TRACE, trace)
        .env("OTEL_SERVICE_NAME", "orders")
        .env("OTEL_RESOURCE_ATTRIBUTES", "team=lamp%20light")
        .env(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            format!("http://{}", served.otlp),
        );
}

impl Shown {
    fn start(name: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let folder =
            std::env::temp_dir().join(format!("lamplight-interop-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let db = folder.join("spans.db");
        let mut all = vec!["--db", db.to_str().unwrap()];
        all.extend(arguments);
        Self {
            served: serve(&all, variables),
            folder,
        }
    }

    /// Compares the page and the stored spans of each trace with the recorded ones.
    fn holds(self, traces: &[(String, Recorded)]) {
        let Self { served, folder } = self;
        for (id, _) in traces {
            served.shows(&format!("/trace/{id}"), "ship it");
        }
        for (id, _) in traces {
            let page = served.page(&format!("/trace/{id}"));
            let (_, own) = page.split_once("span=").expect("a link to a span");
            let span: String = own.chars().take_while(char::is_ascii_hexdigit).collect();
            let page = served.page(&format!("/trace/{id}?span={span}"));
            for text in [
                "Grüße, 世界 \u{1f3ee} &lt;b&gt;",
                "paid",
                "lamp light",
                "shop",
            ] {
                assert!(page.contains(text), "no {text} of {id} in {page}");
            }
        }
        // Only one process at a time can have the file open.
        drop(served);
        let store = SqliteStore::open(&folder.join("spans.db"), Settings::default()).unwrap();
        for (id, recorded) in traces {
            let held = store.around(TraceId::from_hex(id).unwrap()).unwrap();
            let mut spans: Vec<_> = held.spans.iter().collect();
            spans.sort_by_key(|span| span.start);
            let seen: Vec<_> = spans.iter().map(|span| seen(span)).collect();
            assert_eq!(seen.len(), 2, "{id}: {seen:#?}");
            let expected = expected(id, recorded, &spans[0].span_id.to_string());
            for (seen, expected) in seen.iter().zip(&expected) {
                assert_eq!(seen, expected, "{id}");
            }
            for span in spans {
                assert!(span.span_id.is_valid(), "{id}");
                let service = lamplight_semconv::service::NAME;
                assert_eq!(span.resource.attributes.text(service), Some("orders"));
                assert_eq!(span.resource.attributes.text("team"), Some("lamp light"));
                assert_eq!(span.times, 1, "{id}");
            }
        }
        assert_eq!(store.state().unwrap().refused, 0);
        drop(store);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

/// Returns an attribute as [`seen`] represents it. Doubles are text, since JSON cannot represent
/// all of them.
fn attribute(key: &str, value: impl Into<Json>) -> Json {
    Json::Array(vec![key.into(), value.into()])
}

fn int(number: i64) -> Json {
    json!({ "int": number })
}

fn double(number: f64) -> Json {
    json!({ "double": format!("{number:?}") })
}

/// Returns the expected spans, in the order of their start.
fn expected(trace: &str, recorded: &Recorded, first: &str) -> [Json; 2] {
    const START: u64 = 1_800_000_000_123_456_789;
    let mut attributes = vec![
        attribute("text", json!("Grüße, 世界 \u{1f3ee} <b>&\"'")),
        attribute("empty", ""),
        attribute("yes", true),
        attribute("negative", int(-42)),
        attribute("large", int(9_007_199_254_740_991)),
        attribute("third", double(1.0 / 3.0)),
        attribute("texts", json!(["ä", ""])),
        attribute("flags", json!([true, false])),
        attribute("numbers", json!([int(-1), int(0), int(1)])),
        attribute("floats", json!([double(0.5), double(-2.5)])),
    ];
    attributes.extend(recorded.further.iter().cloned());
    let scope = json!(["shop", "1.2", "https://example.com/scope", recorded.scope]);
    let [first_flags, second_flags, link_flags] = recorded.flags;
    [
        json!({
            "trace": trace,
            "parent": "00000000000000a1",
            "state": "vendor=opaque,other=1",
            "flags": first_flags,
            "name": "order",
            "kind": "Server",
            "time": [START, START + 5_000_000],
            "status": ["Ok", ""],
            "attributes": attributes,
            "events": [
                [START + 1_000_001, "paid", [attribute("amount", double(12.5))], 0],
                [START + 2_000_002, "packed", [], 0],
            ],
            "links": [[
                format!("{:032x}", 0x99),
                format!("{:016x}", 0x98),
                recorded.link_state,
                link_flags,
                [attribute("why", "same customer")],
                0,
            ]],
            "dropped": [0, 0, 0],
            "scope": scope,
        }),
        json!({
            "trace": trace,
            "parent": first,
            "state": "vendor=opaque,other=1",
            "flags": second_flags,
            "name": "ship it",
            "kind": "Client",
            "time": [START + 3_000_003, START + 4_000_004],
            "status": ["Error", "sold out"],
            "attributes": [],
            "events": [],
            "links": [],
            "dropped": [0, 0, 0],
            "scope": scope,
        }),
    ]
}

/// Returns all of a span except its own id and its resource.
fn seen(span: &Span) -> Json {
    let events = span.events.iter().map(|event| {
        let attributes = attributes(&event.attributes);
        json!([event.time, event.name, attributes, event.dropped_attributes])
    });
    let links = span.links.iter().map(|link| {
        json!([
            link.to.trace.to_string(),
            link.to.span.to_string(),
            link.trace_state,
            link.flags,
            attributes(&link.attributes),
            link.dropped_attributes,
        ])
    });
    let scope = &span.scope;
    json!({
        "trace": span.trace_id.to_string(),
        "parent": span.parent.map(|parent| parent.to_string()),
        "state": span.trace_state,
        "flags": span.flags,
        "name": span.name,
        "kind": format!("{:?}", span.kind),
        "time": [span.start, span.end],
        "status": [format!("{:?}", span.status), span.status_message],
        "attributes": attributes(&span.attributes),
        "events": events.collect::<Json>(),
        "links": links.collect::<Json>(),
        "dropped": [span.dropped_attributes, span.dropped_events, span.dropped_links],
        "scope": [scope.name, scope.version, scope.schema_url, attributes(&scope.attributes)],
    })
}

fn attributes(attributes: &Attributes) -> Json {
    let pairs = attributes.iter();
    pairs
        .map(|it| attribute(&it.key, value(&it.value)))
        .collect()
}

fn value(it: &Value) -> Json {
    match it {
        Value::Empty => Json::Null,
        Value::String(text) => json!(text),
        Value::Bool(flag) => json!(flag),
        Value::Int(number) => int(*number),
        Value::Double(number) => double(*number),
        Value::Bytes(bytes) => json!({ "bytes": bytes }),
        Value::Array(values) => values.iter().map(value).collect(),
        Value::Map(pairs) => {
            let pairs = pairs.iter();
            json!({ "map": pairs.map(|it| attribute(&it.key, value(&it.value))).collect::<Json>() })
        }
    }
}
