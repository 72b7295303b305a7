//! Variables: `spec:configuration/sdk-environment-variables.md`, `spec:protocol/exporter.md`.
//!
//! The environment belongs to the process, so each case runs in a process of its own.

use std::{process::Command, time::Duration};

use lamplight::{
    Telemetry,
    opentelemetry::{
        KeyValue, global,
        trace::{
            Link, Span, SpanContext, SpanId, SpanKind, TraceFlags, TraceId, TraceState, Tracer,
            TracerProvider,
        },
    },
};

use crate::conformance::statement::statements;

/// The variable set in processes in which [`program`] does something.
const PROGRAM: &str = "CONFORMANCE_PROGRAM";

/// Not a test, but the program of the tests: a root span with four attributes, four events and four links,
/// each with four attributes of four characters.
#[test]
fn program() {
    if std::env::var_os(PROGRAM).is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let telemetry = Telemetry::builder().init();
        let attributes: Vec<_> = (0..4)
            .map(|n| KeyValue::new(format!("k{n}"), "text"))
            .collect();
        let remote = SpanContext::new(
            TraceId::from(7),
            SpanId::from(7),
            TraceFlags::SAMPLED,
            true,
            TraceState::default(),
        );
        for name in ["first", "second"] {
            let Some(provider) = telemetry.tracer_provider() else {
                break;
            };
            let tracer = provider.tracer("t");
            let links = (0..4).map(|_| Link::new(remote.clone(), attributes.clone(), 0));
            let builder = tracer
                .span_builder(name)
                .with_kind(SpanKind::Internal)
                .with_links(links.collect());
            let mut span = tracer.build(builder);
            for attribute in &attributes {
                span.set_attribute(attribute.clone());
                span.add_event("event", attributes.clone());
            }
            span.end();
        }
        telemetry.flush(Duration::from_secs(5)).await;
        let mut fields: Vec<String> = Vec::new();
        global::get_text_map_propagator(|it| fields.extend(it.fields().map(str::to_owned)));
        println!("\nfields {fields:?}");
        println!("stats {:?}", telemetry.queue_snapshot());
    });
}

/// The output of a process.
struct Told {
    out: String,
    log: String,
}

impl Told {
    fn spans(&self) -> usize {
        self.all("\"traceId\":\"") - self.all("\"traceId\":\"00000000000000000000000000000007")
    }

    /// Returns how often a text occurs in the spans.
    fn all(&self, text: &str) -> usize {
        self.out.matches(text).count()
    }

    fn says(&self, text: &str) -> bool {
        self.log.contains(text)
    }
}

/// Runs the program with only these variables. It exports to the console unless they name another exporter.
fn run(variables: &[(&str, &str)]) -> Told {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "conformance::environment::program",
            "--exact",
            "--nocapture",
        ])
        .env_clear()
        .env(PROGRAM, "1")
        .env("OTEL_TRACES_EXPORTER", "console")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let told = Told {
        out: String::from_utf8(output.stdout).unwrap(),
        log: String::from_utf8(output.stderr).unwrap(),
    };
    assert!(output.status.success(), "{} {}", told.out, told.log);
    told
}

/// Asserts that each value is reported, with its variable, and changes nothing.
#[track_caller]
fn is_ignored(name: &str, values: &[&str]) {
    for value in values {
        let told = run(&[(name, value)]);
        assert!(
            told.says(&format!("[{name}]")),
            "{name}={value}: {}",
            told.log
        );
        assert!(told.says(value), "{name}={value}: {}", told.log);
        assert_eq!(told.spans(), 2, "{name}={value}: {}", told.out);
    }
}

/// Asserts that a variable without effect is reported at the start.
#[track_caller]
fn is_unsupported(name: &str, value: &str) {
    let told = run(&[(name, value)]);
    let line = told
        .log
        .lines()
        .find(|line| line.contains("set but not supported"));
    assert!(line.is_some_and(|line| line.contains(name)), "{}", told.log);
    assert_eq!(told.spans(), 2, "{}", told.out);
}

