//! The OTLP endpoint, and the settings of requests to it.

mod endpoint;
mod headers;
mod options;
mod proxy;
#[cfg(test)]
mod tests;

use std::time::Duration;

use lamplight_internal::{diagnostics::warn_once, environment::Environment as Variables};
use lamplight_otlp::client::Compression;

pub(crate) use self::endpoint::Endpoint;
pub use self::options::Otlp;
use super::{Environment, variables::default_of};

/// A shorter timeout is probably meant in seconds.
const SHORTEST: Duration = Duration::from_millis(100);

/// A duration longer than the lifetime of any Lambda environment.
const NO_LIMIT: Duration = Duration::from_millis(u32::MAX as u64);

/// A transport protocol of OTLP.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum OtlpProtocol {
    #[cfg(feature = "exporter-otlp-http")]
    Http,
    #[cfg(feature = "exporter-otlp-grpc")]
    Grpc,
}

impl OtlpProtocol {
    #[cfg(feature = "exporter-otlp-http")]
    const DEFAULT: Self = Self::Http;
    #[cfg(not(feature = "exporter-otlp-http"))]
    const DEFAULT: Self = Self::Grpc;

    /// Returns the name of the protocol, and its usual port.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            #[cfg(feature = "exporter-otlp-http")]
            Self::Http => "`http/protobuf`, whose port is usually 4318",
            #[cfg(feature = "exporter-otlp-grpc")]
            Self::Grpc => "`grpc`, whose port is usually 4317",
        }
    }
}

/// A file named by a variable.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) variable: &'static str,
    pub(crate) path: String,
}

/// The TLS files, in PEM.
#[derive(Clone, Debug, Default)]
pub(crate) struct TlsFiles {
    /// Certificates of trusted authorities, instead of the system's.
    pub(crate) authorities: Option<File>,
    /// The function's certificate and its private key.
    pub(crate) client: Option<(File, File)>,
}

