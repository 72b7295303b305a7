//! Options of a client.

use std::{error::Error, fmt, time::Duration};

use http::{
    HeaderMap, HeaderName, HeaderValue, Uri,
    header::{CONTENT_TYPE, PROXY_AUTHORIZATION, USER_AGENT},
};
use hyper_rustls::HttpsConnector;

use super::{
    OtlpClient, compression::Compression, connection::Connections, protocol::Protocol,
    proxy::Proxy, route::Route, secrets::Secrets, tls::Tls,
};

/// The default timeout for an answer.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

const AGENT: &str = concat!("Lamplight-OTLP-Rust/", env!("CARGO_PKG_VERSION"));

impl OtlpClient {
    /// Returns a builder for a client that sends requests to this URL, which includes the path: see
    /// [`Protocol::url`].
    pub fn builder(protocol: Protocol, url: Uri) -> OtlpClientBuilder {
        OtlpClientBuilder {
            protocol,
            url,
            headers: HeaderMap::new(),
            agent: AGENT,
            timeout: DEFAULT_TIMEOUT,
            compression: Compression::None,
            proxy: None,
            tls: Tls::default(),
        }
    }
}

/// A builder for an [`OtlpClient`].
#[must_use = "a builder does nothing until it builds"]
pub struct OtlpClientBuilder {
    protocol: Protocol,
    url: Uri,
    headers: HeaderMap,
    agent: &'static str,
    timeout: Duration,
    compression: Compression,
    proxy: Option<Proxy>,
    tls: Tls,
}

/// Omits headers and the URL, which may contain secrets.
impl fmt::Debug for OtlpClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtlpClientBuilder")
            .field("protocol", &self.protocol)
            .field("timeout", &self.timeout)
            .field("compression", &self.compression)
            .finish_non_exhaustive()
    }
}

/// The error for a client that cannot be built.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// The URL has no host, or its scheme is neither `http` nor `https`.
    Url,
    /// There are no root certificates, or TLS cannot be set up.
    Tls(String),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url => f.write_str(
                "the URL of an OTLP endpoint has to begin with http:// or https:// and name a host",
            ),
            Self::Tls(why) => write!(f, "TLS cannot be set up: {why}"),
        }
    }
}

impl Error for BuildError {}

impl OtlpClientBuilder {
    /// Sets headers of every request. Their values are secrets and are never shown. Default: none.
    pub fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.headers = headers;
        self
    }

    /// Sets the user agent of requests. Default: `Lamplight-OTLP-Rust/` and the version.
    pub fn with_user_agent(mut self, agent: &'static str) -> Self {
        self.agent = agent;
        self
    }

    /// Sets the timeout for an answer. Default: 10 s, as in OTLP exporters.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the compression of requests. Default: none.
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Sets the proxy. Default: none.
    pub fn with_proxy(mut self, proxy: Option<Proxy>) -> Self {
        self.proxy = proxy;
        self
    }

    /// Sets the trusted authorities and the client certificate. Default: the system's authorities, and no
    /// certificate.
    pub fn with_tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// Returns whether a header is set.
    #[cfg(feature = "http")]
    pub(super) fn has_header(&self, name: &HeaderName) -> bool {
        self.headers.contains_key(name)
    }

    /// Returns the client. It opens no connection yet.
    ///
    /// # Errors
    ///
    /// Returns an error if the URL is not that of an endpoint, or if there are no root certificates for a
    /// secure one.
    pub fn build(self) -> Result<OtlpClient, BuildError> {
        let Self {
            protocol,
            url,
            mut headers,
            agent,
            timeout,
            compression,
            proxy,
            tls,
        } = self;
        let is_secure = match url.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(BuildError::Url),
        };
        if url.host().is_none_or(str::is_empty) {
            return Err(BuildError::Url);
        }
        let is_http2 = protocol.is_http2();
        let route = Route::new(proxy.as_ref(), is_secure || is_http2);
        if let (Some(proxy), Route::Forward(..)) = (&proxy, &route)
            && let Some(authorization) = &proxy.authorization
        {
            headers.insert(PROXY_AUTHORIZATION, authorization.clone());
        }
        let secrets = Secrets::new(&headers, url.query());
        headers
            .values_mut()
            .for_each(|value| value.set_sensitive(true));
        add_own(&mut headers, agent, protocol, timeout);
        let tls = tls.config(is_secure, is_http2).map_err(BuildError::Tls)?;
        let connector = HttpsConnector::from((route, tls));
        Ok(OtlpClient {
            protocol,
            connections: Connections::new(connector, is_http2, timeout),
            compression,
            uri: url,
            headers,
            secrets,
        })
    }
}

/// Adds the headers that every request has.
fn add_own(headers: &mut HeaderMap, agent: &str, protocol: Protocol, timeout: Duration) {
    let mut add = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.entry(name).or_insert(value);
        }
    };
    add(USER_AGENT, agent);
    match protocol {
        #[cfg(feature = "http")]
        Protocol::Http => add(CONTENT_TYPE, "application/x-protobuf"),
        #[cfg(feature = "grpc")]
        Protocol::Grpc => {
            add(CONTENT_TYPE, "application/grpc");
            add(http::header::TE, "trailers");
            let timeout = super::grpc::timeout(timeout);
            add(HeaderName::from_static("grpc-timeout"), &timeout);
        }
    }
    let _ = timeout;
}
