//! Requests to endpoints of other protocols, with the connections, proxies and certificates of those of OTLP.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Uri, header::CONTENT_TYPE};

use super::{
    Failure, OtlpClient,
    builder::{BuildError, OtlpClientBuilder},
    received::End,
};

/// A client of one HTTP endpoint that does not speak OTLP, such as the HTTP interface of a database.
///
/// Answers are read up to 64 KiB; redirections are not followed; headers and queries of the URL are secrets
/// that no error shows.
pub struct HttpClient(OtlpClient);

/// An answer, whatever its status.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, or the first 64 KiB of it.
    pub body: Bytes,
    /// Whether the body was read to its end.
    pub is_whole: bool,
}

impl OtlpClientBuilder {
    /// Returns a client that sends requests of other protocols to the URL. It opens no connection yet, and
    /// states a type of content only where it is among the [headers](Self::with_headers).
    ///
    /// # Errors
    ///
    /// As [`OtlpClientBuilder::build`].
    pub fn build_http(self) -> Result<HttpClient, BuildError> {
        let states_type = self.has_header(&CONTENT_TYPE);
        let mut client = self.build()?;
        if !states_type {
            client.headers.remove(CONTENT_TYPE);
        }
        Ok(HttpClient(client))
    }
}

impl HttpClient {
    /// Posts a body once, to the URL with this query behind its own, and returns the answer and how long it
    /// was waited for: time in which the future was not polled does not count. The query has to be encoded.
    ///
    /// Where a connection is closed under the request, as idle ones are, the request is sent again on a new
    /// one: everything is sent at least once.
    ///
    /// # Errors
    ///
    /// Where no answer came.
    pub async fn post(&self, query: &str, body: Bytes) -> (Result<Reply, Failure>, Duration) {
        let mut request = self.0.request(body);
        if let Some(uri) = with_query(&self.0.uri, query) {
            *request.uri_mut() = uri;
        }
        let (received, waited) = self.0.connections.send(request).await;
        let reply = received.map(|received| Reply {
            status: received.status.as_u16(),
            headers: received.headers,
            body: received.body.freeze(),
            is_whole: received.end == End::Whole,
        });
        (reply, waited)
    }

    /// Drops all connections: the next request opens one.
    pub fn disconnect(&self) {
        self.0.disconnect();
    }

    /// Returns the URL that requests go to, without user and query.
    pub fn shown_url(&self) -> String {
        self.0.shown_url()
    }

    /// Returns the text without the values of headers and of the URL's query.
    pub fn without_secrets(&self, text: &str) -> String {
        self.0.without_secrets(text)
    }
}

/// Shows no secret.
impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("url", &self.shown_url())
            .finish_non_exhaustive()
    }
}

/// Returns the URL with a query behind its own; `None` where that is no URL.
fn with_query(uri: &Uri, query: &str) -> Option<Uri> {
    let separator = match (uri.query(), query) {
        (_, "") => return None,
        (None, _) => '?',
        (Some(_), _) => '&',
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = format!("{path}{separator}{query}").parse().ok();
    parts.path_and_query.is_some().then_some(())?;
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_goes_behind_that_of_the_url() {
        let joined = |url: &str, query| with_query(&url.parse().unwrap(), query);
        let shown = |url, query| joined(url, query).map(|uri| uri.to_string());
        let url = "http://localhost:8123";
        assert_eq!(
            shown(url, "a=b").as_deref(),
            Some("http://localhost:8123/?a=b")
        );
        assert_eq!(
            shown("http://h/path?x=y", "a=b").as_deref(),
            Some("http://h/path?x=y&a=b")
        );
        assert_eq!(joined(url, ""), None);
        assert_eq!(joined(url, "a b"), None);
    }
}
