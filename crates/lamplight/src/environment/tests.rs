use lamplight_propagation::inbound::{ClientAddress, RecordPolicy};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};

use super::*;

pub(crate) fn with<T>(variables: &[(&str, &str)], f: impl FnOnce(Environment<'_>) -> T) -> T {
    let get = |name: &str| {
        variables
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    };
    let mut environment = Environment::new(get);
    environment.names = variables
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    f(environment)
}

/// A function that reads a variable, and displays its value.
type Read = fn(&Environment<'_>, &'static str) -> String;

/// A variable, how it is read, values that mean something with what they mean, and what nonsense
/// and nothing come to.
type Row = (
    &'static str,
    Read,
    &'static [(&'static str, &'static str)],
    &'static str,
);

fn debug(value: impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

/// Common spellings of Lamplight's Booleans.
const FLAGS: &[(&str, &str)] = &[
    ("true", "Some(true)"),
    ("false", "Some(false)"),
    ("yes", "Some(true)"),
    ("0", "Some(false)"),
    ("on", "Some(true)"),
];
const NUMBERS: &[(&str, &str)] = &[("0", "Some(0ns)"), ("250", "Some(250ms)")];

const TABLE: &[Row] = &[
    (
        OTEL_SDK_DISABLED,
        |env, _| debug(env.is_disabled()),
        &[("true", "true"), ("false", "false")],
        "false",
    ),
    (
        LAMPLIGHT_SIGTERM,
        |env, name| debug(env.boolean(name)),
        FLAGS,
        "None",
    ),
    (
        LAMPLIGHT_INFERRED_SPANS,
        |env, name| debug(env.boolean(name)),
        FLAGS,
        "None",
    ),
    (
        LAMPLIGHT_EVENT_SPAN,
        |env, name| debug(env.boolean(name)),
        FLAGS,
        "None",
    ),
    (
        crate::LAMPLIGHT_FAAS_EXECUTION,
        |env, name| debug(env.boolean(name)),
        FLAGS,
        "None",
    ),
    (
        LAMPLIGHT_FLUSH_BUDGET,
        |env, name| debug(env.millis(name)),
        NUMBERS,
        "None",
    ),
    (
        OTEL_TRACES_EXPORTER,
        |env, _| debug(env.exporter(true)),
        &[
            ("kinesis", "Kinesis"),
            ("otlp", "Otlp"),
            ("console", "Console"),
            ("none", "None"),
            ("otlp/stdout", "Console"),
            ("console,otlp", "Console"),
            ("zipkin,console", "Console"),
        ],
        "Kinesis",
    ),
    (
        LAMPLIGHT_FLUSH,
        |env, name| debug(env.parse::<crate::FlushPolicy>(name)),
        &[
            ("after-response", "Some(AfterResponse)"),
            ("adaptive", "Some(Adaptive)"),
            ("before-response", "Some(BeforeResponse)"),
            ("manual", "Some(Manual)"),
        ],
        "None",
    ),
    (
        LAMPLIGHT_CLIENT_ADDRESS,
        |env, name| debug(env.parse::<ClientAddress>(name)),
        &[("original", "Some(Original)"), ("peer", "Some(Peer)")],
        "None",
    ),
    (
        LAMPLIGHT_RECORDS,
        |env, name| debug(env.parse::<RecordPolicy>(name)),
        &[
            ("continue", "Some(Continue)"),
            ("continue-and-link", "Some(ContinueAndLink)"),
            ("link", "Some(Link)"),
        ],
        "None",
    ),
    (
        OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN,
        |env, name| debug(env.parse::<crate::ExceptionSignal>(name)),
        &[("logs", "Some(Logs)"), ("LOGS/DUP", "Some(LogsAndEvents)")],
        "None",
    ),
    (
        OTEL_LOG_LEVEL,
        |env, name| debug(env.parse::<LogLevel>(name)),
        &[
            ("none", "Some(None)"),
            ("error", "Some(Error)"),
            ("warn", "Some(Warn)"),
            ("info", "Some(Info)"),
            ("debug", "Some(Debug)"),
        ],
        "None",
    ),
    (
        LAMPLIGHT_SPAN_EVENTS,
        |env, name| debug(env.parse::<lamplight_export::SpanEventPolicy>(name)),
        &[
            ("all", "Some(All)"),
            ("exceptions", "Some(Exceptions)"),
            ("none", "Some(None)"),
        ],
        "None",
    ),
    (
        "OTEL_TRACES_SAMPLER",
        |env, _| debug(env.sampler()),
        &[
            ("always_on", "AlwaysOn"),
            ("always_off", "AlwaysOff"),
            ("traceidratio", "TraceIdRatioBased(1.0)"),
            ("parentbased_always_on", "ParentBased(AlwaysOn)"),
            ("parentbased_always_off", "ParentBased(AlwaysOff)"),
            (
                "parentbased_traceidratio",
                "ParentBased(TraceIdRatioBased(1.0))",
            ),
        ],
        "ParentBased(AlwaysOn)",
    ),
    #[cfg(all(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc"))]
    (
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        |env, _| debug(env.otlp_protocol()),
        &[("http/protobuf", "Http"), ("grpc", "Grpc")],
        "Http",
    ),
    #[cfg(all(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc"))]
    (
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        |env, _| debug(env.otlp_protocol()),
        &[("http/protobuf", "Http"), ("grpc", "Grpc")],
        "Http",
    ),
    #[cfg(feature = "exporter-otlp-http")]
    (
        "OTEL_EXPORTER_OTLP_TIMEOUT",
        |env, _| debug(env.otlp_timeout()),
        &[("250", "250ms")],
        "10s",
    ),
    #[cfg(feature = "exporter-otlp-http")]
    (
        "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
        |env, _| debug(env.otlp_timeout()),
        &[("250", "250ms")],
        "10s",
    ),
    (
        OTEL_PROPAGATORS,
        |env, _| {
            let formats = env.propagators();
            let has = [
                formats.has_trace_context(),
                formats.has_baggage(),
                formats.has_xray(),
            ];
            debug(has)
        },
        &[
            ("tracecontext , baggage", "[true, true, false]"),
            ("baggage", "[false, true, false]"),
            ("xray", "[false, false, true]"),
            ("none", "[false, false, false]"),
        ],
        "[true, true, false]",
    ),
];

/// SDK environment variables, Enum: "Enum values SHOULD be interpreted in a case-insensitive manner";
/// Boolean: "only by the case-insensitive string `"true"`".
#[test]
fn a_value_means_the_same_in_any_case_and_with_blanks_around() {
    for (name, read, values, _) in TABLE {
        for (value, meaning) in *values {
            let upper = value.to_ascii_uppercase();
            for value in [
                (*value).to_owned(),
                upper.clone(),
                format!(" \t{value} "),
                format!("{upper}\n"),
            ] {
                with(&[(name, &value)], |env| {
                    assert_eq!(read(&env, name), *meaning, "{name}={value:?}");
                });
            }
        }
    }
}

/// SDK environment variables, Numeric: "treat them as not set"; Enum: "gracefully ignore the setting";
/// Boolean: "Any value not explicitly defined here as a true value [..] MUST be interpreted as false".
#[test]
fn nonsense_is_the_default() {
    for (name, read, _, default) in TABLE {
        for nonsense in [
            "x",
            "-1",
            "true false",
            "0x10",
            "1e400",
            "nan",
            "\u{fffd}",
            "\"",
        ] {
            with(&[(name, nonsense)], |env| {
                assert_eq!(read(&env, name), *default, "{name}={nonsense:?}");
            });
        }
    }
}

/// SDK environment variables, Parsing empty value: "the same way as when the variable is unset".
#[test]
fn what_is_not_set_has_its_default() {
    for value in ["", " ", "\t"] {
        for (name, read, _, default) in TABLE {
            with(&[(name, value)], |env| {
                assert_eq!(read(&env, name), *default, "{name}={value:?}");
            });
        }
    }
}

/// SDK environment variables, General SDK Configuration: what is invalid is "otherwise ignored", and the
/// "Default is 1.0 if unset".
#[test]
fn the_share_of_a_sampler_is_a_number_from_0_to_1() {
    let sampler = |arg| {
        let variables = [
            ("OTEL_TRACES_SAMPLER", "TraceIDRatio "),
            ("OTEL_TRACES_SAMPLER_ARG", arg),
        ];
        with(&variables, |env| env.sampler())
    };
    for (arg, expected) in [
        ("0.1", 0.1),
        (" 0.1 ", 0.1),
        ("0", 0.0),
        ("1", 1.0),
        ("1.5", 1.0),
        ("-0.1", 1.0),
        ("NaN", 1.0),
        ("ten", 1.0),
        ("", 1.0),
    ] {
        match sampler(arg) {
            Sampler::TraceIdRatioBased(ratio) => assert_eq!(ratio, expected, "{arg:?}"),
            other => panic!("{arg:?}: {other:?}"),
        }
    }
}

/// SDK environment variables, Span Limits and Attribute Limits.
#[test]
fn each_limit_of_a_span_has_its_variable() {
    let limits = |variables: &[(&str, &str)]| debug(with(variables, |env| env.span_limits()));
    let default = limits(&[]);
    assert_eq!(default.matches("128").count(), 5, "{default}");
    for (name, field) in [
        (
            "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
            " max_attributes_per_span",
        ),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", " max_events_per_span"),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", " max_links_per_span"),
        (
            "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
            " max_attributes_per_event",
        ),
        (
            "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
            " max_attributes_per_link",
        ),
    ] {
        let set = limits(&[(name, " 3 ")]);
        assert_eq!(
            set,
            default.replace(&format!("{field}: 128"), &format!("{field}: 3"))
        );
        let most = limits(&[(name, "99999999999")]);
        assert!(most.contains(&format!("{field}: {}", u32::MAX)), "{most}");
        for nonsense in ["x", "-1", "1.5", ""] {
            assert_eq!(limits(&[(name, nonsense)]), default, "{name}={nonsense:?}");
        }
    }
    let general = limits(&[
        ("OTEL_ATTRIBUTE_COUNT_LIMIT", "4"),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "5"),
    ]);
    assert!(general.contains("max_attributes_per_span: 5"), "{general}");
    assert_eq!(general.matches(": 4").count(), 2, "{general}");
}

