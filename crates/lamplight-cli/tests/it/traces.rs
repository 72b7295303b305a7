//! `lamplight traces` finds recorded spans in all supported formats.

use std::io::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value::Value as Any},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status, TracesData, span::Link},
};
use prost::Message as _;
use serde_json::{Value, json};

use crate::common;

const TRACE: [u8; 16] = [0xab; 16];

/// Returns the exit code and outputs, with `input` on standard input.
fn traces(input: &[u8], arguments: &[&str]) -> (i32, String, String) {
    common::lamplight(&[&["traces"], arguments].concat(), input)
}

fn attribute(key: &str, value: &str) -> KeyValue {
    let value = Some(Any::StringValue(value.to_owned()));
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value }),
        ..Default::default()
    }
}

/// The `id`th span of a trace, of 10 ms, `id` ms after the start of the trace.
fn span(trace: [u8; 16], id: u8, parent: Option<u8>) -> Span {
    Span {
        trace_id: trace.to_vec(),
        span_id: vec![id; 8],
        parent_span_id: parent.map_or_else(Vec::new, |parent| vec![parent; 8]),
        name: format!("span {id}"),
        kind: 2,
        start_time_unix_nano: 1_000_000_000 + u64::from(id) * 1_000_000,
        end_time_unix_nano: 1_010_000_000 + u64::from(id) * 1_000_000,
        ..Default::default()
    }
}

fn request(spans: Vec<Span>) -> TracesData {
    let resource = Resource {
        attributes: vec![attribute(lamplight_semconv::service::NAME, "shop")],
        ..Default::default()
    };
    let scope = ScopeSpans {
        spans,
        ..Default::default()
    };
    let resource_spans = ResourceSpans {
        resource: Some(resource),
        scope_spans: vec![scope],
        ..Default::default()
    };
    TracesData {
        resource_spans: vec![resource_spans],
    }
}

/// A root and its child.
fn data() -> Vec<u8> {
    request(vec![span(TRACE, 2, Some(1)), span(TRACE, 1, None)]).encode_to_vec()
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

const TREE: &str = "\
trace abababababababababababababababab
└─ shop  span 1  SERVER  +0.0 ms  10.0 ms
   └─ shop  span 2  SERVER  +1.0 ms  10.0 ms

1 traces, 2 spans
";

#[test]
fn every_form_that_spans_are_kept_in_is_read() {
    let (plain, packed) = (data(), gzip(&data()));
    let zstd = zstd::bulk::compress(&plain, 1).unwrap();
    let base64 = BASE64.encode(&plain);
    let line = json!({"__otel_otlp_stdout": "x@1", "payload": base64, "base64": true}).to_string();
    let log = format!("START RequestId: 1\n2026-11-21T00:00:00Z stream {line}\n{{\"level\":1}}\n");
    let otlp_json = serde_json::to_string(&TracesData::decode(plain.as_slice()).unwrap()).unwrap();
    let forms: [(&str, Vec<u8>); 12] = [
        ("protobuf", data()),
        ("gzip", packed.clone()),
        ("zstd", zstd.clone()),
        ("OTLP JSON", otlp_json.clone().into_bytes()),
        (
            "console exporter in a log",
            format!("hello\n{otlp_json}\n").into_bytes(),
        ),
        ("packed OTLP JSON", gzip(otlp_json.as_bytes())),
        ("base64", base64.clone().into_bytes()),
        ("a list of data", json!([base64]).to_string().into_bytes()),
        (
            "get-records",
            json!({"Records": [{"Data": BASE64.encode(&packed)}], "MillisBehindLatest": 0})
                .to_string()
                .into_bytes(),
        ),
        (
            "Lambda event",
            json!({"Records": [{"kinesis": {"data": BASE64.encode(&zstd)}}]})
                .to_string()
                .into_bytes(),
        ),
        ("log", log.into_bytes()),
        (
            "filter-log-events",
            json!({"events": [{"message": line}]})
                .to_string()
                .into_bytes(),
        ),
    ];
    for (form, input) in forms {
        assert_eq!(
            traces(&input, &["-"]),
            (0, TREE.to_owned(), String::new()),
            "{form}"
        );
    }
}

#[test]
fn json_is_what_other_tools_read() {
    let (code, out, _) = traces(&data(), &["--json", "-"]);
    assert_eq!(code, 0);
    let line: Value = serde_json::from_str(out.trim_end()).unwrap();
    let spans = &line["resourceSpans"][0]["scopeSpans"][0]["spans"];
    assert_eq!(spans[0]["spanId"], "0202020202020202");
    assert_eq!(traces(out.as_bytes(), &["-"]).1, TREE);
}

#[test]
fn errors_links_attributes_and_what_came_twice_are_shown() {
    let mut failed = span(TRACE, 2, Some(9));
    failed.status = Some(Status {
        code: 2,
        message: "no stock".to_owned(),
    });
    failed.links.push(Link {
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        ..Default::default()
    });
    failed.attributes.push(attribute("app.order.id", "o-1"));
    let record = json!(BASE64.encode(request(vec![failed]).encode_to_vec()));
    let twice = json!([record, record]).to_string();
    let (code, out, _) = traces(twice.as_bytes(), &["--attributes", "-"]);
    assert_eq!(code, 0);
    assert_eq!(
        out,
        "trace abababababababababababababababab\n\
         └─ shop  span 2  SERVER  +0.0 ms  10.0 ms  ERROR no stock  \
         (its parent 0909090909090909 is missing)  (received 2 times)\n        \
         link: trace 01010101010101010101010101010101 span 0202020202020202\n        \
         app.order.id = o-1\n\n1 traces, 1 spans\n"
    );
}

#[test]
fn waits_batches_and_attempts_are_said() {
    let demo = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../lamplight-view/tests/data/demo.json"
    );
    let (code, out, error) = traces(b"", &["--trace", "99f25", demo]);
    assert_eq!((code, error.as_str()), (0, ""));
    let records: Vec<_> = (out.lines())
        .filter(|line| line.contains("process event-broker-orders"))
        .collect();
    let [first, second] = records.as_slice() else {
        panic!("{out}");
    };
    let ends = "  (883 ms in SQS event-broker-orders, 718 ms behind earlier records of its batch)  \
                (8th of 10 in its batch)  (attempt 1 of 2)";
    assert!(first.ends_with(ends), "{first}");
    let ends = "  (4.42 s in SQS event-broker-orders)  (1st of 2 in its batch)  \
                (attempt 2, none after it)";
    assert!(second.ends_with(ends), "{second}");
}

