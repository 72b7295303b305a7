//! Every variable of the guide against values that mean nothing.

use std::collections::BTreeSet;

use crate::lambda::{invoke, invoke_with};

const PAGE: &str = include_str!("../../../../docs/guide/variables.md");

/// Variables of features that these tests are built without, and of other programs.
pub(crate) const ELSEWHERE: [&str; 10] = [
    "LAMPLIGHT_HTTP_BAGGAGE_HOSTS",
    "LAMPLIGHT_HTTP_CONTEXT_HOSTS",
    "LAMPLIGHT_INJECT",
    "LAMPLIGHT_INJECT_LIMITS",
    "LAMPLIGHT_KINESIS_COMPRESSION",
    "LAMPLIGHT_KINESIS_FALLBACK",
    "LAMPLIGHT_KINESIS_TIMEOUT",
    "LAMPLIGHT_RELAY_CONFIG",
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST",
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE",
];

/// Variables of which any text means something.
pub(crate) const ANY_TEXT: [&str; 9] = [
    "LAMPLIGHT_BAGGAGE_ATTRIBUTES",
    "LAMPLIGHT_ENVELOPE",
    "LAMPLIGHT_KINESIS_STREAM",
    "LAMPLIGHT_SENSITIVE_QUERY_PARAMETERS",
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST",
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE",
    "OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS",
    "OTEL_SERVICE_NAME",
    // The destination of spans is what the test observes.
    "OTEL_TRACES_EXPORTER",
];

/// The variables in the table of the guide, without those of OTLP's exporter.
pub(crate) fn documented() -> BTreeSet<&'static str> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `"));
    let names = rows.flat_map(|row| row.split('|').nth(1).unwrap_or_default().split('`'));
    names
        .filter(|name| name.starts_with("OTEL_") || name.starts_with("LAMPLIGHT_"))
        .filter(|name| !name.starts_with("OTEL_EXPORTER_OTLP"))
        .collect()
}

#[tokio::test]
async fn nonsense_in_every_variable_is_said_once_each_and_costs_no_span() {
    let all = documented();
    assert!(all.len() > 25, "{all:?}");
    let any_text: BTreeSet<_> = ANY_TEXT.into_iter().chain(ELSEWHERE).collect();
    assert!(any_text.is_subset(&all), "{any_text:?} {all:?}");
    for nonsense in ["=", "\"quoted\"", "-1", "\u{fffd}"] {
        let variables: Vec<_> = all
            .iter()
            .filter(|name| **name != "OTEL_TRACES_EXPORTER")
            .map(|name| (*name, nonsense))
            .collect();
        let told = invoke("plain", &variables, 2).await;
        assert_eq!(
            told.spans("orders"),
            2,
            "{nonsense}: {} {}",
            told.out,
            told.log
        );
        assert_eq!(told.answers, 2);
        for name in &all {
            let expected = usize::from(!any_text.contains(name));
            assert_eq!(
                told.warnings(name),
                expected,
                "{name}={nonsense}: {}",
                told.log
            );
        }
    }
}

#[tokio::test]
async fn empty_is_unset_everywhere_and_says_nothing() {
    for nothing in ["", " ", "\t \t"] {
        let variables: Vec<_> = documented()
            .into_iter()
            .filter(|name| *name != "OTEL_TRACES_EXPORTER")
            .map(|name| (name, nothing))
            .collect();
        let told = invoke("plain", &variables, 1).await;
        assert!(
            !told.log.contains("lamplight ["),
            "{nothing:?}: {}",
            told.log
        );
        assert_eq!(told.spans("orders"), 1, "{}", told.out);
    }
}

/// The values that a check trimmed and the SDK did not, so that everything was sampled.
#[tokio::test]
async fn a_sampler_with_blanks_around_is_the_one_that_is_meant() {
    let told = invoke("plain", &[("OTEL_TRACES_SAMPLER", " always_off ")], 2).await;
    assert_eq!(told.spans("orders"), 0, "{}", told.out);
    let variables = [
        ("OTEL_TRACES_SAMPLER", "TraceIdRatio "),
        ("OTEL_TRACES_SAMPLER_ARG", " 0.0 "),
    ];
    let told = invoke("plain", &variables, 2).await;
    assert_eq!(told.spans("orders"), 0, "{}", told.out);
    assert!(!told.log.contains("lamplight ["), "{}", told.log);
}

