//! Configuration from environment variables.
//!
//! Values are trimmed and names may be in any case. The value that is checked here is the value that is used:
//! the SDK reads no variable in a different way.

mod choices;
#[cfg(any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc"))]
mod otlp;
mod sampling;
#[cfg(test)]
mod tests;
mod unheeded;
mod variables;

use std::{fmt::Display, str::FromStr, time::Duration};

use lamplight_internal::{
    diagnostics::{LogLevel, set_level},
    environment::{Environment as Variables, names_of_process},
};

pub(crate) use self::choices::ExporterName;
#[cfg(any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc"))]
pub use self::otlp::Otlp;
#[cfg(any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc"))]
pub(crate) use self::otlp::{Endpoint, File, OtlpProtocol, TlsFiles};
use self::variables::default_of;

/// The exporter: `kinesis`, `otlp`, `console` (also named `otlp/stdout`) or `none`.
pub const OTEL_TRACES_EXPORTER: &str = "OTEL_TRACES_EXPORTER";

/// The level of Lamplight's log lines about itself: `none`, `error`, `warn`, `info`, `debug`; see
/// [`LogLevel`]. Default: `info`.
pub const OTEL_LOG_LEVEL: &str = "OTEL_LOG_LEVEL";

/// `true` turns recording off. The callers' context still passes through the function, in the formats of
/// [`OTEL_PROPAGATORS`].
pub const OTEL_SDK_DISABLED: &str = "OTEL_SDK_DISABLED";

/// The propagation formats that are read and written: `tracecontext`, `baggage`, `xray`, `xray-lambda`,
/// `none`; see [`Propagators`](crate::propagation::Propagators). Default: `tracecontext,baggage`, and links
/// to sampled X-Ray spans if there is nothing better.
pub const OTEL_PROPAGATORS: &str = "OTEL_PROPAGATORS";

/// The time of delivery of spans: `after-response`, `adaptive`, `before-response` or `manual`; see
/// [`FlushPolicy`](crate::FlushPolicy). Default: `after-response`.
pub const LAMPLIGHT_FLUSH: &str = "LAMPLIGHT_FLUSH";

/// Handling of SIGTERM, `true` or `false`; see
/// [`Instrumentation::handle_sigterm`](crate::lambda::Instrumentation::handle_sigterm). Default: `true` for
/// the policies `adaptive` and `manual`, with which spans wait in an idle environment, otherwise `false`,
/// because it requires the registration of an extension.
pub const LAMPLIGHT_SIGTERM: &str = "LAMPLIGHT_SIGTERM";

/// The maximum duration of a flush, in milliseconds. Default: 1000.
pub const LAMPLIGHT_FLUSH_BUDGET: &str = "LAMPLIGHT_FLUSH_BUDGET";

/// A JSON pointer to the context in the user's own envelope. Default: none.
pub const LAMPLIGHT_ENVELOPE: &str = "LAMPLIGHT_ENVELOPE";

/// Entries of the caller's baggage to record as attributes, separated by commas. Default: none.
pub const LAMPLIGHT_BAGGAGE_ATTRIBUTES: &str = "LAMPLIGHT_BAGGAGE_ATTRIBUTES";

/// Headers of HTTP requests to record as `http.request.header.<name>`, separated by commas. Default:
/// none.
pub const OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST: &str =
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST";

/// Headers of HTTP responses to record as `http.response.header.<name>`, separated by commas.
/// Default: none.
pub const OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE: &str =
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE";

/// Query parameters whose values are redacted in `url.query`, in addition to the seven that sign requests,
/// separated by commas. Default: none.
pub const LAMPLIGHT_SENSITIVE_QUERY_PARAMETERS: &str = "LAMPLIGHT_SENSITIVE_QUERY_PARAMETERS";

/// Methods of HTTP requests that are not recorded as `_OTHER`, separated by commas; a complete list. Default:
/// those of RFC 9110, `PATCH` and `QUERY`.
pub const OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: &str = "OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS";

/// The meaning of `client.address`, `original` or `peer`, see
/// [`ClientAddress`](crate::propagation::inbound::ClientAddress). Default: `original`.
pub const LAMPLIGHT_CLIENT_ADDRESS: &str = "LAMPLIGHT_CLIENT_ADDRESS";

/// The use of the context that records of a batch carry: `continue`, `continue-and-link` or `link`, see
/// [`RecordPolicy`](crate::propagation::inbound::RecordPolicy). Default: `continue`.
pub const LAMPLIGHT_RECORDS: &str = "LAMPLIGHT_RECORDS";

