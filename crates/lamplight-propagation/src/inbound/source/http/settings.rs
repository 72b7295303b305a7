//! The settings of an [`EventExtractor`] that concern HTTP requests.

use std::{error::Error, fmt, str::FromStr};

use lamplight_semconv::http::request::HttpRequestMethod;

use crate::inbound::{EventExtractor, config::Config};

/// The methods of RFC 9110, `PATCH` and `QUERY`; the most common come first.
const KNOWN_METHODS: [HttpRequestMethod; 10] = [
    HttpRequestMethod::Get,
    HttpRequestMethod::Post,
    HttpRequestMethod::Put,
    HttpRequestMethod::Delete,
    HttpRequestMethod::Patch,
    HttpRequestMethod::Options,
    HttpRequestMethod::Head,
    HttpRequestMethod::Connect,
    HttpRequestMethod::Trace,
    HttpRequestMethod::Query,
];

/// The placeholder for any unknown method in a span name.
pub(super) const UNKNOWN_METHOD: &str = "HTTP";

/// The meaning of `client.address` if there are proxies between the client and AWS.
///
/// Parsed from `original` or `peer`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAddress {
    /// The client before all proxies, as `Forwarded` and `X-Forwarded-For` name it, which the conventions ask
    /// for. Without a proxy that sets these headers, the client can write anything into them; the address
    /// that AWS saw is therefore recorded as `network.peer.address` wherever it differs.
    #[default]
    Original,
    /// The peer that connected to AWS, which a client cannot forge, but which is a proxy if there is one: the
    /// event's own `sourceIp` or `clientIp`, otherwise the last entry of `X-Forwarded-For`, appended by a
    /// load balancer.
    Peer,
}

impl FromStr for ClientAddress {
    type Err = UnknownClientAddress;

    fn from_str(text: &str) -> Result<Self, UnknownClientAddress> {
        match text {
            "original" => Ok(Self::Original),
            "peer" => Ok(Self::Peer),
            _ => Err(UnknownClientAddress { _private: () }),
        }
    }
}

/// Error returned when parsing an unknown [`ClientAddress`] name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownClientAddress {
    _private: (),
}

impl fmt::Display for UnknownClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown client address; allowed are `original` and `peer`")
    }
}

impl Error for UnknownClientAddress {}

impl EventExtractor {
    /// Sets the methods of HTTP requests that are recorded as they are; any other becomes `_OTHER` in
    /// `http.request.method`, with its text in `http.request.method_original`, and `HTTP` in span names.
    /// Names are case-sensitive, and the list replaces the default. The `lamplight` crate takes it from
    /// `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS`. Default: the methods of RFC 9110, `PATCH` and `QUERY`.
    ///
    /// Specification: <https://opentelemetry.io/docs/specs/semconv/http/http-spans/>.
    #[must_use]
    pub fn with_known_methods<M: Into<String>>(self, methods: impl IntoIterator<Item = M>) -> Self {
        let methods = methods.into_iter().map(Into::into).collect();
        self.with(|config| config.known_methods = Some(methods))
    }

    /// Sets the meaning of `client.address`. Default: [`ClientAddress::Original`].
    ///
    /// Specification: <https://opentelemetry.io/docs/specs/semconv/http/http-spans/>.
    #[must_use]
    pub fn with_client_address(self, address: ClientAddress) -> Self {
        self.with(|config| config.client_address = address)
    }

    /// Returns the method to use in a span name: the method itself if it is known, otherwise `HTTP`. See
    /// [`with_known_methods`](Self::with_known_methods).
    pub fn method_in_name<'a>(&self, method: &'a str) -> &'a str {
        if self.config.known_method(method).is_some() {
            method
        } else {
            UNKNOWN_METHOD
        }
    }

    /// Returns a method as `http.request.method` records it, or `None` where `_OTHER` stands for it. See
    /// [`with_known_methods`](Self::with_known_methods).
    pub fn known_method(&self, method: &str) -> Option<HttpRequestMethod> {
        self.config.known_method(method)
    }
}

impl Config {
    /// Returns the method to record; `None` if it is unknown.
    pub(super) fn known_method(&self, method: &str) -> Option<HttpRequestMethod> {
        let listed = || KNOWN_METHODS.iter().find(|it| it.as_str() == method);
        match &self.known_methods {
            None => listed().cloned(),
            // The placeholder for unknown methods is never a known one, even if it is in the list.
            Some(_) if method == HttpRequestMethod::Other.as_str() => None,
            Some(known) => known.iter().any(|it| it == method).then(|| {
                let custom = || HttpRequestMethod::Custom(method.to_owned().into());
                listed().cloned().unwrap_or_else(custom)
            }),
        }
    }
}
