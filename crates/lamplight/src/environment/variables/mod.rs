//! Every variable that concerns Lamplight: the one table that documentation and messages are made of.
//!
//! `GOLDEN=write cargo test -p lamplight --lib variables` writes the documentation. The names are those
//! of the specification
//! (<https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>, its
//! `protocol/exporter.md` and `entities/`), of the semantic conventions, and Lamplight's own.

use lamplight_internal::environment::Environment;

/// Variables that mean one thing, or one thing each in the same way.
pub(crate) struct Variable {
    pub(crate) names: &'static [&'static str],
    /// What it does here, or what it would do. In Markdown, as the others.
    #[cfg_attr(not(test), expect(dead_code, reason = "it is for the documentation"))]
    pub(crate) meaning: &'static str,
    pub(crate) default: &'static str,
    /// How to say the same in code.
    #[cfg_attr(not(test), expect(dead_code, reason = "it is for the documentation"))]
    pub(crate) code: &'static str,
    pub(crate) support: Support,
}

/// Fate of a variable that is set.
#[derive(Clone, Copy)]
pub(crate) enum Support {
    /// It is obeyed.
    Honored,
    /// It has no effect, which is said where it asks for something.
    Not {
        asks: fn(&Environment<'_>, &str) -> bool,
        /// What to use in its place.
        instead: &'static str,
    },
}

impl Support {
    pub(crate) const fn not(instead: &'static str) -> Self {
        Self::Not {
            asks: |_, _| true,
            instead,
        }
    }
}

/// Returns the default of a variable, for a message.
pub(crate) fn default_of(name: &str) -> &'static str {
    let variable = TABLE.iter().find(|it| it.names.contains(&name));
    variable.map_or("none", |variable| variable.default)
}

const fn honored(
    names: &'static [&'static str],
    meaning: &'static str,
    default: &'static str,
    code: &'static str,
) -> Variable {
    Variable {
        names,
        meaning,
        default,
        code,
        support: Support::Honored,
    }
}

const fn not_supported(
    names: &'static [&'static str],
    meaning: &'static str,
    support: Support,
) -> Variable {
    Variable {
        names,
        meaning,
        default: "",
        code: "",
        support,
    }
}

const METRICS: &str = "Lamplight exports spans only; metrics are exported by a meter provider of your own, \
     and `OTEL_METRICS_EXPORTER=none` says that none are meant";
const LOGS: &str = "Lamplight exports spans only; log lines go to the function's log, with ids of traces by \
     the feature `tracing`, and `OTEL_LOGS_EXPORTER=none` says that no others are meant";

/// Of another signal, for whatever provider of that the function has.
const OTHERS: Support = Support::Not {
    asks: |_, _| false,
    instead: "",
};

fn is_not_none(environment: &Environment<'_>, name: &str) -> bool {
    let list = environment.list(name);
    list.iter().any(|item| !item.eq_ignore_ascii_case("none"))
}

/// Returns whether an endpoint asks for a signal: unless its exporter is `none`.
fn is_wanted(environment: &Environment<'_>, exporter: &str) -> bool {
    environment.get(exporter).is_none() || is_not_none(environment, exporter)
}

