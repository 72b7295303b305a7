//! Spans are found in all supported formats, and other content is recognized as such.

use lamplight_otlp::Writer;
use lamplight_view::{
    read::{Found, Lines, from_json},
    span::{Decoded, Kind, Span, SpanId, Status, TraceId, Value},
};

/// A request with one span, to be filled in.
fn request(span: &str) -> String {
    format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}}"#)
}

fn only_span(json: &str) -> Span {
    let request = from_json(json.as_bytes()).unwrap();
    let mut decoded = Decoded::of(&request);
    assert_eq!((decoded.spans.len(), decoded.refused), (1, 0));
    decoded.spans.remove(0)
}

#[test]
fn json_of_the_specification_is_read_and_what_is_unknown_passed_over() {
    let json = r#"{
        "resourceSpans": [{
            "resource": {
                "attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}],
                "droppedAttributesCount": 1,
                "entityRefs": [{"type": "service"}],
                "unknown": [1, {"a": null}]
            },
            "scopeSpans": [{
                "scope": {"name": "lib", "version": "2", "attributes": [], "unknown": true},
                "spans": [{
                    "traceId": "5B8EFFF798038103D269B633813FC60C",
                    "spanId": "eee19b7ec3c1b174",
                    "parentSpanId": "",
                    "traceState": "a=b",
                    "flags": 257,
                    "name": "I'm a server span",
                    "kind": 2,
                    "startTimeUnixNano": "1544712660000000000",
                    "endTimeUnixNano": 1544712661000000000,
                    "attributes": [
                        {"key": "text", "value": {"stringValue": "a"}},
                        {"key": "flag", "value": {"boolValue": false}},
                        {"key": "int as text", "value": {"intValue": "-7"}},
                        {"key": "int", "value": {"intValue": 7}},
                        {"key": "double", "value": {"doubleValue": 0.5}},
                        {"key": "whole double", "value": {"doubleValue": 2}},
                        {"key": "infinity", "value": {"doubleValue": "-Infinity"}},
                        {"key": "bytes", "value": {"bytesValue": "AQL/"}},
                        {"key": "bytes without padding", "value": {"bytesValue": "_w"}},
                        {"key": "array", "value": {"arrayValue": {"values": [{"intValue": 1}, {}]}}},
                        {"key": "map", "value": {"kvlistValue": {"values": [
                            {"key": "k", "value": {"stringValue": "v"}}
                        ]}}},
                        {"key": "nothing", "value": null},
                        {"key": "unknown", "value": {"newValue": {"a": 1}}},
                        {"key": "both", "value": {"newValue": 1, "stringValue": "b", "intValue": null}}
                    ],
                    "events": [{"timeUnixNano": "5", "name": "e", "unknown": {}}],
                    "links": [{"traceId": "5b8efff798038103d269b633813fc60c",
                        "spanId": "eee19b7ec3c1b173", "flags": 1}],
                    "droppedLinksCount": "3",
                    "status": {"code": "STATUS_CODE_ERROR", "message": "no"}
                }],
                "schemaUrl": "url"
            }]
        }],
        "unknown": {}
    }"#;
    let span = only_span(json);
    assert_eq!(
        span.trace_id.to_string(),
        "5b8efff798038103d269b633813fc60c"
    );
    assert_eq!(span.span_id.to_string(), "eee19b7ec3c1b174");
    assert_eq!((span.parent, span.flags), (None, 257));
    assert_eq!((span.kind, span.status), (Kind::Server, Status::Error));
    assert_eq!(span.duration(), 1_000_000_000);
    assert_eq!(span.resource.attributes.iter().count(), 1);
    assert_eq!(span.resource.dropped_attributes, 1);
    assert_eq!(
        (span.scope.version.as_str(), span.scope.schema_url.as_str()),
        ("2", "url")
    );
    assert_eq!((span.events[0].time, span.dropped_links), (5, 3));
    assert_eq!(span.links[0].flags, 1);
    let values: Vec<_> = span
        .attributes
        .iter()
        .map(|it| it.value.to_string())
        .collect();
    assert_eq!(
        values,
        [
            "a", "false", "-7", "7", "0.5", "2", "-inf", "0102ff", "ff", "[1, ]", "{k = v}", "",
            "", "b"
        ]
    );
    assert_eq!(
        span.attributes.get("whole double"),
        Some(&Value::Double(2.0))
    );
}