impl Environment<'_> {
    /// Returns the first of these variables that is set, with its value, without surrounding quotes, which
    /// come from a shell or a template.
    fn otlp(&self, names: [&'static str; 2]) -> Option<(&'static str, String)> {
        let (name, value) = self.first(names)?;
        let plain = unquoted(&value);
        if plain.len() < value.len() {
            say_quotes(name);
        }
        let plain = plain.trim();
        (!plain.is_empty()).then(|| (name, plain.to_owned()))
    }

    /// Returns the value of the first of these variables that `read` accepts. A rejected value counts as
    /// unset, so that the next variable is used.
    fn understood<T>(
        &self,
        names: [&'static str; 2],
        read: impl Fn(&'static str, &str) -> Option<T>,
    ) -> Option<T> {
        names.into_iter().find_map(|name| {
            let (name, value) = self.otlp([name, name])?;
            read(name, &value)
        })
    }

    /// Reports an unsupported value, with the remedy and the value used instead.
    fn reject(&self, name: &str, value: &str, remedy: &str, used: &str) {
        let problem = format!("is not supported: {remedy}");
        let used = format!("{used}{}", unless_general(name));
        self.variables.reject(name, value, &problem, used);
    }

    /// Returns the timeout of an OTLP request. Zero stands for no limit, which the specification allows to be
    /// a very long time. Default: 10 s, as specified.
    ///
    /// Specification: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#configuration-options>,
    /// <https://opentelemetry.io/docs/specs/otel/configuration/common/#timeout>.
    pub(crate) fn otlp_timeout(&self) -> Duration {
        let names = [
            "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
            "OTEL_EXPORTER_OTLP_TIMEOUT",
        ];
        let read = |name, value: &str| {
            let default = format!("{}{}", default_of(name), unless_general(name));
            // Without the quotes around the value.
            let plain = Variables::new(|_| Some(value.to_owned()));
            let timeout = plain.millis(name, 0, default)?;
            if !timeout.is_zero() && timeout < SHORTEST {
                say_short(name, timeout.as_millis());
            }
            Some(timeout)
        };
        match self.understood(names, read) {
            None => Duration::from_secs(10),
            Some(Duration::ZERO) => NO_LIMIT,
            Some(timeout) => timeout,
        }
    }

    /// Returns the protocol. If the configured one is not compiled in, the other is used.
    pub(crate) fn otlp_protocol(&self) -> OtlpProtocol {
        let names = [
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
            "OTEL_EXPORTER_OTLP_PROTOCOL",
        ];
        let read = |name, protocol: &str| {
            let remedy = match protocol.to_ascii_lowercase().as_str() {
                #[cfg(feature = "exporter-otlp-http")]
                "http/protobuf" => return Some(OtlpProtocol::Http),
                #[cfg(feature = "exporter-otlp-grpc")]
                "grpc" => return Some(OtlpProtocol::Grpc),
                #[cfg(not(feature = "exporter-otlp-http"))]
                "http/protobuf" => "enable the feature `exporter-otlp-http` of the crate lamplight",
                #[cfg(not(feature = "exporter-otlp-grpc"))]
                "grpc" => "enable the feature `exporter-otlp-grpc` of the crate lamplight",
                _ => "allowed are `http/protobuf` and `grpc`",
            };
            self.reject(name, protocol, remedy, OtlpProtocol::DEFAULT.describe());
            None
        };
        self.understood(names, read)
            .unwrap_or(OtlpProtocol::DEFAULT)
    }

    /// Returns the compression of requests. Default: none.
    pub(crate) fn otlp_compression(&self) -> Compression {
        let names = [
            "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
            "OTEL_EXPORTER_OTLP_COMPRESSION",
        ];
        let read = |name, compression: &str| {
            let remedy = match compression.to_ascii_lowercase().as_str() {
                "none" => return Some(Compression::None),
                #[cfg(feature = "exporter-otlp-gzip")]
                "gzip" => return Some(Compression::Gzip),
                #[cfg(feature = "exporter-otlp-zstd")]
                "zstd" => return Some(Compression::Zstd),
                #[cfg(not(feature = "exporter-otlp-gzip"))]
                "gzip" => "enable the feature `exporter-otlp-gzip` of the crate lamplight",
                #[cfg(not(feature = "exporter-otlp-zstd"))]
                "zstd" => "enable the feature `exporter-otlp-zstd` of the crate lamplight",
                _ => "allowed are `none`, `gzip` and `zstd`",
            };
            self.reject(name, compression, remedy, "no compression");
            None
        };
        self.understood(names, read).unwrap_or_default()
    }

    /// Returns the TLS files.
    pub(crate) fn otlp_tls_files(&self) -> TlsFiles {
        let file = |names| {
            let (variable, path) = self.otlp(names)?;
            Some(File { variable, path })
        };
        let authorities = file([
            "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
            "OTEL_EXPORTER_OTLP_CERTIFICATE",
        ]);
        let certificate = file([
            "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
            "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
        ]);
        let key = file([
            "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
            "OTEL_EXPORTER_OTLP_CLIENT_KEY",
        ]);
        let client = match (certificate, key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (Some(File { variable, .. }), None) | (None, Some(File { variable, .. })) => {
                warn_once("otlp-half-an-identity", || {
                    format!(
                        "{variable} is not used: a client certificate and the key to it belong \
                         together; set OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and \
                         OTEL_EXPORTER_OTLP_CLIENT_KEY"
                    )
                });
                None
            }
            (None, None) => None,
        };
        TlsFiles {
            authorities,
            client,
        }
    }
}

/// Returns the text between quotes, if they surround all of it.
fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        let inner = value
            .strip_prefix(quote)
            .and_then(|it| it.strip_suffix(quote));
        if let Some(inner) = inner.filter(|inner| !inner.contains(quote)) {
            return inner;
        }
    }
    value
}

/// Returns an addition to the message about an invalid traces variable: the choice falls back to the variable
/// for all signals.
fn unless_general(name: &str) -> &'static str {
    match name.contains("_TRACES_") {
        true => ", unless the general variable says otherwise",
        false => "",
    }
}

fn say_short(name: &'static str, millis: u128) {
    warn_once("otlp-timeout-short", || {
        format!(
            "{name}={millis} means {millis} milliseconds, in which few endpoints answer: its unit is \
             the millisecond, so {millis}000 is {millis} s"
        )
    });
}

fn say_quotes(name: &'static str) {
    warn_once("otlp-quotes", || {
        format!(
            "{name} has quotes around its value, which are left out, as with every variable \
             OTEL_EXPORTER_OTLP_*: they are no part of a value there"
        )
    });
}