/// The table, in the order of the documentation.
#[rustfmt::skip]
pub(crate) const TABLE: &[Variable] = &[
    honored(&["OTEL_SDK_DISABLED"], "`true`: nothing is recorded; context passes through", "`false`", "`with_disabled`"),
    honored(&["OTEL_TRACES_EXPORTER"], "`kinesis`, `otlp`, `console` (also `otlp/stdout`) or `none`; of a list, the first", "`kinesis` where `LAMPLIGHT_KINESIS_STREAM` is set, else `otlp` if built in", "`with_exporter`, `with_sink`, `with_otlp`"),
    honored(&["OTEL_SERVICE_NAME"], "name of the service", "the function's name", "`with_resource_attributes`"),
    honored(&["OTEL_RESOURCE_ATTRIBUTES"], "further resource attributes, `key=value,key=value`, percent-encoded", "none", "`with_resource_attributes`"),
    honored(&["OTEL_LOG_LEVEL"], "lines that Lamplight and the relay log about themselves: `none`, `error`, `warn`, `info`, `debug`", "`info`", "`with_log_level`"),
    honored(&["OTEL_PROPAGATORS"], "formats that are read and written: `tracecontext`, `baggage`, `xray` (headers of requests and messages), `xray-lambda` (the invocation's header too, for traces that end up in X-Ray), `none`; if two name a parent, the later in the list wins", "`tracecontext,baggage`, and links to sampled X-Ray spans", "`EventExtractor::with_propagators`"),
    honored(&["OTEL_TRACES_SAMPLER"], "`always_on`, `always_off`, `traceidratio`, and each with `parentbased_` before it", "`parentbased_always_on`", "`with_sampler`"),
    honored(&["OTEL_TRACES_SAMPLER_ARG"], "share of the traces that `traceidratio` and `parentbased_traceidratio` keep, 0 to 1", "1, which is every trace", "`with_sampler`"),
    honored(&["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"], "OTLP endpoint; over HTTP, `v1/traces` is appended to the first variable, and the second is used as it is", "`http://localhost:4318`; `grpc`: `http://localhost:4317`", "`Otlp::new`"),
    honored(&["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"], "`http/protobuf`, or `grpc` (feature `exporter-otlp-grpc`); `http/json` is not supported", "`http/protobuf`", "`Otlp::with_protocol`"),
    honored(&["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"], "headers of requests, `name=value,name=value`, percent-encoded", "none", "`Otlp::with_header`"),
    honored(&["OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"], "longest wait for an answer, in ms; `0`: only the limits of a flush", "10000", "`Otlp::with_timeout`"),
    honored(&["OTEL_EXPORTER_OTLP_COMPRESSION", "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION"], "`none`, `gzip`, `zstd` (features `exporter-otlp-gzip`, `exporter-otlp-zstd`)", "`none`", "`Otlp::with_compression`"),
    honored(&["OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE"], "PEM file with the certificate authorities for the endpoint", "the system's certificates", "`Otlp::with_certificate`"),
    honored(&["OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_KEY", "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY"], "PEM files with the client's certificate and key", "none", "`Otlp::with_client_certificate`"),
    honored(&["OTEL_EXPORTER_OTLP_INSECURE", "OTEL_EXPORTER_OTLP_TRACES_INSECURE"], "`true`: no TLS to a `grpc` endpoint that has no scheme", "`false`", "`http://` in `Otlp::new`"),
    honored(&["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"], "proxy to the OTLP endpoint, `http://host:port`, and hosts to reach without it; the function's own machine is never reached by a proxy", "none", ""),
    honored(&["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"], "most attributes of a span", "`OTEL_ATTRIBUTE_COUNT_LIMIT`", "`with_span_limits`"),
    honored(&["OTEL_SPAN_EVENT_COUNT_LIMIT"], "most events of a span", "128", "`with_span_limits`"),
    honored(&["OTEL_SPAN_LINK_COUNT_LIMIT"], "most links of a span", "128", "`with_span_limits`"),
    honored(&["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT"], "most attributes of an event, and of a link", "`OTEL_ATTRIBUTE_COUNT_LIMIT`", "`with_span_limits`"),
    honored(&["OTEL_ATTRIBUTE_COUNT_LIMIT"], "the limit for spans, events and links whose own variable is not set", "128", "`with_span_limits`"),
    honored(&["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"], "longest text of an attribute, in characters", "`OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`", "`with_attribute_value_length`"),
    honored(&["OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"], "the same, if that variable is not set", "no limit", "`with_attribute_value_length`"),
    honored(&["OTEL_BSP_MAX_QUEUE_SIZE"], "most spans that wait for export; at most 8 MiB of them in any case", "2048", "`with_max_spans`"),
    honored(&["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"], "most spans in one export", "512", "`with_max_batch`"),
    honored(&["OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST"], "headers of HTTP requests to record as attributes, separated by commas", "none", "`EventExtractor::with_request_headers`"),
    honored(&["OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE"], "the same for HTTP responses", "none", "`with_response_headers`"),
    honored(&["OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS"], "all HTTP methods that are recorded by name, separated by commas; others are `_OTHER`", "those of RFC 9110, `PATCH` and `QUERY`", "`EventExtractor::with_known_methods`"),
    honored(&["LAMPLIGHT_KINESIS_STREAM"], "Kinesis stream, by name or ARN", "none", "`KinesisExporter::builder`"),
    honored(&["LAMPLIGHT_KINESIS_TIMEOUT"], "first wait for an answer of Kinesis, in ms, over as many flushes as it takes; it doubles after each request without an answer", "1000", "`KinesisExporterBuilder::with_timeout`"),
    honored(&["LAMPLIGHT_KINESIS_COMPRESSION"], "`none`, `gzip`, `zstd` (features `exporter-kinesis-gzip`, `exporter-kinesis-zstd`); readers see it by a record's first bytes", "`none`", "`KinesisExporterBuilder::with_compression`"),
    honored(&["LAMPLIGHT_KINESIS_FALLBACK"], "`stdout`: spans that Kinesis does not take go to the function's log", "`none`", "`KinesisExporterBuilder::with_stdout_fallback`"),
    honored(&["LAMPLIGHT_SPAN_EVENTS"], "span events that are exported: `all`, `exceptions` or `none`", "`all`", "`with_span_events`"),
    honored(&["LAMPLIGHT_MAX_PAUSE"], "longest pause after failures in a row, in ms; `0`: no pause", "60000", "`with_max_pause`"),
    honored(&["LAMPLIGHT_FLUSH"], "when spans are delivered: `after-response`, `adaptive`, `before-response`, `manual`", "`after-response`", "`with_flush_policy`"),
    honored(&["LAMPLIGHT_FLUSH_BUDGET"], "longest flush, in ms", "1000", "`with_flush_budget`"),
    honored(&["LAMPLIGHT_SIGTERM"], "`true`: queued spans are delivered when Lambda ends the environment, for which Lamplight registers an extension", "`true` for `adaptive` and `manual`, else `false`", "`with_sigterm`"),
    honored(&["LAMPLIGHT_ENVELOPE"], "JSON pointer to the context in an envelope of your own, such as `/metadata/otel`", "none", "`EventExtractor::with_envelope`"),
    honored(&["LAMPLIGHT_BAGGAGE_ATTRIBUTES"], "entries of the caller's baggage to record as attributes, separated by commas", "none", "`with_baggage_attributes`"),
    honored(&["LAMPLIGHT_SENSITIVE_QUERY_PARAMETERS"], "query parameters whose values are recorded as `REDACTED`, besides the seven that sign requests", "none", "`EventExtractor::with_sensitive_query_parameters`"),
    honored(&["LAMPLIGHT_CLIENT_ADDRESS"], "`original`: `client.address` is the client before all proxies, from the headers; `peer`: the address that connected to AWS", "`original`", "`EventExtractor::with_client_address`"),
    honored(&["LAMPLIGHT_RECORDS"], "`continue`: records of a batch continue their own traces; `continue-and-link`: they also link to their senders, as the conventions ask; `link`: they stay in the invocation's trace, and link to their senders", "`continue`", "`EventExtractor::with_records`"),
    honored(&["OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN"], "`logs`: exceptions are log records of the provider given to `TelemetryBuilder::with_logger_provider`; `logs/dup`: they are span events too", "events of spans", "`with_exception_signal`"),
    honored(&["LAMPLIGHT_INFERRED_SPANS"], "`true`: a span for each managed service in which the event waited", "`false`", "`with_inferred_spans`"),
    honored(&["LAMPLIGHT_EVENT_SPAN"], "`true`: an event of messages has a `CONSUMER` span of its own below the invocation's, as the conventions describe", "`false`", "`with_event_span`"),
    honored(&["LAMPLIGHT_FAAS_EXECUTION"], "`true`: the invocation's id is also recorded as the obsolete `faas.execution`", "`false`", "`with_execution_alias`"),
    honored(&["LAMPLIGHT_INJECT"], "places in which AWS SDK calls put context: names separated by commas; `-name` leaves one out. `lamplight::aws::Carrier` lists them", "`default`", "`lamplight::aws::LamplightInterceptor::with_carrier`"),
    honored(&["LAMPLIGHT_INJECT_LIMITS"], "largest messages with context: `carrier=bytes` and `carrier:destination=bytes`, separated by commas. `lamplight::aws::Carrier` describes it", "that of each `Carrier`", "`lamplight::aws::LamplightInterceptor::with_size_limit`, `with_destination_limit`"),
    honored(&["LAMPLIGHT_RELAY_CONFIG"], "configuration of the relay's functions, as text or as a path; functions with Lamplight do not read it", "`relay.toml` beside the executable", "`lamplight_relay::relay::Relay::builder`"),
    honored(&["RUST_LOG", "AWS_LAMBDA_LOG_LEVEL"], "levels of the log of `init_tracing` (feature `tracing`), `level` and `target=level`; the first one that is set", "`info`", "a subscriber of your own"),
    honored(&["SSL_CERT_FILE", "SSL_CERT_DIR"], "certificate authorities in place of the system's", "the system's certificates", "`Otlp::with_certificate`"),

    not_supported(&[CONFIG_FILE, OLD_CONFIG_FILE], "declarative configuration, in place of all other variables", Support::not("the Rust SDK has none yet: the other variables count")),
    not_supported(&["OTEL_ENTITIES"], "entities of the resource", Support::not("OTEL_RESOURCE_ATTRIBUTES")),
    not_supported(&["OTEL_BSP_SCHEDULE_DELAY"], "milliseconds between two exports", Support::not("there is no timer, which Lambda would freeze: LAMPLIGHT_FLUSH says when spans are delivered")),
    not_supported(&["OTEL_BSP_EXPORT_TIMEOUT"], "longest export", Support::not("LAMPLIGHT_FLUSH_BUDGET, which is billed, and OTEL_EXPORTER_OTLP_TIMEOUT")),
    not_supported(&["OTEL_BSP_MAX_CONCURRENT_EXPORTS"], "exports at a time, in some SDKs", Support::not("there is one at a time")),
    not_supported(&["OTEL_EXPORTER_OTLP_SPAN_INSECURE"], "obsolete", Support::not("OTEL_EXPORTER_OTLP_TRACES_INSECURE")),
    not_supported(&["OTEL_EXPORTER_ZIPKIN_ENDPOINT", "OTEL_EXPORTER_ZIPKIN_TIMEOUT", "OTEL_EXPORTER_ZIPKIN_PROTOCOL"], "the Zipkin exporter, which is deprecated", Support::not("OTEL_EXPORTER_OTLP_ENDPOINT: Zipkin's spans can be had of a collector")),
    not_supported(&["OTEL_SEMCONV_STABILITY_OPT_IN"], "old or new conventions; only the new ones are recorded, so that `/dup` alone asks for something else", Support::Not { asks: |environment, name| environment.get(name).is_some_and(|value| value.to_ascii_lowercase().contains("/dup")), instead: "stable conventions are recorded, and old names beside them are not" }),
    not_supported(&["OTEL_METRICS_EXPORTER"], "metrics; `none` is what Lamplight does", Support::Not { asks: is_not_none, instead: METRICS }),
    not_supported(&["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"], "the same", Support::Not { asks: |environment, _| is_wanted(environment, "OTEL_METRICS_EXPORTER"), instead: METRICS }),
    not_supported(&["OTEL_LOGS_EXPORTER"], "logs; `none` is what Lamplight does", Support::Not { asks: is_not_none, instead: LOGS }),
    not_supported(&["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"], "the same", Support::Not { asks: |environment, _| is_wanted(environment, "OTEL_LOGS_EXPORTER"), instead: LOGS }),
    not_supported(&[
        "OTEL_METRICS_EXEMPLAR_FILTER", "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT",
        "OTEL_EXPORTER_PROMETHEUS_HOST", "OTEL_EXPORTER_PROMETHEUS_PORT",
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
        "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
        "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", "OTEL_EXPORTER_OTLP_METRICS_INSECURE",
        "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", "OTEL_EXPORTER_OTLP_METRIC_INSECURE",
        "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BLRP_EXPORT_TIMEOUT", "OTEL_BLRP_MAX_QUEUE_SIZE", "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
        "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT",
        "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "OTEL_EXPORTER_OTLP_LOGS_HEADERS", "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",
        "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE", "OTEL_EXPORTER_OTLP_LOGS_INSECURE",
        "OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY",
    ], "details of metrics and logs, for providers of your own; nothing is said of them", OTHERS),
];

/// Where the specification has a file in place of all variables.
pub(crate) const CONFIG_FILE: &str = "OTEL_CONFIG_FILE";
pub(crate) const OLD_CONFIG_FILE: &str = "OTEL_EXPERIMENTAL_CONFIG_FILE";

#[cfg(test)]
mod tests;
