use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::*;
use crate::environment::tests::with;

/// Every variable of the published texts: the specification at version 1.60
/// (`configuration/sdk-environment-variables.md`, `protocol/exporter.md`, `entities/`), and the semantic
/// conventions at 1.44, but for those of languages (`OTEL_{LANGUAGE}_{FEATURE}`).
const PUBLISHED: &str = "
    OTEL_SDK_DISABLED OTEL_ENTITIES OTEL_RESOURCE_ATTRIBUTES OTEL_SERVICE_NAME OTEL_LOG_LEVEL
    OTEL_PROPAGATORS OTEL_TRACES_SAMPLER OTEL_TRACES_SAMPLER_ARG OTEL_BSP_SCHEDULE_DELAY
    OTEL_BSP_EXPORT_TIMEOUT OTEL_BSP_MAX_QUEUE_SIZE OTEL_BSP_MAX_EXPORT_BATCH_SIZE
    OTEL_BLRP_SCHEDULE_DELAY OTEL_BLRP_EXPORT_TIMEOUT OTEL_BLRP_MAX_QUEUE_SIZE
    OTEL_BLRP_MAX_EXPORT_BATCH_SIZE OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT OTEL_ATTRIBUTE_COUNT_LIMIT
    OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT
    OTEL_SPAN_EVENT_COUNT_LIMIT OTEL_SPAN_LINK_COUNT_LIMIT OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT
    OTEL_LINK_ATTRIBUTE_COUNT_LIMIT OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT
    OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT OTEL_EXPORTER_ZIPKIN_ENDPOINT OTEL_EXPORTER_ZIPKIN_TIMEOUT
    OTEL_EXPORTER_ZIPKIN_PROTOCOL OTEL_EXPORTER_PROMETHEUS_HOST OTEL_EXPORTER_PROMETHEUS_PORT
    OTEL_TRACES_EXPORTER OTEL_METRICS_EXPORTER OTEL_LOGS_EXPORTER OTEL_METRICS_EXEMPLAR_FILTER
    OTEL_METRIC_EXPORT_INTERVAL OTEL_METRIC_EXPORT_TIMEOUT OTEL_EXPERIMENTAL_CONFIG_FILE
    OTEL_CONFIG_FILE OTEL_EXPORTER_OTLP_SPAN_INSECURE OTEL_EXPORTER_OTLP_METRIC_INSECURE
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION
    OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN
    OTEL_SEMCONV_STABILITY_OPT_IN";

/// The suffixes after `OTEL_EXPORTER_OTLP_`, with or without a signal.
const OF_OTLP: [&str; 9] = [
    "ENDPOINT",
    "INSECURE",
    "CERTIFICATE",
    "CLIENT_KEY",
    "CLIENT_CERTIFICATE",
    "HEADERS",
    "COMPRESSION",
    "TIMEOUT",
    "PROTOCOL",
];

fn known() -> BTreeSet<&'static str> {
    let names = TABLE.iter().flat_map(|variable| variable.names);
    names.copied().collect()
}

#[test]
fn every_variable_of_the_published_texts_is_in_the_table_once() {
    let all = known();
    let listed: usize = TABLE.iter().map(|variable| variable.names.len()).sum();
    assert_eq!(listed, all.len(), "a name is there twice");
    for name in PUBLISHED.split_whitespace() {
        assert!(all.contains(name), "{name}");
    }
    for end in OF_OTLP {
        for signal in ["", "TRACES_", "METRICS_", "LOGS_"] {
            let name = format!("OTEL_EXPORTER_OTLP_{signal}{end}");
            assert!(all.contains(&*name), "{name}");
        }
    }
}

/// Every variable that a crate reads is in the table: an undocumented variable cannot be found by users.
#[test]
fn every_variable_in_the_code_is_in_the_table() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for of in std::fs::read_dir(crates).unwrap() {
        sources(&of.unwrap().path().join("src"), &mut files);
    }
    assert!(files.len() > 50);
    let all = known();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for quoted in code.split('"').skip(1).step_by(2) {
            let is_name = (quoted.starts_with("OTEL_") || quoted.starts_with("LAMPLIGHT_"))
                && !quoted.ends_with('_')
                && quoted
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
            assert!(!is_name || all.contains(quoted), "{quoted} in {file:?}");
        }
    }
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_test = name.ends_with("tests.rs") || name == "tests";
        if path.is_dir() && !is_test {
            sources(&path, files);
        } else if name.ends_with(".rs") && !is_test {
            files.push(path);
        }
    }
}

/// Returns the variables that are obeyed, as the guide has them.
fn obeyed() -> String {
    let mut page = String::from("| variable | meaning | default |\n|---|---|---|\n");
    for variable in TABLE.iter().filter(|it| is_honored(it)) {
        let Variable {
            meaning, default, ..
        } = variable;
        page += &format!("| {} | {meaning} | {default} |\n", names(variable));
    }
    page
}

/// Returns all of them, as the documentation of the crate has them.
fn page() -> String {
    let mut page = String::from("| variable | meaning | default | in code |\n|---|---|---|---|\n");
    for variable in TABLE.iter().filter(|it| is_honored(it)) {
        let Variable {
            meaning,
            default,
            code,
            ..
        } = variable;
        page += &format!("| {} | {meaning} | {default} | {code} |\n", names(variable));
    }
    page += "\nThese variables are known but not supported. Those that are set are reported at the start, in one line.\n\n\
             | variable | meaning | alternative |\n|---|---|---|\n";
    for variable in TABLE {
        if let Support::Not { instead, .. } = variable.support {
            page += &format!(
                "| {} | {} | {instead} |\n",
                names(variable),
                variable.meaning
            );
        }
    }
    page
}

