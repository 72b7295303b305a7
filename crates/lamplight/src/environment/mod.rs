//! Configuration from environment variables.

use lamplight_export::diagnostics::warn_once;
use lamplight_propagation::inbound::{Extractor, Trust, XRayPolicy};
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

/// Names the exporter: `kinesis`, `otlp`, `console` or `none`.
pub const OTEL_TRACES_EXPORTER: &str = "OTEL_TRACES_EXPORTER";

/// `true` switches everything off.
pub const OTEL_SDK_DISABLED: &str = "OTEL_SDK_DISABLED";

/// Names the propagation formats: `tracecontext`, `baggage`, `xray`, `none`.
pub const OTEL_PROPAGATORS: &str = "OTEL_PROPAGATORS";

/// When spans are delivered: `after-response`, `adaptive`, `before-response` or `manual`; see
/// [`FlushPolicy`](crate::FlushPolicy). Default: `after-response`.
pub const LAMPLIGHT_FLUSH: &str = "LAMPLIGHT_FLUSH";

/// Whether SIGTERM is handled, `true` or `false`; see
/// [`Instrumentation::handle_sigterm`](crate::lambda::Instrumentation::handle_sigterm). Default: `true`
/// for the policies `adaptive` and `manual`, where spans wait in an idle environment, else `false`,
/// since it takes the registration of an extension.
pub const LAMPLIGHT_SIGTERM: &str = "LAMPLIGHT_SIGTERM";

/// The longest flush, in milliseconds. Default: 1000.
pub const LAMPLIGHT_FLUSH_BUDGET: &str = "LAMPLIGHT_FLUSH_BUDGET";

/// JSON pointer to the context in the users' own envelope. Default: none.
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

/// Query parameters whose values are replaced in `url.query`, beside the seven that the conventions
/// name, separated by commas. Default: none.
pub const LAMPLIGHT_SECRET_PARAMETERS: &str = "LAMPLIGHT_SECRET_PARAMETERS";

/// What the context of a batch's records is good for: `continue` or `link`, see
/// [`RecordPolicy`](crate::propagation::inbound::RecordPolicy). Default: `continue`.
pub const LAMPLIGHT_RECORDS: &str = "LAMPLIGHT_RECORDS";

/// `true` adds a span for each managed service the event passed through; see
/// [`TelemetryBuilder::with_hop_spans`](crate::TelemetryBuilder::with_hop_spans). Default: `false`.
pub const LAMPLIGHT_HOP_SPANS: &str = "LAMPLIGHT_HOP_SPANS";

/// Which span events are exported: `all`, `exceptions`, `none`. Default: `all`.
pub const LAMPLIGHT_SPAN_EVENTS: &str = "LAMPLIGHT_SPAN_EVENTS";

const OTEL_TRACES_SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const OTEL_TRACES_SAMPLER_ARG: &str = "OTEL_TRACES_SAMPLER_ARG";

/// Variables by name, the process's own or a test's. Empty counts as unset, as the OpenTelemetry
/// specification has it.
pub(crate) struct Environment<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
}

/// What `OTEL_TRACES_EXPORTER` asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ExporterName {
    Kinesis,
    Otlp,
    Console,
    None,
}

/// How OTLP is sent.
#[cfg(any(feature = "otlp", feature = "otlp-grpc"))]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum OtlpProtocol {
    #[cfg(feature = "otlp")]
    Http,
    #[cfg(feature = "otlp-grpc")]
    Grpc,
}

#[cfg(any(feature = "otlp", feature = "otlp-grpc"))]
impl OtlpProtocol {
    #[cfg(feature = "otlp")]
    const DEFAULT: Self = Self::Http;
    #[cfg(not(feature = "otlp"))]
    const DEFAULT: Self = Self::Grpc;

    fn describe(self) -> &'static str {
        match self {
            #[cfg(feature = "otlp")]
            Self::Http => "`http/protobuf`, whose port is usually 4318",
            #[cfg(feature = "otlp-grpc")]
            Self::Grpc => "`grpc`, whose port is usually 4317",
        }
    }
}

impl<'a> Environment<'a> {
    pub(crate) fn new(get: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { get }
    }

