//! The settings of an [`EventExtractor`] that concern HTTP requests.

use std::{borrow::Cow, error::Error, fmt, str::FromStr};

use lamplight_semconv::http::request::HttpRequestMethod;

use super::query;
use crate::inbound::{EventExtractor, config::Config};

/// The methods of RFC 9110, `PATCH` and `QUERY`; those that are used most come first.
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

/// What stands for any unknown method in the name of a span.
pub(super) const UNKNOWN_METHOD: &str = "HTTP";

/// Whose address `client.address` is, where proxies stood between a client and AWS.
///
/// A setting can be written as on a command line: `original`, `peer`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAddress {
    /// The client before all proxies, as the headers `Forwarded` and `X-Forwarded-For` name it, which
    /// is what the conventions ask for. Without a proxy that sets them, the client itself can write
    /// anything there: what AWS saw is therefore `network.peer.address` wherever it differs.
    #[default]
    Original,
    /// Whoever connected to AWS, which no client can make up, but which is a proxy where there is
    /// one: the event's own `sourceIp` or `clientIp`, or else the last entry of `X-Forwarded-For`,
    /// which a load balancer has appended.
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

/// The name is none of a [`ClientAddress`].
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
    /// Sets the methods of HTTP requests that are recorded as they came; any other is
    /// `http.request.method` `_OTHER`, with its text in `http.request.method_original`, and `HTTP` in
    /// the name of a span. Case-sensitive, and the whole list: nothing is known that is not in it.
    /// The `lamplight` crate takes it from `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS`. Default: the
    /// methods of RFC 9110, `PATCH` and `QUERY`.
    ///
    /// Specification: <https://opentelemetry.io/docs/specs/semconv/http/http-spans/>.
    #[must_use]
    pub fn with_known_methods<M: Into<String>>(self, methods: impl IntoIterator<Item = M>) -> Self {
        let methods = methods.into_iter().map(Into::into).collect();
        self.with(|config| config.known_methods = Some(methods))
    }

    /// Sets whose address `client.address` is. Default: [`ClientAddress::Original`].
    ///
    /// Specification: <https://opentelemetry.io/docs/specs/semconv/http/http-spans/>.
    #[must_use]
    pub fn with_client_address(self, address: ClientAddress) -> Self {
        self.with(|config| config.client_address = address)
    }

    /// Returns what stands for a method in the name of a span: the method itself where it is known,
    /// else `HTTP`. See [`with_known_methods`](Self::with_known_methods).
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

    /// Returns a query with the values of sensitive parameters replaced by `REDACTED`. See
    /// [`with_sensitive_query_parameters`](Self::with_sensitive_query_parameters).
    pub fn redact_query<'q>(&self, query: &'q str) -> Cow<'q, str> {
        query::redact(query, &self.config.sensitive_query_parameters)
    }
}

impl Config {
    /// The method as it is recorded; `None` where it is not known.
    pub(super) fn known_method(&self, method: &str) -> Option<HttpRequestMethod> {
        let listed = || KNOWN_METHODS.iter().find(|it| it.as_str() == method);
        match &self.known_methods {
            None => listed().cloned(),
            // What stands for all unknown ones is none, whoever lists it.
            Some(_) if method == HttpRequestMethod::Other.as_str() => None,
            Some(known) => known.iter().any(|it| it == method).then(|| {
                let custom = || HttpRequestMethod::Custom(method.to_owned().into());
                listed().cloned().unwrap_or_else(custom)
            }),
        }
    }
}