#[tokio::test]
async fn resource_attributes_are_decoded_and_a_bad_member_costs_no_other() {
    let list = " team = J%C3%BCrgen , nonsense, note=a%2Cb,service.name=mine";
    let told = invoke("plain", &[("OTEL_RESOURCE_ATTRIBUTES", list)], 1).await;
    for (key, value) in [
        ("team", "J\u{fc}rgen"),
        ("note", "a,b"),
        ("service.name", "mine"),
    ] {
        let attribute = format!(r#"{{"key":"{key}","value":{{"stringValue":"{value}"}}}}"#);
        assert!(told.out.contains(&attribute), "{attribute} {}", told.out);
    }
    assert_eq!(told.warnings("OTEL_RESOURCE_ATTRIBUTES"), 1, "{}", told.log);
}

/// SDK environment variables, Enum: what is not recognized is warned about and ignored, and common
/// configuration, Enum: "SHOULD display the original user-provided value".
#[tokio::test]
async fn an_unknown_exporter_is_said_and_counts_as_not_there() {
    let told = invoke("plain", &[("OTEL_TRACES_EXPORTER", "Zipkin,console")], 1).await;
    assert_eq!(told.spans("orders"), 1, "{}", told.out);
    assert_eq!(told.warnings("OTEL_TRACES_EXPORTER"), 1, "{}", told.log);
    assert!(told.log.contains("\"Zipkin\" is unknown") && told.log.contains("using \"console\""));
    let nobody = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
    let told = invoke("plain", &[("OTEL_TRACES_EXPORTER", "pigeon"), nobody], 1).await;
    assert_eq!(told.warnings("OTEL_TRACES_EXPORTER"), 1, "{}", told.log);
    assert!(told.log.contains("using \"otlp\""), "{}", told.log);
    assert_eq!(told.warnings("export-failed"), 1, "{}", told.log);
}

/// SDK environment variables, In-development Exporter Selection: `otlp/stdout`.
#[tokio::test]
async fn otlp_on_standard_output_is_what_the_console_shows() {
    let told = invoke("plain", &[("OTEL_TRACES_EXPORTER", "OTLP/stdout")], 1).await;
    assert_eq!(told.spans("orders"), 1, "{}", told.out);
    assert!(!told.log.contains("lamplight ["), "{}", told.log);
}

/// SDK environment variables, Declarative configuration: the file "takes precedence over all other SDK
/// configuration environment variables", also those that switch the SDK off.
#[tokio::test]
async fn a_configuration_file_is_said_to_be_unread_on_and_off() {
    for name in ["OTEL_CONFIG_FILE", "OTEL_EXPERIMENTAL_CONFIG_FILE"] {
        for off in ["true", "false"] {
            let variables = [(name, "/var/task/otel.yaml"), ("OTEL_SDK_DISABLED", off)];
            let told = invoke("plain", &variables, 2).await;
            assert_eq!(told.warnings("config-file"), 1, "{}", told.log);
            assert!(
                told.log
                    .contains(&format!("{name} is set, and the file is NOT READ"))
            );
            assert_eq!(told.warnings("not-supported"), 0, "{}", told.log);
        }
    }
}

#[tokio::test]
async fn what_has_no_effect_is_said_in_one_line_and_slips_in_another() {
    let variables = [
        ("OTEL_BSP_SCHEDULE_DELAY", "1000"),
        ("OTEL_BSP_EXPORT_TIMEOUT", "1000"),
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_LOGS_EXPORTER", "none"),
        ("OTEL_ENTITIES", "x{y=z}"),
        ("OTEL_TRACE_SAMPLER", "always_off"),
        ("LAMPLIGHT_FLUSHES", "adaptive"),
        ("OTEL_PYTHON_LOG_LEVEL", "info"),
    ];
    let told = invoke("plain", &variables, 2).await;
    assert_eq!(told.spans("orders"), 2, "{}", told.out);
    let lines: Vec<_> = told
        .log
        .lines()
        .filter(|it| it.contains("lamplight ["))
        .collect();
    let [unsupported, unknown] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    for name in [
        "OTEL_BSP_SCHEDULE_DELAY",
        "OTEL_BSP_EXPORT_TIMEOUT",
        "OTEL_METRICS_EXPORTER",
        "OTEL_ENTITIES",
    ] {
        assert!(unsupported.contains(name), "{unsupported}");
    }
    assert!(!unsupported.contains("OTEL_LOGS_EXPORTER"), "{unsupported}");
    assert!(
        unknown.contains("OTEL_TRACE_SAMPLER (is OTEL_TRACES_SAMPLER meant?)"),
        "{unknown}"
    );
    assert!(
        unknown.contains("LAMPLIGHT_FLUSHES (is LAMPLIGHT_FLUSH meant?)"),
        "{unknown}"
    );
    assert!(!unknown.contains("OTEL_PYTHON"), "{unknown}");
    // None of it where nothing is recorded.
    let off = variables.into_iter().chain([("OTEL_SDK_DISABLED", "true")]);
    let told = invoke("plain", &off.collect::<Vec<_>>(), 1).await;
    assert!(!told.log.contains("lamplight ["), "{}", told.log);
}

/// SDK environment variables, General SDK Configuration: `OTEL_LOG_LEVEL`, "Log level used by the SDK
/// internal logger".
#[tokio::test]
async fn the_level_of_lamplights_own_lines_is_obeyed() {
    for (level, lines) in [
        ("NONE", 0),
        ("error", 0),
        ("Warn", 1),
        ("info", 1),
        ("loud", 2),
    ] {
        let variables = [("OTEL_LOG_LEVEL", level), ("OTEL_ENTITIES", "x{y=z}")];
        let told = invoke("plain", &variables, 1).await;
        assert_eq!(
            told.log.matches("lamplight [").count(),
            lines,
            "{level}: {}",
            told.log
        );
    }
}

/// Semantic conventions, faas/aws-lambda.md, "SQS Event".
#[tokio::test]
async fn an_event_has_a_span_of_its_own_if_the_variable_says_so() {
    const EVENT: &str = r#"{"Records":[{"messageId":"m","body":"b","eventSource":"aws:sqs",
        "eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:queue"}]}"#;
    for (value, spans) in [("true", 1), ("false", 0), ("", 0)] {
        let variables = [("LAMPLIGHT_EVENT_SPAN", value)];
        let told = invoke_with("plain", &variables, 1, EVENT).await;
        assert_eq!(told.spans("process queue"), spans, "{}", told.out);
        assert_eq!(told.spans("orders"), 1, "{}", told.out);
    }
}
