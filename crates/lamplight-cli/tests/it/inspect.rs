//! `lamplight inspect` explains an event.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};

use crate::common;

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Returns the exit code and outputs, with `event` on standard input.
fn inspect(event: &str, arguments: &[&str]) -> (i32, String, String) {
    common::lamplight(&[&["inspect"], arguments].concat(), event.as_bytes())
}

fn inspect_json(event: &str, arguments: &[&str]) -> Value {
    let (code, out, error) = inspect(event, &[arguments, &["--json", "-"]].concat());
    assert_eq!((code, error.as_str()), (0, ""));
    serde_json::from_str(&out).unwrap()
}

fn order() -> String {
    let detail = json!({"metadata": {"otel": {"traceparent": TRACEPARENT, "tracestate": "a=1", "baggage": "k=v"}}});
    let event = json!({"detail-type": "OrderPlaced", "source": "shop", "detail": detail});
    let record = json!({"messageId": "m-1", "eventSource": "aws:sqs", "body": event.to_string(),
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders"});
    json!({ "Records": [record] }).to_string()
}

#[test]
fn json_has_exactly_the_members_it_promises() {
    let seen = inspect_json(
        &order(),
        &["--envelope", "/metadata/otel", "--function", "shop"],
    );
    assert_eq!(
        seen,
        json!({
            "source": "sqs",
            "trigger": "pubsub",
            "span": {
                "name": "shop",
                "kind": "SERVER",
                "attributes": {
                    "faas.trigger": "pubsub",
                    "messaging.batch.message_count": 1,
                    "messaging.destination.name": "orders",
                    "messaging.message.id": "m-1",
                    "messaging.operation.name": "process",
                    "messaging.operation.type": "process",
                    "messaging.system": "aws_sqs",
                },
            },
            "parent": {
                "traceparent": TRACEPARENT,
                "tracestate": "a=1",
                "carrier": "Records[0].body > detail.metadata.otel.traceparent",
            },
            "links": [],
            "baggage": {"k": "v"},
            "notes": [],
        })
    );
}

#[test]
fn without_the_envelope_there_is_no_parent() {
    let seen = inspect_json(&order(), &[]);
    assert_eq!(
        (&seen["parent"], &seen["baggage"]),
        (&Value::Null, &json!({}))
    );
}

#[test]
fn what_the_runtime_would_supply_comes_from_options() {
    let context = json!({"custom": {"traceparent": TRACEPARENT}}).to_string();
    let seen = inspect_json("{}", &["--client-context", &BASE64.encode(context)]);
    assert_eq!(seen["source"], "invoke");
    assert_eq!(
        seen["parent"]["carrier"],
        "client_context.custom.traceparent"
    );

    let xray = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    let seen = inspect_json("{}", &["--xray", xray]);
    assert_eq!(seen["links"][0]["carrier"], "xray_trace_id");
    assert_eq!(seen["links"][0]["attributes"], json!({}));
}

#[test]
fn people_are_told_the_same() {
    let (code, out, error) = inspect(&order(), &["--envelope", "/metadata/otel", "-"]);
    assert_eq!((code, error.as_str()), (0, ""));
    for line in [
        "source   sqs (trigger: pubsub)",
        "         messaging.destination.name = orders",
        "parent   trace 0af7651916cd43dd8448eb211c80319c span b7ad6b7169203331 (sampled)",
        "         tracestate: a=1",
        "         found at Records[0].body > detail.metadata.otel.traceparent",
        "baggage  k = v",
    ] {
        assert!(
            out.lines().any(|found| found == line),
            "{line:?} is not in\n{out}"
        );
    }
    let invalid = json!({"_otel": {"traceparent": "00-1-1-1"}}).to_string();
    let (_, out, _) = inspect(&invalid, &["-"]);
    assert!(out.contains("parent   none"), "{out}");
    assert!(
        out.contains("ignored  _otel.traceparent: invalid traceparent: "),
        "{out}"
    );
}

#[test]
fn what_is_not_understood_is_said() {
    for arguments in [
        &[][..],
        &["--nonsense", "-"],
        &["a", "b"],
        &["--client-context", "#", "-"],
    ] {
        let (code, _, error) = inspect("{}", arguments);
        assert_eq!(code, 2, "{error}");
        assert!(error.contains("usage: lamplight inspect"), "{error}");
    }
    let (code, _, error) = inspect("{}", &["/nowhere/at/all.json"]);
    assert_eq!(code, 1);
    assert!(
        error.starts_with("error: /nowhere/at/all.json: "),
        "{error}"
    );
}

#[test]
fn any_bytes_are_an_event() {
    let seen = inspect_json("\u{0} not JSON", &[]);
    assert_eq!(seen["source"], "unknown");
}

#[test]
fn settings_of_a_function_are_options() {
    let fields = json!({"traceparent": TRACEPARENT, "baggage": "ok=1,c d=2"});
    let datadog = json!({"detail-type": "t", "source": "s", "detail": {"_datadog": fields}});
    assert_eq!(
        inspect_json(&datadog.to_string(), &[])["parent"],
        Value::Null
    );
    let seen = inspect_json(&datadog.to_string(), &["--datadog"]);
    assert_eq!(seen["parent"]["traceparent"], TRACEPARENT);
    // Dropped baggage is reported.
    assert_eq!(seen["baggage"], json!({"ok": "1"}));
    let note = seen["notes"][0].as_str().unwrap();
    assert!(note.contains("member 2 of the baggage left out"), "{note}");

    let event = json!({"_otel": fields}).to_string();
    let seen = inspect_json(&event, &["--propagators", "baggage"]);
    assert_eq!(
        (&seen["parent"], &seen["baggage"]),
        (&Value::Null, &json!({"ok": "1"}))
    );

    let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    let x_ray = ["--xray", header, "--xray-policy"];
    for (policy, parents, links) in [("ignore", 0, 0), ("link", 0, 1), ("parent", 1, 0)] {
        let seen = inspect_json("{}", &[&x_ray[..], &[policy]].concat());
        assert_eq!(usize::from(seen["parent"].is_object()), parents, "{policy}");
        assert_eq!(seen["links"].as_array().unwrap().len(), links, "{policy}");
    }
    for nonsense in [["--xray-policy", "x"], ["--propagators", "b3"]] {
        let (code, _, error) = inspect("{}", &[&nonsense[..], &["-"]].concat());
        assert_eq!(code, 2, "{error}");
        assert!(
            error.contains(nonsense[0]) && error.contains("allowed are"),
            "{error}"
        );
    }
}