/// The signal of exceptions, `logs` or `logs/dup`, for a logger provider set by
/// [`TelemetryBuilder::with_logger_provider`](crate::TelemetryBuilder::with_logger_provider). Default: span
/// events. Specification: <https://opentelemetry.io/docs/specs/semconv/exceptions/>.
pub const OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN: &str = "OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN";

/// `true` adds a span for each managed service that the event passed through; see
/// [`TelemetryBuilder::with_inferred_spans`](crate::TelemetryBuilder::with_inferred_spans). Default: `false`.
pub const LAMPLIGHT_INFERRED_SPANS: &str = "LAMPLIGHT_INFERRED_SPANS";

/// `true` adds a separate span for messaging events; see
/// [`TelemetryBuilder::with_event_span`](crate::TelemetryBuilder::with_event_span). Default: `false`.
/// Specification: <https://opentelemetry.io/docs/specs/semconv/faas/aws-lambda/#sqs-event>.
pub const LAMPLIGHT_EVENT_SPAN: &str = "LAMPLIGHT_EVENT_SPAN";

/// `true` also records the id of an invocation under its obsolete name `faas.execution`. Default: `false`.
pub const LAMPLIGHT_FAAS_EXECUTION: &str = "LAMPLIGHT_FAAS_EXECUTION";

/// The span events that are exported: `all`, `exceptions`, `none`. Default: `all`.
pub const LAMPLIGHT_SPAN_EVENTS: &str = "LAMPLIGHT_SPAN_EVENTS";

/// The variables relevant to Lamplight; messages about them include the defaults of the
/// [table](variables::TABLE).
pub(crate) struct Environment<'a> {
    variables: Variables<'a>,
    /// The names that begin like those of Lamplight and OpenTelemetry.
    names: Vec<String>,
}

impl Environment<'static> {
    /// Returns the variables of the process. The log level set in code, if there is one, applies to messages
    /// about them.
    pub(crate) fn of_process(level: Option<LogLevel>) -> Self {
        if let Some(level) = level {
            set_level(level);
        }
        let names = names_of_process();
        Self {
            variables: Variables::of_process(),
            names: names
                .filter(|name| name.starts_with("OTEL_") || name.starts_with("LAMPLIGHT_"))
                .collect(),
        }
    }
}

impl<'a> Environment<'a> {
    /// Returns variables whose values are returned by `get`.
    #[cfg(any(test, feature = "exporter-otlp-http", feature = "exporter-otlp-grpc"))]
    pub(crate) fn new(get: impl Fn(&str) -> Option<String> + Send + Sync + 'a) -> Self {
        Self {
            variables: Variables::new(get),
            names: Vec::new(),
        }
    }

    /// Returns the value of a variable, trimmed. An empty value counts as unset.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.variables.get(name)
    }

    /// Returns the first of these variables that is set, with its value.
    #[cfg(any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc"))]
    fn first(&self, names: [&'static str; 2]) -> Option<(&'static str, String)> {
        names
            .into_iter()
            .find_map(|name| Some((name, self.get(name)?)))
    }

    /// Returns the comma-separated values of a variable.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        self.variables.list(name)
    }

    /// Returns a value that is one of a few names, in any case.
    pub(crate) fn parse<T: FromStr<Err: Display>>(&self, name: &'static str) -> Option<T> {
        self.variables.parse(name, default_of(name))
    }

    /// Returns the choice that a variable names, in any case.
    pub(crate) fn choice<T: Copy>(&self, name: &'static str, allowed: &[(&str, T)]) -> Option<T> {
        self.variables.choice(name, allowed, default_of(name))
    }

    /// Returns a Boolean.
    pub(crate) fn boolean(&self, name: &'static str) -> Option<bool> {
        self.variables.boolean(name, default_of(name))
    }

    /// Returns a whole number.
    pub(crate) fn number(&self, name: &'static str) -> Option<u64> {
        self.variables.number(name, 0, default_of(name))
    }

    /// Returns a duration in milliseconds.
    pub(crate) fn millis(&self, name: &'static str) -> Option<Duration> {
        self.variables.millis(name, 0, default_of(name))
    }

    /// Returns whether recording is turned off.
    pub(crate) fn is_disabled(&self) -> bool {
        self.boolean(OTEL_SDK_DISABLED).unwrap_or(false)
    }
}
