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
    honored(&["OTEL_SDK_DISABLED"], "`true`: nothing is recorded, context passes through", "`false`", "`with_disabled`"),
    honored(&["OTEL_TRACES_EXPORTER"], "`kinesis`, `otlp`, `console` (also as `otlp/stdout`) or `none`; of several the first", "`kinesis` where `LAMPLIGHT_KINESIS_STREAM` is set, else `otlp` if built in", "`with_exporter`, `with_sink`, `with_otlp`"),
    honored(&["OTEL_SERVICE_NAME"], "name of the service", "the function's name", "`with_resource_attributes`"),
    honored(&["OTEL_RESOURCE_ATTRIBUTES"], "further resource attributes, `key=value,key=value`, percent-encoded", "none", "`with_resource_attributes`"),
    honored(&["OTEL_LOG_LEVEL"], "which lines Lamplight writes about itself: `none`, `error`, `warn`, `info`, `debug`", "`info`", "`with_log_level`"),
    honored(&["OTEL_PROPAGATORS"], "the formats that are read and written, no others: `tracecontext`, `baggage`, `xray` (headers of requests and messages), `xray-lambda` (also the invocation's, for traces that end up in X-Ray), `none`; of two that name a span the later wins", "`tracecontext,baggage`, and links to sampled X-Ray spans", "`EventExtractor::with_propagators`"),
    honored(&["OTEL_TRACES_SAMPLER"], "`always_on`, `always_off`, `traceidratio`, and each with `parentbased_` before it", "`parentbased_always_on`", "`with_sampler`"),
    honored(&["OTEL_TRACES_SAMPLER_ARG"], "the share of traces of `traceidratio` and `parentbased_traceidratio`, 0 to 1", "1, which is every trace", "`with_sampler`"),
    honored(&["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"], "the OTLP endpoint; over HTTP `v1/traces` is appended to the first, and the second is used as it is", "`http://localhost:4318`; `grpc`: `http://localhost:4317`", "`Otlp::new`"),
    honored(&["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"], "`http/protobuf`, or `grpc` (feature `exporter-otlp-grpc`); `http/json` is not supported", "`http/protobuf`", "`Otlp::with_protocol`"),
    honored(&["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"], "headers of requests, `name=value,name=value`, percent-encoded", "none", "`Otlp::with_header`"),
    honored(&["OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"], "longest wait for an answer, ms; `0` for no limit but those of a flush", "10000", "`Otlp::with_timeout`"),
    honored(&["OTEL_EXPORTER_OTLP_COMPRESSION", "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION"], "`none`, `gzip`, `zstd` (features `exporter-otlp-gzip`, `exporter-otlp-zstd`)", "`none`", "`Otlp::with_compression`"),
    honored(&["OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE"], "file in PEM: who vouches for the endpoint", "the system's certificates", "`Otlp::with_certificate`"),
    honored(&["OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_KEY", "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY"], "files in PEM: who the function is", "none", "`Otlp::with_client_certificate`"),
    honored(&["OTEL_EXPORTER_OTLP_INSECURE", "OTEL_EXPORTER_OTLP_TRACES_INSECURE"], "`true`: no TLS to a `grpc` endpoint without a scheme", "`false`", "`http://` in `Otlp::new`"),
    honored(&["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"], "the proxy to the OTLP endpoint, `http://host:port`; none to this machine", "none", ""),
    honored(&["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"], "attributes of a span at most", "`OTEL_ATTRIBUTE_COUNT_LIMIT`", "`with_span_limits`"),
    honored(&["OTEL_SPAN_EVENT_COUNT_LIMIT"], "events of a span at most", "128", "`with_span_limits`"),
    honored(&["OTEL_SPAN_LINK_COUNT_LIMIT"], "links of a span at most", "128", "`with_span_limits`"),
    honored(&["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT"], "attributes of an event, of a link at most", "`OTEL_ATTRIBUTE_COUNT_LIMIT`", "`with_span_limits`"),
    honored(&["OTEL_ATTRIBUTE_COUNT_LIMIT"], "the same where the own variable of spans, events, links is not set", "128", "`with_span_limits`"),
    honored(&["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"], "longest text of an attribute, in characters", "`OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`", "`with_attribute_value_length`"),
    honored(&["OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"], "the same where the other is not set", "no limit", "`with_attribute_value_length`"),
    honored(&["OTEL_BSP_MAX_QUEUE_SIZE"], "spans that wait for export at most; those of 8 MiB in any case", "2048", "`with_max_spans`"),
    honored(&["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"], "spans of one export at most", "512", "`with_max_batch`"),
    honored(&["OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST"], "headers of HTTP requests to record as attributes, separated by commas", "none", "`EventExtractor::with_request_headers`"),
    honored(&["OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE"], "the same of HTTP responses", "none", "`with_response_headers`"),
    honored(&["OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST"], "headers of outgoing HTTP requests to record as attributes, separated by commas (feature `http-client`)", "none", "`HttpClientLayer::with_request_headers`"),
    honored(&["OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_RESPONSE"], "the same of responses to them", "none", "`HttpClientLayer::with_response_headers`"),
    honored(&["OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS"], "HTTP methods that are not `_OTHER`, separated by commas: all of them", "those of RFC 9110, `PATCH` and `QUERY`", "`EventExtractor::with_known_methods`, `HttpClientLayer::with_known_methods`"),
    honored(&["LAMPLIGHT_KINESIS_STREAM"], "stream, by name or ARN", "none", "`KinesisExporter::builder`"),
    honored(&["LAMPLIGHT_KINESIS_TIMEOUT"], "how long an answer of Kinesis is waited for at first, over as many flushes as it takes, ms; doubles after a request without an answer", "1000", "`KinesisExporterBuilder::with_timeout`"),
    honored(&["LAMPLIGHT_KINESIS_COMPRESSION"], "`none`, `gzip`, `zstd` (features `exporter-kinesis-gzip`, `exporter-kinesis-zstd`); the first bytes of a record tell", "`none`", "`KinesisExporterBuilder::with_compression`"),
    honored(&["LAMPLIGHT_KINESIS_FALLBACK"], "`stdout`: what Kinesis does not take goes to the function's log", "`none`", "`KinesisExporterBuilder::with_stdout_fallback`"),
    honored(&["LAMPLIGHT_SPAN_EVENTS"], "`all`, `exceptions` or `none` of the span events", "`all`", "`with_span_events`"),
    honored(&["LAMPLIGHT_MAX_PAUSE"], "longest pause when the destination is away, ms; `0` for none", "60000", "`with_max_pause`"),
    honored(&["LAMPLIGHT_FLUSH"], "when spans are delivered: `after-response`, `adaptive`, `before-response`, `manual`", "`after-response`", "`with_flush_policy`"),
    honored(&["LAMPLIGHT_FLUSH_BUDGET"], "longest flush, ms", "1000", "`with_flush_budget`"),
    honored(&["LAMPLIGHT_SIGTERM"], "`true`: what is queued is delivered when Lambda ends the environment, which takes the registration of an extension", "`true` for `adaptive` and `manual`, else `false`", "`with_sigterm`"),
    honored(&["LAMPLIGHT_ENVELOPE"], "JSON pointer to the context in your own envelope, such as `/metadata/otel`", "none", "`EventExtractor::with_envelope`"),
    honored(&["LAMPLIGHT_BAGGAGE_ATTRIBUTES"], "entries of the caller's baggage to record as attributes, separated by commas", "none", "`with_baggage_attributes`"),
    honored(&["LAMPLIGHT_SENSITIVE_QUERY_PARAMETERS"], "query parameters whose values are `REDACTED`, beside the seven that sign requests", "none", "`EventExtractor::with_sensitive_query_parameters`, `HttpClientLayer::with_sensitive_query_parameters`"),
    honored(&["LAMPLIGHT_CLIENT_ADDRESS"], "`original`: `client.address` is the client before all proxies, as headers say; `peer`: whoever connected to AWS, as AWS says", "`original`", "`EventExtractor::with_client_address`"),
    honored(&["LAMPLIGHT_RECORDS"], "`continue`: records of a batch continue their own traces; `continue-and-link`: and are linked with their senders, as the conventions say; `link`: they stay in the invocation's, linked", "`continue`", "`EventExtractor::with_records`"),
    honored(&["OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN"], "`logs`: exceptions are log records, of the logger provider that `TelemetryBuilder::with_logger_provider` gives; `logs/dup`: and events of spans too", "events of spans", "`with_exception_signal`"),
    honored(&["LAMPLIGHT_INFERRED_SPANS"], "`true` adds a span for each managed service the event waited in", "`false`", "`with_inferred_spans`"),
    honored(&["LAMPLIGHT_EVENT_SPAN"], "`true` gives an event of messages a `CONSUMER` span of its own below the invocation's, as the conventions say", "`false`", "`with_event_span`"),
    honored(&["LAMPLIGHT_FAAS_EXECUTION"], "`true` records the invocation's id under the obsolete `faas.execution` too", "`false`", "`with_execution_alias`"),
    honored(&["LAMPLIGHT_INJECT"], "where AWS SDK calls put context: names separated by commas, `-name` leaves one out; see the documentation of `lamplight::aws::Carrier`", "`default`", "`lamplight::aws::LamplightInterceptor::with_carrier`"),
    honored(&["LAMPLIGHT_INJECT_LIMITS"], "how large messages may become: `carrier=bytes` and `carrier:destination=bytes`, separated by commas; see the documentation of `lamplight::aws::Carrier`", "that of `Carrier`, for each", "`lamplight::aws::LamplightInterceptor::with_size_limit`, `with_destination_limit`"),
    honored(&["LAMPLIGHT_HTTP_CONTEXT_HOSTS"], "hosts whose outgoing HTTP requests get context, separated by commas: `api.example.com`, `*.example.com`, `*`; a `-` before one leaves it out (feature `http-client`)", "every host", "`HttpClientLayer::with_context_hosts`, `with_context_for`"),
    honored(&["LAMPLIGHT_HTTP_BAGGAGE_HOSTS"], "those of them that get baggage too", "every host", "`HttpClientLayer::with_baggage_hosts`, `with_baggage_for`"),

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