    pub(crate) fn get(&self, name: &str) -> Option<String> {
        (self.get)(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// The comma-separated values of a variable.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let list = self.get(name).unwrap_or_default();
        list.split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// A value with names of its own; its error names the allowed ones.
    pub(crate) fn parse<T: FromStr<Err: Display>>(&self, name: &'static str) -> Option<T> {
        let value = self.get(name)?;
        match value.parse() {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                warn_once(name, || {
                    format!("{name}={value:?}: {error}; using the default")
                });
                None
            }
        }
    }

    /// A duration in milliseconds.
    pub(crate) fn millis(&self, name: &'static str) -> Option<Duration> {
        lamplight_export::environment::millis(name, self.get(name), 0)
    }

    pub(crate) fn is_disabled(&self) -> bool {
        let Some(value) = self.get(OTEL_SDK_DISABLED) else {
            return false;
        };
        let disabled = value.eq_ignore_ascii_case("true");
        if !disabled && !value.eq_ignore_ascii_case("false") {
            warn_once(OTEL_SDK_DISABLED, || {
                format!(
                    "{OTEL_SDK_DISABLED}={value:?} is neither `true` nor `false`; using `false`"
                )
            });
        }
        disabled
    }

    pub(crate) fn exporter(&self, stream_is_set: bool) -> ExporterName {
        let names = self.list(OTEL_TRACES_EXPORTER);
        if names.len() > 1 {
            warn_once("several-exporters", || {
                format!("{OTEL_TRACES_EXPORTER} names several exporters; using the first one only")
            });
        }
        match names.first().map(String::as_str) {
            Some("kinesis") => ExporterName::Kinesis,
            Some("otlp") => ExporterName::Otlp,
            Some("console") => ExporterName::Console,
            Some("none") => ExporterName::None,
            Some(unknown) => {
                warn_once(OTEL_TRACES_EXPORTER, || {
                    format!(
                        "{OTEL_TRACES_EXPORTER}={unknown:?} is unknown; allowed are `kinesis`, \
                         `otlp`, `console` and `none`. Spans are not exported"
                    )
                });
                ExporterName::None
            }
            None if stream_is_set => ExporterName::Kinesis,
            None if cfg!(any(feature = "otlp", feature = "otlp-grpc")) => ExporterName::Otlp,
            None => {
                warn_once(OTEL_TRACES_EXPORTER, || {
                    format!(
                        "spans are not exported: set {OTEL_TRACES_EXPORTER} to `kinesis`, `otlp`, \
                         `console` or `none`"
                    )
                });
                ExporterName::None
            }
        }
    }

    /// Where context is looked for in events.
    pub(crate) fn extractor(&self) -> Extractor {
        let mut extractor = Extractor::new()
            .with_request_headers(
                self.list(OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST),
            )
            .with_secret_parameters(self.list(LAMPLIGHT_SECRET_PARAMETERS));
        if let Some(policy) = self.parse(LAMPLIGHT_RECORDS) {
            extractor = extractor.with_records(policy);
        }
        if let Some(pointer) = self.get(LAMPLIGHT_ENVELOPE) {
            extractor = extractor.with_envelope(pointer.as_str());
        }
        for name in self.propagators() {
            match name.as_str() {
                "tracecontext" | "baggage" => {}
                "xray" | "xray-lambda" => extractor = extractor.with_xray(XRayPolicy::Parent),
                "none" => {
                    extractor = extractor
                        .with_trust(Trust::StartNew)
                        .with_xray(XRayPolicy::Ignore);
                }
                unknown => warn_once(OTEL_PROPAGATORS, || {
                    format!(
                        "{OTEL_PROPAGATORS} names {unknown:?}, which is unknown; allowed are \
                         `tracecontext`, `baggage`, `xray` and `none`. It is left out"
                    )
                }),
            }
        }
        extractor
    }

    /// The propagation formats; the default when nothing is set.
    pub(crate) fn propagators(&self) -> Vec<String> {
        let names = self.list(OTEL_PROPAGATORS);
        if names.is_empty() {
            vec!["tracecontext".to_owned(), "baggage".to_owned()]
        } else {
            names
        }
    }

    /// How long an OTLP request may take. Default: what the specification says, 10 s,
    /// <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#configuration-options>.
    #[cfg(any(feature = "otlp", feature = "otlp-grpc"))]
    pub(crate) fn otlp_timeout(&self) -> Duration {
        self.millis("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT")
            .or_else(|| self.millis("OTEL_EXPORTER_OTLP_TIMEOUT"))
            .unwrap_or(Duration::from_secs(10))
    }

    /// How OTLP is sent; where what is asked for is not built in, the one that is.
    #[cfg(any(feature = "otlp", feature = "otlp-grpc"))]
    pub(crate) fn otlp_protocol(&self) -> OtlpProtocol {
        const PROTOCOLS: [&str; 2] = [
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
            "OTEL_EXPORTER_OTLP_PROTOCOL",
        ];
        let set = PROTOCOLS
            .into_iter()
            .find_map(|name| Some((name, self.get(name)?)));
        let Some((name, protocol)) = set else {
            return OtlpProtocol::DEFAULT;
        };
        let remedy = match protocol.as_str() {
            #[cfg(feature = "otlp")]
            "http/protobuf" => return OtlpProtocol::Http,
            #[cfg(feature = "otlp-grpc")]
            "grpc" => return OtlpProtocol::Grpc,
            #[cfg(not(feature = "otlp"))]
            "http/protobuf" => "enable the feature `otlp` of the crate lamplight",
            #[cfg(not(feature = "otlp-grpc"))]
            "grpc" => "enable the feature `otlp-grpc` of the crate lamplight",
            _ => "allowed are `http/protobuf` and `grpc`",
        };
        warn_once(name, || {
            format!(
                "{name}={protocol:?} is not supported: {remedy}; using {}",
                OtlpProtocol::DEFAULT.describe()
            )
        });
        OtlpProtocol::DEFAULT
    }

    /// The SDK reads the sampler itself, and says nothing where nobody listens.
    pub(crate) fn check_sampler(&self) {
        const ALLOWED: [&str; 6] = [
            "always_on",
            "always_off",
            "traceidratio",
            "parentbased_always_on",
            "parentbased_always_off",
            "parentbased_traceidratio",
        ];
        let Some(sampler) = self.get(OTEL_TRACES_SAMPLER) else {
            return;
        };
        if !ALLOWED.contains(&sampler.as_str()) {
            warn_once(OTEL_TRACES_SAMPLER, || {
                format!(
                    "{OTEL_TRACES_SAMPLER}={sampler:?} is unknown; allowed are {}. Using \
                     parentbased_always_on",
                    ALLOWED.join(", ")
                )
            });
        }
        let ratio = self.get(OTEL_TRACES_SAMPLER_ARG);
        let is_ratio = |text: &str| {
            text.parse()
                .is_ok_and(|ratio: f64| (0.0..=1.0).contains(&ratio))
        };
        if sampler.ends_with("traceidratio") && !ratio.as_deref().is_some_and(is_ratio) {
            warn_once(OTEL_TRACES_SAMPLER_ARG, || {
                format!(
                    "{OTEL_TRACES_SAMPLER_ARG} must be a number from 0 to 1 for the sampler \
                     {sampler}; using 1"
                )
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(variables: &[(&str, &str)], f: impl FnOnce(Environment<'_>) -> T) -> T {
        let get = |name: &str| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        };
        f(Environment::new(&get))
    }

    fn exporter(value: &str) -> ExporterName {
        with(&[(OTEL_TRACES_EXPORTER, value)], |env| env.exporter(false))
    }

    #[test]
    fn exporters_are_chosen_by_name() {
        assert_eq!(exporter("kinesis"), ExporterName::Kinesis);
        assert_eq!(exporter("otlp"), ExporterName::Otlp);
        assert_eq!(exporter(" console "), ExporterName::Console);
        assert_eq!(exporter("none"), ExporterName::None);
        assert_eq!(exporter("kinesis,console"), ExporterName::Kinesis);
    }

    #[test]
    fn an_unknown_exporter_is_none() {
        assert_eq!(exporter("zipkin"), ExporterName::None);
    }

    #[test]
    fn a_stream_alone_means_kinesis() {
        with(&[], |env| {
            assert_eq!(env.exporter(true), ExporterName::Kinesis);
        });
        with(&[(OTEL_TRACES_EXPORTER, "")], |env| {
            assert_eq!(
                env.exporter(true),
                ExporterName::Kinesis,
                "empty counts as unset"
            );
        });
    }

    #[test]
    fn disabled_is_a_boolean() {
        for (value, disabled) in [
            ("true", true),
            ("TRUE", true),
            ("false", false),
            ("1", false),
        ] {
            with(&[(OTEL_SDK_DISABLED, value)], |env| {
                assert_eq!(env.is_disabled(), disabled);
            });
        }
    }

    #[test]
    fn lists_and_durations_forgive_spaces_and_nonsense() {
        with(&[("L", " a, ,b ,"), ("D", "250"), ("X", "soon")], |env| {
            assert_eq!(env.list("L"), ["a", "b"]);
            assert_eq!(env.millis("D"), Some(Duration::from_millis(250)));
            assert_eq!(env.millis("X"), None);
        });
    }
}