#[test]
fn names_of_kinds_are_read_and_those_that_are_unknown_are_none() {
    for (kind, expected) in [
        (r#""SPAN_KIND_CONSUMER""#, Kind::Consumer),
        ("5", Kind::Consumer),
        (r#""4""#, Kind::Producer),
        (r#""SPAN_KIND_NEW""#, Kind::Unspecified),
        ("77", Kind::Unspecified),
        ("null", Kind::Unspecified),
    ] {
        assert_eq!(
            only_span(&request(&format!(r#"{{"kind":{kind}}}"#))).kind,
            expected,
            "{kind}"
        );
    }
}

#[test]
fn what_is_wrong_in_json_is_named() {
    for (json, problem) in [
        ("{", "not JSON: "),
        ("[]", "not an object"),
        ("{}", "it has no `resourceSpans`"),
        (r#"{"resourceSpans":{}}"#, "resourceSpans: not a list"),
        (
            &request(r#"{"traceId":"xyz"}"#),
            "resourceSpans[0].scopeSpans[0].spans[0].traceId: not hexadecimal digits",
        ),
        (
            &request(r#"{},{"startTimeUnixNano":-1}"#),
            "resourceSpans[0].scopeSpans[0].spans[1].startTimeUnixNano: not an integer",
        ),
        (
            &request(r#"{"attributes":[{"key":"a","value":{"intValue":"1.5"}}]}"#),
            "spans[0].attributes[0].value.intValue: not an integer",
        ),
        (
            &request(r#"{"attributes":[{"value":{"bytesValue":"!"}}]}"#),
            "attributes[0].value.bytesValue: not base64: ",
        ),
        (&request("7"), "spans[0]: not an object"),
        (&request(r#"{"name":7}"#), "spans[0].name: not text"),
    ] {
        let error = from_json(json.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(problem), "{problem:?} is not in {error:?}");
    }
    let deep = "[".repeat(100_000);
    assert!(from_json(deep.as_bytes()).is_err());
}

#[test]
fn a_whole_number_without_a_place_among_64_bits_is_a_double() {
    for (number, expected) in [
        ("9223372036854775807", Value::Int(i64::MAX)),
        (
            "9223372036854775808",
            Value::Double(9_223_372_036_854_775_808.0),
        ),
        ("1e300", Value::Double(1e300)),
        ("\"-1e300\"", Value::Double(-1e300)),
    ] {
        let attributes = format!(r#"[{{"key":"a","value":{{"intValue":{number}}}}}]"#);
        let span = only_span(&request(&format!(r#"{{"attributes":{attributes}}}"#)));
        assert_eq!(span.attributes.get("a"), Some(&expected), "{number}");
    }
}

#[test]
fn an_id_of_another_length_does_not_cost_the_span() {
    let span = only_span(&request(r#"{"traceId":"0102","spanId":"01","name":"a"}"#));
    assert_eq!(
        (span.trace_id, span.span_id),
        (TraceId::default(), SpanId::default())
    );
    assert_eq!(span.name, "a");
}

/// A request with metrics: a gauge with one point.
fn metrics() -> Vec<u8> {
    let mut writer = Writer::with_capacity(64);
    writer.message(1, |writer| {
        writer.message(2, |writer| {
            writer.message(2, |writer| {
                writer.message(5, |writer| {
                    writer.message(1, |writer| writer.fixed64(3, 5));
                });
                writer.bytes(3, b"ms");
                writer.bytes(1, b"latency");
            });
        });
    });
    writer.into_bytes()
}

/// A request with logs: a record with a time and a text.
fn logs() -> Vec<u8> {
    let mut writer = Writer::with_capacity(64);
    writer.message(1, |writer| {
        writer.message(2, |writer| {
            writer.message(2, |writer| {
                writer.message(5, |writer| writer.bytes(1, b"hello"));
                writer.uint(2, 9);
                writer.fixed64(1, 5);
            });
        });
    });
    writer.into_bytes()
}

#[test]
fn other_signals_and_other_bytes_are_no_traces() {
    for (what, bytes) in [
        ("metrics", metrics()),
        ("logs", logs()),
        ("text", b"\n\x05hello".to_vec()),
        ("nothing", Vec::new()),
        ("bytes", vec![0xff, 0xfe]),
    ] {
        let mut found = Found::default();
        found.add(what, &bytes);
        assert!(found.requests.is_empty(), "{what}");
        assert_eq!(found.problems.len(), 1, "{what}: {:?}", found.problems);
    }
}

#[test]
fn a_damaged_span_does_not_cost_its_neighbors() {
    let mut writer = Writer::with_capacity(64);
    writer.message(1, |writer| {
        writer.message(2, |writer| {
            writer.message(2, |writer| writer.bytes(5, b"last"));
            writer.bytes(2, b"\x2a\xff");
            writer.message(2, |writer| writer.bytes(5, b"a\xffb"));
        });
    });
    let decoded = Decoded::of(&writer.into_bytes());
    let names: Vec<_> = decoded
        .spans
        .iter()
        .map(|span| span.name.as_str())
        .collect();
    assert_eq!(
        (names.as_slice(), decoded.refused),
        (&["a\u{fffd}b", "last"][..], 1)
    );
}

#[test]
fn lines_of_a_running_function_are_read_as_they_come() {
    let mut lines = Lines::default();
    let span = request(r#"{"name":"a"}"#);
    for line in [
        "START RequestId: 1",
        "{\"level\":\"info\"}",
        "",
        "{",
        "aGVsbG8=",
    ] {
        assert_eq!(lines.line(line), None, "{line}");
    }
    let request = lines.line(&format!("2026-11-21T00:00:00Z {span}")).unwrap();
    assert_eq!(Decoded::of(&request).spans[0].name, "a");
    // Several in one line form one request.
    let events = format!(r#"{{"events":[{{"message":{span:?}}},{{"message":{span:?}}}]}}"#);
    let request = lines.line(&events).unwrap();
    assert_eq!(Decoded::of(&request).spans.len(), 2);
    assert_eq!(lines.problems(), [""; 0]);
    assert_eq!(lines.line(r#"{"resourceSpans":7}"#), None);
    let problems = lines.problems();
    assert_eq!(problems, ["line 8: not OTLP: resourceSpans: not a list"]);
    assert_eq!(lines.problems(), [""; 0]);
}

#[test]
fn a_document_that_breaks_off_is_said_to() {
    let mut found = Found::default();
    found.add("cut.json", b"{\n \"Records\": [\n");
    assert_eq!(found.problems.len(), 1, "{:?}", found.problems);
    assert!(
        found.problems[0].starts_with("cut.json: contains no traces (as JSON: EOF"),
        "{:?}",
        found.problems
    );
}

#[test]
fn an_event_of_a_queue_in_a_log_is_a_line_like_any_other() {
    let mut lines = Lines::default();
    let event = r#"INFO {"Records":[{"messageId":"1","body":"{}","eventSource":"aws:sqs"}]}"#;
    assert_eq!(lines.line(event), None);
    assert_eq!(lines.problems(), Vec::<String>::new());
    let broken = r#"{"Records":[{"Data":"AAAA"}]}"#;
    assert_eq!(lines.line(broken), None);
    assert_eq!(lines.problems().len(), 1);
}
