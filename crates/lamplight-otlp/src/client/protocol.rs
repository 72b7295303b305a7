//! The protocols of OTLP, and the paths of its signals.

use http::{Uri, uri::InvalidUri};

/// A transport protocol of OTLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// Protobuf over HTTP/1.1: `http/protobuf`.
    #[cfg(feature = "http")]
    #[cfg_attr(docsrs, doc(cfg(feature = "http")))]
    Http,
    /// gRPC: `grpc`.
    #[cfg(feature = "grpc")]
    #[cfg_attr(docsrs, doc(cfg(feature = "grpc")))]
    Grpc,
}

/// A kind of telemetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Signal {
    /// Spans: `ExportTraceServiceRequest`.
    Traces,
    /// Data points: `ExportMetricsServiceRequest`.
    Metrics,
}

impl Protocol {
    /// Returns the path of a signal: the usual one over HTTP, the method over gRPC.
    ///
    /// Specification: <https://opentelemetry.io/docs/specs/otlp/#otlphttp-request>.
    pub const fn path(self, signal: Signal) -> &'static str {
        match (self, signal) {
            #[cfg(feature = "http")]
            (Self::Http, Signal::Traces) => "/v1/traces",
            #[cfg(feature = "http")]
            (Self::Http, Signal::Metrics) => "/v1/metrics",
            #[cfg(feature = "grpc")]
            (Self::Grpc, Signal::Traces) => {
                "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
            }
            #[cfg(feature = "grpc")]
            (Self::Grpc, Signal::Metrics) => {
                "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
            }
        }
    }

    /// Returns the URL of a signal at an endpoint, which may have a path, to which the signal's path is
    /// appended, and a query.
    ///
    /// # Errors
    ///
    /// Returns an error if the result is not a valid URL.
    pub fn url(self, endpoint: &str, signal: Signal) -> Result<Uri, InvalidUri> {
        let (base, query) = match endpoint.split_once('?') {
            Some((base, query)) => (base, format!("?{query}")),
            None => (endpoint, String::new()),
        };
        format!("{}{}{query}", base.trim_end_matches('/'), self.path(signal)).parse()
    }

    pub(super) const fn is_http2(self) -> bool {
        match self {
            #[cfg(feature = "http")]
            Self::Http => false,
            #[cfg(feature = "grpc")]
            Self::Grpc => true,
        }
    }
}