statements! {
    "spec:configuration/sdk-environment-variables.md, Implementation guidelines" {
        elsewhere every_variable_has_an_equivalent_in_code("MUST have a direct code equivalent"; "crates/lamplight/src/environment/variables/tests.rs") {}
        elsewhere code_says_what_variables_say_and_wins("...which does the same"; "crates/lamplight/src/builder/tests.rs") {}
    }
    "spec:configuration/sdk-environment-variables.md, Parsing empty value" {
        elsewhere empty_is_unset_everywhere_and_says_nothing("an empty value MUST be treated as unset"; "crates/lamplight/tests/front/variables.rs") {}
    }
    "spec:configuration/sdk-environment-variables.md, Boolean" {
        held true_in_any_case("`true` in any case MUST be true") {
            for value in ["true", "TRUE", "True", " true "] {
                assert_eq!(run(&[("OTEL_SDK_DISABLED", value)]).spans(), 0, "{value}");
            }
        }
        held nothing_else_is_true("every other value MUST be false, and SHOULD be warned about") {
            is_ignored("OTEL_SDK_DISABLED", &["1", "yes", "on"]);
            let told = run(&[("OTEL_SDK_DISABLED", "False")]);
            assert_eq!((told.spans(), told.says("lamplight [")), (2, false));
        }
        deviates sigterm_is_on_by_default("SHOULD be named so that `false` is the default";
            does "`LAMPLIGHT_SIGTERM` is `true` for the flush policies that leave spans in an idle environment";
            because "these policies would otherwise lose spans; for all others it is `false`";
            setting "`LAMPLIGHT_SIGTERM=false`"
        ) {
            assert!(lamplight::FlushPolicy::Adaptive.needs_sigterm());
            assert!(!lamplight::FlushPolicy::default().needs_sigterm());
        }
    }
    "spec:configuration/sdk-environment-variables.md, Numeric" {
        held no_number("an unparsable value SHOULD be warned about and treated as unset") {
            is_ignored("OTEL_SPAN_EVENT_COUNT_LIMIT", &["many", "1.5", "0x10"]);
        }
        held out_of_range("an out-of-range value SHOULD be treated as unset, without a special meaning (common.md)") {
            is_ignored("OTEL_SPAN_EVENT_COUNT_LIMIT", &["-1"]);
            is_ignored("OTEL_BSP_MAX_QUEUE_SIZE", &["0", "-5"]);
        }
        held whole_range("integers from 0 to 2^31 - 1 SHOULD be supported (common.md)") {
            let told = run(&[("OTEL_SPAN_EVENT_COUNT_LIMIT", "2147483647")]);
            assert_eq!((told.all("\"name\":\"event\""), told.says("lamplight [")), (8, false));
        }
        elsewhere a_timeout_of_zero_is_no_limit("a timeout of zero SHOULD be no limit (common.md)"; "crates/lamplight/src/environment/otlp/tests.rs") {}
    }
    "spec:configuration/sdk-environment-variables.md, Enum" {
        held any_case("SHOULD be case-insensitive") {
            assert_eq!(run(&[("OTEL_TRACES_SAMPLER", "Always_OFF")]).spans(), 0);
            assert_eq!(run(&[("OTEL_TRACES_EXPORTER", "CONSOLE")]).spans(), 2);
        }
        held unknown_is_ignored("MUST be warned about and ignored if it is not recognized; the value SHOULD be shown (common.md)") {
            is_ignored("OTEL_TRACES_SAMPLER", &["sometimes"]);
            is_ignored("OTEL_PROPAGATORS", &["pigeon"]);
            is_ignored("OTEL_LOG_LEVEL", &["loud"]);
        }
        elsewhere an_unknown_exporter_is_said_and_counts_as_not_there("...the exporter too"; "crates/lamplight/tests/front/variables.rs") {}
    }
    "spec:configuration/sdk-environment-variables.md, General SDK Configuration" {
        held disabled("`OTEL_SDK_DISABLED`: a no-op SDK") {
            let told = run(&[("OTEL_SDK_DISABLED", "true")]);
            assert_eq!((told.spans(), told.says("lamplight [")), (0, false));
        }
        elsewhere propagators_mean_the_same_on_and_off("...which has no effect on propagators"; "crates/lamplight/tests/front/off.rs") {}
        deviates entities("`OTEL_ENTITIES` (Development): entities of the resource";
            does "logged at the start, without effect";
            because "the Rust SDK has no entities";
            setting "`OTEL_RESOURCE_ATTRIBUTES`"
        ) {
            is_unsupported("OTEL_ENTITIES", "service{service.name=app}");
        }
        held resource_attributes("`OTEL_RESOURCE_ATTRIBUTES`: attributes of the resource") {
            let told = run(&[("OTEL_RESOURCE_ATTRIBUTES", "team=J%C3%BCrgen,a=b")]);
            assert!(told.out.contains("J\u{fc}rgen"), "{}", told.out);
        }
        held service_name("`OTEL_SERVICE_NAME` takes precedence over `service.name` in it") {
            let told = run(&[("OTEL_SERVICE_NAME", "named"), ("OTEL_RESOURCE_ATTRIBUTES", "service.name=listed")]);
            assert!(told.out.contains("\"named\"") && !told.out.contains("\"listed\""), "{}", told.out);
        }
        elsewhere the_level_of_lamplights_own_lines_is_obeyed("`OTEL_LOG_LEVEL`: level of the SDK's own log lines, `info`"; "crates/lamplight/tests/front/variables.rs") {}
        held propagators("`OTEL_PROPAGATORS`: the listed propagators; default `tracecontext,baggage`") {
            let fields = |value| {
                let told = run(&[("OTEL_PROPAGATORS", value)]);
                ["traceparent", "tracestate", "baggage", "x-amzn-trace-id"].map(|field| told.all(&format!("\"{field}\"")))
            };
            assert_eq!(fields(""), [1, 1, 1, 0]);
            assert_eq!(fields("tracecontext"), [1, 1, 0, 0]);
            assert_eq!(fields("baggage"), [0, 0, 1, 0]);
            assert_eq!(fields("xray"), [0, 0, 0, 1]);
            assert_eq!(fields("none"), [0, 0, 0, 0]);
        }
        held each_propagator_once("...each registered once") {
            let told = run(&[("OTEL_PROPAGATORS", "baggage,tracecontext,baggage")]);
            assert_eq!((told.all("\"baggage\""), told.all("\"traceparent\"")), (1, 1), "{}", told.out);
        }
        deviates other_propagators("known values are also `b3`, `b3multi`, `jaeger`, `ottrace`";
            does "logged and ignored";
            because "no AWS service writes them, and two are deprecated";
            setting "none"
        ) {
            is_ignored("OTEL_PROPAGATORS", &["b3", "b3multi", "jaeger", "ottrace"]);
        }
        held samplers("`OTEL_TRACES_SAMPLER`: `always_on`, `always_off`, `traceidratio` and their `parentbased_` forms; default `parentbased_always_on`") {
            let spans = |sampler| {
                let told = run(&[("OTEL_TRACES_SAMPLER", sampler), ("OTEL_TRACES_SAMPLER_ARG", "0")]);
                told.spans()
            };
            for none in ["always_off", "parentbased_always_off", "traceidratio", "parentbased_traceidratio"] {
                assert_eq!(spans(none), 0, "{none}");
            }
            for all in ["", "always_on", "parentbased_always_on"] {
                assert_eq!(spans(all), 2, "{all}");
            }
        }
        deviates other_samplers("known values are also `jaeger_remote`, `parentbased_jaeger_remote`, `xray`";
            does "logged, and `parentbased_always_on` is used";
            because "the Rust SDK does not include them";
            setting "`TelemetryBuilder::with_sampler`"
        ) {
            is_ignored("OTEL_TRACES_SAMPLER", &["jaeger_remote", "parentbased_jaeger_remote", "xray"]);
        }
        held sampler_argument("`OTEL_TRACES_SAMPLER_ARG`: an invalid value MUST be logged and treated as unset") {
            for value in ["-1", "NaN", "2", "ten"] {
                let told = run(&[("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", value)]);
                assert_eq!(told.spans(), 2, "{value}");
                assert!(told.says("[OTEL_TRACES_SAMPLER_ARG]") && told.says(value), "{}", told.log);
            }
        }
        held sampler_argument_default("...1.0 if unset, and used only if `OTEL_TRACES_SAMPLER` is set") {
            let told = run(&[("OTEL_TRACES_SAMPLER", "traceidratio")]);
            assert_eq!((told.spans(), told.says("lamplight [")), (2, false));
            assert_eq!(run(&[("OTEL_TRACES_SAMPLER_ARG", "0")]).spans(), 2);
        }
    }
    "spec:configuration/sdk-environment-variables.md, Batch Span Processor" {
        deviates schedule_delay("`OTEL_BSP_SCHEDULE_DELAY`: milliseconds between two exports, 5000";
            does "logged at the start, without effect; spans are delivered after each response, or according to `LAMPLIGHT_FLUSH`";
            because "a timer is frozen with the environment, and fires in a later invocation";
            setting "none"
        ) {
            is_unsupported("OTEL_BSP_SCHEDULE_DELAY", "5000");
        }
        deviates export_timeout("`OTEL_BSP_EXPORT_TIMEOUT`: maximum duration of an export, 30000 ms";
            does "logged at the start, without effect; a flush is limited to one second and by the invocation's deadline";
            because "the wait is billed, and templates with 30 s are written for long-running processes";
            setting "`LAMPLIGHT_FLUSH_BUDGET=30000`"
        ) {
            is_unsupported("OTEL_BSP_EXPORT_TIMEOUT", "30000");
        }
        held queue_size("`OTEL_BSP_MAX_QUEUE_SIZE`: maximum number of waiting spans") {
            let told = run(&[("OTEL_BSP_MAX_QUEUE_SIZE", "1")]);
            assert_eq!((told.spans(), told.all("dropped_queue_full: 1")), (1, 1), "{}", told.out);
        }
        held batch_size("`OTEL_BSP_MAX_EXPORT_BATCH_SIZE`: maximum number of spans in an export") {
            let told = run(&[("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1")]);
            assert_eq!((told.spans(), told.all("{\"resourceSpans")), (2, 2), "{}", told.out);
        }
        elsewhere a_batch_is_never_more_than_the_queue("...which MUST NOT be more than the queue"; "crates/lamplight-export/src/queue/tests/mod.rs") {}
    }
    "spec:configuration/sdk-environment-variables.md, Attribute Limits" {
        held value_length("`OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`: of spans, events and links") {
            let told = run(&[("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "2")]);
            assert_eq!((told.all("\"te\""), told.all("\"text\"")), (2 * 36, 0), "{}", told.out);
        }
        held attribute_count("`OTEL_ATTRIBUTE_COUNT_LIMIT`: of spans, events and links") {
            let told = run(&[("OTEL_ATTRIBUTE_COUNT_LIMIT", "1")]);
            assert_eq!(told.all("\"text\""), 2 * 9, "{}", told.out);
        }
    }
    "spec:configuration/sdk-environment-variables.md, Span Limits" {
        held span_value_length("`OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT` takes precedence over the general one") {
            let told = run(&[("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "3"), ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "2")]);
            assert_eq!((told.all("\"tex\""), told.all("\"te\"")), (2 * 36, 0), "{}", told.out);
        }
        held span_attribute_count("`OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT` takes precedence over the general one") {
            let told = run(&[("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "2"), ("OTEL_ATTRIBUTE_COUNT_LIMIT", "1")]);
            assert_eq!(told.all("\"text\""), 2 * 10, "{}", told.out);
        }
        held event_count("`OTEL_SPAN_EVENT_COUNT_LIMIT`") {
            let told = run(&[("OTEL_SPAN_EVENT_COUNT_LIMIT", "1")]);
            assert_eq!(told.all("\"name\":\"event\""), 2, "{}", told.out);
        }
        held link_count("`OTEL_SPAN_LINK_COUNT_LIMIT`") {
            let told = run(&[("OTEL_SPAN_LINK_COUNT_LIMIT", "1")]);
            assert_eq!(told.all("\"traceId\":\"00000000000000000000000000000007"), 2, "{}", told.out);
        }
        elsewhere the_limit_of_links_is_that_of_batches_too("...which can be raised, also for the links of a batch"; "crates/lamplight/src/environment/tests.rs") {}
        held event_attributes("`OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT`") {
            let told = run(&[("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "1")]);
            assert_eq!(told.all("\"text\""), 2 * (4 + 4 + 16), "{}", told.out);
        }
        held link_attributes("`OTEL_LINK_ATTRIBUTE_COUNT_LIMIT`") {
            let told = run(&[("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "1")]);
            assert_eq!(told.all("\"text\""), 2 * (4 + 16 + 4), "{}", told.out);
        }
        elsewhere each_limit_of_a_span_has_its_variable("...each 128 by default"; "crates/lamplight/src/environment/tests.rs") {}
    }
    "spec:configuration/sdk-environment-variables.md, Exporter Selection" {
        held traces_exporter("`OTEL_TRACES_EXPORTER`: `console`, `none`") {
            assert_eq!(run(&[("OTEL_TRACES_EXPORTER", "console")]).spans(), 2);
            let told = run(&[("OTEL_TRACES_EXPORTER", "none")]);
            assert_eq!((told.spans(), told.says("lamplight [")), (0, false));
        }
        held traces_exporter_otlp("...`otlp`, which is the default") {
            let nobody = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
            for value in ["otlp", ""] {
                let told = run(&[("OTEL_TRACES_EXPORTER", value), nobody]);
                assert!(told.says("http://127.0.0.1:1/v1/traces"), "{value}: {}", told.log);
            }
        }
        held traces_exporter_stdout("...`otlp/stdout` (Development)") {
            assert_eq!(run(&[("OTEL_TRACES_EXPORTER", "otlp/stdout")]).spans(), 2);
        }
        held traces_exporter_logging("...`logging` SHOULD NOT be supported by new implementations") {
            let told = run(&[("OTEL_TRACES_EXPORTER", "logging,console")]);
            assert!(told.says("\"logging\" is unknown"), "{}", told.log);
        }
        deviates traces_exporter_zipkin("...`zipkin`";
            does "logged, and treated as unset";
            because "it is deprecated, and collectors convert OTLP to Zipkin";
            setting "`TelemetryBuilder::with_exporter`"
        ) {
            let told = run(&[("OTEL_TRACES_EXPORTER", "zipkin,console")]);
            assert!(told.says("\"zipkin\" is unknown"), "{}", told.log);
            assert_eq!(told.spans(), 2);
        }
        deviates several_exporters("a list of exporters MAY be accepted";
            does "the first one is used, which is logged";
            because "each flush waits, and is billed";
            setting "none"
        ) {
            let told = run(&[("OTEL_TRACES_EXPORTER", "console,otlp")]);
            assert!(told.says("[several-exporters]"), "{}", told.log);
            assert_eq!(told.spans(), 2);
        }
        deviates metrics_exporter("`OTEL_METRICS_EXPORTER`: exporter of metrics, default `otlp`";
            does "traces only; logged if it is set and not `none`, or if an endpoint for metrics is set";
            because "metrics are outside Lamplight's scope";
            setting "a meter provider of your own"
        ) {
            is_unsupported("OTEL_METRICS_EXPORTER", "otlp");
            is_unsupported("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://localhost:4318/v1/metrics");
            assert!(!run(&[("OTEL_METRICS_EXPORTER", "none")]).says("lamplight ["));
        }
        deviates logs_exporter("`OTEL_LOGS_EXPORTER`: exporter of logs, default `otlp`";
            does "traces only; logged if it is set and not `none`, or if an endpoint for logs is set";
            because "log lines go to the function's log, which Lambda delivers";
            setting "a logger provider of your own, `TelemetryBuilder::with_logger_provider`"
        ) {
            is_unsupported("OTEL_LOGS_EXPORTER", "otlp");
            assert!(!run(&[("OTEL_LOGS_EXPORTER", "none")]).says("lamplight ["));
        }
    }
    "spec:configuration/sdk-environment-variables.md, Declarative configuration" {
        deviates config_file("if `OTEL_CONFIG_FILE` is set, its file is the configuration, and all other variables MUST be ignored";
            does "the file is not read, the other variables are used, and this is logged, even if telemetry is off";
            because "the Rust SDK has no declarative configuration";
            setting "none"
        ) {
            for name in ["OTEL_CONFIG_FILE", "OTEL_EXPERIMENTAL_CONFIG_FILE"] {
                let told = run(&[(name, "/var/task/otel.yaml")]);
                assert!(told.says(&format!("{name} is set, and the file is NOT READ")), "{}", told.log);
                assert_eq!(told.spans(), 2);
            }
        }
    }
    "spec:protocol/exporter.md, Configuration Options" {
        elsewhere a_path_is_added_to_the_general_endpoint_only("`OTEL_EXPORTER_OTLP_ENDPOINT`, `..._TRACES_ENDPOINT`"; "crates/lamplight/src/environment/otlp/tests.rs") {}
        elsewhere an_endpoint_of_grpc_is_secure_unless_it_is_said_otherwise_and_has_no_path("`OTEL_EXPORTER_OTLP_INSECURE`, for `grpc` without a scheme"; "crates/lamplight/src/environment/otlp/tests.rs") {}
        elsewhere files_of_tls_are_those_of_the_traces_where_they_are_set("`OTEL_EXPORTER_OTLP_CERTIFICATE`, `_CLIENT_KEY`, `_CLIENT_CERTIFICATE`, overridable by signal"; "crates/lamplight/src/environment/otlp/tests.rs") {}
        elsewhere headers_of_the_traces_are_all_there_are_unless_they_are_empty("`OTEL_EXPORTER_OTLP_HEADERS`, overridable by signal"; "crates/lamplight/src/environment/otlp/tests.rs") {}
        elsewhere nonsense_of_the_traces_leaves_the_choice_to_the_general_variable("`OTEL_EXPORTER_OTLP_PROTOCOL`, `_TIMEOUT`, `_COMPRESSION`, overridable by signal"; "crates/lamplight/src/environment/otlp/tests.rs") {}
        elsewhere an_endpoint_in_code_wins_over_the_environment("each option MUST be available in code"; "crates/lamplight/src/builder/tests.rs") {}
        deviates http_json("protocols are `grpc`, `http/protobuf`, `http/json`";
            does "`http/json` is logged as unsupported, and `http/protobuf` is used";
            because "every endpoint that supports one supports the other, at half the size";
            setting "none"
        ) {
            let told = run(&[("OTEL_TRACES_EXPORTER", "otlp"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]);
            assert!(told.says("[OTEL_EXPORTER_OTLP_PROTOCOL]") && told.says("http/json"), "{}", told.log);
        }
        deviates obsolete_insecure("`OTEL_EXPORTER_OTLP_SPAN_INSECURE` is obsolete";
            does "logged at the start, without effect";
            because "only implementations that had it SHOULD keep it";
            setting "`OTEL_EXPORTER_OTLP_TRACES_INSECURE`"
        ) {
            is_unsupported("OTEL_EXPORTER_OTLP_SPAN_INSECURE", "true");
        }
    }
    "http/http-spans.md, Common attributes" {
        elsewhere the_known_methods_are_those_that_are_named(
            "`OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS` MUST be the complete list of known methods";
            "crates/lamplight/src/environment/tests.rs"
        ) {}
    }
    "general/semantic-conventions.md, variables" {
        deviates stability_opt_in("`OTEL_SEMCONV_STABILITY_OPT_IN`: `/dup` emits old names beside new ones";
            does "new ones only; logged if `/dup` is requested";
            because "it is for instrumentations that used to emit the old ones";
            setting "none"
        ) {
            is_unsupported("OTEL_SEMCONV_STABILITY_OPT_IN", "http/dup");
            assert!(!run(&[("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")]).says("lamplight ["));
        }
    }
}
