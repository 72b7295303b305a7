//! Where OTLP goes, and how.

use super::Environment;
use http::Uri;
use lamplight_export::diagnostics::warn_once;
use lamplight_export::environment::millis;
use std::fmt;
use std::time::Duration;

const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
];

/// How OTLP is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum OtlpProtocol {
    #[cfg(feature = "otlp")]
    Http,
    #[cfg(feature = "otlp-grpc")]
    Grpc,
}

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

/// Where OTLP goes.
///
/// It never holds a user and a password: those of a URL are not sent, and so they cannot be shown.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Endpoint {
    url: String,
    variable: &'static str,
}

impl Endpoint {
    /// Returns the endpoint for an exporter.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the variable that names it.
    pub(crate) fn variable(&self) -> &'static str {
        self.variable
    }

    /// Checks an address with a scheme. The error shows nothing of what may be secret in it.
    fn new(address: &str, path: &str, variable: &'static str) -> Result<Self, String> {
        let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
        let scheme = scheme.to_ascii_lowercase();
        if !["http", "https"].contains(&scheme.as_str()) {
            return Err(format!(
                "{variable} has to begin with `http://` or `https://`"
            ));
        }
        // A password may have any character, also those that end a host.
        let rest = match rest.rsplit_once('@') {
            None => rest,
            Some((_, rest)) => {
                warn_once("credentials-in-endpoint", || {
                    format!(
                        "user and password in {variable} are not sent; give them in \
                         OTEL_EXPORTER_OTLP_HEADERS: `authorization=Basic%20..`"
                    )
                });
                rest
            }
        };
        let url = match (path, rest.split_once('?')) {
            ("", _) => format!("{scheme}://{rest}"),
            (path, None) => format!("{scheme}://{}{path}", rest.trim_end_matches('/')),
            (path, Some((rest, query))) => {
                format!("{scheme}://{}{path}?{query}", rest.trim_end_matches('/'))
            }
        };
        match url.parse::<Uri>() {
            Ok(uri) if uri.host().is_some_and(|host| !host.is_empty()) => {
                Ok(Self { url, variable })
            }
            Ok(_) => Err(format!("{variable} names no host")),
            Err(error) => Err(format!("{variable} is no URL: {error}")),
        }
    }
}

/// Shows no query, which can hold a key.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.split('?').next().unwrap_or_default())
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Environment<'_> {
    /// Returns how long an OTLP request may take. Default: what the specification says, 10 s,
    /// <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#configuration-options>.
    pub(crate) fn otlp_timeout(&self) -> Duration {
        [
            "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
            "OTEL_EXPORTER_OTLP_TIMEOUT",
        ]
        .into_iter()
        .find_map(|name| millis(name, self.get(name), 1))
        .unwrap_or(Duration::from_secs(10))
    }

    /// Returns how OTLP is sent; where what is asked for is not built in, the one that is.
    pub(crate) fn otlp_protocol(&self) -> OtlpProtocol {
        let set = self.first([
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
            "OTEL_EXPORTER_OTLP_PROTOCOL",
        ]);
        let Some((name, protocol)) = set else {
            return OtlpProtocol::DEFAULT;
        };
        let remedy = match protocol.to_ascii_lowercase().as_str() {
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

    /// Returns the URL that traces are posted to: that of the traces' own variable as it is, that
    /// of the other with a path behind its own.
    #[cfg(feature = "otlp")]
    pub(crate) fn otlp_http_endpoint(&self) -> Result<Endpoint, String> {
        let [of_traces, general] = ENDPOINTS;
        match self.first(ENDPOINTS) {
            Some((name, url)) if name == of_traces => Endpoint::new(&url, "", name),
            Some((name, url)) => Endpoint::new(&url, "/v1/traces", name),
            None => Endpoint::new("http://localhost:4318", "/v1/traces", general),
        }
    }

    /// Returns the address of the gRPC service, with a scheme: that of the endpoint itself, else
    /// what `INSECURE` says.
    #[cfg(feature = "otlp-grpc")]
    pub(crate) fn otlp_grpc_endpoint(&self) -> Result<Endpoint, String> {
        let [_, general] = ENDPOINTS;
        let Some((name, address)) = self.first(ENDPOINTS) else {
            return Endpoint::new("http://localhost:4317", "", general);
        };
        if address.contains("://") {
            return Endpoint::new(&address, "", name);
        }
        let insecure = [
            "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
            "OTEL_EXPORTER_OTLP_INSECURE",
        ];
        let insecure = insecure.into_iter().find_map(|name| self.flag(name));
        let scheme = match insecure {
            Some(true) => "http",
            _ => "https",
        };
        Endpoint::new(&format!("{scheme}://{address}"), "", name)
    }
}