#[test]
fn what_a_terminal_would_act_on_is_not_printed() {
    let mut hostile = span(TRACE, 1, None);
    hostile.name = "\u{1b}[2Ja\nb".to_owned();
    let (_, out, _) = traces(&request(vec![hostile]).encode_to_vec(), &["-"]);
    assert!(out.contains("shop  \u{fffd}[2Ja⏎b  SERVER"), "{out}");
}

#[test]
fn one_trace_of_many_can_be_picked() {
    let input = request(vec![span(TRACE, 1, None), span([0xcd; 16], 2, None)]).encode_to_vec();
    let (_, all, _) = traces(&input, &["-"]);
    assert!(all.ends_with("2 traces, 2 spans\n"), "{all}");
    let (_, one, _) = traces(&input, &["--trace", "CDC", "-"]);
    assert!(
        one.starts_with("trace cdcd") && one.ends_with("1 traces, 1 spans\n"),
        "{one}"
    );
}

#[test]
fn nothing_is_left_out_however_broken_the_trace_is() {
    // A cycle, a span that is its own parent, and a chain too long for recursion.
    let mut spans = vec![
        span(TRACE, 1, Some(2)),
        span(TRACE, 2, Some(1)),
        span(TRACE, 3, Some(3)),
    ];
    for depth in 0..20_000_u64 {
        let mut next = span([0xcd; 16], 1, None);
        next.span_id = (depth + 1).to_be_bytes().to_vec();
        next.parent_span_id = depth.to_be_bytes().to_vec();
        spans.push(next);
    }
    let (code, out, error) = traces(&request(spans).encode_to_vec(), &["-"]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert_eq!(
        out.lines().filter(|line| line.contains("─ shop")).count(),
        20_003
    );
}

#[test]
fn what_is_not_traces_is_said_and_the_rest_is_shown() {
    let mixed = json!({"Records": [
        {"Data": BASE64.encode(data())},
        {"Data": BASE64.encode("an order")},
        {"Data": "#"},
        {"body": "of a queue"},
    ]});
    let (code, out, error) = traces(mixed.to_string().as_bytes(), &["-"]);
    assert_eq!((code, out.as_str()), (1, TREE));
    for problem in [
        "error: -, record 1: the data is not OTLP traces",
        "error: -, record 2: not base64: ",
        "error: -, record 3: not a record of a Kinesis stream",
    ] {
        assert!(error.contains(problem), "{problem:?} is not in\n{error}");
    }
    let cut = &gzip(&data())[..20];
    for input in [
        &b""[..],
        b"\xff\xfe",
        b"just a log line\n",
        b"{}",
        b"12",
        cut,
    ] {
        let (code, _, error) = traces(input, &["-"]);
        assert_eq!(code, 1, "{input:?}");
        assert!(error.starts_with("error: -: "), "{error}");
    }
    for arguments in [&[][..], &["--nonsense", "-"], &["--trace"]] {
        let (code, _, error) = traces(b"", arguments);
        assert_eq!(code, 2);
        assert!(error.contains("usage: lamplight traces"), "{error}");
    }
}

#[test]
fn a_page_and_json_at_once_are_refused() {
    let (code, _, error) = traces(&data(), &["-", "--json", "--html", "page.html"]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("--html and --json"), "{error}");
}
