//! A client for OTLP endpoints, over HTTP and gRPC. It sends encoded requests, each one once, and interprets
//! the answers.
//!
//! A gRPC call is an HTTP/2 request with five bytes before its message and its status after the answer, so
//! the two protocols share most of the code. Answers are read up to 64 KiB. Redirects are not followed.
//! Headers and the queries of URLs are secrets that no error shows.

mod answer;
mod builder;
mod compression;
mod connection;
mod failure;
#[cfg(feature = "grpc")]
mod grpc;
mod http1;
#[cfg(feature = "grpc")]
mod http2;
#[cfg(feature = "http")]
mod plain;
mod protocol;
mod proxy;
mod received;
mod route;
mod secrets;
#[cfg(test)]
mod tests;
mod tls;

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Uri};

#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub use self::plain::{HttpClient, Reply};
pub use self::{
    answer::Answer,
    builder::{BuildError, OtlpClientBuilder},
    compression::Compression,
    failure::{Failure, FailureKind, words},
    protocol::{Protocol, Signal},
    proxy::Proxy,
    tls::{Tls, TlsError},
};
use self::{connection::Connections, secrets::Secrets};

/// A client for one OTLP endpoint. Its connection is opened by the first request.
///
/// ```
/// use lamplight_otlp::client::{OtlpClient, Protocol, Signal};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let url = Protocol::Http.url("http://127.0.0.1:4318", Signal::Traces)?;
/// let client = OtlpClient::builder(Protocol::Http, url).build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
pub struct OtlpClient {
    protocol: Protocol,
    connections: Connections,
    compression: Compression,
    uri: Uri,
    headers: HeaderMap,
    secrets: Secrets,
}

impl OtlpClient {
    /// Sends an encoded request once, and returns the meaning of the answer and the time spent waiting. Time
    /// during which the future is not polled does not count.
    ///
    /// If a connection is closed during the request, as happens to idle connections, the request is sent
    /// again on a new one: delivery is at least once.
    pub async fn send(&self, message: Bytes) -> (Answer, Duration) {
        let (received, waited) = self.connections.send(self.request(message)).await;
        let now = SystemTime::now();
        let answer = match received {
            Err(failure) => Answer::Retryable(failure, None),
            Ok(received) => match self.protocol {
                #[cfg(feature = "http")]
                Protocol::Http => answer::of_http(&received, &self.secrets, now),
                #[cfg(feature = "grpc")]
                Protocol::Grpc => grpc::of_call(&received, &self.secrets, now),
            },
        };
        (answer, waited)
    }

    fn request(&self, message: Bytes) -> Request<Bytes> {
        let (body, encoding) = self.compression.compress(message);
        let (body, header) = match self.protocol {
            #[cfg(feature = "http")]
            Protocol::Http => (body, http::header::CONTENT_ENCODING),
            #[cfg(feature = "grpc")]
            Protocol::Grpc => (
                grpc::frame(&body, encoding.is_some()),
                http::HeaderName::from_static("grpc-encoding"),
            ),
        };
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        if let Some(encoding) = encoding {
            let encoding = HeaderValue::from_static(encoding);
            request.headers_mut().insert(header, encoding);
        }
        request
    }

    /// Drops all connections. The next request opens a new one.
    pub fn disconnect(&self) {
        self.connections.reset();
    }

    /// Returns the protocol.
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Returns the URL of the endpoint, without user info and query.
    pub fn shown_url(&self) -> String {
        let authority = self.uri.authority().map(http::uri::Authority::as_str);
        let host = authority.unwrap_or_default().rsplit('@').next();
        format!(
            "{}://{}{}",
            self.uri.scheme_str().unwrap_or_default(),
            host.unwrap_or_default(),
            self.uri.path()
        )
    }

    /// Returns a text without secrets: the values of headers and queries.
    pub fn without_secrets(&self, text: &str) -> String {
        self.secrets.hidden(text.to_owned())
    }
}

/// Omits secrets.
impl fmt::Debug for OtlpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtlpClient")
            .field("protocol", &self.protocol)
            .field("url", &self.shown_url())
            .field("headers", &self.headers)
            .field("compression", &self.compression)
            .finish_non_exhaustive()
    }
}