#[test]
fn limits_are_those_of_the_provider() {
    use opentelemetry::trace::{Span, Tracer, TracerProvider};
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SimpleSpanProcessor};

    let exporter = InMemorySpanExporter::default();
    let builder = SdkTracerProvider::builder()
        .with_span_processor(SimpleSpanProcessor::new(exporter.clone()));
    let limits = with(&[("OTEL_SPAN_EVENT_COUNT_LIMIT", "2 ")], |env| {
        env.span_limits()
    });
    let provider = builder.with_span_limits(limits).build();
    let mut span = provider.tracer("t").start("s");
    for n in 0..5 {
        span.add_event(n.to_string(), Vec::new());
    }
    span.end();
    let spans = exporter.get_finished_spans().unwrap();
    assert_eq!(spans[0].events.len(), 2);
}

#[test]
fn lists_forgive_blanks_and_gaps() {
    with(&[("L", " a, ,b ,")], |env| {
        assert_eq!(env.list("L"), ["a", "b"]);
    });
}

/// Trace SDK, "Span Limits": the limit of links holds for those a batch is given, in both directions.
#[test]
fn the_limit_of_links_is_that_of_batches_too() {
    for limit in ["7", "500"] {
        let variables = [("OTEL_SPAN_LINK_COUNT_LIMIT", limit)];
        let extractor = debug(with(&variables, |env| env.extractor(env.span_limits())));
        assert!(
            extractor.contains(&format!("link_limit: {limit}")),
            "{extractor}"
        );
    }
}

/// `http/http-spans.md`, `http.request.method`: a full override, in the case that it has.
#[test]
fn the_known_methods_are_those_that_are_named() {
    for (list, known, unknown) in [("GET, Purge", "Purge", "POST"), (" ,", "POST", "Purge")] {
        let variables = [(OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS, list)];
        let extractor = with(&variables, |env| env.extractor(env.span_limits()));
        assert_eq!(extractor.method_in_name(known), known, "{list}");
        assert_eq!(extractor.method_in_name(unknown), "HTTP", "{list}");
    }
}
