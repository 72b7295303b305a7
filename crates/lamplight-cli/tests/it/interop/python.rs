//! OpenTelemetry's SDK for Python.

use std::process::Command;

use lamplight_local_aws::Python;
use serde_json::json;

use super::{LOCAL, REMOTE, Recorded, Shown, attribute, double, environment, install, int, trace};

/// The tested releases.
const PACKAGES: [&str; 2] = [
    "opentelemetry-sdk==1.45.2",
    "opentelemetry-exporter-otlp-proto-http==1.45.2",
];

pub(super) fn python() -> Python {
    install::python("opentelemetry-sdk-1.45.2", &PACKAGES)
}

/// A program that records a trace.
pub(super) fn program(python: &Python, shown: &Shown, trace: &str) -> Command {
    let mut command = python.command();
    command.arg(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/it/interop/record.py"
    ));
    environment(&mut command, &shown.served, trace);
    command
}

pub(super) fn recorded() -> Recorded {
    let list = json!([int(1), "two"]);
    Recorded {
        further: vec![
            attribute("least", int(i64::MIN)),
            attribute("whole", double(2.0)),
            attribute("infinite", double(f64::NEG_INFINITY)),
            attribute("not a number", double(f64::NAN)),
            attribute("bytes", json!({"bytes": [0, 255]})),
            attribute("map", json!({"map": [attribute("list", list)]})),
        ],
        scope: vec![attribute("part", "checkout")],
        // Its exporter sends neither the trace flags of W3C nor the `tracestate` of a link.
        flags: [REMOTE, LOCAL, REMOTE],
        link_state: "",
    }
}

#[test]
fn spans_of_the_sdk_for_python_arrive_complete_however_they_are_compressed() {
    let python = python();
    let shown = Shown::start("python", &[], &[]);
    let mut traces = Vec::new();
    for (number, compression) in (1..).zip(["none", "gzip", "deflate"]) {
        let trace = trace(number);
        let mut program = program(&python, &shown, &trace);
        program.env("OTEL_EXPORTER_OTLP_COMPRESSION", compression);
        install::succeed(&mut program);
        traces.push((trace, recorded()));
    }
    shown.holds(&traces);
}
