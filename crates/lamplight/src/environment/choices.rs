//! Exporter, propagation, and what else is chosen by name.

use super::{
    Environment, LAMPLIGHT_ENVELOPE, LAMPLIGHT_RECORDS, LAMPLIGHT_SECRET_PARAMETERS,
    OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST, OTEL_PROPAGATORS,
    OTEL_TRACES_EXPORTER, names,
};
use lamplight_export::diagnostics::warn_once;
use lamplight_propagation::Propagators;
use lamplight_propagation::inbound::Extractor;

/// What `OTEL_TRACES_EXPORTER` asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ExporterName {
    Kinesis,
    Otlp,
    Console,
    None,
}

/// Exporters by name, those that are not built in included: they have a remedy of their own.
const EXPORTERS: [(&str, ExporterName); 4] = [
    ("kinesis", ExporterName::Kinesis),
    ("otlp", ExporterName::Otlp),
    ("console", ExporterName::Console),
    ("none", ExporterName::None),
];

impl Environment<'_> {
    /// Returns the exporter that is asked for, or the default.
    pub(crate) fn exporter(&self, stream_is_set: bool) -> ExporterName {
        let asked = self.list(OTEL_TRACES_EXPORTER);
        if asked.len() > 1 {
            warn_once("several-exporters", || {
                format!("{OTEL_TRACES_EXPORTER} names several exporters; using the first one only")
            });
        }
        let Some(asked) = asked.first() else {
            return default_exporter(stream_is_set);
        };
        let known = EXPORTERS
            .iter()
            .find(|(name, _)| asked.eq_ignore_ascii_case(name));
        if known.is_none() {
            warn_once(OTEL_TRACES_EXPORTER, || {
                format!(
                    "spans are not exported: {OTEL_TRACES_EXPORTER}={asked:?} is unknown; allowed \
                     are {}",
                    names(&EXPORTERS)
                )
            });
        }
        known.map_or(ExporterName::None, |(_, exporter)| *exporter)
    }

    /// Returns where context is looked for in events.
    pub(crate) fn extractor(&self) -> Extractor {
        let links = usize::try_from(self.span_limits().links).unwrap_or(usize::MAX);
        let mut extractor = Extractor::new()
            .with_link_limit(links)
            .with_propagators(self.propagators())
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
        extractor
    }

    /// Returns the propagation formats; the default when nothing is set.
    pub(crate) fn propagators(&self) -> Propagators {
        let value = self.get(OTEL_PROPAGATORS);
        let (propagators, complaint) = Propagators::from_variable(value.as_deref());
        if let Some(complaint) = complaint {
            warn_once(OTEL_PROPAGATORS, || complaint);
        }
        propagators
    }
}

fn default_exporter(stream_is_set: bool) -> ExporterName {
    if stream_is_set {
        return ExporterName::Kinesis;
    }
    if cfg!(any(feature = "otlp", feature = "otlp-grpc")) {
        return ExporterName::Otlp;
    }
    warn_once(OTEL_TRACES_EXPORTER, || {
        let remedy = if cfg!(feature = "kinesis") {
            "set LAMPLIGHT_KINESIS_STREAM, or "
        } else {
            "enable the feature `otlp` or `kinesis` of the crate lamplight, or "
        };
        format!(
            "spans are not exported: {remedy}set {OTEL_TRACES_EXPORTER} to `console`, or to `none` \
             if that is meant"
        )
    });
    ExporterName::None
}
