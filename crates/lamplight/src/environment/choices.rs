//! The exporter, the propagators, and other settings that are chosen by name.

use lamplight_internal::{diagnostics::warn_once, environment::names};
use lamplight_propagation::{Propagators, inbound::EventExtractor};
use opentelemetry_sdk::trace::SpanLimits;

use super::{
    Environment, LAMPLIGHT_CLIENT_ADDRESS, LAMPLIGHT_ENVELOPE, LAMPLIGHT_RECORDS,
    LAMPLIGHT_SENSITIVE_QUERY_PARAMETERS, OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST,
    OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS, OTEL_PROPAGATORS, OTEL_TRACES_EXPORTER,
};

/// The exporter named by `OTEL_TRACES_EXPORTER`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ExporterName {
    Kinesis,
    Otlp,
    Console,
    None,
}

/// Exporters by name, including those that are not compiled in, which have their own error text.
const EXPORTERS: [(&str, ExporterName); 5] = [
    ("kinesis", ExporterName::Kinesis),
    ("otlp", ExporterName::Otlp),
    ("console", ExporterName::Console),
    // The specification's name for the output of `console`.
    ("otlp/stdout", ExporterName::Console),
    ("none", ExporterName::None),
];

impl Environment<'_> {
    /// Returns the configured exporter, or the default. An unknown name counts as unset,
    /// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#enum>.
    pub(crate) fn exporter(&self, stream_is_set: bool) -> ExporterName {
        let asked = self.list(OTEL_TRACES_EXPORTER);
        let known = |name: &String| {
            let mut all = EXPORTERS.iter();
            all.find(|(known, _)| name.eq_ignore_ascii_case(known))
        };
        let mut chosen = asked.iter().filter_map(known);
        let first = chosen.next();
        if asked.len() > 1 && chosen.next().is_some() {
            warn_once("several-exporters", || {
                format!("{OTEL_TRACES_EXPORTER} names several exporters; using the first one only")
            });
        }
        let default = default_exporter(stream_is_set);
        if let Some(unknown) = asked.iter().find(|name| known(name).is_none()) {
            warn_once(OTEL_TRACES_EXPORTER, || {
                let (name, exporter) = match first {
                    Some((name, exporter)) => (*name, *exporter),
                    None => (default.name(), default),
                };
                let become_of_spans = match exporter {
                    ExporterName::None => "spans are not exported".to_owned(),
                    _ => format!("using {name:?}"),
                };
                format!(
                    "{OTEL_TRACES_EXPORTER}: {unknown:?} is unknown; allowed are {}; {become_of_spans}",
                    names(&EXPORTERS)
                )
            });
        }
        if asked.is_empty() && default == ExporterName::None {
            say_nowhere();
        }
        first.map_or(default, |(_, exporter)| *exporter)
    }

    /// Returns the extractor of context from events, for spans with these limits.
    pub(crate) fn extractor(&self, limits: SpanLimits) -> EventExtractor {
        let links = usize::try_from(limits.max_links_per_span).unwrap_or(usize::MAX);
        let mut extractor = EventExtractor::new()
            .with_link_limit(links)
            .with_propagators(self.propagators())
            .with_request_headers(
                self.list(OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST),
            )
            .with_sensitive_query_parameters(self.list(LAMPLIGHT_SENSITIVE_QUERY_PARAMETERS));
        let methods = self.list(OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS);
        if !methods.is_empty() {
            extractor = extractor.with_known_methods(methods);
        }
        if let Some(address) = self.parse(LAMPLIGHT_CLIENT_ADDRESS) {
            extractor = extractor.with_client_address(address);
        }
        if let Some(policy) = self.parse(LAMPLIGHT_RECORDS) {
            extractor = extractor.with_records(policy);
        }
        if let Some(pointer) = self.get(LAMPLIGHT_ENVELOPE) {
            extractor = extractor.with_envelope(pointer.as_str());
        }
        extractor
    }

    /// Returns the propagation formats; the default if none is set.
    pub(crate) fn propagators(&self) -> Propagators {
        let value = self.get(OTEL_PROPAGATORS);
        let (propagators, complaint) = Propagators::parse(&value.unwrap_or_default());
        if let Some(complaint) = complaint {
            self.variables.say(OTEL_PROPAGATORS, complaint);
        }
        propagators
    }
}

impl ExporterName {
    fn name(self) -> &'static str {
        let mut all = EXPORTERS.iter();
        all.find(|(_, exporter)| *exporter == self)
            .map_or("none", |(name, _)| name)
    }
}

fn default_exporter(stream_is_set: bool) -> ExporterName {
    match stream_is_set {
        true => ExporterName::Kinesis,
        false
            if cfg!(any(
                feature = "exporter-otlp-http",
                feature = "exporter-otlp-grpc"
            )) =>
        {
            ExporterName::Otlp
        }
        false => ExporterName::None,
    }
}

fn say_nowhere() {
    warn_once(OTEL_TRACES_EXPORTER, || {
        let remedy = if cfg!(feature = "exporter-kinesis") {
            "set LAMPLIGHT_KINESIS_STREAM, or "
        } else {
            "enable the feature `exporter-otlp-http` or `exporter-kinesis` of the crate lamplight, or "
        };
        format!(
            "spans are not exported: {remedy}set {OTEL_TRACES_EXPORTER} to `console`, or to `none` \
             if that is meant"
        )
    });
}
