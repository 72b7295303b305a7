//! Facts about a request that only its sender has, as extensions of `http::Request`.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

/// The path of a request with placeholders for what varies, such as `/orders/{id}`: `url.template`, and
/// part of the span's name.
///
/// An extension of `http::Request`. A template has few values, or spans cannot be grouped by it.
///
/// ```
/// use lamplight_http_client::UrlTemplate;
///
/// let request = http::Request::get("https://shop.example/orders/42")
///     .extension(UrlTemplate::new("/orders/{id}"))
///     .body(());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlTemplate(pub(crate) Cow<'static, str>);

impl UrlTemplate {
    /// Returns a template.
    #[must_use]
    pub fn new(template: impl Into<Cow<'static, str>>) -> Self {
        Self(template.into())
    }
}

/// A count of how often one request is sent: all but the first get `http.request.resend_count`.
///
/// An extension of `http::Request`. Clones share the count, so that it is set once, above whatever sends
/// the request again, such as `tower::retry`, whose policy clones the request with its extensions.
///
/// ```
/// use http::Request;
/// use lamplight_http_client::{HttpClientLayer, ResendCount};
/// use tower::{ServiceBuilder, ServiceExt, retry::{Retry, Policy}};
///
/// # fn stack<P, S>(policy: P, client: S) where S: Clone, P: Clone + Policy<Request<String>, http::Response<String>, std::io::Error>, S: tower::Service<Request<String>, Response = http::Response<String>, Error = std::io::Error> {
/// let client = Retry::new(policy, ServiceBuilder::new().layer(HttpClientLayer::new()).service(client));
/// let client = client.map_request(|mut request: Request<String>| {
///     request.extensions_mut().insert(ResendCount::new());
///     request
/// });
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct ResendCount(Arc<AtomicU32>);

impl ResendCount {
    /// Returns the count of a request that has not been sent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts a request that is about to be sent. Returns how often it was sent before.
    pub(crate) fn count(&self) -> u32 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// The facts about one request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hints {
    pub(crate) template: Option<UrlTemplate>,
    pub(crate) resends: Option<ResendCount>,
}

impl Hints {
    pub(crate) fn of(extensions: &http::Extensions) -> Self {
        Self {
            template: extensions.get().cloned(),
            resends: extensions.get().cloned(),
        }
    }
}