fn is_honored(variable: &Variable) -> bool {
    matches!(variable.support, Support::Honored)
}

fn names(variable: &Variable) -> String {
    let names: Vec<_> = variable.names.iter().map(|it| format!("`{it}`")).collect();
    names.join(", ")
}

/// Compares a file with what it has to be, or writes it with `GOLDEN=write`.
#[track_caller]
fn golden(file: &str, expected: impl Fn(&str) -> String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let is = std::fs::read_to_string(&path).unwrap_or_default();
    let expected = expected(&is);
    if std::env::var("GOLDEN").is_ok_and(|it| it == "write") {
        return std::fs::write(path, expected).unwrap();
    }
    assert!(
        is == expected,
        "{file} is not what the table says; write it with \
         `GOLDEN=write cargo test -p lamplight --lib variables`"
    );
}

#[test]
fn the_documentation_is_the_table() {
    const MARKS: [&str; 2] = ["<!-- variables -->\n", "<!-- /variables -->\n"];
    golden("src/variables.md", |_| page());
    golden("../../docs/guide/variables.md", |guide| {
        let (before, rest) = guide.split_once(MARKS[0]).unwrap();
        let (_, after) = rest.split_once(MARKS[1]).unwrap();
        format!("{before}{}\n{}\n{}{after}", MARKS[0], obeyed(), MARKS[1])
    });
}

/// SDK environment variables, Implementation guidelines: "The environment-based configuration MUST have a
/// direct code configuration equivalent."
#[test]
fn every_variable_has_an_equivalent_in_code() {
    for variable in TABLE.iter().filter(|it| is_honored(it)) {
        // Proxies are no configuration of telemetry.
        let is_proxy = variable.names.contains(&"NO_PROXY");
        assert!(
            is_proxy || !variable.code.is_empty(),
            "{:?}",
            variable.names
        );
    }
}

#[test]
fn what_is_not_supported_is_said_only_where_it_asks_for_something() {
    let said = |variables: &[(&str, &str)]| with(variables, |env| env.unsupported().join("; "));
    for silent in [
        &[][..],
        &[
            ("OTEL_METRICS_EXPORTER", "none"),
            ("OTEL_LOGS_EXPORTER", "NONE "),
        ],
        &[
            ("OTEL_METRICS_EXPORTER", "none"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "1000"),
        ],
        &[
            ("OTEL_LOGS_EXPORTER", "none"),
            ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://c:4318/v1/logs"),
        ],
        &[("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")],
        &[("OTEL_BSP_SCHEDULE_DELAY", " ")],
        &[("OTEL_PYTHON_LOG_CORRELATION", "true")],
    ] {
        assert_eq!(said(silent), "", "{silent:?}");
    }
    for (name, value, instead) in [
        ("OTEL_METRICS_EXPORTER", "otlp", "meter provider"),
        (
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
            "http://c/",
            "meter provider",
        ),
        ("OTEL_LOGS_EXPORTER", "console,none", "the function's log"),
        ("OTEL_BSP_SCHEDULE_DELAY", "5000", "LAMPLIGHT_FLUSH says"),
        ("OTEL_BSP_EXPORT_TIMEOUT", "30000", "LAMPLIGHT_FLUSH_BUDGET"),
        (
            "OTEL_ENTITIES",
            "service{service.name=app}",
            "OTEL_RESOURCE_ATTRIBUTES",
        ),
        (
            "OTEL_SEMCONV_STABILITY_OPT_IN",
            "http/DUP",
            "stable conventions",
        ),
    ] {
        let line = said(&[(name, value)]);
        assert!(line.starts_with(name) && line.contains(instead), "{line}");
    }
}

#[test]
fn slips_of_the_pen_are_told_from_variables_of_others() {
    let unknown = |name: &str| with(&[(name, "x")], |env| env.unknown().join("; "));
    for (name, meant) in [
        ("OTEL_TRACE_SAMPLER", "OTEL_TRACES_SAMPLER"),
        ("OTEL_TRACES_EXPORTERS", "OTEL_TRACES_EXPORTER"),
        (
            "OTEL_EXPORTER_OTLP_TRACE_ENDPOINT",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        ),
        ("OTEL_PROPAGATOR", "OTEL_PROPAGATORS"),
        ("LAMPLIGHT_KINESIS_STREEM", "LAMPLIGHT_KINESIS_STREAM"),
    ] {
        assert_eq!(unknown(name), format!("{name} (is {meant} meant?)"));
    }
    assert_eq!(unknown("LAMPLIGHT_WHATEVER"), "LAMPLIGHT_WHATEVER");
    for others in [
        "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS",
        "OTEL_JAVAAGENT_ENABLED",
        "OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED",
        "OTEL_NODE_RESOURCE_DETECTORS",
        "OTEL_LAMBDA_DISABLE_AWS_CONTEXT_PROPAGATION",
        "OTEL_GO_X_OBSERVABILITY",
        "OTEL_DOTNET_AUTO_HOME",
        "OTEL_EXPORTER_OTLP_PROFILES_ENDPOINT",
    ] {
        assert_eq!(unknown(others), "");
    }
    assert_eq!(
        with(&[("OTEL_TRACE_SAMPLER", "")], |env| env.unknown().len()),
        0
    );
}
